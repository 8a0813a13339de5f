"""The outbox: every action that must reach the hub, written with its effect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection, delete, func, select, update

from workstation.kernel.events import Event
from workstation.kernel.ids import new_id
from workstation.store.core import table
from workstation.store.unit import Unit

Json = Mapping[str, Any]
_T = table("outbox")


@dataclass(frozen=True, slots=True)
class EventQueued(Event):
    """Something waits for the hub. Whoever copies upstream need not wait for its next turn."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event as it waits. `seq` is the order it was made in; `body` is canonical JSON text."""

    seq: int
    event_id: str
    collection: str
    entity_id: str
    kind: str
    body: str
    request_hash: str


# Plain SQL: every stored message passes here, and building a statement costs ten times its execution.
_APPEND = (
    "INSERT INTO outbox(event_id, collection, entity_id, kind, body, request_hash, created_at, refused) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, '')"
)


def append(unit: Unit, collection: str, entity_id: str, kind: str, body: Json, at: int) -> str:
    """Queue an event in the caller's transaction. Returns its id.

    `kind`: "append" (written once, never changed), "put" (the whole entity as it is now) or
    "set" ({"field", "old", "new"}, compared and set by the hub). Integers in `body` must fit 53 bits (RFC 8785).
    """
    text = rfc8785.dumps(dict(body)).decode()
    event_id = new_id()
    hashed = request_hash(collection, entity_id, kind, text)
    unit.conn.exec_driver_sql(_APPEND, (event_id, collection, entity_id, kind, text, hashed, at))
    unit.emit(EventQueued())
    return event_id


def append_all(
    unit: Unit, collection: str, kind: str, events: Iterable[tuple[str, Json]], at: int
) -> None:
    """Queue many events of one collection and kind, each (entity id, body of plain values), in one statement, in their
    order. As `append`; of bodies that are alike the text is made once."""
    texts: dict[tuple[tuple[str, type, Any], ...], str] = {}
    rows = []
    for entity_id, body in events:
        key = tuple((name, type(value), value) for name, value in body.items())
        text = texts.get(key)
        if text is None:
            text = texts[key] = rfc8785.dumps(dict(body)).decode()
        rows.append((new_id(), collection, entity_id, kind, text, request_hash(collection, entity_id, kind, text), at))
    if rows:
        unit.conn.exec_driver_sql(_APPEND, rows)
        unit.emit(EventQueued())


def request_hash(collection: str, entity_id: str, kind: str, body: str) -> str:
    """What a receipt is bound to: the same id with another hash is refused."""
    joined = "\x1f".join((collection, entity_id, kind, body))
    return hashlib.sha256(joined.encode()).hexdigest()


def page(connection: Connection, last: int, limit: int, most: int) -> tuple[QueuedEvent, ...]:
    """The oldest waiting events up to `last`, refused ones left out: at most `limit`, and `most` characters of bodies.

    Always at least one when any waits, however large.
    """
    waiting = select(_T).where(_T.c.refused == "", _T.c.seq <= last).order_by(_T.c.seq).limit(limit)
    events: list[QueuedEvent] = []
    size = 0
    for row in connection.execute(waiting):
        size += len(row.body)
        if events and size > most:
            break
        events.append(_event(row))
    return tuple(events)


def newest(connection: Connection) -> int:
    """The `seq` of the last event that was queued, 0 when there is none."""
    return int(connection.execute(select(func.max(_T.c.seq))).scalar() or 0)


def pending_of(connection: Connection, collection: str, entity_id: str) -> tuple[QueuedEvent, ...]:
    """What still waits for one entity, oldest first."""
    here = (_T.c.collection == collection) & (_T.c.entity_id == entity_id) & (_T.c.refused == "")
    return tuple(_event(row) for row in connection.execute(select(_T).where(here).order_by(_T.c.seq)))


def receipted(unit: Unit, event_id: str) -> None:
    """The hub's receipt is here: the event has done its work."""
    unit.conn.execute(delete(_T).where(_T.c.event_id == event_id))


def refuse(unit: Unit, event_id: str, reason: str) -> None:
    """The hub said no for good; the event waits for a person."""
    unit.conn.execute(update(_T).where(_T.c.event_id == event_id).values(refused=reason or "refused"))


def counts(connection: Connection) -> tuple[int, int]:
    """How many events wait, and how many were refused."""
    refused = func.count().filter(_T.c.refused != "")
    total, no = connection.execute(select(func.count(), refused).select_from(_T)).one()
    return int(total) - int(no), int(no)


def _event(row: Any) -> QueuedEvent:
    return QueuedEvent(row.seq, row.event_id, row.collection, row.entity_id, row.kind, row.body, row.request_hash)
