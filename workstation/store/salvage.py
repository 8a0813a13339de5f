"""A new home with everything that can still be read of a damaged one. The damaged one is not touched.

Rows are copied table by table into a fresh store; what can be made again (the search index, the counts) is left to be
made. A message whose conversation is lost keeps its place: the conversation is made anew around it. What belonged to a
lost message goes. When messages were lost, the mailboxes are read from the beginning: what the server still has comes
back, and what is here is recognised. The new home is a device of its own, because the last links of the evidence chain
may be among what was lost.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from workstation.kernel.errors import Damaged, DiskFull, StoreError
from workstation.kernel.failing import of_disk
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.paths import Home
from workstation.store import migrate, restore, vault
from workstation.store.backup import BESIDE, copy_checked
from workstation.store.check import DamagedTable, Progress, tables_of
from workstation.store.database import make_engine
from workstation.store.engine import SCHEMA_VERSION, connect
from workstation.store.files import sync_folder, write_synced
from workstation.store.keepers import Keeper
from workstation.store.keydescription import PASSPHRASE
from workstation.store.pages import PAGE, Report
from workstation.store.remains import Reader, Remains, Unreadable, quoted
from workstation.store.vault import OpenedHome

MADE_AGAIN = frozenset({"alembic_version", "queue_span", "conversation_tag", "message_place"})
_BATCH = 1_000
_ROOM = 16 * 1024 * 1024
Mend = Callable[[Connection], None]
"""Works out what follows from the copied rows, in the new store; the features know how."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of it. `tables`: those that lost rows; `anew`: conversations made anew around their messages;
    `dropped`: rows of other tables that belonged to something lost; `files`: addresses of sealed files that are lost.
    """

    rows: int
    tables: tuple[DamagedTable, ...]
    anew: int
    dropped: int
    files: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not (self.tables or self.dropped or self.files)


def salvage(home: Home, key: bytes, target: Home, keeper: Keeper, mend: Mend, progress: Progress) -> Salvaged:
    """Copy what can be read into `target`, a new folder, kept by `keeper`. Blocks; `progress` stops it by raising.

    Raises InputError (the folder is not empty), DiskFull, StoreError (nothing can be read). Nothing is left there then.
    """
    restore.refuse_full(target)
    part = target.root.with_name(f".{target.root.name}.salvaging-{new_id()}")
    restore.sweep(target, "salvaging")
    try:
        _room(target.root, home)
        part.mkdir(mode=0o700, parents=True)
        with _source(home, key, part) as source:
            done = _Copy(source, key, Home(part), mend).run(home, progress)
        _describe(home, Home(part), key, keeper)
        restore.take_name(part, target.root)
    except OSError as problem:
        raise of_disk(problem) or problem from problem
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return done


@contextmanager
def _source(home: Home, key: bytes, part: Path) -> Iterator[Path]:
    """The damaged store; of one whose end was cut off, which SQLite refuses, a copy with an end of nothing."""
    try:
        connect(home.database, key, read_only=True).close()
    except Damaged:
        copy = part / "source.db"
        shutil.copy2(home.database, copy)
        os.truncate(copy, copy.stat().st_size // PAGE * PAGE * 4)
        try:
            yield copy
        finally:
            for suffix in ("", "-wal", "-shm"):
                Path(f"{copy}{suffix}").unlink(missing_ok=True)
        return
    yield home.database


class _Copy:
    """One salvage on its way, in one transaction of the new store."""

    def __init__(self, source: Path, key: bytes, target: Home, mend: Mend) -> None:
        self._source, self._key, self._target, self._mend = source, key, target, mend
        self._tables: list[DamagedTable] = []
        self._rows = 0

    def run(self, home: Home, progress: Progress) -> Salvaged:
        reader = Reader(lambda: connect(self._source, self._key, read_only=True))
        engine = make_engine(self._target.database, self._key, size=1)
        try:
            self._same_schema(reader)
            migrate.upgrade(engine)
            with engine.connect() as connection:
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys = OFF")   # outside of a transaction, or it is ignored
                with connection.begin():
                    with progress(_("Copying what can be read")) as report:
                        self._all(reader, connection, report)
                    anew, dropped = self._tie(connection)
                    self._mend(connection)
                    addresses = list(connection.exec_driver_sql("SELECT DISTINCT address FROM blob").scalars())
        except Unreadable as problem:
            raise StoreError(_("The list of tables is damaged; nothing can be read. Nothing was changed."),
                             _("Restore a backup: workstation store restore.")) from problem
        finally:
            reader.close()
            engine.dispose()
        with progress(_("Copying the sealed files")) as report:
            files = _files(home, self._target, addresses, report)
        return Salvaged(self._rows, tuple(self._tables), anew, dropped, files)

    def _same_schema(self, reader: Reader) -> None:
        version = reader.ask("PRAGMA user_version")[0][0]
        if version != SCHEMA_VERSION:
            raise StoreError(_("The damaged store is of an older version of Workstation; nothing was copied."),
                             _("Copy it with the version that it was last opened with."))

    def _all(self, reader: Reader, connection: Connection, report: Report) -> None:
        names = [name for name in tables_of(reader) if name not in MADE_AGAIN]
        for number, name in enumerate(names):
            remains = Remains(name)
            insert = _insert(connection, reader, name)
            rows = reader.rows(name, remains)
            while batch := list(islice(rows, _BATCH)):
                connection.exec_driver_sql(insert, [tuple(row[1:]) for row in batch])
                report(number, len(names))
            self._rows += remains.rows
            if not remains.whole:
                self._tables.append(DamagedTable(name, remains.rows, remains.lost, tuple(remains.gaps[:100])))
            report(number + 1, len(names))

    def _tie(self, connection: Connection) -> tuple[int, int]:
        """Rows that refer to something lost: conversations are made anew, the rest goes."""
        anew = connection.exec_driver_sql(_ANEW).rowcount
        dropped = 0
        while broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
            before = dropped
            for table, rowid, _parent, _number in broken:
                # What has no rowid refers to nothing by a key of its own.
                dropped += connection.exec_driver_sql(
                    f"DELETE FROM {quoted(table)} WHERE rowid = ?", (rowid,)).rowcount  # noqa: S608 - its own name
            if dropped == before:
                break
        connection.exec_driver_sql(_NO_MESSAGE)
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'search_index'")   # it is made anew
        if any(table.name == "message" for table in self._tables):
            connection.exec_driver_sql("DELETE FROM mail_place WHERE message_id NOT IN (SELECT id FROM message)")
            connection.exec_driver_sql("DELETE FROM mail_folder")
        return anew, dropped


_ANEW = (
    "INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, language, "
    "market, store, snippet, unread, dismissed_at, clock_ms, last_at, issue, delivery, sort_key) "
    "SELECT conversation_id, '', subject, 'email', 'open', author_name, author_email, language, '', '', '', 1, 0, 0, "
    "max(at), '', 'done', 0 FROM message WHERE conversation_id NOT IN (SELECT id FROM conversation) "
    "GROUP BY conversation_id")
_NO_MESSAGE = (   # as of a conversation whose messages are still to come from elsewhere
    "UPDATE conversation SET last_at = 0 WHERE last_at > 0 AND merged_into = '' AND NOT EXISTS "
    "(SELECT 1 FROM message m WHERE m.conversation_id = conversation.id)")


def _insert(connection: Connection, reader: Reader, table: str) -> str:
    """All columns of the source, which are those of the new store."""
    columns = ", ".join(quoted(str(row[1])) for row in reader.ask(f"PRAGMA table_info({quoted(table)})"))
    there = connection.exec_driver_sql(f"PRAGMA table_info({quoted(table)})").all()
    marks = ", ".join("?" * len(there))
    return f"INSERT OR IGNORE INTO {quoted(table)}({columns}) VALUES ({marks})"  # noqa: S608 - their own names


def _files(home: Home, target: Home, addresses: list[str], report: Report) -> tuple[str, ...]:
    """Copies them and returns the addresses of those that are not whole."""
    lost = []
    for number, address in enumerate(addresses):
        new = target.blobs / address[:2] / address
        new.parent.mkdir(parents=True, exist_ok=True)
        if not copy_checked(home.blobs / address[:2] / address, new, address):
            lost.append(address)
        report(number + 1, len(addresses))
    return tuple(lost)


def _describe(home: Home, part: Home, key: bytes, keeper: Keeper) -> OpenedHome:
    for name in BESIDE:
        if (home.root / name).exists():
            write_synced(part.root / name, (home.root / name).read_bytes())
    description = vault.described(part)
    opened = vault.rekeep(part, replace(description, keeper=PASSPHRASE, scope=""), key, keeper, new_device=True)
    sync_folder(part.root)
    return opened


def _room(target: Path, home: Home) -> None:
    there = next(each for each in target.parents if each.exists())
    need = 2 * home.database.stat().st_size + _ROOM
    free = shutil.disk_usage(there).free
    if free < need:
        raise DiskFull(_("This needs {n} MB and only {free} MB are free there; nothing was copied.").format(
            n=need // 1_000_000 + 1, free=free // 1_000_000), _("Free some space, or choose another disk."))
