"""Collections as sync sees them. A feature's own `apply` and `held` are wired in by the composition root."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import cast

import rfc8785
from sqlalchemy import Connection

from workstation.store import outbox
from workstation.store.outbox import QueuedEvent
from workstation.store.unit import Unit
from workstation.sync import repo
from workstation.sync.model import Conflict
from workstation.sync.ports import Collection
from workstation.sync.wire import CONFLICTS, Entity

log = logging.getLogger(__name__)
Body = Mapping[str, object]
Apply = Callable[[Unit, str, Body], None]
Held = Callable[[Connection, str], str | None]


class MirrorCollection:
    """Mirrors entities and compares them. `apply` makes base rows so; `held` gives a body back from base rows.

    Without `held` the bodies are kept here, compressed, so that a hub that lost them gets them again.
    """

    def __init__(self, name: str, apply: Apply | None = None, held: Held | None = None) -> None:
        self._name = name
        self._apply = apply
        self._held = held

    @property
    def name(self) -> str:
        return self._name

    def apply(self, unit: Unit, entity: Entity) -> None:
        if self._apply is not None:
            self._apply(unit, entity.entity_id, cast(Body, json.loads(entity.body)))

    def confirmed(self, unit: Unit, entity_id: str, body: str) -> None:
        if self._held is None:
            repo.keep_body(unit.conn, self._name, entity_id, body)

    def held(self, connection: Connection, entity_id: str) -> str | None:
        return self._held(connection, entity_id) if self._held else repo.kept_body(connection, self._name, entity_id)

    def digest(self, connection: Connection) -> tuple[int, str]:
        return repo.digest(connection, self._name)


class ConflictCollection(MirrorCollection):
    """Values that lost, as the hub keeps them: read by the timeline, never handed in by a desktop."""

    def __init__(self) -> None:
        super().__init__(CONFLICTS, _keep_conflict, lambda _connection, _entity_id: None)


def take(unit: Unit, collection: Collection, entity: Entity) -> bool:
    """Make an entity of the hub ours unless we have it already. True when it is another one than we knew.

    A newer step is applied even when it looks like the last one we saw: a `set` of our own lies in between, whose
    effect is in the base rows and not in the mirror. What still waits in the outbox for this entity is laid over it:
    the screen keeps showing what the person did.
    """
    known = repo.mirrored(unit.conn, collection.name, entity.entity_id)
    if known is not None and known.version > entity.version:
        return False
    changed = known is None or known.body_hash != repo.body_hash(entity.body)
    repo.mirror(unit.conn, collection.name, entity)
    if known is not None and known.version == entity.version:
        return False  # the same step again; other content under one position is for the digest to find, not to apply
    apply(unit, collection, entity)
    return changed


def apply(unit: Unit, collection: Collection, entity: Entity) -> None:
    """Hand it to its collection. One that fails is undone and parked, and never holds up the feed."""
    collection.confirmed(unit, entity.entity_id, entity.body)
    waiting = outbox.pending_of(unit.conn, collection.name, entity.entity_id)
    shown = Entity(entity.entity_id, entity.kind, entity.version, overlay(entity.body, waiting))
    events, callbacks = len(unit.events), len(unit.callbacks)
    try:
        with unit.conn.begin_nested():
            collection.apply(unit, shown)
    except Exception:
        log.exception("a change of %s could not be applied", collection.name)
        del unit.events[events:], unit.callbacks[callbacks:]
        repo.park(unit.conn, collection.name, entity)
    else:
        repo.unpark(unit.conn, collection.name, entity.entity_id)


def overlay(body: str, waiting: tuple[QueuedEvent, ...]) -> str:
    """The body as the person sees it: pending events of this device on top."""
    if not waiting:
        return body
    shown = json.loads(body)
    for event in waiting:
        wanted = json.loads(event.body)
        if event.kind == "put":
            shown = wanted
        elif event.kind == "set":
            shown[wanted["field"]] = wanted["new"]
    return rfc8785.dumps(shown).decode()


def _keep_conflict(unit: Unit, entity_id: str, body: Body) -> None:
    texts = {name: str(body.get(name, "")) for name in ("collection", "entity_id", "field")}
    kept, lost = (json.dumps(body.get(name), ensure_ascii=False) for name in ("kept", "lost"))
    at = body.get("at")
    repo.keep_conflict(unit.conn, Conflict(
        entity_id, **texts, kept=kept, lost=lost, device_id=str(body.get("device", "")),
        at=at if isinstance(at, int) else 0,
    ))
