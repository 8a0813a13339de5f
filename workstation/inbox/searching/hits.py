"""Messages that a plan finds, by the driver's connection: a hit costs a microsecond there, and an object as much."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from workstation.inbox import rows
from workstation.inbox.searching.plan import Plan
from workstation.store.search import places, shelves

AT_ONCE = 4_000
"""Characters of a text that are read with the hit: nearly every text is shorter."""

# subject, body, sender, people, files, numbers, other: a hit in a subject or a number says more than one in a body.
WEIGHTS = "8.0, 1.0, 4.0, 2.0, 4.0, 10.0, 1.0"


_PLACE = len(rows.NAMES)
ROWID, SEQ, MESSAGE = range(_PLACE, _PLACE + 3)
"""Where a found record has the place of its hit in the index, and the number and id of the message."""
TEXTS = slice(MESSAGE + 1, MESSAGE + 4)
"""The beginnings of its text, of what the agent wrote before it was translated, and its subject."""

Record = Sequence[Any]
"""A conversation in the order of the list's columns, and behind them its hit. A tuple of the driver's: fifty are made
at every key."""


class Index:
    """The index as one connection of the driver reads it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        found = self.run("SELECT value FROM meta WHERE name = ?", (shelves.FACT,)).fetchone()
        shelf = shelves.from_text(found[0] if found else "")
        self.name, self.first, self.broken = shelf.answering, shelf.first, shelf.broken

    def run(self, sql: str, values: Sequence[object] | dict[str, Any] = ()) -> Any:
        return self.driver.execute(sql, values)

    def newest(self, plan: Plan, before: int, sizes: Iterable[int], least: int = 0) -> Iterator[list[int]]:
        """Rowids of hits before a rowid and from `least` on, newest first, so many at a time."""
        low, high = self.span(plan)
        cursor = self.run(
            f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH ? AND rowid < ? AND rowid >= ? "  # noqa: S608
            "ORDER BY rowid DESC", (plan.asked, min(before, high), max(least, low)))
        for size in sizes:
            if found := cursor.fetchmany(size):
                yield [rowid for (rowid,) in found]
            if len(found) < size:
                return

    def newest_among(self, plan: Plan, before: int, rowids: str, size: int) -> Iterator[list[int]]:
        """The same for hits at some rowids (a JSON list), `size` at a time. A hit that is passed over costs a third of
        one that is looked up here."""
        low, high = self.span(plan)
        cursor = self.run(   # the plus keeps FTS5 from looking for each rowid by itself
            f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH ? AND rowid < ? AND rowid >= ? "  # noqa: S608
            "AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC",
            (plan.asked, min(before, high), low, rowids))
        while found := cursor.fetchmany(size):
            yield [rowid for (rowid,) in found]

    def telling(self, plan: Plan, low: int, high: int) -> set[int]:
        """Rowids of hits from `low` to `high` in the columns that say more than a text: every word is in one of them.
        Of a query that excludes something maybe more than are hits."""
        columns = "{subject people ids}" if self.first else "{subject sender people files numbers}"
        cursor = self.run(
            f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH ? AND rowid <= ? AND rowid >= ?",  # noqa: S608
            (f"{columns} : ({plan.asked})", high, low))
        return {rowid for (rowid,) in cursor.fetchall()}

    def inside(
        self, rowids: Sequence[int], plan: Plan, where: str, values: Mapping[str, Any], known: Iterable[str] = (),
    ) -> Iterator[Record]:
        """Of messages at these rowids the first of each conversation that meets `where` and is not `known`, in the same
        order. Read as they are asked for: whoever has enough stops."""
        some = list(known)
        inner = _SEQ_FIRST if self.first else _SEQ
        only = f"{_IN_TIME if self.first else ''}{_UNKNOWN if some else ''}"
        bound = {**values, "rowids": json.dumps(rowids)}
        if some:
            bound["known"] = json.dumps(some)
        if self.first:   # the index knows a message's time; the first schema's does not
            bound |= {"since": plan.since, "until": plan.until}
        cursor = self.run(_INSIDE.format(seqs=inner.format(only=only), where=where), bound)
        yield from cursor
        cursor.close()

    def has_newer(self, plan: Plan, conversation_id: str, start: int) -> bool:
        """Whether a conversation has a hit at `start` or after it: it was on an earlier page then."""
        among = _SEQS if self.first else _PLACES
        sql = (f"SELECT 1 FROM {self.name} WHERE {self.name} MATCH ? AND rowid >= ? AND rowid < ? "  # noqa: S608
               f"AND rowid IN ({among}) LIMIT 1")
        low, high = self.span(plan)
        return self.run(sql, (plan.asked, max(start, low), high, conversation_id)).fetchone() is not None

    def span(self, plan: Plan) -> tuple[int, int]:
        """The rowids of the plan's time. The first schema's index knows no time: `pages` looks at each message then."""
        if self.first:
            return 0, 1 << 62
        low = 0 if plan.since is None else places.wanted(plan.since)
        return low, 1 << 62 if plan.until is None else places.wanted(plan.until)


_SEQ = (
    "SELECT min(j.key) AS turn, j.value AS place, m.seq AS seq FROM json_each(:rowids) j "
    "CROSS JOIN message_place p ON p.place = j.value CROSS JOIN message m ON m.seq = p.seq WHERE 1{only} "
    "GROUP BY m.conversation_id ORDER BY turn"
)
_SEQ_FIRST = (
    "SELECT min(j.key) AS turn, j.value AS place, m.seq AS seq FROM json_each(:rowids) j "
    "CROSS JOIN message m ON m.seq = j.value WHERE 1{only} GROUP BY m.conversation_id ORDER BY turn"
)
_UNKNOWN = " AND m.conversation_id NOT IN (SELECT value FROM json_each(:known))"
_IN_TIME = " AND m.at >= coalesce(:since, m.at) AND m.at < coalesce(:until, m.at + 1)"
# Texts are read of the one message of a conversation that is shown, never of those that are passed over. The condition
# of the conversations has names without a table, so it stands in a query of its own.
_INSIDE = (
    f"SELECT {rows.COLUMNS_OF_C}, h.place, m.seq, m.id, substr(m.text, 1, {AT_ONCE}), "  # noqa: S608
    f"substr(m.original, 1, {AT_ONCE}), m.subject FROM ({{seqs}}) h CROSS JOIN message m ON m.seq = h.seq "
    "CROSS JOIN (SELECT * FROM conversation WHERE {where}) c ON c.id = m.conversation_id"
)
_PLACES = "SELECT p.place FROM message m JOIN message_place p ON p.seq = m.seq WHERE m.conversation_id = ?"
_SEQS = "SELECT m.seq FROM message m WHERE m.conversation_id = ?"
