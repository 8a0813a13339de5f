"""Who is in which conversation right now. A device says so again and again; what it said lapses by the hub's clock.

Kept in the database, because several processes may serve one hub. A desktop may know a conversation by several ids
(docs/sync-protocol.md, twins), so it names all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from workstation.hub import problems
from workstation.hub.model import MAX_NAME, PRESENCE_LIFETIME
from workstation.hub.tables import DeviceMemberRow, DeviceRow, PresenceRow
from workstation.store.tables import table

MOST_IDS = 32
MOST_SHOWN = 50
DOING = ("viewing", "writing", "")
"""What may be said; "" leaves."""

_PRESENCE = table(PresenceRow)
_DEVICE = table(DeviceRow)
_MEMBER = table(DeviceMemberRow)


@dataclass(frozen=True, slots=True)
class Present:
    """Another device in the same conversation. `left`: milliseconds until it lapses."""

    device: str
    name: str
    doing: str
    left: int
    member: str = ""              # whose device it is


def asked(body: object) -> tuple[tuple[str, ...], str]:
    """Ids and doing out of a request's parsed JSON. Raises HubProblem 400."""
    values = body if isinstance(body, dict) else {}
    ids, doing = values.get("conversations"), values.get("doing")
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_IDS or doing not in DOING:
        raise problems.bad_request("presence")
    if not all(isinstance(one, str) and 0 < len(one) <= MAX_NAME and one.isprintable() for one in ids):
        raise problems.bad_request("presence")
    return tuple(dict.fromkeys(ids)), str(doing)


def say(connection: Connection, device_id: str, ids: Sequence[str], doing: str, now: int) -> tuple[Present, ...]:
    """A device is in one conversation at a time: what it said before is forgotten. Returns who else is in this one."""
    # What reaches further than anything said now was said before the hub's clock was set back.
    lapsed = (_PRESENCE.c.until <= now) | (_PRESENCE.c.until > now + PRESENCE_LIFETIME)
    connection.execute(delete(_PRESENCE).where((_PRESENCE.c.device_id == device_id) | lapsed))
    if doing:
        until = now + PRESENCE_LIFETIME
        connection.execute(insert(_PRESENCE), [
            {"device_id": device_id, "conversation_id": one, "doing": doing, "until": until} for one in ids])
    return others(connection, device_id, ids, now)


def others(connection: Connection, device_id: str, ids: Sequence[str], now: int) -> tuple[Present, ...]:
    """Other devices in any of these, each once."""
    there = _PRESENCE.c.conversation_id.in_(ids) & (_PRESENCE.c.device_id != device_id) & (_PRESENCE.c.until > now)
    query = select(_PRESENCE.c.device_id, _DEVICE.c.name, _PRESENCE.c.doing, _PRESENCE.c.until,
                   func.coalesce(_MEMBER.c.member_id, _DEVICE.c.id))
    query = query.join(_DEVICE, _DEVICE.c.id == _PRESENCE.c.device_id).outerjoin(
        _MEMBER, _MEMBER.c.device_id == _DEVICE.c.id).where(there, _DEVICE.c.revoked_at.is_(None))
    found = {row[0]: Present(row[0], row[1], row[2], row[3] - now, row[4]) for row in connection.execute(query)}
    return tuple(sorted(found.values(), key=lambda one: (one.doing != "writing", one.name))[:MOST_SHOWN])
