"""The index in the background: merged while nothing arrives, checked now and then, and filled anew when it is damaged,
incomplete or of the first schema. A new one is filled while the old one answers; a restart goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged, IndexChanged, JobChanged
from workstation.inbox.searching.clipping import Clipper
from workstation.inbox.searching.hits import Index
from workstation.kernel.clock import DAY, Clock
from workstation.kernel.i18n import _
from workstation.runtime.jobs import Jobs, Progress
from workstation.runtime.waiting import woken
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.search import shelves, upkeep
from workstation.store.unit import Unit

JOB = "search index"
CHECKED = "search_checked"
"""The fact of the home that says when its index was last read whole (milliseconds)."""
CHECK_EVERY = 7 * DAY
WARMED, FIRST_LOOK, QUIET, NEXT_LOOK = 3.0, 12.0, 2.0, 30.0
"""Seconds from the start until it is warm, from then until the first look, how long nothing has arrived when merging
begins, and between looks."""
BETWEEN_STEPS = 0.02
TELL_EVERY = 1.0


class Care:
    """One for each desk. Everything but the database's work runs on the core thread."""

    def __init__(
        self, database: Database, clock: Clock, jobs: Jobs, swapped: Callable[[], None],
        warm: Callable[[], Awaitable[None]],
    ) -> None:
        """`swapped` is called when another index answers; `warm` soon after the start and whenever nothing is due, so
        that what searches need at hand is made before they do."""
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._swapped = swapped
        self._warm = warm
        self._changed_at = 0.0
        self._begun = False
        self._broken = False
        self._cancelled = False
        self._merge = True
        self._optimize = False
        self._checked = 0
        self._wake = asyncio.Event()

    def on_changed(self, _event: ConversationsChanged) -> None:
        """Subscribe this to ConversationsChanged: something arrives, merging waits and is due afterwards."""
        self._changed_at = time.monotonic()
        self._merge = True

    def on_job(self, event: JobChanged) -> None:
        """Subscribe this to JobChanged: after an import the whole index is brought together."""
        if event.job_id.startswith("import ") and event.state == "done":
            self._optimize = self._merge = True

    def damaged(self) -> None:
        """The index answered with an error: fill another one."""
        self._broken = True
        self._cancelled = False
        self._wake.set()

    async def step(self) -> float:
        """What is due. Returns the seconds until the next call; give it to `Jobs.keep_trying`."""
        if not self._begun:
            self._begun = True
            await self._sleep(WARMED)
            await self._warm()
            await self._sleep(FIRST_LOOK)
        if await self._filling_is_due():
            await self.fill()
            return 0.0
        if await self._database.write(lambda unit: upkeep.clear_step(unit.conn)):
            return BETWEEN_STEPS
        if time.monotonic() - self._changed_at < QUIET:
            await self._sleep(QUIET)
            return 0.0
        if self._merge and await self._merged():
            return BETWEEN_STEPS
        await self._warm()
        await self._sleep(NEXT_LOOK)
        return 0.0

    async def fill(self) -> None:
        """Fill a new index, as a job with progress; cancelled, it goes on at the next start."""
        try:
            await self._jobs.run(JOB, _("Preparing the search"), self._fill)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise   # the program ends
            self._cancelled = True

    async def check(self, *, whole: bool) -> bool:
        """Whether the index is damaged or lacks messages. `whole`: all of it is read, which takes seconds in a large
        store; else its rows are counted. Ends early when it is cancelled."""
        clipper = Clipper()
        try:
            found = await self._database.read(lambda c: _check(c, clipper, whole=whole))
        except asyncio.CancelledError:
            clipper.cut()
            raise
        if found:
            self.damaged()
        return found

    async def _fill(self, progress: Progress) -> None:
        broken, self._broken = self._broken, False
        shelf = await self._database.write(lambda unit: _begin(unit.conn, broken=broken))
        told = 0.0
        while shelf.filling:
            tell = time.monotonic() - told >= TELL_EVERY
            shelf, done, total = await self._database.write(partial(_step, tell=tell))
            if tell and total:
                progress(done, total)
                told = time.monotonic()
            await asyncio.sleep(BETWEEN_STEPS)
        self._swapped()
        self._merge = True

    async def _filling_is_due(self) -> bool:
        if self._cancelled:
            return False
        if self._broken or (await self._database.read(shelves.read)).filling:
            return True
        if self._checked and self._clock.now() - self._checked < CHECK_EVERY:
            return False
        last = int(await self._database.read(lambda c: meta.get(c, CHECKED, "0")))
        whole = self._clock.now() - last >= CHECK_EVERY
        found = await self.check(whole=whole)
        self._checked = self._clock.now() if whole else last
        if whole and not found:
            await self._database.write(lambda unit: meta.put(unit.conn, CHECKED, str(self._checked)))
        return found

    async def _merged(self) -> bool:
        """One step of merging; False when there is no more to do."""
        whole, self._optimize = self._optimize, False

        def work(unit: Unit) -> bool:
            if whole:
                upkeep.optimize(unit.conn)
            return upkeep.merge_step(unit.conn)

        self._merge = await self._database.write(work)
        return self._merge

    async def _sleep(self, seconds: float) -> None:
        """Until then, or until the index is known to be damaged."""
        self._wake.clear()
        await woken(self._wake, seconds)


def _begin(connection: Connection, *, broken: bool) -> shelves.Shelf:
    if upkeep.unplaced(connection):
        upkeep.place_all(connection)
    return shelves.give_up(connection) if broken else shelves.begin(connection)


def _step(unit: Unit, *, tell: bool) -> tuple[shelves.Shelf, int, int]:
    """From how it stands now: an arriving mail may have found this index damaged, too, and begun anew."""
    shelf = upkeep.fill_step(unit.conn, shelves.read(unit.conn))
    done, total = upkeep.progress(unit.conn) if tell else (0, 0)
    if not shelf.filling:
        unit.emit(IndexChanged(0, 0))
    elif tell:
        unit.emit(IndexChanged(done, total))
    return shelf, done, total


def _check(connection: Connection, clipper: Clipper, *, whole: bool) -> bool:
    if not shelves.exists(connection, shelves.read(connection).answering):
        return True
    with clipper.guard(Index(connection.connection.driver_connection)):
        return upkeep.damaged(connection) if whole else upkeep.incomplete(connection)
    return False   # interrupted: not known
