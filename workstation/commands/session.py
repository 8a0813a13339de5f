"""Opening a home for one command, and closing it whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from workstation import app
from workstation.api import Core
from workstation.commands.output import tell
from workstation.kernel.paths import Home, default_home
from workstation.runtime.thread import CoreThread
from workstation.store.lock import HomeLock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes."""

    home: Path | None = None
    passphrase_file: Path | None = None
    debug: bool = False

    @property
    def place(self) -> Home:
        return Home(self.home) if self.home is not None else default_home()


@dataclass(frozen=True, slots=True)
class Session:
    """A core on its thread, for one command."""

    core: Core
    thread: CoreThread

    def run(self, work: Callable[[Core], Coroutine[Any, Any, T]]) -> T:
        return self.thread.run(work(self.core))


@contextmanager
def session(options: Options, *, writes: bool) -> Iterator[Session]:
    """Open the home. A command that writes takes the home's lock: while the window is open it is refused (Busy)."""
    opened = app.open_home(options.place, options.passphrase_file)
    for warning in opened.warnings:
        tell(warning)
    lock = HomeLock(opened.home.root)
    if writes:
        lock.acquire()
    thread = CoreThread()
    try:
        running = thread.run(app.build(opened))
        try:
            if writes:
                thread.run(running.tidy())
            yield Session(running.core, thread)
        finally:
            thread.run(running.shutdown())
            running.close()
    finally:
        thread.stop()
        lock.release()
