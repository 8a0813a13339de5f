"""Bugs, wherever they happen, end in one place: the log and the crash dialog. Known failures never come here.

The interpreter, threads, Qt and the core loop have hooks. What services catch so that their work goes on (a mailbox's
thread, a job that is repeated, a handler of an event) they log with its trace; the handler here reads the same record.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from workstation.kernel.errors import WorkstationError

log = logging.getLogger("workstation.ui")
RECENT = 50
"""Lines of the log that go along with a report."""
_TOLD = "told"


def trace(bug: BaseException) -> str:
    """The whole trace, without addresses, numbers, secrets and anybody's words."""
    from workstation.kernel.logs import redacted

    return redacted(bug)


class Catcher(QObject):
    """Installs the hooks of the interpreter, of threads, of Qt and of the log. Signals arrive on the main thread."""

    bug = Signal(object)
    known = Signal(object)

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        qInstallMessageHandler(_on_qt_message)
        self._watch = _Watch(self)
        logging.getLogger("workstation").addHandler(self._watch)

    def uninstall(self) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)
        logging.getLogger("workstation").removeHandler(self._watch)

    def recent(self) -> list[str]:
        """The last lines of the log, as they may be shown."""
        return self._watch.lines()

    def report(self, bug: BaseException) -> None:
        """Log it and show it. Known failures, and what the disk or the network did, are shown as what they are."""
        failure = bug if isinstance(bug, WorkstationError) else _known(bug)
        if failure is not None:
            log.warning("a failure nobody handled: %s", type(failure).__name__)
            self.known.emit(failure)
            return
        log.error("a bug: %s", type(bug).__name__, exc_info=bug, extra={_TOLD: True})
        self.bug.emit(bug)

    def on_loop(self, _loop: object, context: dict[str, object]) -> None:
        """The core loop's exception handler (asyncio.loop.set_exception_handler)."""
        bug = context.get("exception")
        if isinstance(bug, BaseException):
            self.report(bug)
        else:
            log.error("the core loop says: %s", context.get("message", ""))

    def _on_exception(self, kind: type[BaseException], bug: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, bug, where)
            return
        self.report(bug)

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.report(args.exc_value)


class _Watch(logging.Handler):
    """Keeps the last lines, and tells of bugs that were caught and logged so that work could go on."""

    def __init__(self, catcher: Catcher) -> None:
        super().__init__(logging.INFO)
        self._catcher = catcher
        self._lines: deque[str] = deque(maxlen=RECENT)

    def emit(self, record: logging.LogRecord) -> None:
        """The line is made at once: only here it can be told whether its sentence stands in the code."""
        from workstation.kernel.logs import FORMAT, RedactingFormatter  # not before the first paint

        self._lines.append(RedactingFormatter(FORMAT).format(record))
        bug = record.exc_info[1] if record.exc_info else None
        serious = bug is not None and record.levelno >= logging.ERROR and not isinstance(bug, WorkstationError)
        if serious and not getattr(record, _TOLD, False) and _known(bug) is None:
            self._catcher.bug.emit(bug)

    def lines(self) -> list[str]:
        return list(self._lines.copy())


def _known(bug: BaseException | None) -> WorkstationError | None:
    from workstation.kernel.failing import known

    return known(bug) if bug is not None else None


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    from workstation.kernel.logs import of_qt

    log.log(levels.get(kind, logging.WARNING), "Qt: %s", of_qt(text or ""))
