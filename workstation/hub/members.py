"""Whose a device is. A member is a person; they may work at several devices.

A device becomes a member's by an invite that says so, and by nothing else: what a device says of itself counts for
nothing. A device whose invite names nobody is a member of its own, under its own id, as every device was before there
were members. What is private to a member lies in the collection `private/<member>`: no other device sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from workstation.hub.model import Device
from workstation.hub.tables import DeviceMemberRow, DeviceRow, InviteMemberRow
from workstation.store.tables import table

PRIVATE = "private/"
"""Collections that begin so are seen by the devices of one member only, whose id follows."""
_DEVICE, _MEMBER, _INVITED = table(DeviceRow), table(DeviceMemberRow), table(InviteMemberRow)


@dataclass(frozen=True, slots=True)
class Seat:
    """A device as its team sees it."""

    device: str
    name: str
    member: str
    role: str
    enrolled_at: int
    revoked: bool


def of_device(connection: Connection, device_id: str) -> str:
    """The member whose device this is."""
    found = connection.execute(select(_MEMBER.c.member_id).where(_MEMBER.c.device_id == device_id)).scalar()
    return str(found or device_id)


def joined(connection: Connection, device_id: str, invite_hash: str, now: int) -> None:
    """A device used an invite: it is the member's the invite names; without one it stays whose it was."""
    named = connection.execute(select(_INVITED.c.member_id).where(_INVITED.c.token_hash == invite_hash)).scalar()
    member = str(named or of_device(connection, device_id))
    values = {"member_id": member, "since": now}
    here = _MEMBER.c.device_id == device_id
    if connection.execute(update(_MEMBER).where(here).values(**values)).rowcount == 0:
        connection.execute(insert(_MEMBER).values(device_id=device_id, **values))


def invited(connection: Connection, invite_hash: str, member_id: str) -> None:
    """This invite is for another device of that member."""
    connection.execute(insert(_INVITED).values(token_hash=invite_hash, member_id=member_id))


def known(connection: Connection, member_id: str) -> bool:
    """Whether a device that was let in is theirs."""
    return any(seat.member == member_id and not seat.revoked for seat in seats(connection))


def seats(connection: Connection) -> tuple[Seat, ...]:
    """Every device that was ever let in, by member, the longest there first."""
    member = func.coalesce(_MEMBER.c.member_id, _DEVICE.c.id).label("member")
    query = select(_DEVICE.c.id, _DEVICE.c.name, member, _DEVICE.c.role, _DEVICE.c.enrolled_at, _DEVICE.c.revoked_at)
    query = query.outerjoin(_MEMBER, _MEMBER.c.device_id == _DEVICE.c.id)
    rows = connection.execute(query.order_by(member, _DEVICE.c.enrolled_at, _DEVICE.c.id))
    return tuple(Seat(row[0], row[1], row[2], row[3], row[4], row[5] is not None) for row in rows)


def shown_to(connection: Connection, device: Device) -> tuple[Seat, ...]:
    """An owner sees every device, everybody else their own."""
    return tuple(seat for seat in seats(connection) if device.role == "owner" or seat.member == device.member)


def may_see(collection: str, member_id: str) -> bool:
    return not collection.startswith(PRIVATE) or collection == PRIVATE + member_id


def backfill(connection: Connection) -> None:
    """For a hub from before there were members: every device is one of its own."""
    there = select(_MEMBER.c.device_id)
    rows = connection.execute(select(_DEVICE.c.id, _DEVICE.c.enrolled_at).where(_DEVICE.c.id.not_in(there))).all()
    for row in rows:
        connection.execute(insert(_MEMBER).values(device_id=row.id, member_id=row.id, since=row.enrolled_at))
