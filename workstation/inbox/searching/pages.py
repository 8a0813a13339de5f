"""A page of the list for a search: conversations with a hit, newest or best first, or the conversations that filters
leave, in the order of the list. Runs on a reader; the time it may take is the caller's (`Clipper`).

What an agent waits for at every key, so it reads each row once, by the driver's own cursor.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from workstation.inbox import rows
from workstation.inbox.listing import ConversationRow, ListQuery
from workstation.inbox.searching import marking, narrow, ranking
from workstation.inbox.searching.clipping import Clipper
from workstation.inbox.searching.hits import ROWID, Index, Record
from workstation.inbox.searching.narrow import Members
from workstation.inbox.searching.plan import Plan
from workstation.inbox.searching.ranking import RANKED, Ranked
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page

EVERY = 1 << 62
BEHIND = "<"
"""Begins the cursor of what follows the best, newest first."""
NARROW = 600
"""After so many hits with less than a page of conversations among them the queue is narrow for this word."""
MOST_AT_ONCE = 1_600
"""Hits that are looked at in one go."""
SLICE = 5_000
"""Conversations that filters alone look at in one go."""

Condition = tuple[str, dict[str, Any]]
_COLUMNS = rows.COLUMNS_OF_C.replace("c.", "conversation.")
ID = 0
"""The place of the conversation's id in a record."""


@dataclass(slots=True)
class Look:
    """One page being looked for. `queue`: the WHERE of the queue; `members`: the rowids of its messages where they are
    at hand. Afterwards `narrow` says that they would have helped."""

    query: ListQuery
    plan: Plan
    queue: Condition
    members: Members | None = None
    narrow: bool = False
    found: dict[str, Record] = field(default_factory=dict)
    last: int = 0                      # the rowid down to which everything was looked at

    @property
    def filtered(self) -> bool:
        return self.query.queue != "all" or self.plan.where != "1"

    def behind(self, rowid: int) -> str:
        """The cursor of the hits before a rowid."""
        return f"{BEHIND if self.query.relevance else ''}{rowid}"

    @property
    def where(self) -> Condition:
        where, values = self.queue
        return f"({where}) AND ({self.plan.where})", {**values, **self.plan.values}


def page(driver: Any, look: Look, clipper: Clipper) -> Page[ConversationRow]:
    """By the driver's own connection. Raises what it raises for a damaged index."""
    if look.plan.nothing:
        return Page(())
    index = Index(driver)
    if not look.plan.asked:
        return _filtered(index, look, clipper)
    cursor: str | None = None
    best = look.query.relevance and not (look.query.cursor or "").startswith(BEHIND)
    with clipper.guard(index):
        cursor = _best(index, look) if best else _newest(index, look)
    if clipper.clipped:
        # What was found stays; the next page goes on below it where something was looked through.
        cursor = look.behind(look.last) if look.last and not best else None
    note = _note() if clipper.clipped else _unready(index)
    return Page(marking.mark(index, list(look.found.values()), look.plan), cursor, note)


def _note() -> str:
    return _("This search takes too long and was cut off: there may be more. Add a word or a filter.")


def _unready(index: Index) -> str:
    """What the index that answers does not know while another one is being filled."""
    if index.first:
        return _("The search is still being prepared: senders, order numbers and translations are not found yet.")
    if index.broken:
        return _("The search is being repaired: what arrived meanwhile may not be found yet.")
    return ""


# -- hits in texts --------------------------------------------------------------------------------------------------


def _newest(index: Index, look: Look) -> str | None:
    """Conversations by their newest hit. The cursor is the rowid of the last hit that was looked at."""
    start = int(look.query.cursor.removeprefix(BEHIND)) if look.query.cursor else None
    limit = look.query.limit
    for rowids, upto in _portions(index, look, EVERY if start is None else start):
        for record in _inside(index, look, rowids):
            if start is not None and index.has_newer(look.plan, record[ID], start):
                continue
            look.found[record[ID]] = record
            look.last = record[ROWID]
            if len(look.found) >= limit:
                return look.behind(look.last)
        look.last = upto
    return None


def _portions(index: Index, look: Look, before: int) -> Iterator[tuple[list[int], int]]:
    """Rowids to look at, and down to which one all were looked at."""
    if look.members is not None:
        yield from narrow.portions(index, look.plan, before, look.members, look.query.limit)
        return
    seen = 0
    for rowids in index.newest(look.plan, before, _sizes(look.query.limit)):
        yield rowids, rowids[-1]
        seen += len(rowids)
        look.narrow = look.filtered and seen > NARROW


