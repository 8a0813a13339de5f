"""The search of one desk, a collaborator of the inbox: pages within their time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from workstation.domain.events import ConversationsChanged, JobChanged, OrdersChanged, PictureRead, TranslationStored
from workstation.domain.query import Query, parse
from workstation.inbox.listing import ConversationRow, ListQuery
from workstation.inbox.paging import Queues
from workstation.inbox.searching import pages, plain, plan
from workstation.inbox.searching.care import Care
from workstation.inbox.searching.clipping import SECONDS, Clipper
from workstation.inbox.searching.members import Members
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.store.database import Database
from workstation.store.search import shelves

RARE = ("failed", "review", "breaching")
"""Queues whose messages are known before anybody searches in them."""

log = logging.getLogger(__name__)


class SearchDesk:
    """Finds conversations, and keeps the index whole. `listen` and `care.step` let it work by itself."""

    def __init__(self, database: Database, clock: Clock, queues: Queues, me: Callable[[], str],
                 jobs: Jobs) -> None:
        self._database = database
        self._clock = clock
        self._queues = queues
        self._me = me
        self.members = Members(database, queues, me, clock)
        self.care = Care(database, clock, jobs, self.members.clear, self._warm)

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        """As `InboxApi.page`, of a query with a search. Answers, or is cut off, within 200 ms."""
        asked = parse(query.search)
        query = replace(query, queue=_queue(asked, query.queue))
        clipper = Clipper(query.patience or SECONDS)
        clipper.arm(asyncio.get_running_loop())
        try:
            found, look = await self._found(asked, query, clipper)
        finally:
            clipper.finish()
        if look.narrow or look.members is not None:
            self.members.want(query.queue, asked)
        if asked.cut and not found.note:
            return replace(found, note=_("This search is too long: only its beginning was looked for."))
        return found

    def listen(self, bus: EventBus) -> None:
        """Follow what changes. `care.step` is for `Jobs.keep_trying`."""
        bus.subscribe(ConversationsChanged, self.members.on_changed)
        bus.subscribe(TranslationStored, self.members.on_translated)
        bus.subscribe(PictureRead, self.members.on_translated)
        bus.subscribe(OrdersChanged, self.members.on_orders)
        bus.subscribe(ConversationsChanged, self.care.on_changed)
        bus.subscribe(JobChanged, self.care.on_job)

    async def _warm(self) -> None:
        """The queues in which hits are rarest, one after the other: readers stay free."""
        for queue in RARE:
            self.members.want(queue, parse(""))
            await self.members.settled()

    async def shutdown(self) -> None:
        await self.members.shutdown()

    async def _found(
        self, asked: Query, query: ListQuery, clipper: Clipper
    ) -> tuple[Page[ConversationRow], pages.Look]:
        now = self._clock.now()
        condition = self._queues.known(query.queue, now)
        if condition is None:
            condition = await self._database.read(lambda c: self._queues.condition(c, query.queue, now))
        members = self.members.of(query.queue, asked)
        look = pages.Look(query, plan.make(asked, now, self._me()), condition, members)
        page = await self._database.ask(lambda driver: _page(driver, look, clipper))
        if page is None:
            log.warning("the search index is damaged")
            page = await self._database.read(lambda c: plain.page(c, look))
            self.care.damaged()
        return page, look


def _page(driver: Any, look: pages.Look, clipper: Clipper) -> Page[ConversationRow] | None:
    """None: the index is damaged."""
    try:
        return pages.page(driver, look, clipper)
    except sqlcipher.DatabaseError as problem:
        if not shelves.is_damage(problem):
            raise
        return None


def _queue(asked: Query, queue: str) -> str:
    """`in:` looks elsewhere than in the queue that is shown."""
    elsewhere = [term.text for term in asked.filters if term.operator == "in" and not (term.excluded or term.problem)]
    return elsewhere[-1] if elsewhere else queue
