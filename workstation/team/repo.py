"""Members in the store. Each device tells its own name; the hub hands the others' on."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from workstation.domain.events import MembersChanged
from workstation.domain.member import Member
from workstation.kernel.told import in_a_line
from workstation.store import outbox
from workstation.store.core import table
from workstation.store.unit import Unit

COLLECTION = "member"
MOST_NAME = 60

_MEMBER = table("member")


def members(connection: Connection, me: str) -> tuple[Member, ...]:
    """By name, this person first; also before anything was stored."""
    found = {row.id: row.name for row in connection.execute(select(_MEMBER.c.id, _MEMBER.c.name))}
    found.setdefault(me, "")
    listed = [Member(one, name, one == me) for one, name in found.items()]
    return tuple(sorted(listed, key=lambda member: (not member.me, member.name.casefold(), member.id)))


def name(connection: Connection, member_id: str) -> str:
    return str(connection.execute(select(_MEMBER.c.name).where(_MEMBER.c.id == member_id)).scalar() or "")


def put(connection: Connection, member_id: str, called: str) -> None:
    statement = insert(_MEMBER).values(id=member_id, name=called)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"name": called}))


def tell(unit: Unit, member_id: str, called: str, at: int) -> None:
    """Keep this person's name and tell the hub, once there is one."""
    put(unit.conn, member_id, called)
    outbox.append(unit, COLLECTION, member_id, "put", {"name": called}, at)


def apply(unit: Unit, member_id: str, body: Mapping[str, object]) -> None:
    """Another device told its name, as the hub hands it on; or that it stood for itself until it was `same_as` one."""
    if isinstance(body.get("same_as"), str) and body["same_as"] != member_id:
        unit.conn.exec_driver_sql("DELETE FROM member WHERE id = ?", (member_id,))
    else:
        put(unit.conn, member_id, shown(str(body.get("name", ""))))
    unit.emit(MembersChanged())


def shown(told: str) -> str:
    """A name somebody else told, as it may stand in a line: short, without control characters and marks that turn the
    direction of what follows."""
    return in_a_line(told, 4 * MOST_NAME)[:MOST_NAME].strip()


def merge(unit: Unit, was: str, member: str, at: int) -> None:
    """A device that stood for itself is one of `member`'s: it is no colleague any more, and the team is told."""
    called = name(unit.conn, was)
    if called and not name(unit.conn, member):
        put(unit.conn, member, called)
    unit.conn.exec_driver_sql("DELETE FROM member WHERE id = ?", (was,))
    outbox.append(unit, COLLECTION, was, "put", {"name": called, "same_as": member}, at)
