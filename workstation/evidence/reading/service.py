"""Pictures that wait are read one at a time, after everything else: captures and exhibits first, then what buyers sent.

What waits is no list of its own: a picture without a row in `evidence_text`. So a restart goes on where it stopped, and
a desk that was switched off catches up. A record is read after it is sealed and on disk, never before; what is read is
beside it, changes nothing of it and leaves this computer in no pack and no copy.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from workstation.domain.events import EvidenceSealed, MessageArrived, PictureRead
from workstation.evidence.reading import layout, power, repo, words
from workstation.evidence.reading.model import Backlog, Line, PictureText, State
from workstation.evidence.reading.ports import Attachments, CannotRead, Cases
from workstation.evidence.reading.process import Reader, Stopped, Unfit
from workstation.evidence.reading.repo import Failure, Subject
from workstation.kernel.clock import DAY, Clock
from workstation.kernel.errors import NotFound, Tampered
from workstation.kernel.i18n import _
from workstation.runtime.jobs import Jobs, Progress
from workstation.runtime.waiting import woken
from workstation.store import blobs as blob_rows
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit

JOB = "reading pictures"
ENGINE = "rapidocr PP-OCRv6, numbers apart"
OLDEST = 60 * DAY
"""Pictures of older messages are read when a person asks for it."""
MOST_TRIES = 3
AT_ONCE = 200
LONG = 20
"""So many pictures at once are a job with progress; fewer are read without a word."""
QUIET, FIRST_LOOK, NEXT_LOOK, PLUG = 2.0, 20.0, 600.0, 60.0
"""Seconds after a capture before anything is read, from the start until the first look, between looks for what nothing
announced, and between looks at the plug."""
MOST_FAILURES = 50


@dataclass(frozen=True, slots=True)
class Ground:
    """Where pictures and what is read of them are."""

    database: Database
    files: BlobFiles
    clock: Clock
    jobs: Jobs
    attachments: Attachments
    shown_in: Cases
    orders: Callable[[Connection, str], Sequence[object]]   # orders of this number that are known here


class ReadingService:
    """Fulfils `api.ReadingApi`. `step` is for `Jobs.keep_trying`, the `on_` methods for the bus."""

    def __init__(
        self, on: Ground, *, wanted: Callable[[], bool] = lambda: True, reader: Reader | None = None,
        on_battery: Callable[[], bool] = power.on_battery, quiet: float = QUIET, first_look: float = FIRST_LOOK,
    ) -> None:
        """`wanted`: whether pictures may be read by themselves."""
        self._on = on
        self._wanted = wanted
        self._reader = reader or Reader()
        self._on_battery = on_battery
        self._quiet = quiet
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._records: dict[str, None] = {}
        self._messages: dict[str, None] = {}
        self._waiting: list[str] = []
        self._sealed_at = 0.0
        self._look_at = time.monotonic() + first_look
        self._cancelled = False
        self._paused = ""

    def on_sealed(self, event: EvidenceSealed) -> None:
        """Subscribe this to EvidenceSealed."""
        self._records[event.record_id] = None
        self._sealed_at = time.monotonic()
        self._wake.set()

    def on_message(self, event: MessageArrived) -> None:
        """Subscribe this to MessageArrived."""
        self._messages[event.message_id] = None
        self._wake.set()

    async def of(self, source: str) -> PictureText | None:
        """What is known of the text of a record's or an attachment's picture; None when it was not read."""
        return await self._on.database.read(lambda c: self._known(c, repo.get(c, source)))

    async def read(self, source: str, *, again: bool = False) -> PictureText:
        """The text of a picture, read now unless it was before; `again`: in any case. Raises NotFound, Tampered,
        CannotRead."""
        before = None if again else await self.of(source)
        if before is not None and before.state in {State.READ, State.NOTHING, State.UNFIT}:
            return before
        async with self._turn:
            await self._one(source, hurry=True, again=again)
        found = await self.of(source)
        if found is None:
            raise NotFound(_("This file is not in the store."), _("It may have been erased."))
        return found

    async def backlog(self) -> Backlog:
        """How much waits."""
        def count(connection: Connection) -> tuple[set[str], int]:
            waiting = {*repo.next_records(connection, AT_ONCE), *self._waiting}
            return waiting, repo.counts(connection)[1]

        waiting, failed = await self._on.database.read(count)
        return Backlog(len(waiting), failed, self._paused)

    async def failures(self) -> list[Failure]:
        """What could not be read and waits for a person."""
        def read(connection: Connection) -> list[Failure]:
            return [replace(each, case_id=each.case_id and self._on.shown_in(connection, each.case_id))
                    for each in repo.failures(connection, MOST_FAILURES)]

        return await self._on.database.read(read)

    async def retry(self, source: str) -> None:
        """Try one of them again, soon. Raises NotFound."""
        await self._on.database.write(lambda unit: repo.again(unit.conn, source))
        self._records[source] = None
        self._wake.set()

    async def dismiss(self, source: str) -> None:
        """Let one of them be. Raises NotFound."""
        await self._on.database.write(lambda unit: repo.let_be(unit.conn, source))

    async def step(self) -> float:
        """Read what waits, one picture at a time. Returns the seconds until the next call."""
        self._wake.clear()
        if await self._held():
            await woken(self._wake, PLUG)
            return 0.0
        source = await self._next()
        if source is None:
            await woken(self._wake, max(0.0, min(NEXT_LOOK, self._look_at - time.monotonic())))
            return 0.0
        if len(self._waiting) >= LONG and not self._cancelled:
            self._waiting.insert(0, source)
            await self._as_job()
            return 0.0
        await self._one_of_many(source)
        return 0.0

    async def shutdown(self) -> None:
        """End the process that reads."""
        await self._reader.shutdown()

    async def _as_job(self) -> None:
        """A long backlog, with progress; cancelled, it goes on at the next start."""
        try:
            await self._on.jobs.run(JOB, _("Reading text in pictures"), self._all)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise   # the program ends
            self._cancelled = True
            self._waiting.clear()

    async def _all(self, progress: Progress) -> None:
        total = len(self._waiting)
        while self._waiting and not await self._held():
            await self._one_of_many(self._waiting.pop(0))
            progress(total - len(self._waiting), total)

    async def _held(self) -> bool:
        """Whether nothing is read now, and why."""
        since = time.monotonic() - self._sealed_at
        if self._sealed_at and since < self._quiet:
            await asyncio.sleep(self._quiet - since)
        if not self._wanted():
            self._paused = _("Switched off in the settings.")
        elif await asyncio.to_thread(self._on_battery):
            self._paused = _("Waits for this computer to be plugged in.")
        else:
            self._paused = ""
        return bool(self._paused)

    async def _next(self) -> str | None:
        while self._messages:
            message_id = next(iter(self._messages))
            found = await self._on.database.read(lambda c, m=message_id: repo.of_message(c, m))  # type: ignore[misc]
            self._records |= dict.fromkeys(found)
            self._messages.pop(message_id, None)
        while self._records:
            source = next(iter(self._records))
            self._records.pop(source)
            if await self._open(source):
                return source
        if not self._waiting and not self._cancelled and time.monotonic() >= self._look_at:
            await self._look()
        return self._waiting.pop(0) if self._waiting else None

    async def _open(self, source: str) -> bool:
        known = await self._on.database.read(lambda c: repo.get(c, source))
        return known is None or known.state is State.WAITING

    async def _look(self) -> None:
        """For what nothing announced: what was there before this program, and what arrived while it read a backlog."""
        since = self._on.clock.now() - OLDEST

        def look(connection: Connection) -> tuple[list[str], list[str]]:
            found = repo.next_records(connection, AT_ONCE)
            found += repo.next_attachments(connection, since, AT_ONCE - len(found)) if len(found) < AT_ONCE else []
            return found, repo.orphans(connection)

        self._waiting, gone = await self._on.database.read(look)
        if gone:
            await self._on.database.write(lambda unit: _forget(unit, gone))
        self._look_at = time.monotonic() + (0.0 if len(self._waiting) == AT_ONCE else NEXT_LOOK)

    async def _one_of_many(self, source: str) -> None:
        try:
            async with self._turn:
                await self._one(source)
        except CannotRead:
            self._waiting.insert(0, source)
            raise

    async def _one(self, source: str, *, hurry: bool = False, again: bool = False) -> None:
        """Read one picture and keep what was read; `again`: though the same one was read before. Raises NotFound where
        a person waits, CannotRead."""
        try:
            picture = await self._on.database.read(lambda c: repo.subject(c, source))
        except (NotFound, Tampered):
            if hurry:
                raise
            return
        if not repo.readable(picture):
            await self._keep(picture, State.NOTHING if picture.kind == "record" else State.UNFIT, why="format")
            return
        tries = await self._on.database.write(lambda unit: repo.begin(unit.conn, picture, self._on.clock.now()))
        try:
            await self._through(picture, tries, hurry=hurry, again=again)
        except (CannotRead, asyncio.CancelledError):
            await asyncio.shield(self._on.database.write(lambda unit: repo.uncount(unit.conn, source)))
            raise

    async def _through(self, picture: Subject, tries: int, *, hurry: bool, again: bool) -> None:
        try:
            content = await self._content(picture)
        except (NotFound, Tampered) as problem:
            why = "changed" if isinstance(problem, Tampered) else "missing"
            await self._keep(picture, State.FAILED, why=why)
            return
        digest = await asyncio.to_thread(_digest, content)
        before = None if again else await self._on.database.read(lambda c: repo.same(c, digest, ENGINE))
        try:
            lines = before.lines if before is not None else await self._reader.read(content, hurry=hurry)
            await self._keep(picture, State.READ, lines, digest)
        except Unfit as problem:
            await self._keep(picture, State.UNFIT, digest=digest, why=str(problem))
        except Stopped:
            if tries >= MOST_TRIES or hurry:
                await self._keep(picture, State.FAILED, digest=digest, why="stopped")
            else:
                self._waiting.append(picture.source)

    async def _content(self, picture: Subject) -> bytes:
        """Raises NotFound, Tampered."""
        if picture.kind == "attachment":
            return (await self._on.attachments.attachment(picture.source))[2]
        row = await self._on.database.read(lambda c: blob_rows.find(c, picture.blob_id))
        return await asyncio.to_thread(self._on.files.open, row)

    async def _keep(
        self, picture: Subject, state: State, lines: tuple[Line, ...] = (), digest: str = "", why: str = ""
    ) -> None:
        text = await asyncio.to_thread(layout.rows, lines)
        if state is State.READ and not text:
            state = State.NOTHING
        told = PictureText(picture.source, state, text, lines, (), layout.unread(lines), ENGINE,
                           self._on.clock.now(), why)
        await self._on.database.write(partial(self._put, picture, told, digest))

    def _put(self, picture: Subject, told: PictureText, digest: str, unit: Unit) -> None:
        """Unless it was erased meanwhile: then nothing of it comes back."""
        try:
            repo.subject(unit.conn, picture.source)
            if picture.blob_id:
                blob_rows.find(unit.conn, picture.blob_id)
        except NotFound:
            repo.forget(unit.conn, picture.source)
            return
        repo.put(unit.conn, picture, told, digest)
        shown = self._on.shown_in(unit.conn, picture.case_id)
        unit.emit(PictureRead(shown, picture.message_id, picture.source, told.state is not State.FAILED))

    def _known(self, connection: Connection, told: PictureText | None) -> PictureText | None:
        if told is None:
            return None
        numbers = tuple(replace(each, known=each.kind == "order" and bool(self._on.orders(connection, each.value)))
                        for each in told.numbers)
        return replace(told, numbers=numbers, why=words.why(told.why))


def forget(unit: Unit, record_id: str) -> None:
    """A record's file is erased in this transaction: what was read in it goes with it, and out of the search."""
    repo.forget(unit.conn, record_id)


def _forget(unit: Unit, sources: Sequence[str]) -> None:
    for source in sources:
        repo.forget(unit.conn, source)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
