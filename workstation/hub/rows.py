"""The hub's database as one SQLite file, opened through sqlcipher3 without a key.

Without a key it is plain SQLite, which any SQLite can read; the standard library's own build has the WAL-reset fault.
One thread writes (`BEGIN IMMEDIATE`), so positions of the feed commit in order; several processes may share the file.
What several requests want to write at the same time shares one transaction, and so one wait for the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from workstation.hub import log, members
from workstation.hub.tables import HubModel
from workstation.kernel.errors import NewerSchema
from workstation.kernel.i18n import _
from workstation.store.engine import translate_error

T = TypeVar("T")
SCHEMA_VERSION = 3
READERS = 3
MOST_TOGETHER = 64
_PRAGMAS = (
    "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "busy_timeout = 10000")


@dataclass(slots=True)
class _Asked:
    """A write that waits for its turn. `done` gets what the work returned once it is on the disk, or what it raised."""

    work: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)


class SqliteRows:
    """Fulfils `ports.Rows`. Work must bear being run again: a transaction that fails as a whole is taken apart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path, "BEGIN IMMEDIATE", 1)
        self._reader = _engine(path, "BEGIN", READERS)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="hub-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="hub-read")
        self._asked: deque[_Asked] = deque()
        _prepare(self._engine)
        path.chmod(0o600)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, _run, self._reader, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return cast(T, await asyncio.shield(asyncio.wrap_future(self._queue(work))))

    def now(self, work: Callable[[Connection], T]) -> T:
        """Write from the calling thread and wait: for the command line, which has no loop."""
        return cast(T, self._queue(work).result())

    async def flush_log(self) -> None:
        """Put the log into the file and empty it, so that no old page of it holds what was erased. Readers that are at
        work keep it for now; then a later turn does it."""
        await asyncio.get_running_loop().run_in_executor(self._write_thread, self._flush_now)

    def _flush_now(self) -> None:
        with contextlib.closing(self._engine.raw_connection()) as connection:
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlcipher.Error as problem:
                logging.getLogger(__name__).info("the log could not be emptied now: %s", type(problem).__name__)

    def _queue(self, work: Callable[[Connection], Any]) -> Future[Any]:
        asked = _Asked(work)
        asked.done.set_running_or_notify_cancel()  # who stops waiting does not stop the write
        self._asked.append(asked)
        self._write_thread.submit(self._write_waiting)
        return asked.done

    def _write_waiting(self) -> None:
        """On the writing thread: everything that waits by now. A later turn that finds nothing has nothing to do."""
        together: list[_Asked] = []
        while self._asked and len(together) < MOST_TOGETHER:
            together.append(self._asked.popleft())
        if len(together) > 1 and _write_together(self._engine, together):
            return
        for asked in together:
            _write_alone(self._engine, asked)

    def close(self) -> None:
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._engine.dispose()
        self._reader.dispose()


def _run(engine: Engine, work: Callable[[Connection], T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    except DBAPIError as problem:
        known = isinstance(problem.orig, sqlcipher.OperationalError) and "no such" not in str(problem.orig)
        raise (translate_error(problem.orig or problem) if known else problem) from problem


def _write_together(engine: Engine, together: Sequence[_Asked]) -> bool:
    """One transaction for all of them. False, with nothing written, when one fails: then each is for itself."""
    try:
        results = _run(engine, lambda connection: [asked.work(connection) for asked in together])
    except Exception:  # noqa: BLE001 - each is run again alone, and tells its own asker
        return False
    for asked, result in zip(together, results, strict=True):
        asked.done.set_result(result)
    return True


def _write_alone(engine: Engine, asked: _Asked) -> None:
    try:
        result = _run(engine, asked.work)
    except BaseException as problem:  # noqa: BLE001 - it belongs to whoever asked
        asked.done.set_exception(problem)
    else:
        asked.done.set_result(result)


def _engine(path: Path, begin: str, size: int) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connect(path), module=sqlcipher, poolclass=QueuePool,
                           pool_size=size, max_overflow=0)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connect(path: Path) -> Any:
    try:
        connection = sqlcipher.connect(str(path), check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA cipher_log_level = NONE")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlcipher.Error as problem:
        raise translate_error(problem) from problem
    return connection


def _prepare(engine: Engine) -> None:
    with engine.begin() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar() or 0
        if version > SCHEMA_VERSION:
            raise NewerSchema(_("This hub was written by a newer version of Workstation; nothing was changed."),
                              _("Update the program, then start it again."))
        HubModel.metadata.create_all(connection)
        if version == 1:   # from before there was a log
            log.backfill(connection)
        if version in (1, 2):   # from before there were members
            members.backfill(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
