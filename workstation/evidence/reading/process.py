"""The process that reads, as the core sees it: started when a picture waits, killed when it hangs, gone when idle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from workstation.evidence.model import Rect
from workstation.evidence.reading import layout
from workstation.evidence.reading.model import Line
from workstation.evidence.reading.ports import CannotRead
from workstation.kernel.i18n import _
from workstation.runtime.helper import Closed, Helper, HelperDied, command_of

IDLE_SECONDS = 20.0
"""It holds 0.7 GB, and is back within three seconds."""
PICTURE_SECONDS = 600.0
"""At the lowest priority on a computer that is busy; the process counts its own time of a processor and is stricter."""
LONGEST_ANSWER = 16_000_000
HURRIED = "5"
"""The niceness of a process that is started because a person waits."""
_ABSENT = {"FileNotFoundError", "ModuleNotFoundError", "ImportError", "DLLNotFoundError"}


class Unfit(Exception):
    """This picture cannot be read by anybody here: "format", "damaged" or "large"."""


class Stopped(Exception):
    """The process ended, or failed, over this picture."""


def worker_command() -> list[str]:
    """How to start the process."""
    return command_of("read", "workstation.evidence.reading.worker")


class Reader:
    """One picture at a time. `pid` is 0 while no process runs."""

    def __init__(
        self, command: Sequence[str] | None = None, idle_seconds: float = IDLE_SECONDS,
        seconds: float = PICTURE_SECONDS,
    ) -> None:
        self._helper = Helper(command or worker_command(), idle_seconds, LONGEST_ANSWER, idle=True)
        self._seconds = seconds
        self._last_id = 0

    @property
    def pid(self) -> int:
        return self._helper.pid

    async def read(self, picture: bytes, *, hurry: bool = False) -> tuple[Line, ...]:
        """The lines of a picture. `hurry`: a person waits. Cancelling kills the process.

        Raises Unfit, Stopped, and CannotRead when no picture can be read here.
        """
        async with self._helper.turn():
            self._last_id += 1
            head = json.dumps({"id": self._last_id, "size": len(picture)}).encode() + b"\n"
            try:
                line = await self._helper.ask(head + picture, self._seconds, [HURRIED] if hurry else [])
                return self._lines(line)
            except Closed as problem:
                raise CannotRead(_("The program is closing."), _("Start it again.")) from problem
            except (TimeoutError, HelperDied) as problem:
                await self._helper.end()
                raise Stopped(type(problem).__name__) from problem
            except OSError as problem:
                raise _absent() from problem

    async def shutdown(self) -> None:
        """End the process and wait for it. Later requests are refused."""
        await self._helper.shutdown()

    def _lines(self, answered: bytes) -> tuple[Line, ...]:
        try:
            answer = json.loads(answered)
            if answer["id"] != self._last_id:
                raise HelperDied
            if "lines" in answer:
                return tuple(_line(each) for each in answer["lines"])
        except (ValueError, KeyError, TypeError) as problem:
            raise HelperDied from problem
        if "unfit" in answer:
            raise Unfit(str(answer["unfit"]))
        error = str(answer.get("error", ""))
        if error in _ABSENT:
            raise _absent()
        raise Stopped(error)


def _line(told: Sequence[Any]) -> Line:
    x, y, width, height, score, text = told
    read = "" if layout.doubtful(str(text)) else str(text)
    return Line(Rect(int(x), int(y), int(width), int(height)), read, float(score))


def _absent() -> CannotRead:
    return CannotRead(
        _("Text in pictures cannot be read: the engine or one of its models is missing."),
        _("Install the program again; everything else works as before."))
