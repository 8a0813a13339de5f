"""Hits of a narrow queue, when it is known which messages it has.

Three ways, by what each costs. The newest hits are looked up one by one (0.4 microseconds each): for most words that is
enough, or there are no more. Beyond them SQLite itself passes over what is not among the queue's messages (0.14), which
is worth handing them over. Of a handful of messages each is asked by itself (70 each), however many hits there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from functools import cached_property
from itertools import chain, repeat

from workstation.inbox.searching.hits import Index
from workstation.inbox.searching.plan import Plan

LOOKED_UP = 2_000
"""Hits that are looked up one by one."""
HANDED_OVER = 20_000
"""Messages of a queue that are handed over to SQLite."""
ASKED = 100
"""Messages that are asked one by one."""


class Members:
    """The rowids of a queue's messages; never changed."""

    def __init__(self, rowids: Set[int]) -> None:
        self.rowids = rowids

    @cached_property
    def least(self) -> int:
        return min(self.rowids, default=0)

    @cached_property
    def text(self) -> str:
        """As a JSON list."""
        return json.dumps(list(self.rowids))


def portions(index: Index, plan: Plan, before: int, members: Members, limit: int) -> Iterator[tuple[list[int], int]]:
    """Rowids of hits before a rowid among the members, newest first, and down to which rowid all are told then."""
    if not members.rowids:
        return
    kept: list[int] = []
    upto, seen = before, 0
    few = len(members.rowids) <= HANDED_OVER
    for rowids in index.newest(plan, before, chain((4 * limit,), repeat(900)), members.least):
        kept += [rowid for rowid in rowids if rowid in members.rowids]
        upto = rowids[-1]
        seen += len(rowids)
        if len(kept) >= limit:
            yield kept, upto
            kept = []
        if few and seen >= LOOKED_UP:
            break
    else:
        if kept:
            yield kept, upto
        return
    if kept:
        yield kept, upto
    yield from _further(index, plan, upto, members, limit)


def _further(index: Index, plan: Plan, before: int, members: Members, limit: int) -> Iterator[tuple[list[int], int]]:
    left = sorted((rowid for rowid in members.rowids if rowid < before), reverse=True)
    if len(left) > ASKED:
        for rowids in index.newest_among(plan, before, members.text, limit):
            yield rowids, rowids[-1]
        return
    for rowid in left:
        if index.is_hit(plan, rowid):
            yield [rowid], rowid
