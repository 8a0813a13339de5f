"""One conversation under several names at the hub, of which each was told something else: which of it counts.

Desktops that read one mail under accounts of their own tell the hub of its conversation under different ids, and until
they have heard of each other people may say different things under each. Names are compared, not times: what was said
under the smallest name counts, field by field, for everybody who knows the names; what nobody said there is taken from
the next. So all come to the same end in whatever order they hear of it, and the hub is told the same under every name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workstation.inbox.offering import BEGINNING, TAG, TRIAGE
from workstation.store import meta, outbox
from workstation.store.unit import Unit

Body = Mapping[str, Any]
Told = Callable[[Connection, Sequence[str]], Mapping[str, Body]]
"""What the hub holds of conversations by their ids, with what still waits here laid over it."""
_PLAIN = ("assignee", "muted", "review")
_STATE = ("state", "snoozed_until", "resolved_upto")
_WAITING = "names_to_settle"       # a fact of the home: JSON
MOST_WAITING = 500
"""Disagreements that wait at once; one beyond that is met again with the next change of either name."""


def nothing_told(_connection: Connection, _ids: Sequence[str]) -> Mapping[str, Body]:
    """There is no hub."""
    return {}


def names(connection: Connection, home: str) -> list[str]:
    """The ids of a conversation, its own first."""
    return [home, *(i for (i,) in connection.exec_driver_sql(_TWINS, (home,)))]


def agreed(bodies: Mapping[str, Body]) -> dict[str, Any]:
    """What counts of what was said under these names."""
    found: dict[str, Any] = {}
    for name in sorted(bodies):
        for field, value in bodies[name].items():
            if field in _PLAIN or field.startswith((TAG, TRIAGE)):
                found.setdefault(field, value)
        if found.get("state", BEGINNING["state"]) == BEGINNING["state"]:
            found |= {field: bodies[name].get(field, BEGINNING[field]) for field in _STATE}
    found["dismissed_at"] = max((int(body.get("dismissed_at") or 0) for body in bodies.values()), default=0)
    return found


def look(unit: Unit, home: str, told: Told) -> dict[str, Any] | None:
    """What counts of a conversation that the hub knows by several names, None when it does not. Names that hold
    something else are looked at again when the feed was read to its end: half of what a colleague said under two names
    is no disagreement."""
    known_as = names(unit.conn, home)
    bodies = told(unit.conn, known_as) if len(known_as) > 1 else {}
    if len(bodies) < 2:
        return None
    counts = agreed(bodies)
    waiting = unsettled(unit.conn)
    if home not in waiting and len(waiting) < MOST_WAITING and any(_differing(bodies, counts)):
        meta.put(unit.conn, _WAITING, json.dumps([*waiting, home]))
    return counts


def unsettled(connection: Connection) -> list[str]:
    """Conversations whose names seemed to disagree."""
    return list(map(str, json.loads(meta.get(connection, _WAITING) or "[]")))


def settle(unit: Unit, told: Told, at: int) -> int:
    """Tell the hub what counts, under every name that holds something else. Returns how many conversations those
    were."""
    waiting = unsettled(unit.conn)
    for home in waiting:
        bodies = told(unit.conn, names(unit.conn, home))
        for name, change in _differing(bodies, agreed(bodies)) if len(bodies) > 1 else ():
            outbox.append(unit, "conversation", name, "set", change, at)
    if waiting:
        meta.put(unit.conn, _WAITING, "[]")
    return len(waiting)


def _differing(bodies: Mapping[str, Body], counts: Body) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in sorted(bodies):
        for field, value in counts.items():
            has = bodies[name].get(field, BEGINNING.get(field))
            if has != value:
                yield name, {"field": field, "old": has, "new": value}


_TWINS = "SELECT id FROM conversation_twin WHERE conversation_id = ? ORDER BY id"
