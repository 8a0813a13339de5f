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
from workstation.sync.ports import Collection, Hub, Offers
from workstation.sync.wire import ALREADY_THERE, MAX_BATCH, MAX_BATCH_CHARS, MAX_BODY, Entity, Receipt

Find = Callable[[str], Collection]


async def push(
    database: Database, hub: Hub, find: Find, moved: Callable[[int], None], offers: Offers | None = None, now: int = 0,
) -> tuple[int, int]:
    """Hand in everything that waits now. Returns how many were taken and how many refused; `moved` is told each batch.

    `offers` turns what the hub was not told of yet into events, a batch at a time (`now` dates them), so that the
    outbox stays short however much there is. What comes meanwhile waits for the next cycle: a long import must not keep
    what others did away from the screen. A lost answer is harmless: the same events get the same receipts.
    """
    drain = _Drain(database, hub, find, moved, offers)
    left = await database.read(offers.waiting) if offers else 0
    await drain.run()
    while offers is not None and left > 0:
        looked_at = await database.write(lambda unit: offers.offer(unit, repo.known, now))
        left = left - looked_at if looked_at else 0
        await drain.run()
    return drain.taken, drain.refused


class _Drain:
    """Hands in what is queued, batch by batch, and counts."""

    def __init__(
        self, database: Database, hub: Hub, find: Find, moved: Callable[[int], None], offers: Offers | None
    ) -> None:
        self.taken = self.refused = 0
        self._database = database
        self._hub = hub
        self._find = find
        self._moved = moved
        self._content = offers.collections if offers else frozenset()

    async def run(self) -> None:
        last = await self._database.read(outbox.newest)
        while batch := await self._database.read(lambda conn: outbox.page(conn, last, MAX_BATCH, MAX_BATCH_CHARS)):
            await self._hand_in(batch)

    async def _hand_in(self, batch: Sequence[QueuedEvent]) -> None:
        fitting = [event for event in batch if len(event.body) <= MAX_BODY]
        receipts = await self._hub.push(fitting) if fitting else ()
        pairs = [*zip(fitting, receipts, strict=True), *((e, _too_large(e)) for e in batch if len(e.body) > MAX_BODY)]
        refused = await self._database.write(lambda unit: settle(unit, self._find, pairs, self._content))
        self.taken, self.refused = self.taken + len(pairs) - refused, self.refused + refused
        self._moved(len(pairs))


def settle(
    unit: Unit, find: Find, pairs: Sequence[tuple[QueuedEvent, Receipt]], content: frozenset[str] = frozenset()
) -> int:
    """Act on receipts in the order of their events. Returns how many events were refused.

    `content`: collections whose ids are made from what they name. There another desktop may have told of the same thing
    in slightly other words (its clock, its version): the hub keeps the first, and the feed brings that here.
    """
    refused = 0
    for event, receipt in pairs:
        if receipt.status == "refused" and not (event.collection in content and _told_before(event, receipt)):
            outbox.refuse(unit, event.event_id, receipt.reason)
            refused += 1
            continue
        outbox.receipted(unit, event.event_id)
        if receipt.status != "refused":
            _accepted(unit, find(event.collection), event, receipt)
    unit.emit(SyncChanged())
    return refused


def _told_before(event: QueuedEvent, receipt: Receipt) -> bool:
    return event.kind == "append" and receipt.reason.startswith(ALREADY_THERE)


def _accepted(unit: Unit, collection: Collection, event: QueuedEvent, receipt: Receipt) -> None:
    if receipt.status == "conflict":
        if receipt.body is not None:
            _lost(unit, collection, Entity(event.entity_id, "put", receipt.version, receipt.body))
    elif receipt.status != "applied":
        raise odd()
    elif event.kind != "set":  # what a set led to is the hub's to say: the feed brings the whole entity
        kind = "put" if event.kind == "new" else event.kind
        _agreed(unit, collection, Entity(event.entity_id, kind, receipt.version, event.body))


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
