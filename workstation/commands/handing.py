"""Hands a command over to the window that holds the home, without loading what the command itself would need.

A command that writes runs where the home is open; a home is written by one process at a time. Commands that only read
run beside the window, in their own process.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from workstation.commands.caller import Report, Terminal, speak_utf8
from workstation.kernel import i18n
from workstation.kernel.i18n import _
from workstation.kernel.paths import default_home
from workstation.runtime.line import Gone, Line, call, read_door

if TYPE_CHECKING:
    from collections.abc import Sequence

STOPS, ENDS = "stops", "ends"
TABLE: dict[tuple[str, ...], str] = {
    ("import", "mail"): STOPS,
    ("import", "orders"): STOPS,
    ("evidence", "capture"): ENDS,
    ("evidence", "export"): ENDS,
    ("evidence", "redact"): ENDS,
    ("evidence", "keep"): STOPS,
    ("evidence", "erase"): ENDS,
    ("evidence", "hold"): ENDS,
    ("evidence", "claims"): ENDS,
    ("evidence", "read"): STOPS,
    ("sync",): ENDS,
    ("language", "add"): ENDS,
    ("language", "remove"): ENDS,
    ("language", "server"): ENDS,
    ("mailbox", "add"): STOPS,
    ("mailbox", "remove"): ENDS,
    ("source", "add"): ENDS,
    ("source", "remove"): ENDS,
    ("store", "backup"): STOPS,
    ("store", "compact"): STOPS,
}
"""Every command that writes, and what becomes of it when the process that asked for it dies. An import stops: what it
finished is kept and the next try continues. What is short, or made whole or not at all, is brought to its end."""
COULD_NOT = 2
TICK_SECONDS = 0.2
"""How soon a Ctrl-C reaches the window."""


def writer(arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that is named, when it writes; () for any other."""
    words = [each for each in arguments[:3] if not each.startswith("-")]
    return next((name for name in (tuple(words[:2]), tuple(words[:1])) if name in TABLE), ())


def stops_with_its_caller(arguments: Sequence[str]) -> bool:
    """Whether a command is not to go on without whoever asked for it."""
    return TABLE.get(writer(arguments)) == STOPS


def try_window(arguments: list[str]) -> int | None:
    """Let the window run this command and return its exit code. None: it is for this process to run."""
    own, home = without_secrets(arguments)
    if not writer(own) or "--help" in own:
        return None
    root = Path(home) if home else default_home().root
    if read_door(root) is None:
        return None
    i18n.use_language("")
    speak_utf8()
    try:
        folder = str(Path.cwd())
        line = call(root)
    except (OSError, Gone):   # no folder to be in; a window that hangs, which the lock will show
        return None
    return None if line is None else hand_over(line, own, folder)


def without_secrets(arguments: list[str]) -> tuple[list[str], str]:
    """What the window is told, and the home that is meant: the passphrase's file stays here, and it knows its home."""
    kept: list[str] = []
    found = {"--home": "", "--passphrase-file": ""}
    end = arguments.index("--") if "--" in arguments else len(arguments)
    at = 0
    while at < end:
        name, equals, value = arguments[at].partition("=")
        if name not in found:
            kept.append(arguments[at])
        elif equals:
            found[name] = value
        else:
            at += 1
            found[name] = arguments[at] if at < end else ""
        at += 1
    return [*kept, *arguments[end:]], found["--home"]


def hand_over(line: Line, arguments: list[str], folder: str) -> int:
    """Run it over there and be its terminal here. Returns its exit code; 2 when the window ends in the middle."""
    here = _Here(line)
    try:
        line.send({
            "do": "run", "arguments": arguments, "folder": folder, "language": i18n.language(),
            "display": os.environ.get("DISPLAY", ""),
        })
        return here.follow()
    except Gone:
        return here.say(_("The window ended in the middle of this command. What was finished is kept; run it again."))
    except KeyboardInterrupt:
        return here.say(_("Stopped waiting. The window may still be finishing this command."))
    except BrokenPipeError:
        return _nobody_reads()
    except OSError as problem:   # what the answer is written to is full
        return here.say(problem.strerror or type(problem).__name__)
    finally:
        here.close()
        line.close()


def _nobody_reads() -> int:
    """Whoever read the answer is gone; nothing more may be written, not even at the end of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return COULD_NOT


class _Here:
    """This terminal, for a command that runs in another process."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._terminal = Terminal()
        self._bar: ExitStack | None = None
        self._report: Report | None = None
        self._interrupted = 0
        self._told = False
        self._asking = False
        self._before = signal.signal(signal.SIGINT, self._on_interrupt)

    def follow(self) -> int:
        """Until the command has ended. Raises Gone, KeyboardInterrupt for the second Ctrl-C, BrokenPipeError."""
        while True:
            message = self._line.receive(TICK_SECONDS)
            if self._interrupted and not self._told:
                self._told = True
                self._line.send({"cancel": True})
            if message is None:
                continue
            if isinstance(message.get("end"), int):
                return int(message["end"])
            self._hear(message)

    def say(self, sentence: str) -> int:
        """The last line of a command that could not be followed to its end."""
        self._show(None)
        self._terminal.err(sentence + "\n")
        return COULD_NOT

    def close(self) -> None:
        self._show(None)
        signal.signal(signal.SIGINT, self._before)

    def _hear(self, message: dict[str, Any]) -> None:
        if "progress" in message:
            self._show(message["progress"])
        else:
            self._show(None)   # what is said stands below no moving line
        if "out" in message:
            self._terminal.out(str(message["out"]))
        if "err" in message:
            self._terminal.err(str(message["err"]))
        if "ask" in message:
            self._answer(str(message["ask"]))

    def _answer(self, prompt: str) -> None:
        """Ask the person. Ctrl-C, or nobody there to answer, stops the command."""
        self._asking = True
        try:
            self._line.send({"answer": self._terminal.ask(prompt)})
        except (KeyboardInterrupt, EOFError):
            self._interrupted = max(self._interrupted, 1)   # `follow` says so
        finally:
            self._asking = False

    def _show(self, progress: Any) -> None:
        if not isinstance(progress, list) or len(progress) != 3:
            if self._bar is not None:
                self._bar.close()
            self._bar = self._report = None
            return
        title, done, total = progress
        if self._report is None:
            self._bar = ExitStack()
            self._report = self._bar.enter_context(self._terminal.progress(str(title)))
        self._report(int(done), int(total))

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """The first Ctrl-C asks the window to stop; the second stops waiting for it. A question ends with the first."""
        self._interrupted += 1
        if self._interrupted > 1 or self._asking:
            raise KeyboardInterrupt