def _sizes(limit: int) -> Iterator[int]:
    """Most often there are a few more hits than conversations among the newest."""
    size = max(1, limit // 2)
    yield limit + limit // 4
    while True:
        yield size
        size = min(2 * size, MOST_AT_ONCE)


def _best(index: Index, look: Look) -> str | None:
    """The best of the newest hits, in one list: the cursor is the place in it, and down to which rowid it reaches."""
    place, _sep, low = (look.query.cursor or "0").partition(":")
    begin, limit = int(place), look.query.limit
    ranked = _best_hits(index, look, int(low) if low else None)
    for at in range(0, len(ranked.rowids), 2 * limit):
        for record in _inside(index, look, ranked.rowids[at : at + 2 * limit]):
            look.found[record[ID]] = record
            if len(look.found) == begin + limit:
                look.found = dict(list(look.found.items())[begin:])
                return f"{begin + limit}:{ranked.low}"
    look.found = dict(list(look.found.items())[begin:])
    return f"{BEHIND}{ranked.low}" if ranked.more else None


def _best_hits(index: Index, look: Look, low: int | None) -> Ranked:
    small = look.members.small if look.members is not None else None
    if small is not None:
        low, high = index.span(look.plan)
        return Ranked(small.best(look.plan, high, low, RANKED), low, False)
    found = ranking.best(index, look.plan, low)
    look.narrow = look.filtered and found.more   # others of this queue may be behind them
    return found


def _inside(index: Index, look: Look, rowids: Sequence[int]) -> Iterator[Record]:
    """The first hit at these rowids of each conversation of the queue that is not found yet, in order."""
    return index.inside(rowids, look.plan, *look.where, look.found)


# -- filters alone --------------------------------------------------------------------------------------------------


def _filtered(index: Index, look: Look, clipper: Clipper) -> Page[ConversationRow]:
    """Conversations in the order of the list, slice by slice, so that a rare filter knows where it stopped."""
    found: list[ConversationRow] = []
    cursor = look.query.cursor
    deadline = time.monotonic() + clipper.seconds
    with clipper.guard(index):
        while True:
            end = _end_of_slice(index, look, cursor)
            found += _slice(index, look, cursor, end, look.query.limit - len(found))
            if len(found) == look.query.limit:
                return Page(tuple(found), found[-1].cursor)
            if end is None:
                return Page(tuple(found))
            cursor = end
            if time.monotonic() > deadline:
                break
    return Page(tuple(found), cursor, _note())


def _end_of_slice(index: Index, look: Look, cursor: str | None) -> str | None:
    """The cursor behind the next SLICE conversations of the queue; None when there are fewer."""
    more, key = rows.after(cursor) if cursor else ("1", {})
    where, values = look.queue
    sql = (f"SELECT sort_key, id FROM {rows.source(look.query.queue)} WHERE ({where}) AND {more} "  # noqa: S608
           f"ORDER BY sort_key, id LIMIT 1 OFFSET {SLICE - 1}")
    found = index.run(sql, {**values, **key}).fetchone()
    return f"{found[0]}:{found[1]}" if found else None


def _slice(
    index: Index, look: Look, cursor: str | None, end: str | None, limit: int
) -> tuple[ConversationRow, ...]:
    more, key = rows.after(cursor) if cursor else ("1", {})
    upto = "(sort_key, id) <= (:end, :end_id)" if end else "1"
    last = end.partition(":") if end else ("0", "", "")
    where, values = look.where
    sql = (f"SELECT {_COLUMNS} FROM {rows.source(look.query.queue)} WHERE {where} AND {more} AND {upto} "  # noqa: S608
           "ORDER BY sort_key, id LIMIT :limit")
    bound = {**values, **key, "end": int(last[0]), "end_id": last[2], "limit": limit}
    return rows.rows_from(index.run(sql, bound).fetchall())


def with_found(
    connection: Connection, ids: Sequence[str], found: Mapping[str, tuple[str, str]]
) -> tuple[ConversationRow, ...]:
    """Rows with what matched: (message, snippet) by conversation."""
    if not ids:
        return ()
    sql, values = rows.by_ids_sql(ids)
    records = {record[ID]: record for record in connection.exec_driver_sql(sql, values)}
    return tuple(rows.row(records[i], found[i][1], found[i][0]) for i in ids if i in records)
