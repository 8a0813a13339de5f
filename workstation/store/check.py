"""Whether the store is whole: its pages, its tables, its index, its counts, its sealed files. Changes nothing.

The pages come first, because SQLite's own checks say nothing useful about a page that SQLCipher refuses. Where pages
are damaged the tables they belong to are found by reading all of them; where they are whole, SQLite's checks follow.
Everything blocks; `progress` shows how far it is, and stops it by raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from workstation.kernel.errors import Damaged, NotFound, StoreError, Tampered
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import pages, tally
from workstation.store.blobs import BlobFiles, SealedFile
from workstation.store.engine import connect, translate_error
from workstation.store.pages import Report
from workstation.store.remains import Reader, Remains, Unreadable, quoted

Progress = Callable[[str], AbstractContextManager[Report]]
"""Begins a step by its title; what it yields is called with (done, total)."""

MOST_NAMED = 100
"""Lines of each kind that a report holds."""
INDEX_TABLES = "message_index"
"""Names of the search index's own tables begin so; what they hold can be made again."""


@dataclass(frozen=True, slots=True)
class DamagedTable:
    """A table of which not all can be read. `lost` rows cannot, None when nothing tells; `gaps` are their rowids."""

    name: str
    rows: int
    lost: int | None
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found. Everything empty: the store is whole. `full` False: only what takes seconds was asked."""

    full: bool
    pages: int
    damaged_pages: tuple[int, ...] = ()
    tail: int = 0                                  # bytes of a page that was cut off
    tables: tuple[DamagedTable, ...] = ()
    indexes: tuple[str, ...] = ()                  # damaged; all they hold is in tables that can be read
    search: bool = True                            # the search index is whole
    structure: tuple[str, ...] = ()                # what SQLite's own check says
    links: tuple[str, ...] = ()                    # rows that refer to a row that is not there
    rules: tuple[str, ...] = ()                    # sentences: what our own records contradict
    files: int = 0
    missing_files: tuple[str, ...] = ()            # addresses of sealed files that are not on the disk
    changed_files: tuple[str, ...] = ()            # … that do not match their seal

    @property
    def whole(self) -> bool:
        lists = (self.damaged_pages, self.tables, self.indexes, self.structure, self.links, self.rules,
                 self.missing_files, self.changed_files)
        return self.search and not self.tail and not any(lists)

    @property
    def harmless(self) -> bool:
        """Whether the damaged pages are free ones, which hold nothing."""
        return bool(self.damaged_pages) and self.search and not (self.tables or self.indexes or self.tail)


@contextmanager
def silently(_title: str) -> Iterator[Report]:
    yield lambda _done, _total: None


def through(report: Report) -> Progress:
    """Progress without titles, for whoever only wants to be able to stop it."""

    @contextmanager
    def begin(_title: str) -> Iterator[Report]:
        yield report

    return begin


def check(home: Home, key: bytes, *, full: bool = True, progress: Progress = silently) -> CheckReport:
    """Raises StoreError and its relatives when nothing of the store can be read, and what `progress` raises."""
    if not home.database.exists():
        raise StoreError(_("The store is not there: {path}.").format(path=home.database),
                         _("Open the home once to make it, or restore a backup: workstation store restore."))
    with progress(_("Checking the pages")) as report:
        found = pages.check(home.database, key, report)
    try:
        connect(home.database, key, read_only=True).close()
    except StoreError as problem:
        raise _unreadable(found, problem) from problem
    if not found.whole:
        return _damaged(home, key, found, full, progress)
    with _reading(home, key) as reader:
        with progress(_("Checking the tables")) as report:
            structure = _structure(reader, full, report)
        files, missing, changed = _files(home, reader, full, progress)
        return CheckReport(
            full, found.count, structure=tuple(structure[:MOST_NAMED]), search=_search(reader) if full else True,
            links=tuple(_links(reader)), rules=tuple(_rules(reader)) if full else (), files=files,
            missing_files=missing, changed_files=changed)


@contextmanager
def _reading(home: Home, key: bytes) -> Iterator[Reader]:
    reader = Reader(lambda: connect(home.database, key, read_only=True))
    try:
        yield reader
    except Unreadable as problem:
        cause = problem.__cause__ or problem
        raise cause if isinstance(cause, StoreError) else translate_error(cause) from cause
    finally:
        reader.close()


def _unreadable(found: pages.Pages, problem: StoreError) -> StoreError:
    """The right sentence for a store that SQLite refuses: its key was proved by home.json already."""
    remedy = _("Keep the folder as it is, and restore a backup: workstation store restore.")
    if not found.count or 1 in found.damaged:
        return StoreError(_("The first page of the store is damaged; nothing in it can be read. Nothing was changed."),
                          remedy)
    if isinstance(problem, Damaged) and found.damaged:
        return StoreError(_("The list of tables is damaged; nothing can be read. Nothing was changed."), remedy)
    if isinstance(problem, Damaged):
        return StoreError(_("The store's file was cut off: {n} MB of it are there. Nothing was changed.").format(
            n=found.count * pages.PAGE // 1_000_000),
            _("Restore a backup (workstation store restore), or copy what can be read into a new home (workstation "
              "store salvage OUT)."))
    return problem


# -- a damaged store --------------------------------------------------------------------------------------------------

def tables_of(reader: Reader) -> list[str]:
    """The tables that hold what cannot be made again, parents before children as they were created."""
    query = ("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
             "AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
    return [str(name) for (name,) in reader.ask(query) if not name.startswith(INDEX_TABLES)]


def _damaged(home: Home, key: bytes, found: pages.Pages, full: bool, progress: Progress) -> CheckReport:
    with _reading(home, key) as reader:
        names = tables_of(reader)
        broken: list[DamagedTable] = []
        with progress(_("Looking which tables the damaged pages belong to")) as report:
            for number, name in enumerate(names):
                remains = Remains(name)
                for _row in reader.rows(name, remains):
                    pass
                if not remains.whole:
                    broken.append(DamagedTable(name, remains.rows, remains.lost, tuple(remains.gaps[:MOST_NAMED])))
                report(number + 1, len(names))
        return CheckReport(full, found.count, found.damaged, found.tail, tuple(broken), tuple(_bad_indexes(reader)),
                           _search_readable(reader))


def _bad_indexes(reader: Reader) -> list[str]:
    query = ("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name NOT LIKE ? ORDER BY name")
    bad = []
    for name, table, sql in reader.ask(query, (f"{INDEX_TABLES}%",)):
        where = str(sql or "").partition(" WHERE ")[2]
        scan = f"SELECT count(*) FROM {quoted(table)} INDEXED BY {quoted(name)}"  # noqa: S608 - its own names
        if not reader.readable(f"{scan} WHERE {where}" if where else scan):
            bad.append(str(name))
    return bad


def _search_readable(reader: Reader) -> bool:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? AND sql NOT LIKE 'CREATE VIRTUAL%'"
    names = [str(name) for (name,) in reader.ask(query, (f"{INDEX_TABLES}%",))]
    return all(reader.readable(f"SELECT sum(length(hex({quoted(column)}))) FROM {quoted(name)}")  # noqa: S608
               for name in names for column in _last_column(reader, name))


def _last_column(reader: Reader, table: str) -> list[str]:
    """The one at the end of each row. To read it, and not only how long it is, is to read the whole row."""
    return [str(row[1]) for row in reader.ask(f"PRAGMA table_info({quoted(table)})")][-1:]


# -- a readable one ---------------------------------------------------------------------------------------------------

def _structure(reader: Reader, full: bool, report: Report) -> list[str]:
    """SQLite's own check, a table at a time; the indexes are compared with their tables only when it is to be full."""
    names = [*tables_of(reader), "sqlite_schema"]
    pragma = "integrity_check" if full else "quick_check"
    said: list[str] = []
    for number, name in enumerate(names):
        said += [f"{name}: {line}" for (line,) in reader.ask(f"PRAGMA {pragma}({quoted(name)})") if line != "ok"]
        report(number + 1, len(names))
    return said


