"""Opens the window: key, first page, paint; the core is built behind it.

The order is what makes the start fast: nothing heavier than Qt and the encrypted file is loaded before the first paint.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ui.errors.catcher import Catcher
from ui.shell.program import Program
from ui.theme import theme
from ui.theme.state import DRAWN
from workstation import app
from workstation.app.desk import Desk, desk_or_front
from workstation.kernel import i18n
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home, default_home

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.inbox.listing import ConversationRow


def main(home: Path | None = None, passphrase_file: Path | None = None) -> int:
    """Run the window until it is closed. 2 when the home cannot be opened, with one line on stderr."""
    i18n.use_language("")
    if _no_display():
        return _refuse(_("There is no display to open a window on. Use a command: workstation --help."))
    try:
        opened = app.open_home(Home(home) if home else default_home(), passphrase_file)
        desk = desk_or_front(opened)
    except WorkstationError as problem:
        return _refuse(str(problem))
    return run_window(opened, desk) if desk is not None else 0


def run_window(opened: app.Opened, desk: Desk, shown: Callable[[Program], None] | None = None) -> int:
    """Show a window over an opened home until it is closed. `shown` is told the program once it is painted."""
    try:
        rows = opened.first_page()
    except WorkstationError as problem:
        desk.shutdown()
        return _refuse(str(problem))
    running = Run(opened, desk, rows)
    if shown is not None:
        shown(running.program)
    return running.run()


def make_application() -> QApplication:
    """The one QApplication, named, with pixel-exact scaling and following the system's colours."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    ours = sys.platform != "darwin"
    application = QApplication([*sys.argv[:1], *(("-style", "fusion") if ours else ())])
    application.setProperty(DRAWN, ours)
    application.setApplicationName("workstation")
    application.setApplicationDisplayName(_("Workstation"))
    application.setDesktopFileName("workstation")
    application.setQuitOnLastWindowClosed(False)
    theme().follow_system()
    return application


class Run(QObject):
    """One run of the window over one home."""

    _ready = Signal(object)
    _fronted = Signal(str, object)

    def __init__(self, opened: app.Opened, desk: Desk, rows: tuple[ConversationRow, ...]) -> None:
        self._application = make_application()
        super().__init__()
        self._desk = desk
        self._warnings = opened.warnings
        self._logs = opened.home.logs
        self._log: logging.Handler | None = None
        self._catcher = Catcher()
        self._catcher.install()
        self.program = Program(opened.settings, self._catcher)
        self._ready.connect(self._attach)
        self._fronted.connect(self.program.come_to_front)
        self.program.window.first_painted.connect(self._build)
        self.program.show(rows)

    def run(self) -> int:
        try:
            return int(self._application.exec())
        finally:
            self._desk.shutdown()
            self._catcher.uninstall()
            if self._log is not None:
                self._log.close()

    def _build(self) -> None:
        from ui.evidence.capture import QtCapture
        from workstation.kernel.logs import log_to

        self._log = log_to(self._logs)
        self._capture = QtCapture(parent=self)
        self._desk.start(self._capture, self._on_ready, self._on_failed, self._catcher.on_loop, self._on_front)

    def _on_ready(self, core: Core) -> None:
        """On the core thread."""
        self._ready.emit(core)

    def _on_front(self, token: str, done: Callable[[], None]) -> None:
        """On a thread of the handover: the window was started again."""
        self._fronted.emit(token, done)

    def _on_failed(self, problem: BaseException) -> None:
        """On the core thread."""
        _collect()
        self.program.core_failed(problem)

    def _attach(self, core: Core) -> None:
        _collect()
        self.program.attach(core, self._desk.thread, self._desk.shutdown)
        for warning in self._warnings:
            self.program.bridge.notice(warning, seconds=15, tone="warn")


def _collect() -> None:
    """Let the collector work again if it rested during the start (`workstation.cli`), past all that was loaded."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _no_display() -> bool:
    """On Linux a window needs X11 or Wayland; asking Qt without one ends the process."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    return sys.platform.startswith("linux") and not (
        named in ("offscreen", "minimal", "vnc") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse(sentence: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(sentence + "\n")
    return 2
