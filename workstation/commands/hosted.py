"""A command that another process handed over, run in the window's process on the window's core.

One thread runs the command, as any command line would; another listens to the caller and passes progress on. Nobody
waits for the caller on the core thread. What happens when it dies is said for each command in `handing.TABLE`.
"""

from __future__ import annotations

import contextvars
import threading
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from workstation.commands import root
from workstation.commands.caller import Report, calling
from workstation.commands.handing import COULD_NOT, stops_with_its_caller, writer
from workstation.kernel import i18n
from workstation.kernel.i18n import _
from workstation.runtime.line import Gone, Line

if TYPE_CHECKING:
    from workstation.app.handover import Host

PIECE = 16_000
"""Characters of output in one message: escaped (12 bytes at most) they stay below what a line carries."""
TICK_SECONDS = 0.1
"""How often progress is passed on, and how soon an end of the window is noticed."""


def serve(line: Line, request: dict[str, Any], host: Host, closing: threading.Event) -> None:
    """Run what the request asks for, until it has ended. Raises Gone for anything else than a request of ours."""
    arguments, far = _understood(line, request, host)
    language = str(request.get("language"))

    def work() -> None:
        code = COULD_NOT
        try:
            with i18n.speaking(language), calling(far):
                code = root.run(arguments)
        finally:
            far.ended(code)   # whatever happened: somebody waits for it

    runner = threading.Thread(target=contextvars.Context().run, args=(work,), name="command", daemon=True)
    runner.start()
    far.listen(closing, stops_with_its_caller(arguments))
    runner.join()


def _understood(line: Line, request: dict[str, Any], host: Host) -> tuple[list[str], Elsewhere]:
    arguments, folder = request.get("arguments"), request.get("folder")
    strings = isinstance(arguments, list) and all(isinstance(each, str) for each in arguments)
    if not strings or not isinstance(folder, str) or not Path(folder).is_absolute():
        raise Gone("not understood")
    if not writer(arguments or ()):   # another one would talk to the window's own terminal, or open the home again
        raise Gone("not for the window")
    return list(arguments or ()), Elsewhere(line, host, Path(folder), str(request.get("display") or ""))


class Elsewhere:
    """The caller is another process: its streams, its folder, its Ctrl-C. Fulfils `caller.Caller`."""

    def __init__(self, line: Line, host: Host, folder: Path, display: str) -> None:
        self.host: Host | None = host
        self._line = line
        self._folder = folder
        self._display = display
        self._done = threading.Event()
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._changing = threading.Lock()
        self._stop: Callable[[], None] | None = None
        self._stopped = False
        self._window_closes = False
        self._seen: tuple[str, int, int] | None = None
        self._shown: tuple[str, int, int] | None = None

    # what the command says, on its thread

    def out(self, text: str) -> None:
        self._say("out", text)

    def err(self, text: str) -> None:
        self._say("err", text)

    def flush(self) -> None:
        """Everything is on its way at once."""

    def ask(self, prompt: str) -> str:
        """Raises CancelledError when nobody answers any more."""
        self._tell({"ask": prompt})
        answer = self._answers.get()
        if answer is None:
            raise CancelledError
        return answer

    @contextmanager
    def progress(self, title: str) -> Iterator[Report]:
        def report(done: int, total: int) -> None:
            self._seen = (title, done, total)   # on the core thread; `listen` passes it on

        self._seen = (title, 0, 0)
        try:
            yield report
        finally:
            self._seen = None

    def path(self, path: Path) -> Path:
        return self._folder / path

    def display(self) -> str | None:
        return self._display

    @contextmanager
    def stoppable(self, stop: Callable[[], None]) -> Iterator[None]:
        with self._changing:
            if self._stopped:
                raise CancelledError
            self._stop = stop
        try:
            yield
        finally:
            with self._changing:
                self._stop = None

    def why_stopped(self) -> str:
        if not self._window_closes:
            return ""
        return _("The window was closed in the middle of this command. What was finished is kept; run it again.")

    def ended(self, code: int) -> None:
        """The last word. The caller may be gone by now; then nobody needs it."""
        self._tell({"end": code})
        self._done.set()

    def _say(self, stream: str, text: str) -> None:
        for start in range(0, len(text), PIECE):
            self._tell({stream: text[start:start + PIECE]})

    def _tell(self, message: dict[str, object]) -> None:
        with suppress(Gone):   # `listen` notices it too, and decides
            self._line.send(message)

    # what the caller says, on the line's thread

    def listen(self, closing: threading.Event, stops: bool) -> None:
        """Until the command has ended: pass progress on, hear the caller, notice its end and the window's."""
        while not self._done.is_set():
            try:
                self._hear(self._line.receive(TICK_SECONDS))
                self._pass_on()
            except Gone:
                self._alone(closing, stops)
                return
            if closing.is_set():
                self._close()

    def _hear(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        if message.get("cancel"):
            self._cancel()
        elif isinstance(message.get("answer"), str):
            self._answers.put(message["answer"])

    def _pass_on(self) -> None:
        seen = self._seen
        if seen != self._shown:
            self._shown = seen
            self._line.send({"progress": list(seen) if seen else None})

    def _alone(self, closing: threading.Event, stops: bool) -> None:
        """Nobody waits any more: stop, or bring to its end what was begun. A question ends with nobody to answer it."""
        self._answers.put(None)
        if stops:
            self._cancel()
        while not self._done.wait(TICK_SECONDS):
            if closing.is_set():
                self._close()

    def _close(self) -> None:
        self._window_closes = True
        self._cancel()

    def _cancel(self) -> None:
        """Stop the command where it can be stopped, once. What it committed stays."""
        with self._changing:
            again, self._stopped = self._stopped, True
            stop = self._stop
        if again:
            return
        self._answers.put(None)
        if stop is not None:
            stop()