def _search(reader: Reader) -> bool:
    """FTS5's own check of each index that is there."""
    query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%' AND name LIKE ?"
    names = [str(name) for (name,) in reader.ask(query, (f"{INDEX_TABLES}%",))]
    return all(reader.ask(f"PRAGMA integrity_check({quoted(name)})") == [("ok",)] for name in names)


def _links(reader: Reader) -> list[str]:
    found: dict[tuple[str, str], int] = {}
    for table, _rowid, parent, _number in reader.ask("PRAGMA foreign_key_check"):
        found[table, parent] = found.get((table, parent), 0) + 1
    return [f"{table} → {parent}: {count}" for (table, parent), count in sorted(found.items())]


def _rules(reader: Reader) -> list[str]:
    """What our own records must agree on. Each query counts what does not."""
    said = []
    for sentence, query in (
        (_("{n} conversations in the list have no message."), _EMPTY),
        (_("{n} conversations show another time than their newest message has."), _STALE),
        (_("{n} counts of queues differ from what is counted anew."), recount()),
        (_("{n} counts of tags differ from what is counted anew."), _TAGS),
    ):
        wrong = int(reader.ask(query)[0][0])
        if wrong:
            said.append(sentence.format(n=wrong))
    return said


def recount() -> str:
    """A query: how many of the kept counts differ from the conversations themselves."""
    anew = " UNION ALL ".join(each.partition("(queue, span, n) ")[2] for each in tally.FILL if "INSERT" in each)
    kept = "SELECT queue, span, n FROM queue_span WHERE queue NOT LIKE 'tag:%'"
    return (f"SELECT count(*) FROM (SELECT * FROM ({anew}) EXCEPT {kept} "  # noqa: S608 - our own statements
            f"UNION ALL SELECT * FROM ({kept} EXCEPT SELECT * FROM ({anew})))")


