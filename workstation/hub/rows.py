"""The hub's database as one SQLite file, opened through sqlcipher3 without a key.

Without a key it is plain SQLite, which any SQLite can read; the standard library's own build has the WAL-reset fault.
One thread writes (`BEGIN IMMEDIATE`), so positions of the feed commit in order; several processes may share the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from workstation.hub.tables import HubModel
from workstation.kernel.errors import NewerSchema
from workstation.kernel.i18n import _
from workstation.store.engine import translate_error

T = TypeVar("T")
SCHEMA_VERSION = 1
READERS = 3
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000")


class SqliteRows:
    """Fulfils `ports.Rows`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path, "BEGIN IMMEDIATE", 1)
        self._reader = _engine(path, "BEGIN", READERS)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="hub-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="hub-read")
        _prepare(self._engine)
        path.chmod(0o600)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, _run, self._reader, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._write_thread, _run, self._engine, work)
        return await asyncio.shield(running)

    def now(self, work: Callable[[Connection], T]) -> T:
        """Write from the calling thread and wait: for the command line, which has no loop."""
        return self._write_thread.submit(_run, self._engine, work).result()

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
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
