"""The core for one command: of a home opened for it and closed whatever happens, or of the window that holds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from workstation import app
from workstation.commands.caller import Report, caller
from workstation.commands.output import tell
from workstation.kernel.errors import Busy
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home, default_home
from workstation.runtime import line
from workstation.runtime.thread import CoreThread
from workstation.store.health import Finding
from workstation.store.lock import WINDOW, HomeLock

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.kernel.settings import Settings

T = TypeVar("T")
WAIT = 10.0
"""Seconds a command that writes waits for another one, unless --wait says otherwise."""
_PAUSE = 0.1


class WindowListens(Exception):
    """A window holds the home and listens: hand the command over. `busy` says it where that cannot be done."""

    def __init__(self, busy: Busy) -> None:
        super().__init__()
        self.busy = busy


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes."""

    home: Path | None = None
    passphrase_file: Path | None = None
    debug: bool = False
    wait: float = WAIT

    @property
    def place(self) -> Home:
        return Home(self.home) if self.home is not None else default_home()


@dataclass(frozen=True, slots=True)
class Session:
    """A core on its thread, for one command."""

    core: Core
    thread: CoreThread
    settings: Settings

    def run(self, work: Callable[[Core], Coroutine[Any, Any, T]], job: str = "") -> T:
        """Wait for `work`. `job` is the job it starts, which goes on without whoever waits unless it is cancelled.

        Raises CancelledError when the caller stops it.
        """
        under_way = _UnderWay(self, job)
        with caller().stoppable(under_way.stop):
            return self._submit(under_way.follow(work)).result()

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        try:
            return self.thread.submit(work)
        except RuntimeError as problem:
            raise Busy(_("The window is being closed; nothing was changed."), _("Run the command again.")) from problem


class _Upgrade:
    """Says how far the upgrade of an old store is, once there is one: few commands ever meet it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._line = caller().progress(_("Bringing the store up to date"))
        self._report: Report | None = None

    def __enter__(self) -> _Upgrade:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    def __call__(self, done: int, total: int) -> None:
        """On the core thread."""
        if self._report is None:
            self._report = self._stack.enter_context(self._line)
        self._report(done, total)


class _UnderWay:
    """A piece of work that can be stopped from another thread, even before it has begun."""

    def __init__(self, session: Session, job: str) -> None:
        self._session = session
        self._job = job
        self._stopped = False
        self._task: asyncio.Task[Any] | None = None

    async def follow(self, work: Callable[[Core], Coroutine[Any, Any, T]]) -> T:
        self._task = asyncio.current_task()
        if self._stopped:
            raise asyncio.CancelledError
        return await work(self._session.core)

    def stop(self) -> None:
        """From any thread."""
        self._session.thread.loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        self._stopped = True
        if self._job:
            self._session.core.jobs.cancel(self._job)
        if self._task is not None:
            self._task.cancel()


@contextmanager
def session(options: Options, *, writes: bool) -> Iterator[Session]:
    """Open the home, or use the window's core when the window runs this command.

    A command that writes takes the home's lock, and waits `options.wait` seconds for another that has it. Raises Busy
    after that, WindowListens when a window takes the home meanwhile.
    """
    host = caller().host
    if host is not None:
        yield Session(host.core, host.thread, host.settings)
        return
    opened, lock = _entered(options, writes)
    thread = CoreThread()
    try:
        with _Upgrade() as told:
            running = thread.run(app.build(opened, upgrading=told))
        try:
            if writes:
                thread.run(running.tidy())
            yield Session(running.core, thread, opened.settings)
        finally:
            thread.run(running.shutdown())
            running.close()
    finally:
        thread.stop()
        lock.release()


@contextmanager
def preferences(options: Options, *, writes: bool) -> Iterator[Settings]:
    """The home's settings without its core: the window's own when the window runs this command, because it keeps them
    in memory and would write over what another process changed. Raises as `session`."""
    host = caller().host
    if host is not None:
        yield host.settings
        return
    opened, lock = _entered(options, writes)
    try:
        yield opened.settings
    finally:
        lock.release()


def _entered(options: Options, writes: bool) -> tuple[app.Opened, HomeLock]:
    """The home, its warnings said, and its lock, which is held when the command writes. Raises as `hold`."""
    opened = app.open_home(options.place, options.passphrase_file)
    for warning in opened.warnings:
        tell(warning)
    lock = HomeLock(opened.home.root)
    if writes:
        hold(lock, opened.home, options.wait)
    return opened, lock


def hold(lock: HomeLock, home: Home, seconds: float) -> None:
    """Take the lock, and remove what a crashed holder left. Raises Busy after `seconds`, WindowListens."""
    deadline = time.monotonic() + seconds
    told = False
    while True:
        try:
            lock.acquire()
            line.forget(home.root)
            return
        except Busy as busy:
            if _listens(home):
                raise WindowListens(busy) from None
            if time.monotonic() >= deadline:
                raise
        if not told:
            tell(_("Another process writes to this home; waiting up to {n} s for it.").format(n=round(seconds)))
            told = True
        time.sleep(_PAUSE)


def in_use(home: Home) -> Finding:
    """Who writes to this home now, for `doctor`."""
    lock = HomeLock(home.root)
    if not lock.held():
        return Finding("in use", True, _("No window is open, and no command writes to this home."))
    if _listens(home):
        return Finding("in use", True, _("The window is open; commands that write are run by it."))
    if lock.holder() == WINDOW:
        return Finding("in use", False, _("The window is open and does not answer."),
                       _("Wait until it has started, or close it. If it hangs, end it: what is saved is safe."))
    return Finding("in use", True, _("A command writes to this home."))


def _listens(home: Home) -> bool:
    try:
        found = line.call(home.root)
    except line.Gone:
        return False
    if found is not None:
        found.close()
    return found is not None
