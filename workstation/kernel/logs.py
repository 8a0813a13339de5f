"""Logs a person may send to us: what happened and when, never what a buyer wrote, an address or a key.

Messages are constants of the code with ids, counts and kinds as arguments; `kernel.redaction` lets nothing else pass,
and a sentence that is no constant is left out.
"""

from __future__ import annotations

import copy
import faulthandler
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from workstation.kernel.redaction import Plain, arguments, headline, of_qt, redact, redacted

__all__ = ["FORMAT", "Plain", "RedactingFormatter", "catch_faults", "headline", "log_to", "of_qt", "redact",
           "redacted", "stop_catching"]

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FILE = "workstation.log"
FAULTS = "faults.log"
_MOST_BYTES = 2_000_000
_KEPT = 3
_MOST_FAULTS = 100_000
_MOST_LINE = 30_000
_MOST_FRAMES = 40


class RedactingFormatter(logging.Formatter):
    """Formats the sentence with what may be written of its arguments; a trace is `redacted`; no stack."""

    def format(self, record: logging.LogRecord) -> str:
        safe = copy.copy(record)
        safe.msg, safe.args = self._sentence(record), None
        safe.exc_info = safe.exc_text = safe.stack_info = None
        line = super().format(safe)
        bug = record.exc_info[1] if record.exc_info else None
        return (line if bug is None else f"{line}\n{redacted(bug)}")[:_MOST_LINE].rstrip("\n")

    def _sentence(self, record: logging.LogRecord) -> str:
        if not isinstance(record.msg, str):
            return f"<{type(record.msg).__name__}>"
        if not _stands_in_the_code(record):
            return f"<{len(record.msg)} characters left out>"
        message = record.msg
        if record.args:
            try:
                message = message % arguments(record.args)
            except (TypeError, ValueError, KeyError):   # %d of a text that was left out
                message = f"{message} <{len(record.args)} arguments>"
        return redact(message)


class LogFile(RotatingFileHandler):
    """Bounded, for its owner only, and silent about the content when a line cannot be written."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:
        """The base class would print the arguments. A full disk must not stop the program either."""
        problem = sys.exc_info()[1]
        if sys.stderr is not None and problem is not None:
            sys.stderr.write(f"A log line of {record.name} could not be written: {headline(problem)}\n")


def _stands_in_the_code(record: logging.LogRecord) -> bool:
    """Whether the sentence is a constant of the function that logs, and not put together from what it works on."""
    frame = sys._getframe()
    for _step in range(_MOST_FRAMES):
        if frame.f_lineno == record.lineno and frame.f_code.co_filename == record.pathname:
            return record.msg in frame.f_code.co_consts
        if frame.f_back is None:
            break
        frame = frame.f_back
    return False


def log_to(folder: Path, level: int = logging.INFO) -> logging.Handler:
    """Start writing `workstation.log` in `folder` (2 MB, three kept). Returns the handler so it can be closed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = LogFile(folder / FILE, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(FORMAT))
    logger = logging.getLogger("workstation")
    logger.setLevel(level)
    logger.addHandler(handler)
    return handler


def catch_faults(folder: Path) -> IO[bytes]:
    """Let a crash of the interpreter itself leave where it was: files, lines and names of functions, no values (the
    documentation of `faulthandler`). Close what is returned with `stop_catching`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FAULTS
    large = path.exists() and path.stat().st_size > _MOST_FAULTS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if large else os.O_APPEND), 0o600)
    file = os.fdopen(descriptor, "ab", buffering=0)
    faulthandler.enable(file, all_threads=True)
    return file


def stop_catching(file: IO[bytes]) -> None:
    """The opposite of `catch_faults`."""
    faulthandler.disable()
    file.close()
