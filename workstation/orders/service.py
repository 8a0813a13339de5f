"""Orders: imported from the files sellers download, asked of shops and carriers, linked to conversations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from workstation.domain.clues import Named, find_mentions
from workstation.domain.events import ChecksChanged, ConversationsChanged, OrdersChanged
from workstation.domain.facts import Attempt, OrderFacts, SourceKind, StoredAnswer
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _, ngettext
from workstation.orders import erasing
from workstation.orders.asking import SECONDS, Asked, Asking
from workstation.orders.model import Answer, BadRow, ClueMaterial, OrderImportReport, OrderLink
from workstation.orders.ports import ConversationTexts, OrderFile, OrderSources
from workstation.orders.repo import answers, links, orders, parcels, storing
from workstation.store.database import Database
from workstation.store.unit import Unit

BATCH = 500
MOST_BAD = 1_000

Progress = Callable[[int, int], None]


class ClueLinker:
    """Links conversations to the orders they name, inside the inbox's transaction. Fulfils `inbox.ports.ClueReader` by
    `learn`; `link` reads whole conversations again."""

    def __init__(self, texts: ConversationTexts) -> None:
        self._texts = texts

    def link(self, connection: Connection, conversation_ids: Sequence[str]) -> None:
        offers = [_offer(material) for material in self._texts.clue_material(connection, conversation_ids)]
        links.remember(connection, offers)
        links.add(connection, links.matches(connection, offers))


    def learn(self, connection: Connection, named: Sequence[Named]) -> None:
        """Add what newly arrived mails name to what their conversations offered before."""
        fresh = [links.Offer(each.conversation_id, each.mentions, each.addresses) for each in named]
        if fresh:
            links.add(connection, links.matches(connection, links.extend(connection, fresh)))


class OrdersService:
    """Fulfils `api.OrdersApi` and `verification.ports.Orders`."""

    def __init__(
        self, database: Database, clock: Clock, files: OrderFile, sources: OrderSources, seconds: float = SECONDS,
        kin: Callable[[Connection, str], tuple[str, ...]] = lambda _connection, conversation_id: (conversation_id,),
    ) -> None:
        """`kin`: a conversation and those that were merged into it; a link belongs to the one it was found in."""
        self._kin = kin
        self._database = database
        self._clock = clock
        self._files = files
        self._asking = Asking(clock, sources, seconds)

    # -- commands and queries of the window and the command line

    async def import_file(self, path: Path, progress: Progress | None = None) -> OrderImportReport:
        """Read an order file into the store, a batch a transaction. Cancelled, it keeps the batches already stored.

        Orders in the file are as old as the file: what it says is dated by its last change, never by the import.
        Raises InputError when the file cannot be used at all; bad rows are in the report.
        """
        read = self._files.read(path, await asyncio.to_thread(_dated, path, self._clock.now()))
        report = OrderImportReport()
        while batch := await asyncio.to_thread(_next_batch, read):
            report = _sum(report, await self._import_batch(batch))
            if progress is not None:
                progress(report.seen, 0)
        return _capped(report)

    async def find(self, order_id: str) -> tuple[Order, ...]:
        return await self._database.read(lambda c: tuple(f.order for f in _matching(c, order_id)))

    async def beginning(self, typed: str, limit: int = 5) -> tuple[tuple[OrderRef, str], ...]:
        return await self._database.read(lambda c: orders.beginning(c, typed, limit))

    async def links(self, conversation_id: str) -> tuple[OrderLink, ...]:
        return await self._database.read(lambda c: self.linked(c, conversation_id))

    async def parcel(self, ref: OrderRef) -> Parcel | None:
        return await self._database.read(lambda c: facts.parcel if (facts := orders.named(c, ref)) else None)

    async def link(self, conversation_id: str, ref: OrderRef) -> None:
        """Raises NotFound when no such order is stored."""
        await self._database.write(lambda unit: _link_by_hand(unit, conversation_id, ref))

    # -- for verification

    def linked(self, connection: Connection, conversation_id: str) -> tuple[OrderLink, ...]:
        return links.of_conversation(connection, conversation_id, self._kin(connection, conversation_id))

    def missing(self, connection: Connection, conversation_id: str) -> tuple[OrderRef, ...]:
        return links.missing(connection, conversation_id, self._kin(connection, conversation_id))

    def facts(self, connection: Connection, ref: OrderRef) -> OrderFacts | None:
        return orders.named(connection, ref)

    def matching(self, connection: Connection, order_id: str) -> tuple[OrderRef, ...]:
        return tuple(facts.order.ref for facts in _matching(connection, order_id))

    def conversations(self, connection: Connection, ref: OrderRef) -> tuple[str, ...]:
        return links.conversations(connection, ref)

    def attempt(self, connection: Connection, ref: OrderRef) -> Attempt | None:
        subject = answers.order_subject(ref)
        return answers.attempts(connection, [subject]).get(subject)

    def answer(self, connection: Connection, answer_id: str) -> StoredAnswer:
        return answers.get(connection, answer_id)

    async def refresh(self, ref: OrderRef) -> None:
        """Ask the shop and the carrier at once and store what came of it, failures too. Never raises ConnectError."""
        known = await self._database.read(lambda c: orders.named(c, ref))
        asked = await self._asking.ask(ref, known.order if known else None)
        await self._database.write(lambda unit: _keep_asked(unit, ref, asked))

    async def _import_batch(self, batch: Sequence[Answer | BadRow]) -> OrderImportReport:
        good = [each for each in batch if isinstance(each, Answer)]
        bad = tuple(each for each in batch if isinstance(each, BadRow))
        stored = await self._database.write(lambda unit: _store(unit, good, SourceKind.EXPORT))
        clashes = tuple(BadRow(str(ref), _clash(ref)) for ref in stored.clashes)
        return OrderImportReport(len(batch), len(stored.new), len(stored.updated), bad + clashes)


def _store(unit: Unit, batch: Sequence[Answer], kind: SourceKind, about: OrderRef | None = None) -> storing.Stored:
    stored = storing.store(unit.conn, batch, kind, about)
    if stored.new or stored.updated:
        unit.emit(OrdersChanged(stored.new + stored.updated))
    _announce(unit, stored.conversations)
    return stored


def _announce(unit: Unit, conversation_ids: Sequence[str]) -> None:
    if conversation_ids:
        unit.emit(ConversationsChanged(tuple(conversation_ids)))
    for conversation_id in conversation_ids:
        unit.emit(ChecksChanged(conversation_id))


def _keep_asked(unit: Unit, ref: OrderRef, asked: Asked) -> None:
    for subject, attempt in asked.attempts:
        answers.note(unit.conn, subject, attempt)
    if asked.order is not None:
        _store(unit, [asked.order], SourceKind.API, ref)
    for told in erasing.without_buyers(unit.conn, [asked.parcel] if asked.parcel is not None else []):
        if told.parcel is not None:
            (answer_id,) = answers.keep(unit.conn, [told])
            parcels.save(unit.conn, told.parcel, asked.provenance(told, answer_id))


def _link_by_hand(unit: Unit, conversation_id: str, ref: OrderRef) -> None:
    found = orders.named(unit.conn, ref)
    if found is None:
        raise NotFound(_("No order {order} is stored.").format(order=ref), _("Import it or ask its shop first."))
    _announce(unit, links.add(unit.conn, [(conversation_id, found.order.id, "person")]))


def _offer(material: ClueMaterial) -> links.Offer:
    addresses = tuple(dict.fromkeys(each.strip().lower() for each in material.addresses if each.strip()))
    return links.Offer(material.conversation_id, tuple(find_mentions(material.text)), addresses)


def _matching(connection: Connection, order_id: str) -> tuple[OrderFacts, ...]:
    """Orders with this number, or with this "store/number"."""
    wanted = order_id.strip()
    found = orders.with_numbers(connection, [wanted])
    store, _slash, number = wanted.rpartition("/")
    if not found and number:
        found = tuple(f for f in orders.with_numbers(connection, [number]) if f.order.ref.store == store)
    return tuple(sorted(found, key=lambda f: str(f.order.ref)))


def _next_batch(read: Iterator[Answer | BadRow]) -> tuple[Answer | BadRow, ...]:
    return tuple(islice(read, BATCH))


def _dated(path: Path, now: int) -> int:
    try:
        return min(now, path.stat().st_mtime_ns // 1_000_000)
    except OSError as problem:
        sentence = _("{path} cannot be read; nothing was imported.").format(path=path.name)
        raise InputError(sentence, _("Check the path and try again.")) from problem


def _sum(one: OrderImportReport, other: OrderImportReport) -> OrderImportReport:
    return OrderImportReport(
        one.seen + other.seen, one.new + other.new, one.updated + other.updated, one.bad + other.bad)


def _capped(report: OrderImportReport) -> OrderImportReport:
    more = len(report.bad) - MOST_BAD
    if more <= 0:
        return report
    rest = BadRow(_("further rows"), ngettext(
        "{n} more row could not be used.", "{n} more rows could not be used.", more).format(n=more))
    return OrderImportReport(report.seen, report.new, report.updated, (*report.bad[:MOST_BAD], rest))


def _clash(ref: OrderRef) -> str:
    return _("Another order with the number {number} is stored, with another date and buyer. "
             "Name the store in a column Store.").format(number=ref.order_id)
