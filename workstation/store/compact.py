"""Writing the store anew without the room that deleted rows left.

SQLite's own VACUUM, in place: it writes a copy to a temporary file, encrypted like the store, then the whole store in
one transaction of the write-ahead log. So whatever instant it ends at, the store is as before or as after, and readers
beside it go on. It needs room for both.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.kernel.errors import DiskFull, StoreError
from workstation.kernel.i18n import _
from workstation.store import check, tally
from workstation.store.backup import used
from workstation.store.engine import connect, translate_error
from workstation.store.pages import Report
from workstation.store.watching import watched

_ROOM = 16 * 1024 * 1024
_SHARES = 100


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes of the store before and after."""

    before: int
    after: int

    @property
    def gained(self) -> int:
        return max(0, self.before - self.after)


def compact(path: Path, key: bytes, report: Report) -> Compacted:
    """Blocks; `report` stops it by raising. Nobody else may write meanwhile: they would wait.

    Raises DiskFull (there is not enough room; asked before anything is written), Busy, StoreError (it is damaged).
    """
    before = path.stat().st_size
    for pages in _PADDING:
        try:
            done = _compacted(path, key, report, pages)
        except MemoryError:
            continue
        return Compacted(min(before, done.before), done.after)
    raise StoreError(_("The store could not be compacted; nothing was changed."), _("Try again when it has grown."))


_PADDING = (0, 256, 2_048, 16_384)
"""Free pages to put into the store before a try. SQLCipher 4.19 refuses VACUUM (SQLITE_NOMEM, and changes nothing) in
stores of some sizes, found at 504 pages of which 95 were free; with more free pages it does not."""


def _compacted(path: Path, key: bytes, report: Report, pages: int) -> Compacted:
    from sqlcipher3 import dbapi2

    connection = connect(path, key)
    try:
        _pad(connection, pages)
        _truncate(connection)
        before = path.stat().st_size
        _room(path.parent, used(connection))
        connection.execute("PRAGMA temp_store = FILE")   # in memory it would be as large as the store
        ticks = _Ticks(report, used(connection))
        with watched(connection, ticks.look):
            _merge(connection)
            connection.execute("VACUUM")
            _recount(connection)
        _truncate(connection)
        report(_SHARES, _SHARES)
        return Compacted(before, path.stat().st_size)
    except dbapi2.Error as problem:
        raise translate_error(problem) from problem
    finally:
        connection.close()


def _pad(connection: Any, pages: int) -> None:
    if pages:
        connection.execute("CREATE TABLE compacting(x)")
        connection.executemany("INSERT INTO compacting VALUES (zeroblob(4000))", [()] * pages)
        connection.execute("DROP TABLE compacting")


class _Ticks:
    """How far VACUUM is: SQLite counts its instructions, about one for each row of each table and index."""

    def __init__(self, report: Report, size: int) -> None:
        self._report = report
        self._most = max(1, size // _BYTES_A_TICK)
        self._done = 0

    def look(self) -> None:
        self._done += 1
        self._report(min(_SHARES - 1, self._done * _SHARES // self._most), _SHARES)


_BYTES_A_TICK = 1_000_000


def _merge(connection: Any) -> None:
    """Bring each search index into one piece."""
    query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
    for (name,) in connection.execute(query).fetchall():
        connection.execute(f"INSERT INTO {name}({name}) VALUES ('optimize')")  # noqa: S608 - an index's own name


def _recount(connection: Any) -> None:
    """The counts of the queues follow the conversations by triggers; where they differ they are counted anew."""
    if connection.execute(check.recount()).fetchone()[0] == 0:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM queue_span WHERE queue NOT LIKE 'tag:%'")
    for statement in tally.FILL:
        if statement.startswith("INSERT"):
            connection.execute(statement)
    connection.execute("COMMIT")


def _truncate(connection: Any) -> None:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _room(folder: Path, size: int) -> None:
    """The write-ahead log takes as much as the store, the temporary file the same, perhaps on the same disk."""
    need, free = 2 * size + _ROOM, shutil.disk_usage(folder).free
    if free < need:
        raise DiskFull(
            _("Compacting needs {n} MB for a while and only {free} MB are free; nothing was changed.").format(
                n=need // 1_000_000 + 1, free=free // 1_000_000), _("Free some space, then try again."))