_EMPTY = ("SELECT count(*) FROM conversation c WHERE last_at > 0 AND merged_into = '' AND NOT EXISTS "
          "(SELECT 1 FROM message m WHERE m.conversation_id = c.id)")
_STALE = ("SELECT count(*) FROM conversation c WHERE last_at <> coalesce((SELECT max(at) FROM message m "
          "WHERE m.conversation_id = c.id AND direction <> 'note'), last_at)")
_TAGS = (f"SELECT count(*) FROM (SELECT 'tag:' || tag AS queue, sort_key >> {tally.SHIFT} AS span, count(*) AS n "  # noqa: S608
         "FROM conversation_tag GROUP BY 1, 2 EXCEPT SELECT queue, span, n FROM queue_span)")


def _files(
    home: Home, reader: Reader, full: bool, progress: Progress,
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """How many sealed files there are, which are missing, and which do not match their seal (asked when full)."""
    rows = reader.ask("SELECT id, address, sha256, size, key FROM blob ORDER BY address")
    folder = BlobFiles(home.blobs)
    missing: list[str] = []
    changed: list[str] = []
    with progress(_("Checking the sealed files")) if rows else nullcontext(lambda _done, _total: None) as report:
        for number, (blob_id, address, sha256, size, file_key) in enumerate(rows):
            _file(folder, SealedFile(blob_id, address, sha256, size, bytes(file_key)), full, missing, changed)
            report(number + 1, len(rows))
    return len(rows), tuple(missing), tuple(changed)


def _file(folder: BlobFiles, row: SealedFile, full: bool, missing: list[str], changed: list[str]) -> None:
    if not full:
        missing += [] if folder.path(row.address).is_file() else [row.address]
        return
    try:
        folder.open(row)
    except NotFound:
        missing.append(row.address)
    except (Tampered, OSError):
        changed.append(row.address)
