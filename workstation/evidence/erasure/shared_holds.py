"""Holds that desktops of a team tell each other of, so that none erases what another one must keep.

The hub's collection "hold" has an entity for each case and device, "case/device", put as a whole: `{"laid", "at"}`.
Why a case is held is a personal value of its record and stays where that is. What other devices told is kept as facts
of the home; what this one says is in its own chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from workstation.store import meta, outbox
from workstation.store.unit import Unit

COLLECTION = "hold"
_FACT = "hold:"
_LONGEST = 200


def tell(unit: Unit, case_id: str, device_id: str, at: int, *, laid: bool) -> None:
    """This device holds a case, or no longer."""
    outbox.append(unit, COLLECTION, f"{case_id}/{device_id}", "put", {"laid": laid, "at": at}, at)


def hear(unit: Unit, entity_id: str, body: Mapping[str, object], device_id: str) -> None:
    """What the hub tells; `device_id` is this one, which knows better of itself."""
    case_id, slash, device = entity_id.rpartition("/")
    if not slash or not case_id or device == device_id or len(entity_id) > _LONGEST:
        return
    if body.get("laid") is True:
        at = body.get("at")
        meta.put(unit.conn, _FACT + entity_id, str(at if isinstance(at, int) else 0))
    else:
        unit.conn.exec_driver_sql("DELETE FROM meta WHERE name = ?", (_FACT + entity_id,))


def told(connection: Connection, cases: Sequence[str]) -> tuple[str, int] | None:
    """A case of these that another device holds, and since when (ms, UTC)."""
    for case_id in cases:
        low = f"{_FACT}{case_id}/"
        high = f"{_FACT}{case_id}0"   # "0" is the character after "/"
        row = connection.exec_driver_sql(_TOLD, (low, high)).first()
        if row is not None and case_id:
            return case_id, int(row[0])
    return None


def cases(connection: Connection) -> frozenset[str]:
    """Every case that another device holds."""
    rows = connection.exec_driver_sql(_CASES, (_FACT, f"{_FACT[:-1]};"))   # ";" is the character after ":"
    return frozenset(str(name).removeprefix(_FACT).rpartition("/")[0] for (name,) in rows)


_CASES = "SELECT name FROM meta WHERE name >= ? AND name < ?"
_TOLD = "SELECT value FROM meta WHERE name >= ? AND name < ? ORDER BY name LIMIT 1"
