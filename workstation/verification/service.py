"""The panel beside a conversation: from stored facts at once, from the sources when asked to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy import Connection

from workstation.domain.events import ChecksChanged, MessageArrived
from workstation.domain.order import OrderRef
from workstation.kernel.clock import MINUTE, Clock
from workstation.kernel.errors import Ambiguous, WorkstationError
from workstation.kernel.i18n import _
from workstation.store.database import Database
from workstation.verification.checks import run
from workstation.verification.evidence import Subject, as_of
from workstation.verification.model import Panel, RawAnswer
from workstation.verification.ports import Buyers, Link, Orders, Rules
from workstation.verification.wording import title

log = logging.getLogger(__name__)
_MOST_ASKED = 3
ASK_AGAIN = 5 * MINUTE
"""Looking at a case asks its sources by itself, but not more often than this."""

AT_ONCE = 4
"""Conversations whose sources are asked at the same time in the background."""


class VerificationService:
    """Fulfils `api.VerificationApi`."""

    def __init__(self, database: Database, clock: Clock, orders: Orders, rules: Rules, buyers: Buyers) -> None:
        self._database = database
        self._clock = clock
        self._orders = orders
        self._rules = rules
        self._buyers = buyers
        self._asked: dict[tuple[str, OrderRef | None], int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._quietly = asyncio.Semaphore(AT_ONCE)

    async def panel(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        return await self._database.read(lambda c: self._panel(c, conversation_id, order))

    async def refresh(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """Ask the sources of this order (or of those the conversation names) all at once, then announce the panel."""
        wanted = await self._database.read(lambda c: self._wanted(c, conversation_id, order))
        await asyncio.gather(*(self._orders.refresh(ref) for ref in wanted[:_MOST_ASKED]))
        if wanted:
            await self._database.write(lambda unit: unit.emit(ChecksChanged(conversation_id)))
        return await self.panel(conversation_id, order)

    async def freshen(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """As `refresh`, unless these sources were asked in the last five minutes: looking at a case asks by itself."""
        key = (conversation_id, order)
        now = self._clock.now()
        if now - self._asked.get(key, -ASK_AGAIN) < ASK_AGAIN:
            return await self.panel(conversation_id, order)
        self._asked = {k: at for k, at in self._asked.items() if now - at < ASK_AGAIN} | {key: now}
        return await self.refresh(conversation_id, order)

    def on_message(self, event: MessageArrived) -> None:
        """A buyer wrote: have the answers ready before the agent looks."""
        task = asyncio.ensure_future(self._freshen_quietly(event.conversation_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def shutdown(self) -> None:
        """Stop asking."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _freshen_quietly(self, conversation_id: str) -> None:
        async with self._quietly:
            try:
                await self.freshen(conversation_id)
            except WorkstationError as problem:
                log.info("checks in the background: %s", type(problem).__name__)

    def last_asked(self, connection: Connection, conversation_id: str, since: int, until: int) -> Panel | None:
        """The panel as it was when this conversation's order was last asked about, and that not before `since` and
        before `until`; None when it was not."""
        links = self._orders.linked(connection, conversation_id)
        ref = _first(links, self._orders.missing(connection, conversation_id))
        if ref is None:
            return None
        facts = self._orders.facts(connection, ref)
        tried = (facts.shop_attempt, facts.carrier_attempt) if facts else (self._orders.attempt(connection, ref),)
        at = max((each.at for each in tried if each is not None), default=-1)
        if not since <= at < until:
            return None
        buyers = _lower(self._buyers.addresses(connection, conversation_id))
        return _shown(self._subject(connection, ref, buyers, at, earlier=True), ref, (), "")

    async def check_order(self, order_id: str, at: int | None = None) -> Panel:
        """`at`: the panel as it would have stood then. Raises Ambiguous listing `store/id`."""
        return await self._database.read(lambda c: self._order_panel(c, order_id.strip(), at))

    async def raw_answer(self, answer_id: str) -> RawAnswer:
        """Raises NotFound."""
        kept = await self._database.read(lambda c: self._orders.answer(c, answer_id))
        return RawAnswer(kept.id, kept.source, kept.fetched_at, kept.content_type, kept.body)

    def _panel(self, connection: Connection, conversation_id: str, order: OrderRef | None) -> Panel:
        links = self._orders.linked(connection, conversation_id)
        missing = self._orders.missing(connection, conversation_id)
        ref = order or _first(links, missing)
        buyers = _lower(self._buyers.addresses(connection, conversation_id))
        subject = self._subject(connection, ref, buyers, self._clock.now())
        others = [each for each in (*(link.ref for link in links), *missing) if each != ref]
        reason = next((link.reason for link in links if link.ref == ref), "")
        return _shown(subject, ref, others, reason)

    def _order_panel(self, connection: Connection, order_id: str, at: int | None) -> Panel:
        found = self._orders.matching(connection, order_id)
        if len(found) > 1:
            names = [str(ref) for ref in found]
            raise Ambiguous(_("Several orders are called {number}: {names}.").format(
                number=order_id, names=", ".join(names)), _("Name one of them as store/number."), names)
        now = self._clock.now() if at is None else at
        if not found:
            return _shown(Subject(now, self._rules, order_id, None, None), None, (), "")
        buyers = self._buyers_of(connection, found[0])
        subject = self._subject(connection, found[0], buyers, now, earlier=at is not None)
        return _shown(subject, found[0], (), "")

    def _subject(
        self, connection: Connection, ref: OrderRef | None, buyers: tuple[str, ...] | None, now: int, *,
        earlier: bool = False,
    ) -> Subject:
        if ref is None:
            return Subject(now, self._rules, "", None, buyers)
        facts = self._orders.facts(connection, ref)
        if facts is not None and earlier:
            facts = as_of(facts, now)
        return Subject(now, self._rules, ref.order_id, facts, buyers, self._orders.attempt(connection, ref))

    def _buyers_of(self, connection: Connection, ref: OrderRef) -> tuple[str, ...] | None:
        """Who writes about an order: everybody in the conversations linked to it; None when there is none."""
        conversations = self._orders.conversations(connection, ref)
        wrote = [address for each in conversations for address in self._buyers.addresses(connection, each)]
        return _lower(wrote) if conversations else None

    def _wanted(self, connection: Connection, conversation_id: str, order: OrderRef | None) -> tuple[OrderRef, ...]:
        if order is not None:
            return (order,)
        links = self._orders.linked(connection, conversation_id)
        missing = self._orders.missing(connection, conversation_id)
        first = _first(links, missing)
        return tuple(dict.fromkeys((*((first,) if first else ()), *missing)))


def _first(links: Sequence[Link], missing: Sequence[OrderRef]) -> OrderRef | None:
    """The order the panel is about: one surely linked, else one that was named, else one that merely may be meant."""
    strong = [link.ref for link in links if link.strong]
    weak = [link.ref for link in links if not link.strong]
    return next(iter([*strong, *missing, *weak]), None)


def _shown(subject: Subject, ref: OrderRef | None, others: Sequence[OrderRef], reason: str) -> Panel:
    name = _("Order {number}").format(number=subject.number) if subject.number else _("No order")
    heading = title(subject.facts.order) if subject.facts else name
    return Panel(ref, heading, run(subject), subject.now, tuple(others), reason)


def _lower(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.strip().lower() for address in addresses))
