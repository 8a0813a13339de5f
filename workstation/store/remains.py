"""What can still be read of a table when pages of the store are damaged.

A connection of SQLCipher that met a damaged page fails at everything from then on, so each failure costs a new one.
Rows are read in the order of their rowids; where reading stops it goes on behind the row that cannot be read, first one
by one, then further apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from workstation.kernel.errors import Damaged, StoreError

PATIENCE = 4_000
"""Rowids tried one by one behind a damaged page; an inner page of the tree loses thousands at once."""

BEYOND = 512
"""More rows than a page holds."""

Row = Sequence[Any]
Open = Callable[[], Any]
"""A new connection of its own."""


class Unreadable(Exception):
    """Reading met a damaged page. Never leaves this package's own functions."""


@dataclass(slots=True)
class Remains:
    """One table. `rows` could be read; `gaps` are stretches of rowids, both ends included, of which none could;
    `expected` is how many rows there were, None where nothing tells."""

    table: str
    rows: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    expected: int | None = None

    @property
    def whole(self) -> bool:
        return not self.gaps

    @property
    def lost(self) -> int | None:
        """Rows that cannot be read, None when that is not known."""
        return None if self.expected is None else max(0, self.expected - self.rows)


class Reader:
    """Reads tables of a damaged store, whatever fails. Not for several threads."""

    def __init__(self, opened: Open) -> None:
        """`opened` raises StoreError when the store cannot be opened at all."""
        self._opened = opened
        self._connection: Any = None

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of an answer. Raises Unreadable."""
        return list(self._rows(query, values))

    def rows(self, table: str, remains: Remains) -> Iterator[Row]:
        """Every row that can be read, its rowid first, in order; `remains` is filled on the way. Rows of a table
        without rowids have None there."""
        remains.expected = self._count(table)
        if self._without_rowid(table):
            yield from self._from_both_ends(table, remains)
        else:
            yield from self._by_rowid(quoted(table), remains)

    def _by_rowid(self, name: str, remains: Remains) -> Iterator[Row]:
        at, highest = self._lowest(name), self._highest(name)
        if highest is None:
            remains.gaps = [(0, 0)]
            return
        query = f"SELECT rowid, * FROM {name} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
        upto, misses = highest, 0
        while at <= highest:
            try:
                for row in self._rows(query, (at, upto)):
                    remains.rows += 1
                    at = row[0] + 1
                    yield row
                at, upto, misses = upto + 1, highest, 0
            except Unreadable:
                if upto == at:   # this very row
                    step = 1 if misses < PATIENCE else min(1 << (misses - PATIENCE) // 64 + 1, 1 << 40)
                    _lose(remains.gaps, at, min(at + step - 1, highest))
                    at, misses = at + step, misses + 1
                upto = at

    def _without_rowid(self, table: str) -> bool:
        return bool(self.ask("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,))[0][0])

    def _from_both_ends(self, table: str, remains: Remains) -> Iterator[Row]:
        """What stands before the first damaged page and behind the last one; what is between has no numbers to try."""
        keys = [str(row[1]) for row in self.ask(f"PRAGMA table_info({quoted(table)})") if row[5]]
        seen: set[Row] = set()
        for way in ("ASC", "DESC"):
            order = ", ".join(f"{quoted(key)} {way}" for key in keys)
            try:
                for row in self._rows(f"SELECT NULL, * FROM {quoted(table)} ORDER BY {order}", ()):  # noqa: S608
                    if row not in seen:
                        seen.add(row)
                        remains.rows += 1
                        yield row
                return
            except Unreadable:
                remains.gaps = [(0, 0)]

    def readable(self, query: str) -> bool:
        """Whether all that a query goes through can be read."""
        try:
            self.ask(query)
        except Unreadable:
            return False
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _count(self, table: str) -> int | None:
        """How many rows there were, where an index that can be read knows."""
        try:
            return int(self.ask(f"SELECT count(*) FROM {quoted(table)}")[0][0])  # noqa: S608 - a table's own name
        except Unreadable:
            return None

    def _lowest(self, name: str) -> int:
        try:
            return int(self.ask(f"SELECT min(rowid) FROM {name}")[0][0] or 0)  # noqa: S608
        except Unreadable:
            return 1

    def _highest(self, name: str) -> int | None:
        """The last rowid; where the right edge of the tree is damaged, one behind which nothing is likely to be. None
        when not even one row can be reached: the tree's root is gone."""
        last = f"SELECT max(rowid) FROM {name} WHERE rowid < ?"  # noqa: S608
        low, high, found = 0, 1 << 62, -1
        while low < high:
            middle = high if high == 1 << 62 else (low + high + 1) // 2
            try:
                found = max(found, int(self.ask(last, (middle,))[0][0] or 0))
                low = middle
            except Unreadable:
                high = middle - 1
        if low == 1 << 62:
            return found
        return None if found < 0 else found + BEYOND

    def _rows(self, query: str, values: Sequence[Any]) -> Iterator[Row]:
        from sqlcipher3 import dbapi2

        try:
            if self._connection is None:
                self._connection = self._opened()
            yield from self._connection.execute(query, values)
        except (dbapi2.DatabaseError, StoreError) as problem:
            self.close()
            if not is_damage(problem):
                raise
            raise Unreadable from problem


def is_damage(problem: BaseException) -> bool:
    """Whether the driver says that a page does not hold what it should (SQLITE_CORRUPT, SQLITE_NOTADB)."""
    text = str(problem).lower()
    said = ("malformed", "not a database", "vtable constructor failed")
    return isinstance(problem, Damaged) or any(each in text for each in said)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lose(gaps: list[tuple[int, int]], first: int, last: int) -> None:
    if gaps and gaps[-1][1] == first - 1:
        gaps[-1] = (gaps[-1][0], last)
    else:
        gaps.append((first, last))
