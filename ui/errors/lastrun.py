"""Whether the last run ended as it should. A mark is left while the program runs; faults of the interpreter itself are
written by `faulthandler`. A run that finds the mark of another tells what happened to it, at the next start, quietly.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import IO

from ui.errors.report import compose, faults
from workstation import __version__
from workstation.kernel.logs import FAULTS, FILE, catch_faults, stop_catching

MARK = "running.json"
REPORT = "last-crash.txt"
"""Also named in `workstation.app.failing.ground`, which tells of it until it is dismissed."""
_TAIL, _LINES, _MOST_FAULTS = 64_000, 50, 20_000


class LastRun:
    """The mark of one home. `begin` when the window opens, `end` when everything is closed."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._file: IO[bytes] | None = None

    def begin(self) -> bool:
        """Leave the mark. True when the last run ended unexpectedly: its report is in `REPORT` now.

        Nobody else holds the home's lock, so a mark that is found is of a run that is over.
        """
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        unexpected = (self._logs / MARK).exists()
        if unexpected:
            self._tell()
        _clear(self._logs / FAULTS)
        mark = {"process": os.getpid(), "since": int(time.time()), "version": __version__}
        _write(self._logs / MARK, json.dumps(mark))
        self._file = catch_faults(self._logs)
        return unexpected

    def end(self) -> None:
        """It ended as it should."""
        if self._file is not None:
            stop_catching(self._file)
            self._file = None
        _clear(self._logs / FAULTS)
        _clear(self._logs / MARK)

    def _tell(self) -> None:
        fault = _tail(self._logs / FAULTS, _MOST_FAULTS).strip()
        happened = faults(fault) if fault else "It left no trace: it was ended from outside, or the power went."
        before = _tail(self._logs / MARK, 1_000)
        lines = _tail(self._logs / FILE, _TAIL).splitlines()[-_LINES:]
        _write(self._logs / REPORT, compose(f"the last run: {before}\n{happened}", lines))


def _tail(file: Path, most: int) -> str:
    """The end of a file; "" when there is none."""
    if not file.exists():
        return ""
    with file.open("rb") as opened:
        opened.seek(max(0, opened.seek(0, os.SEEK_END) - most))
        return opened.read().decode("utf-8", "replace")


def _clear(file: Path) -> None:
    file.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
