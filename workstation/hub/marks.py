"""Telling a home from its copy: each start of a desktop leaves a new mark, and names the one it left before.

Two copies of one home are the same device to us until both speak: whoever then names a mark that is not the last one we
were left is behind the other. A mark we never saw is no copy: this hub was restored from a backup. See
docs/sync-protocol.md.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from workstation.hub import problems
from workstation.hub.model import MAX_NAME
from workstation.hub.tables import DeviceMarkRow
from workstation.store.tables import table

_MARK = table(DeviceMarkRow)


def last(connection: Connection, device_id: str) -> str:
    """The mark a device left last, "" when it never did."""
    newest = select(_MARK.c.mark).where(_MARK.c.device_id == device_id).order_by(_MARK.c.number.desc()).limit(1)
    return str(connection.execute(newest).scalar() or "")


def leave(connection: Connection, device_id: str, previous: str, mark: str, now: int) -> None:
    """Leave a mark. Raises HubProblem 409 when another copy of this home left one since `previous`, 400."""
    if not 0 < len(mark) <= MAX_NAME or len(previous) > MAX_NAME or not (previous + mark).isprintable():
        raise problems.bad_request("mark")
    newest = last(connection, device_id)
    if newest == mark:
        return
    if newest not in ("", previous) and any(_known(connection, device_id, one) for one in (previous, mark)):
        raise problems.forked()
    connection.execute(insert(_MARK).values(device_id=device_id, mark=mark, at=now))


def _known(connection: Connection, device_id: str, mark: str) -> bool:
    mine = (_MARK.c.device_id == device_id) & (_MARK.c.mark == mark)
    return bool(connection.execute(select(func.count()).select_from(_MARK).where(mine)).scalar_one())
