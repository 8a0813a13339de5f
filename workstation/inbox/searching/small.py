"""The words of a narrow queue's messages in an index of their own, in memory.

A common word has a hundred thousand hits, and a queue of fifty conversations is among hardly any of them: the index of
all messages has to pass over each. Of a few thousand messages an index like it, with the same places, answers at once.
Nothing of it is ever written to a disk.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection
from sqlcipher3 import dbapi2 as sqlcipher

from workstation.inbox.searching.hits import WEIGHTS
from workstation.inbox.searching.plan import Plan
from workstation.store.search import content, shelves
from workstation.store.search.content import Words

MOST = 6_000
"""Messages of one such index (6 MB); of more, hits are frequent enough in the index of all."""


class Small:
    """Readers ask it from their own threads, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._driver: Any = sqlcipher.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._driver.execute(shelves.CREATE)

    def put(self, rows: Iterable[tuple[int, Words]]) -> None:
        """Messages at their places, in place of what was known of them."""
        new = sorted((place, *words) for place, words in rows)
        with self._lock:
            self._driver.execute("BEGIN")
            self._driver.executemany(f"DELETE FROM {shelves.INDEX} WHERE rowid = ?", [row[:1] for row in new])  # noqa: S608
            self._driver.executemany(_INSERT, new)
            self._driver.execute("COMMIT")

    def newest(self, plan: Plan, before: int, least: int, sizes: Iterable[int]) -> Iterator[list[int]]:
        """Rowids of hits before a rowid and from `least` on, newest first, so many at a time."""
        for size in sizes:
            found = self._all(_NEWEST, (plan.asked, before, least, size))
            if found:
                yield found
                before = found[-1]
            if len(found) < size:
                return

    def best(self, plan: Plan, before: int, least: int, size: int) -> list[int]:
        """The same, best first."""
        return self._all(_BEST, (plan.asked, before, least, size))

    def _all(self, sql: str, values: tuple[object, ...]) -> list[int]:
        with self._lock:
            return [rowid for (rowid,) in self._driver.execute(sql, values).fetchall()]


def words_at(connection: Connection, wanted: Iterable[int]) -> list[tuple[int, Words]]:
    """What the index holds of the messages at some places, as it is written now."""
    place: dict[int, int] = dict(connection.exec_driver_sql(_AT, (json.dumps(list(wanted)),)).all())
    return [(place[seq], words) for seq, words in content.of(connection, list(place)).items()]


_AT = "SELECT seq, place FROM message_place WHERE place IN (SELECT value FROM json_each(?))"
_HITS = f"SELECT rowid FROM {shelves.INDEX} WHERE {shelves.INDEX} MATCH ? AND rowid < ? AND rowid >= ? "  # noqa: S608
_NEWEST = f"{_HITS} ORDER BY rowid DESC LIMIT ?"
_BEST = f"{_HITS} ORDER BY bm25({shelves.INDEX}, {WEIGHTS}), rowid DESC LIMIT ?"
_INSERT = (
    f"INSERT INTO {shelves.INDEX}(rowid, {', '.join(shelves.COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(shelves.COLUMNS) + 1))})"
)
