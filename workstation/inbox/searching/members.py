"""Which messages the conversations of a narrow queue have, kept in memory.

A common word has a hundred thousand hits; of a queue of a few hundred conversations hardly any is among the newest of
them. To ask the tables about each hit costs eight microseconds, to look it up in a set a twentieth of one. A set is
made in the background when a search has shown that it would help; until then, and for wide queues, the tables are
asked. With the set of a few thousand messages comes an index of their words (`small`).

A set may hold too much (what left the queue stays until it is made anew): whatever it lets through is asked of the
tables again. It never lacks anything: conversations that change are added, with their words, as they are announced, and
what only time brings into a queue is in it beforehand.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged, OrdersChanged, PictureRead, TranslationStored
from workstation.domain.query import Query, Term
from workstation.inbox.paging import Queues
from workstation.inbox.searching import conditions, narrow, small
from workstation.kernel.clock import MINUTE, Clock
from workstation.store.database import Database
from workstation.store.search import shelves

MOST_SETS = 8
MOST_MESSAGES = 100_000
"""Messages of a queue that are kept (10 MB); a queue with more is not narrow."""
AHEAD, LIFE = 10 * MINUTE, 5 * MINUTE
"""How far ahead what comes by time is in a set, and how old one is that is made anew; until then it is used."""
AT_ONCE = 300
"""Messages whose words are read at once for an index of their own: about 30 ms."""
MOST_CHANGED = 2_000
"""Conversations that change at once after which sets are rather made anew."""

Key = tuple[str, tuple[tuple[str, str, bool], ...]]


@dataclass(slots=True)
class _Set:
    asked: Query
    made_at: int
    kept: narrow.Members | None        # None: too many to be kept
    late: list[str] = field(default_factory=list)   # changed while it was made


class Members:
    """The sets of one desk. `of` runs on readers, everything else on the core thread."""

    def __init__(self, database: Database, queues: Queues, me: Callable[[], str], clock: Clock) -> None:
        self._database = database
        self._queues = queues
        self._me = me
        self._clock = clock
        self._sets: OrderedDict[Key, _Set] = OrderedDict()
        self._making: dict[Key, list[str]] = {}
        self._index = 0                # counts the indexes that answered
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, queue: str, asked: Query) -> narrow.Members | None:
        """All messages of the queue that the filters leave, when they are at hand."""
        kept = self._sets.get(_key(queue, asked))
        return kept.kept if kept is not None and self._clock.now() - kept.made_at < AHEAD - MINUTE else None

    def want(self, queue: str, asked: Query) -> None:
        """A set would have helped, or has: make it, unless that is under way or was found to be no use lately."""
        key = _key(queue, asked)
        made = self._sets.get(key)
        if key in self._making or (made is not None and self._clock.now() - made.made_at < LIFE):
            return
        self._making[key] = []
        self._begin(self._make(key, queue, asked))

    async def settled(self) -> None:
        """Wait for the sets that are being made."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def shutdown(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.settled()

    def on_changed(self, event: ConversationsChanged) -> None:
        """Subscribe this to ConversationsChanged."""
        for late in self._making.values():
            late.extend(event.ids)
        if len(event.ids) >= MOST_CHANGED:
            self._sets.clear()
        elif self._sets:
            self._begin(self._follow(event.ids))

    def on_translated(self, event: TranslationStored | PictureRead) -> None:
        """Subscribe this to TranslationStored and PictureRead: a message has other words."""
        self.on_changed(ConversationsChanged((event.conversation_id,)))

    def on_orders(self, event: OrdersChanged) -> None:
        """Subscribe this to OrdersChanged: conversations linked to these orders may be found by other numbers."""
        if self._sets or self._making:
            self._begin(self._renumber(event.ids))

    def clear(self) -> None:
        """Another index answers from now on: its rowids are others, also those that are being looked up."""
        self._sets.clear()
        self._index += 1

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, key: Key, queue: str, asked: Query) -> None:
        try:
            now, index = self._clock.now(), self._index
            messages, first = await self._database.read(
                lambda c: (self._messages(c, queue, asked, None), shelves.read(c).first))
            words = None if first or len(messages) > small.MOST else await self._words(sorted(messages))
            if index != self._index:
                return
            self._sets[key] = _Set(
                asked, now, narrow.Members(messages, words) if len(messages) <= MOST_MESSAGES else None)
            while len(self._sets) > MOST_SETS:
                self._sets.popitem(last=False)
            late = self._making[key]
            if late:
                await self._add(key, late)
        finally:
            self._making.pop(key, None)

    async def _words(self, places: list[int]) -> small.Small:
        """An index of what is written at these places, a part at a time: readers are shared with whoever waits."""
        made = small.Small()
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            await self._database.read(lambda c, some=some: made.put(small.words_at(c, some)))  # type: ignore[misc]
        return made

    async def _renumber(self, order_ids: tuple[str, ...]) -> None:
        found = await self._database.read(lambda c: c.exec_driver_sql(_LINKED, (json.dumps(order_ids),)).all())
        if found:
            self.on_changed(ConversationsChanged(tuple(str(row[0]) for row in found)))

    async def _follow(self, ids: tuple[str, ...]) -> None:
        for key in list(self._sets):
            await self._add(key, ids)

    async def _add(self, key: Key, ids: object) -> None:
        made = self._sets.get(key)
        if made is None or made.kept is None:
            return
        kept, wanted = made.kept, json.dumps(ids)

        def look(connection: Connection) -> dict[int, int]:
            messages = self._messages(connection, key[0], made.asked, wanted)
            if kept.small is not None and 0 < len(messages) <= AT_ONCE:
                kept.small.put(small.words_at(connection, messages))
            return messages

        more = await self._database.read(look)
        # A backlog that is being stored would be read again word by word: the set goes on without its own index.
        words = made.kept.small if len(more) <= AT_ONCE else None
        if words is not made.kept.small or not more.items() <= made.kept.messages.items():   # several follow at once
            made.kept = narrow.Members({**made.kept.messages, **more}, words)

    def _messages(self, connection: Connection, queue: str, asked: Query, ids: str | None) -> dict[int, int]:
        now = self._clock.now() + AHEAD
        where, values = self._queues.condition(connection, queue, now)
        only, given = conditions.of_terms(_narrowing(asked), now, self._me(), prefix="s")
        among = "AND id IN (SELECT value FROM json_each(:ids))" if ids is not None else ""
        first = shelves.read(connection).first
        rowid, join = ("m.seq", "") if first else ("p.place", "JOIN message_place p ON p.seq = m.seq")
        sql = (
            f"SELECT {rowid}, c.number FROM (SELECT id, rowid AS number FROM conversation "  # noqa: S608
            f"WHERE ({where}) AND ({only}) {among}) c "
            f"JOIN message m ON m.conversation_id = c.id {join} LIMIT {MOST_MESSAGES + 1}"
        )
        bound = {**values, **given, **({"ids": ids} if ids is not None else {})}
        return dict(connection.exec_driver_sql(sql, bound).all())


_LINKED = (   # where they are shown
    "SELECT DISTINCT CASE c.merged_into WHEN '' THEN c.id ELSE c.merged_into END FROM order_link l "
    "JOIN conversation c ON c.id = l.conversation_id WHERE l.order_id IN (SELECT value FROM json_each(?))"
)


def _key(queue: str, asked: Query) -> Key:
    """The queue and the filters of its conversations; words are not among them."""
    return queue, tuple((term.operator, term.text, term.excluded) for term in _narrowing(asked))


def _narrowing(asked: Query) -> list[Term]:
    """By what a set is narrowed, and so known. Not by what time lets in that is not in it yet ("-is:breaching")."""
    return [term for term in asked.filters if _of_conversation(term) and not (
        term.excluded and term.text.lower() == "breaching")]


def _of_conversation(term: Term) -> bool:
    return not term.problem and term.operator not in ("from", "to", "order", "parcel", "subject", "file", "before",
                                                      "after", "in")
