"""The store as a whole, for the window and for commands: backed up, compacted. Implements `api.StoreApi`."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from workstation.api import BACKUP_JOB, COMPACT_JOB, BackupDone, BackupState, Compacted
from workstation.inbox import alarms, lines
from workstation.inbox.clocks import load_rules
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _
from workstation.kernel.paths import resources
from workstation.runtime.jobs import Jobs, Progress
from workstation.store import backup, compact, meta
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.store.vault import OpenedHome

T = TypeVar("T")
Report = Callable[[int, int], None]
FACT = "last_backup"


class Stopped(Exception):
    """Nobody waits any more. Ends the work on its thread and goes no further."""


class Keeping:
    """Runs what takes long on threads of its own; both can be cancelled by their job."""

    def __init__(self, opened: OpenedHome, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._opened, self._database, self._jobs, self._clock = opened, database, jobs, clock

    async def backup_state(self) -> BackupState:
        stored = json.loads(await self._database.read(lambda connection: meta.get(connection, FACT, "{}")))
        return BackupState(int(stored.get("at", 0)), str(stored.get("place", "")))

    async def back_up(self, folder: Path, progress: Progress | None = None) -> BackupDone:
        """As `store.backup.make`. The home stays in use meanwhile."""

        async def work(report: Progress) -> BackupDone:
            now = self._clock.now()
            make = partial(backup.make, self._opened.home, self._opened.key, folder, now)
            made = await followed(make, _both(report, progress))
            place = await asyncio.to_thread(lambda: str(folder.resolve()))
            fact = json.dumps({"at": now, "place": place}, ensure_ascii=False)
            await self._database.write(partial(_note, fact))
            return BackupDone(made.folder, made.made_at, made.bytes, made.files, made.copied, made.missing)

        return await self._jobs.run(BACKUP_JOB, _("Backing up"), work)

    async def compact(self, progress: Progress | None = None) -> Compacted:
        """Write the store anew. Changes wait until it is done."""

        async def work(report: Progress) -> Compacted:
            write = partial(compact.compact, self._opened.home.database, self._opened.key)
            done = await followed(write, _both(report, progress), self._database.alone)
            return Compacted(done.before, done.after)

        return await self._jobs.run(COMPACT_JOB, _("Compacting the store"), work)


async def followed(
    work: Callable[[Report], T], progress: Progress,
    run: Callable[[Callable[[], T]], asyncio.Future[T]] | None = None,
) -> T:
    """Run blocking work on a thread. Cancelled, it is told to stop and waited for: nothing is left half done."""
    loop, over = asyncio.get_running_loop(), threading.Event()
    said: tuple[int, int] | None = None

    def report(done: int, total: int) -> None:
        nonlocal said
        if over.is_set():
            raise Stopped
        if said != (done, total):
            said = done, total
            loop.call_soon_threadsafe(progress, done, total)

    ready = partial(work, report)
    future = run(ready) if run is not None else loop.run_in_executor(None, ready)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        over.set()
        await asyncio.wait([future])
        if not future.cancelled():
            future.exception()   # Stopped, or a failure of which nobody needs to hear any more
        raise


def mended(connection: Connection) -> None:
    """What the list shows of each conversation, worked out again from the messages that a salvage found. By the shipped
    clocks: a seller's own follow at the next start, because nothing is said any more of which rules these are under."""
    connection.exec_driver_sql("DELETE FROM meta WHERE name IN (?, ?)", (alarms.RULES, alarms.POSITION))
    ids = connection.exec_driver_sql("SELECT id FROM conversation ORDER BY id").scalars().all()
    lines.refresh(connection, ids, load_rules(resources() / "clocks" / "clocks.toml"))


def _note(fact: str, unit: Unit) -> None:
    meta.put(unit.conn, FACT, fact)


def _both(one: Progress, other: Progress | None) -> Progress:
    def report(done: int, total: int) -> None:
        one(done, total)
        if other is not None:
            other(done, total)

    return report
