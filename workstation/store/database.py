"""The database on its own threads: one that writes, a few that read. Services await; nobody else touches SQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from workstation.kernel.errors import Busy, Damaged
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.store.engine import MUCH, USUAL, connect, translate_error
from workstation.store.unit import Unit

T = TypeVar("T")
READERS = 3
log = logging.getLogger(__name__)
QUIET_S = 10.0
"""For so long nothing of a backlog came: it is at its end."""


def make_engine(path: Path, key: bytes, *, read_only: bool = False, size: int = READERS) -> Engine:
    """A SQLAlchemy engine over the encrypted file. The driver's own transactions are off: we begin them."""
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path, key, read_only=read_only), module=sqlcipher,
        poolclass=QueuePool, pool_size=size, max_overflow=0, pool_use_lifo=True,   # the pages last read are at hand
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class Database:
    """Runs work on the database threads. `publish` is called on the core thread, after the commit."""

    def __init__(self, path: Path, key: bytes, publish: Callable[[Event], None]) -> None:
        self._publish = publish
        self._writer = make_engine(path, key, size=1)
        self._reader = make_engine(path, key, read_only=True)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="db-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._closed = False
        self._backlogs = 0
        self._quiet: asyncio.TimerHandle | None = None
        self.damaged = 0
        """How often a damaged page was met since the start."""

    @property
    def writer(self) -> Engine:
        """For migrations only, before the first command."""
        return self._writer

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a read transaction on a reader thread and return what it returns (frozen values only)."""
        return cast(T, await self._run(self._read_threads, self._read_now, work))

    async def ask(self, work: Callable[[Any], T]) -> T:
        """As `read`, but `work` is given the driver's own connection. For what is asked at every key: SQLAlchemy's part
        of a few short questions costs as much as their answers (0.3 ms)."""
        return cast(T, await self._run(self._read_threads, self._ask_now, work))

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in a write transaction; commit; then announce. Nothing is announced when it raises."""
        finish = asyncio.ensure_future(self._write(work))
        return await asyncio.shield(finish)  # a caller that gives up must not lose the announcement

    async def _write(self, work: Callable[[Unit], T]) -> T:
        result, unit = await self._run(self._write_thread, self._write_now, work)
        self._announce(unit)
        return cast(T, result)

    def _announce(self, unit: Unit) -> None:
        for callback in unit.callbacks:
            callback()
        for happened in unit.events:
            self._publish(happened)

    async def _run(self, pool: ThreadPoolExecutor, run: Callable[[Any], Any], work: Any) -> Any:
        if self._closed:
            raise Busy(_("The store is closing."), _("Start the program again."))
        return await asyncio.get_running_loop().run_in_executor(pool, run, work)

    def alone(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run `work` on the thread that writes, outside of any transaction: whoever writes waits until it has ended.
        It opens the store itself."""
        if self._closed:
            raise Busy(_("The store is closing."), _("Start the program again."))
        return asyncio.get_running_loop().run_in_executor(self._write_thread, work)

    @property
    def filling(self) -> bool:
        """Whether a backlog is being written, or its next batch is expected. What can wait lets it have the processors.
        """
        return self._backlogs > 0

    @contextlib.asynccontextmanager
    async def backlog(self) -> AsyncIterator[None]:
        """While a backlog is written: the connection that writes has more room (`engine.MUCH`). Others may write."""
        await self._run(self._write_thread, self._make_room, 1)
        try:
            yield
        finally:
            if not self._closed:
                await asyncio.shield(asyncio.ensure_future(self._run(self._write_thread, self._make_room, -1)))

    async def expect_more(self) -> None:
        """A large batch comes, and others may follow from a mailbox whose end nobody knows: room for a backlog until
        none came for QUIET_S."""
        begun = self._quiet is not None
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(QUIET_S, self._expect_no_more)
        if not begun:
            await self._run(self._write_thread, self._make_room, 1)

    def _expect_no_more(self) -> None:
        self._quiet = None
        if not self._closed:
            asyncio.get_running_loop().run_in_executor(self._write_thread, self._make_room, -1)

    def _make_room(self, more: int) -> None:
        before, self._backlogs = self._backlogs, self._backlogs + more
        if before and self._backlogs:
            return
        with contextlib.closing(self._writer.raw_connection()) as connection:
            for pragma in MUCH if self._backlogs else USUAL:
                connection.cursor().execute(pragma).fetchall()
            if self._backlogs:
                return
            try:   # What the longer log holds goes into the store now, and not at the commit of whoever writes next.
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            except sqlcipher.Error as problem:   # a full disk: it stays in the log, where it is as safe
                log.info("the log stays as long as it is: %s", type(problem).__name__)

    async def flush_log(self) -> None:
        """Put the log into the store and empty it, so that no old page of it holds what was deleted. Readers that are
        at work keep it for now; then a later turn does it."""
        await self._run(self._write_thread, self._flush_now, None)

    def _flush_now(self, _nothing: None) -> None:
        with contextlib.closing(self._writer.raw_connection()) as connection:
            try:
                connection.cursor().execute("PRAGMA busy_timeout = 300")   # whoever writes waits so long at most
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlcipher.Error as problem:
                log.info("the log could not be emptied now: %s", type(problem).__name__)
            finally:
                connection.cursor().execute("PRAGMA busy_timeout = 5000")

    def _read_now(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reader.begin() as connection:
                return work(connection)
        except DBAPIError as problem:
            raise self._said(problem, self._reader) from problem

    def _ask_now(self, work: Callable[[Any], T]) -> T:
        try:
            with contextlib.closing(self._reader.raw_connection()) as held:   # closing ends what is left open
                driver: Any = held.driver_connection
                driver.execute("BEGIN")
                result = work(driver)
                driver.execute("COMMIT")
                return result
        except sqlcipher.Error as problem:
            raise self._meant(_known(problem, problem), self._reader) from problem

    def _write_now(self, work: Callable[[Unit], T]) -> tuple[T, Unit]:
        try:
            with self._writer.begin() as connection:
                unit = Unit(connection)
                result = work(unit)
            return result, unit
        except DBAPIError as problem:
            raise self._said(problem, self._writer) from problem

    def _said(self, problem: DBAPIError, engine: Engine) -> BaseException:
        """The known failure behind it. A connection of SQLCipher that met a damaged page answers nothing from then on:
        the next question gets a new one."""
        return self._meant(_known(problem.orig or problem, problem), engine)

    def _meant(self, known: BaseException, engine: Engine) -> BaseException:
        if isinstance(known, Damaged):
            engine.dispose()
            self.damaged += 1
        return known

    def close(self) -> None:
        """Drain the writer, end the threads, close the file. Blocks; call from outside the core thread's loop."""
        self._closed = True
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._writer.dispose()
        self._reader.dispose()


def _known(original: BaseException, problem: BaseException) -> BaseException:
    """Programming errors stay bugs; what the disk or another process did is known. `original`: of the
    driver; `problem`: as it arrived, which is returned when it is a bug."""
    operational = isinstance(original, sqlcipher.OperationalError | sqlcipher.DatabaseError)
    programming = isinstance(original, sqlcipher.ProgrammingError | sqlcipher.IntegrityError | sqlcipher.InterfaceError)
    text = str(original).lower()
    bug = programming or "no such" in text or "syntax error" in text
    return translate_error(original) if operational and not bug else problem
