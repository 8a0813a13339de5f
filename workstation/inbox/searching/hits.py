"""Messages that a plan finds, on the driver's own cursor: a hit costs a microsecond there, and a row object as much."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from workstation.inbox import rows
from workstation.inbox.searching.plan import Plan
from workstation.store.search import places, shelves

AT_ONCE = 4_000
"""Characters of a text that are read with the hit: nearly every text is shorter."""

# subject, body, sender, people, files, numbers, other: a hit in a subject or a number says more than one in a body.
WEIGHTS = "8.0, 1.0, 4.0, 2.0, 4.0, 10.0, 1.0"


class Hit(NamedTuple):
    """A message found. `rowid`: its place in the index; `at`: when it was written, milliseconds."""

    rowid: int
    seq: int
    message_id: str
    conversation_id: str
    at: int


class Found(NamedTuple):
    """A hit with the record of its conversation, in the order of the list's columns, and the beginnings of its text,
    of what the agent wrote before it was translated, and its subject."""

    hit: Hit
    texts: Sequence[str]
    record: Sequence[Any]


class Index:
    """The index as one connection reads it. `rows` is the driver's cursor for questions beside the stream of hits."""

    def __init__(self, connection: Connection) -> None:
        self.driver: Any = connection.connection.driver_connection
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

    def resolve(self, rowids: Sequence[int], where: str = "", values: Mapping[str, Any] | None = None) -> list[Hit]:
        """The messages at these rowids, in the same order; one that is gone is left out. `where`: only those in such
        conversations."""
        sql = (_HITS_FIRST if self.first else _HITS) + (_IN_CONVERSATIONS.format(where=where) if where else "")
        found = self.run(sql, {**(values or {}), "rowids": json.dumps(rowids)})
        return [Hit._make(row) for row in found.fetchall()]

    def inside(self, hits: Mapping[int, Hit], where: str, values: dict[str, Any]) -> Iterator[Found]:
        """Of messages by seq those in conversations that meet `where`, in the same order. Read as they are asked for:
        whoever has enough stops."""
        cursor = self.run(_INSIDE.format(where=where), {**values, "seqs": json.dumps(list(hits))})
        for row in cursor:
            yield Found(hits[row[0]], row[1:4], row[4:])
        cursor.close()

    def has_newer(self, plan: Plan, conversation_id: str, start: int) -> bool:
        """Whether a conversation has a hit at `start` or after it: it was on an earlier page then."""
        among = _SEQS if self.first else _PLACES
        sql = (f"SELECT 1 FROM {self.name} WHERE {self.name} MATCH ? AND rowid >= ? AND rowid < ? "  # noqa: S608
               f"AND rowid IN ({among}) LIMIT 1")
        low, high = self.span(plan)
        return self.run(sql, (plan.asked, max(start, low), high, conversation_id)).fetchone() is not None

    def in_time(self, hit: Hit, plan: Plan) -> bool:
        """The index knows a message's time; the first schema's does not."""
        if not self.first or (plan.since is None and plan.until is None):
            return True
        return (plan.since is None or hit.at >= plan.since) and (plan.until is None or hit.at < plan.until)

    def span(self, plan: Plan) -> tuple[int, int]:
        """The rowids of the plan's time. The first schema's index knows no time: `pages` looks at each message then."""
        if self.first:
            return 0, 1 << 62
        low = 0 if plan.since is None else places.wanted(plan.since)
        return low, 1 << 62 if plan.until is None else places.wanted(plan.until)


_HITS = (
    "SELECT j.value, m.seq, m.id, m.conversation_id, m.at FROM json_each(:rowids) j "
    "CROSS JOIN message_place p ON p.place = j.value CROSS JOIN message m ON m.seq = p.seq"
)
_HITS_FIRST = (
    "SELECT m.seq, m.seq, m.id, m.conversation_id, m.at FROM json_each(:rowids) j "
    "CROSS JOIN message m ON m.seq = j.value"
)
# The condition of the conversations has names without a table, so it stands in a query of its own.
_IN_CONVERSATIONS = " CROSS JOIN (SELECT id FROM conversation WHERE {where}) c ON c.id = m.conversation_id"
_INSIDE = (
    f"SELECT m.seq, substr(m.text, 1, {AT_ONCE}), substr(m.original, 1, {AT_ONCE}), m.subject, {rows.COLUMNS_OF_C} "  # noqa: S608
    "FROM json_each(:seqs) j CROSS JOIN message m ON m.seq = j.value "
    "CROSS JOIN (SELECT * FROM conversation WHERE {where}) c ON c.id = m.conversation_id"
)
_PLACES = "SELECT p.place FROM message m JOIN message_place p ON p.seq = m.seq WHERE m.conversation_id = ?"
_SEQS = "SELECT m.seq FROM message m WHERE m.conversation_id = ?"
