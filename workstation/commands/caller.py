"""Who asked for a command, and hears its answer: this process's own terminal, or a process that handed it over.

A command says everything through `output`, and takes paths through `given`, so that its body is the same in both.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workstation.app.handover import Host

Report = Callable[[int, int], None]
"""Called with (done, total); total is 0 when it is not known."""


class Caller(Protocol):
    """Hears a command out. `host` is the core the command is to use; None: it opens the home itself."""

    host: Host | None

    def out(self, text: str) -> None:
        """A piece of the answer."""

    def err(self, text: str) -> None:
        """A piece of what is said to the person."""

    def flush(self) -> None:
        """Let the answer so far be seen."""

    def ask(self, prompt: str) -> str:
        """A secret that is typed and not shown."""

    def progress(self, title: str) -> AbstractContextManager[Report]: ...

    def path(self, path: Path) -> Path:
        """A path as the caller means it."""

    def display(self) -> str | None:
        """The caller's screen by its X11 name, "" for none; None: the one of this process."""

    def stoppable(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """While inside, `stop` is called when the caller does not want to wait any more."""

    def why_stopped(self) -> str:
        """A sentence when it was not the caller who stopped the command."""


class Terminal:
    """The caller is this process: its streams, its folder, its Ctrl-C."""

    host: Host | None = None

    def out(self, text: str) -> None:
        sys.stdout.write(text)

    def err(self, text: str) -> None:
        sys.stderr.write(text)

    def flush(self) -> None:
        sys.stdout.flush()

    def ask(self, prompt: str) -> str:
        import getpass

        return getpass.getpass(prompt)

    def progress(self, title: str) -> AbstractContextManager[Report]:
        return bar(title)

    def path(self, path: Path) -> Path:
        return path

    def display(self) -> str | None:
        return None

    @contextmanager
    def stoppable(self, stop: Callable[[], None]) -> Iterator[None]:  # noqa: ARG002 - Ctrl-C raises KeyboardInterrupt
        yield

    def why_stopped(self) -> str:
        return ""


def speak_utf8() -> None:
    """JSON is UTF-8 wherever stdout goes; a pipe on Windows would be written in the system's old code page."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def caller() -> Caller:
    """Who asked for the command that runs in this context."""
    return _caller.get() or Terminal()


@contextmanager
def calling(who: Caller) -> Iterator[None]:
    """Run what is inside for somebody else."""
    before = _caller.set(who)
    try:
        yield
    finally:
        _caller.reset(before)


def given(path: Path) -> Path:
    """A path from the command line, as whoever typed it means it. Every path that a command opens goes through here."""
    return caller().path(path)


@contextmanager
def bar(title: str) -> Iterator[Report]:
    """A progress line on this process's terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _nobody_looks
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as line:
        task = line.add_task(title, total=None)

        def report(done: int, total: int) -> None:
            line.update(task, completed=done, total=total or None)

        yield report


def _nobody_looks(_done: int, _total: int) -> None:
    return
