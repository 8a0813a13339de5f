"""A page of the list for a search: conversations with a hit, newest or best first, or the conversations that filters
leave, in the order of the list. Runs on a reader; the time it may take is the caller's (`Clipper`)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from workstation.inbox import rows
from workstation.inbox.listing import ConversationRow, ListQuery
from workstation.inbox.searching import marking
from workstation.inbox.searching.clipping import Clipper
from workstation.inbox.searching.hits import Hit, Index
from workstation.inbox.searching.plan import Plan
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page

EVERY = 1 << 62
NARROW = 600
"""After so many hits with less than a page of conversations among them the queue is narrow for this word."""
SLICE = 5_000
"""Conversations that filters alone look at in one go."""

Condition = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Look:
    """One page being looked for. `queue`: the WHERE of the queue; `members`: the rowids of its messages where they are
    at hand. Afterwards `narrow` says that they would have helped."""

    query: ListQuery
    plan: Plan
    queue: Condition
    members: frozenset[int] | set[int] | None = None
    narrow: bool = False
    found: dict[str, Hit] = field(default_factory=dict)
    last: int = 0                      # the rowid down to which everything was looked at

    @property
    def where(self) -> Condition:
        where, values = self.queue
        return f"({where}) AND ({self.plan.where})", {**values, **self.plan.values}

    @property
    def full(self) -> bool:
        return len(self.found) >= self.query.limit


def page(connection: Connection, look: Look, clipper: Clipper) -> Page[ConversationRow]:
    """Raises what the driver raises for a damaged index."""
    if look.plan.nothing:
        return Page(())
    if not look.plan.asked:
        return _filtered(connection, look, clipper)
    index = Index(connection)
    with clipper.guard(index):
        cursor = _best(index, look) if look.query.relevance else _newest(index, look)
    if clipper.clipped:
        # What was found stays; the next page goes on below it where something was looked through.
        cursor = str(look.last) if look.last and not look.query.relevance else None
    found = _rows(connection, list(look.found))
    marked = marking.mark(index, found, look.found, look.plan)
    return Page(marked, cursor, _note() if clipper.clipped else "")


def _note() -> str:
    return _("This search takes too long and was cut off: there may be more. Add a word or a filter.")


# -- hits in texts --------------------------------------------------------------------------------------------------


def _newest(index: Index, look: Look) -> str | None:
    """Conversations by their newest hit. The cursor is the rowid of the last hit that was looked at."""
    start = int(look.query.cursor) if look.query.cursor else None
    seen = 0
    first, rest = 2 * look.query.limit, max(200, 4 * look.query.limit)
    for rowids in index.newest(look.plan, EVERY if start is None else start, first, rest):
        for hit in _inside(index, look, rowids):
            if start is None or not index.has_newer(look.plan, hit.conversation_id, start):
                look.found[hit.conversation_id] = hit
            look.last = hit.rowid
            if look.full:
                return str(hit.rowid)
        look.last = rowids[-1]
        seen += len(rowids)
        look.narrow = look.narrow or (seen > NARROW and look.members is None)
    return None


def _best(index: Index, look: Look) -> str | None:
    """The best of the newest hits, in one list: the cursor is the place in it."""
    place = int(look.query.cursor or 0)
    rowids = index.best(look.plan, RANKED_ROWS)
    passed = 0
    for begin in range(0, len(rowids), 2 * look.query.limit):
        for hit in _inside(index, look, rowids[begin : begin + 2 * look.query.limit]):
            passed += 1
            look.found[hit.conversation_id] = hit
            if len(look.found) == place + look.query.limit:
                look.found = dict(list(look.found.items())[place:])
                return str(place + look.query.limit)
    look.found = dict(list(look.found.items())[place:])
    return None


RANKED_ROWS = 2_000


def _inside(index: Index, look: Look, rowids: Sequence[int]) -> Iterable[Hit]:
    """The hits among `rowids` in conversations of the queue that are not found yet, in order."""
    members = look.members
    likely = rowids if members is None else [rowid for rowid in rowids if rowid in members]
    hits = index.resolve(likely) if likely else []
    asked = {hit.conversation_id for hit in hits} - look.found.keys()
    inside = _belonging(index, look, asked)
    for hit in hits:
        if hit.conversation_id in inside and hit.conversation_id not in look.found and _in_time(index, look, hit):
            yield hit


def _belonging(index: Index, look: Look, ids: set[str]) -> set[str]:
    where, values = look.where
    sql = f"SELECT id FROM conversation WHERE id IN (SELECT value FROM json_each(:ids)) AND {where}"  # noqa: S608
    return {i for (i,) in index.run(sql, {**values, "ids": json.dumps(list(ids))}).fetchall()} if ids else set()


def _in_time(index: Index, look: Look, hit: Hit) -> bool:
    """The index knows a message's time; the first schema's does not."""
    plan = look.plan
    if not index.first or (plan.since is None and plan.until is None):
        return True
    (at,) = index.run("SELECT at FROM message WHERE seq = ?", (hit.seq,)).fetchone()
    return (plan.since is None or at >= plan.since) and (plan.until is None or at < plan.until)


# -- filters alone --------------------------------------------------------------------------------------------------


def _filtered(connection: Connection, look: Look, clipper: Clipper) -> Page[ConversationRow]:
    """Conversations in the order of the list, slice by slice, so that a rare filter knows where it stopped."""
    index = Index(connection)
    where, values = look.where
    queue = look.queue[0]
    cursor = look.query.cursor
    ids: list[str] = []
    source = rows.source(look.query.queue)
    deadline = time.monotonic() + clipper.seconds
    with clipper.guard(index):
        while True:
            more, key = rows.after(cursor) if cursor else ("1", {})
            end = index.run(
                f"SELECT sort_key, id FROM {source} WHERE ({queue}) AND {more} ORDER BY sort_key, id "  # noqa: S608
                f"LIMIT 1 OFFSET {SLICE - 1}", {**values, **key}).fetchone()
            upto, bound = ("(sort_key, id) <= (:end, :end_id)", {"end": end[0], "end_id": end[1]}) if end else ("1", {})
            found = index.run(
                f"SELECT sort_key, id FROM {source} WHERE {where} AND {more} AND {upto} "  # noqa: S608
                "ORDER BY sort_key, id LIMIT :limit",
                {**values, **key, **bound, "limit": look.query.limit - len(ids)}).fetchall()
            ids += [i for _key, i in found]
            if len(ids) == look.query.limit:
                return Page(_rows(connection, ids), f"{found[-1][0]}:{found[-1][1]}")
            if end is None:
                return Page(_rows(connection, ids))
            cursor = f"{end[0]}:{end[1]}"
            if time.monotonic() > deadline:
                break
    return Page(_rows(connection, ids), cursor, _note())


def _rows(connection: Connection, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
    if not ids:
        return ()
    sql, values = rows.by_ids_sql(ids)
    found = {row.id: row for row in rows.rows_from(map(tuple, connection.exec_driver_sql(sql, values)))}
    return tuple(found[i] for i in ids if i in found)


def with_found(
    connection: Connection, ids: Sequence[str], found: Mapping[str, tuple[str, str]]
) -> tuple[ConversationRow, ...]:
    """Rows with what matched: (message, snippet) by conversation."""
    return tuple(replace(row, found_message=found[row.id][0], found=found[row.id][1]) for row in _rows(connection, ids))
