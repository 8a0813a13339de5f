"""Hits of a narrow queue, when it is known which messages it has.

Of a few thousand messages an index of their own is asked (`small`). Of more, the newest hits in the index of all are
looked up one by one (0.4 microseconds each): for most words that is enough, or there are no more. Beyond them SQLite
itself passes over what is not among the queue's messages (0.14), which is worth handing them over. Whichever way, of
each conversation only the newest hit goes on: a long one may have a thousand before the next conversation's first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain, repeat

from workstation.inbox.searching.hits import Index
from workstation.inbox.searching.plan import Plan
from workstation.inbox.searching.small import Small

LOOKED_UP = 5_000
"""Hits that are looked up one by one."""
HANDED_OVER = 20_000
"""Messages of a queue that are handed over to SQLite."""
AT_ONCE = 900
SPARE = 10
"""Conversations that may have left the queue since its messages were noted."""


class Members:
    """The messages of a queue, never changed: at which rowid of the index, and of which conversation (any number that
    stands for it); and the index of their words where they are few."""

    def __init__(self, messages: Mapping[int, int], small: Small | None = None) -> None:
        self.messages = messages
        self.small = small

    @cached_property
    def least(self) -> int:
        return min(self.messages, default=0)

    @cached_property
    def text(self) -> str:
        """Their rowids as a JSON list."""
        return json.dumps(list(self.messages))


def portions(index: Index, plan: Plan, before: int, members: Members, limit: int) -> Iterator[tuple[list[int], int]]:
    """Rowids of hits before a rowid among the members, the newest of each conversation, newest first; and down to which
    rowid all are told then. Of the first schema's index every hit: their times are looked at afterwards."""
    kept: list[int] = []
    seen: set[int] = set()
    upto, most = before, limit + SPARE
    for rowids in _hits(index, plan, before, members, limit):
        for rowid in rowids:
            conversation = members.messages.get(rowid)
            if conversation is not None and (conversation not in seen or index.first):
                seen.add(conversation)
                kept.append(rowid)
                if len(kept) == most:   # as many as are shown, and what may have left the queue
                    yield kept, rowid
                    kept = []
        upto = rowids[-1]
        if len(kept) >= limit:
            yield kept, upto
            kept = []
    if kept:
        yield kept, upto


def _hits(index: Index, plan: Plan, before: int, members: Members, limit: int) -> Iterator[list[int]]:
    """Rowids of hits, those of all members among them, newest first."""
    if not members.messages:
        return
    if members.small is not None:
        low, high = index.span(plan)
        yield from members.small.newest(plan, min(before, high), low, chain((4 * limit,), repeat(AT_ONCE)))
        return
    upto, seen = before, 0
    few = len(members.messages) <= HANDED_OVER
    for rowids in index.newest(plan, before, chain((4 * limit,), repeat(AT_ONCE)), members.least):
        yield rowids
        upto = rowids[-1]
        seen += len(rowids)
        if few and seen >= LOOKED_UP:
            yield from index.newest_among(plan, upto, members.text, AT_ONCE)
            return
