"""Handing in what waits: ordered batches; an event leaves the outbox only on its own receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workstation.domain.events import SyncChanged
from workstation.kernel.i18n import _
from workstation.store import outbox
from workstation.store.database import Database
from workstation.store.outbox import QueuedEvent
from workstation.store.unit import Unit
from workstation.sync import collections, repo
from workstation.sync.mapper import odd
from workstation.sync.ports import Collection, Hub
from workstation.sync.wire import MAX_BATCH, MAX_BATCH_CHARS, MAX_BODY, Entity, Receipt

Find = Callable[[str], Collection]


async def push(database: Database, hub: Hub, find: Find, moved: Callable[[int], None]) -> tuple[int, int]:
    """Hand in everything that waits now. Returns how many were taken and how many refused; `moved` is told each batch.

    What is queued meanwhile waits for the next cycle: a long import must not keep what others did away from the screen.
    A lost answer is harmless: the same events get the same receipts the next time.
    """
    taken = refused = 0
    last = await database.read(outbox.newest)
    while batch := await database.read(lambda conn: outbox.page(conn, last, MAX_BATCH, MAX_BATCH_CHARS)):
        fitting = [event for event in batch if len(event.body) <= MAX_BODY]
        receipts = await hub.push(fitting) if fitting else ()
        pairs = [*zip(fitting, receipts, strict=True), *((e, _too_large(e)) for e in batch if len(e.body) > MAX_BODY)]
        settled = await database.write(lambda unit, pairs=pairs: settle(unit, find, pairs))  # type: ignore[misc]
        taken, refused = taken + len(pairs) - settled, refused + settled
        moved(len(pairs))
    return taken, refused


def settle(unit: Unit, find: Find, pairs: Sequence[tuple[QueuedEvent, Receipt]]) -> int:
    """Act on receipts in the order of their events. Returns how many events were refused."""
    refused = 0
    for event, receipt in pairs:
        if receipt.status == "refused":
            outbox.refuse(unit, event.event_id, receipt.reason)
            refused += 1
        else:
            outbox.receipted(unit, event.event_id)
            _accepted(unit, find(event.collection), event, receipt)
    unit.emit(SyncChanged())
    return refused


def _accepted(unit: Unit, collection: Collection, event: QueuedEvent, receipt: Receipt) -> None:
    if receipt.status == "conflict":
        if receipt.body is not None:
            _lost(unit, collection, Entity(event.entity_id, "put", receipt.version, receipt.body))
    elif receipt.status != "applied":
        raise odd()
    elif event.kind != "set":  # what a set led to is the hub's to say: the feed brings the whole entity
        _agreed(unit, collection, Entity(event.entity_id, event.kind, receipt.version, event.body))


def _agreed(unit: Unit, collection: Collection, entity: Entity) -> None:
    """The mirror gets the hash of what *we* sent, so that the digest later proves the hub holds exactly that."""
    known = repo.mirrored(unit.conn, collection.name, entity.entity_id)
    if known is None or known.version < entity.version:
        repo.mirror(unit.conn, collection.name, entity)
        collection.confirmed(unit, entity.entity_id, entity.body)


def _lost(unit: Unit, collection: Collection, entity: Entity) -> None:
    """Our value lost: the hub's entity is what counts, even when the mirror knew it already."""
    known = repo.mirrored(unit.conn, collection.name, entity.entity_id)
    if known is None or known.version <= entity.version:
        repo.mirror(unit.conn, collection.name, entity)
        collections.apply(unit, collection, entity)


def _too_large(event: QueuedEvent) -> Receipt:
    return Receipt(event.event_id, event.request_hash, "refused", reason=_("larger than a hub takes"))
