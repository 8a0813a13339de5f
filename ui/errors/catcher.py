"""Bugs, wherever they happen, end in one place: the log and the crash dialog. Known failures never come here."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from workstation.kernel.errors import WorkstationError

log = logging.getLogger("workstation.ui")


def trace(bug: BaseException) -> str:
    """The whole trace, without addresses, numbers and secrets."""
    from workstation.kernel.logs import redact

    return redact("".join(traceback.format_exception(bug)))


class Catcher(QObject):
    """Installs the hooks of the interpreter, of threads and of Qt. Signals arrive on the main thread."""

    bug = Signal(object)
    known = Signal(object)

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        qInstallMessageHandler(_on_qt_message)

    def uninstall(self) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def report(self, bug: BaseException) -> None:
        """Log it and show it. Known failures are shown as what they are."""
        if isinstance(bug, WorkstationError):
            self.known.emit(bug)
            return
        log.error("a bug: %s", type(bug).__name__, exc_info=bug)
        self.bug.emit(bug)

    def on_loop(self, _loop: object, context: dict[str, object]) -> None:
        """The core loop's exception handler (asyncio.loop.set_exception_handler)."""
        bug = context.get("exception")
        if isinstance(bug, BaseException):
            self.report(bug)
        else:
            log.error("the core loop says: %s", context.get("message", ""))

    def _on_exception(self, kind: type[BaseException], bug: BaseException, _where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, bug, _where)
            return
        self.report(bug)

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.report(args.exc_value)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    log.log(levels.get(kind, logging.WARNING), "Qt: %s", text or "")
