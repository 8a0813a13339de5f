"""Opens the window: key, first page, paint; the core is built behind it.

The order is what makes the start fast: nothing heavier than Qt and the encrypted file is loaded before the first paint.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ui.collector import Collector
from ui.errors.again import AT_THE_DOOR, start_again
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
    from asyncio import AbstractEventLoop

    from ui.bridge import CoreRunner
    from ui.onboarding import door
    from ui.onboarding.upgrading import Upgrading
    from ui.shell.ending import EndRequests
    from workstation.api import Core
    from workstation.app.beginning import Beginning
    from workstation.inbox.listing import ConversationRow


def main(home: Path | None = None, passphrase_file: Path | None = None) -> int:
    """Run the window until it is closed. Without a home that opens it shows the first steps, or what helps; 2 only
    where there is no display to show anything on."""
    i18n.use_language("")
    if _no_display():
        return _refuse(_("There is no display to open a window on. Use a command: workstation --help."))
    place = Home(home) if home else default_home()
    if AT_THE_DOOR in os.environ:   # the window that ran before could not go on with its damaged store
        from workstation.kernel.failing import damaged

        return _arrive(place, passphrase_file, damaged())
    try:
        opened = app.open_home(place, passphrase_file)
        if opened.settings.text("setup"):
            return _arrive(place, passphrase_file, opened)
        found = _at_the_desk(opened)
    except Exception as problem:  # noqa: BLE001 - nobody reads a terminal: whatever it is, a window says it
        return _arrive(place, passphrase_file, problem)
    return _run(opened, *found) if found is not None else 0


def run_window(
    opened: app.Opened, desk: Desk, shown: Callable[[Program], None] | None = None, *, sample: bool = False,
) -> int:
    """Show a window over an opened home until it is closed. `shown` is told the program once it is painted; `sample`
    marks it as sample data."""
    try:
        rows = opened.first_page()
    except WorkstationError as problem:
        desk.shutdown()
        return _refuse(str(problem))
    return _run(opened, desk, rows, shown, sample=sample)


def _run(
    opened: app.Opened, desk: Desk, rows: tuple[ConversationRow, ...], shown: Callable[[Program], None] | None = None,
    *, sample: bool = False,
) -> int:
    running = Run(opened, desk, rows, sample=sample)
    if shown is not None:
        shown(running.program)
    return running.run()


def _at_the_desk(opened: app.Opened) -> tuple[Desk, tuple[ConversationRow, ...]] | None:
    """The home in use and its first page; None when a window that is open already was brought to the front."""
    desk = desk_or_front(opened)
    if desk is None:
        return None
    try:
        return desk, opened.first_page()
    except BaseException:
        desk.shutdown()
        raise


def _arrive(place: Home, passphrase_file: Path | None, found: app.Opened | Exception) -> int:
    """The window before the inbox, and then the inbox."""
    from ui.arrival import Arrival

    arrival = Arrival(FrontDoor(passphrase_file), place, found)
    try:
        return int(make_application().exec())
    finally:
        arrival.end()


class FrontDoor:
    """`ui.onboarding.door.Door` by `workstation.app`. Blocks; never called on the main thread but for the first try."""

    def __init__(self, passphrase_file: Path | None) -> None:
        self._file = passphrase_file

    def keyring_name(self) -> str:
        return app.keyring_name()

    def begin(self, root: Path, passphrase: str | None) -> Beginning:
        return app.begin_home(Home(root), passphrase)

    def open(self, root: Path) -> app.Opened:
        return app.open_home(Home(root), self._file)

    def unlock(self, root: Path, passphrase: str) -> app.Opened:
        return app.unlock_home(Home(root), passphrase)

    def recover(self, root: Path, recovery: str, passphrase: str | None, new_device: bool) -> app.Opened:
        return app.recover_home(Home(root), recovery, None, new_device, passphrase=passphrase)

    def place(self, root: Path, passphrase: str | None, copied: bool) -> app.Opened:
        return app.place_home(Home(root), self._file, copied=copied, passphrase=passphrase)

    def look(self, backup: Path) -> door.Found:
        from workstation.app import rescuing

        return rescuing.look(backup)

    def restore(
        self, backup: Path, root: Path, recovery: str, old: str, passphrase: str | None,
        report: Callable[[int, int], None],
    ) -> door.Rescued:
        from workstation.app import rescuing

        return rescuing.restored(backup, Home(root), recovery, old, passphrase, report)

    def salvage(self, root: Path, passphrase: str, report: Callable[[int, int], None]) -> door.Rescued:
        from workstation.app import rescuing

        return rescuing.salvaged(Home(root), self._file, passphrase, report)

    def sit(self, home: door.Home) -> Seat | None:
        if not isinstance(home, app.Opened):
            raise TypeError("a home that was opened by this door")
        found = _at_the_desk(home)
        return Seat(home, *found) if found is not None else None


@dataclass
class Seat:
    """`ui.onboarding.door.Seat`."""

    opened: app.Opened
    desk: Desk
    rows: tuple[ConversationRow, ...]

    @property
    def thread(self) -> CoreRunner:
        return self.desk.thread

    def start(
        self, parent: QObject, ready: Callable[[Core], None], failed: Callable[[BaseException], None],
        on_loop: Callable[[AbstractEventLoop, dict[str, Any]], None], front: Callable[..., None],
    ) -> None:
        from ui.evidence.capture import QtCapture
        from workstation.app.screen import back_end

        self.desk.start(QtCapture(parent=parent, screen=back_end()), ready, failed, on_loop, front)

    def shutdown(self) -> None:
        self.desk.shutdown()

    def inbox(self, core: Core | None) -> Run:
        """With a core that was at work already the first page is read anew."""
        return Run(self.opened, self.desk, self.opened.first_page() if core is not None else self.rows, core)


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
    Collector(application)
    theme().follow_system()
    return application


class Run(QObject):
    """One run of the window over one home."""

    _ready = Signal(object)
    _upgraded = Signal(int, int)
    _fronted = Signal(str, object)

    def __init__(
        self, opened: app.Opened, desk: Desk, rows: tuple[ConversationRow, ...], core: Core | None = None,
        *, sample: bool = False,
    ) -> None:
        """`core`: it was built already, for the first steps."""
        self._application = make_application()
        super().__init__()
        self._desk = desk
        self._core = core
        self._warnings = opened.warnings
        self._logs = opened.home.logs
        self._log: logging.Handler | None = None
        self._requests: EndRequests | None = None
        self._catcher = Catcher()
        self._catcher.install()
        self.program = Program(opened.settings, self._catcher, sample=sample)
        self._ready.connect(self._attach)
        self._upgraded.connect(self._show_upgrade)
        self._upgrade: Upgrading | None = None
        self._fronted.connect(self.program.come_to_front)
        if desk.only_reading:
            self.program.only_read()
        self.program.window.first_painted.connect(self._build)
        self.program.show(rows)

    def run(self) -> int:
        try:
            return int(self._application.exec())
        finally:
            self.end()

    def end(self) -> None:
        """After the last event: let go of the home and of the hooks."""
        self._desk.shutdown()
        self._catcher.uninstall()
        if self._requests is not None:
            self._requests.close()
        if self._log is not None:
            self._log.close()
        if self.program.restarting:
            start_again(self.program.door)

    def _watch_the_end(self) -> None:
        """Leave a mark until the program ended as it should, and tell of the last run that did not."""
        from ui.errors.lastrun import REPORT, LastRun
        from ui.shell.ending import EndRequests

        self._requests = EndRequests(self.program.close_window, self)
        if self._desk.only_reading:
            return
        last = LastRun(self._logs)
        if last.begin():
            self.program.tell_last_run(self._logs / REPORT)
        self._last = last   # kept: a signal holds no object that is not Qt's
        self.program.ended.connect(last.end)

    def _build(self) -> None:
        try:
            self._watch_the_end()
        except OSError as problem:   # a full disk keeps nobody from reading
            self._catcher.report(problem)
        if self._core is not None:
            self._attach(self._core)
            return
        from ui.evidence.capture import QtCapture
        from workstation.app.screen import back_end

        self._begin_log()
        self._capture = QtCapture(parent=self, screen=back_end())
        self._desk.start(self._capture, self._on_ready, self._on_failed, self._catcher.on_loop, self._on_front,
                         self._upgraded.emit)

    def _begin_log(self) -> None:
        if self._desk.only_reading:
            return
        from workstation.kernel.logs import log_to

        try:
            self._log = log_to(self._logs)
        except OSError as problem:
            self._catcher.report(problem)

    def _on_ready(self, core: Core) -> None:
        """On the core thread."""
        self._ready.emit(core)

    def _on_front(self, token: str, done: Callable[[], None]) -> None:
        """On a thread of the handover: the window was started again."""
        self._fronted.emit(token, done)

    def _on_failed(self, problem: BaseException) -> None:
        """On the core thread."""
        self._upgraded.emit(-1, -1)
        self.program.core_failed(problem)

    def _show_upgrade(self, done: int, total: int) -> None:
        """A store of an older program is brought up to date before there is a core; -1: it is over."""
        if total < 0:
            self._end_upgrade()
            return
        from ui.onboarding.upgrading import Upgrading

        if self._upgrade is None:
            self._upgrade = Upgrading(self.program.window)
        self._upgrade.report(done, total)

    def _end_upgrade(self) -> None:
        if self._upgrade is not None:
            self._upgrade.done()
            self._upgrade = None

    def _attach(self, core: Core) -> None:
        self._end_upgrade()
        self.program.attach(core, self._desk.thread, self._desk.shutdown)
        if QGuiApplication.platformName() != "offscreen":
            self._listen()
        for warning in self._warnings:
            self.program.bridge.notice(warning, seconds=15, tone="warn")

    def _listen(self) -> None:
        """For the key of the settings, in a session that has a desktop."""
        from workstation.app.screen import keys

        self.program.listen(keys())


def _no_display() -> bool:
    """On Linux a window needs X11 or Wayland; asking Qt without one ends the process."""
    named = os.environ.get("QT_QPA_PLATFORM", "")
    return sys.platform.startswith("linux") and not (
        named in ("offscreen", "minimal", "vnc") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse(sentence: str) -> int:
    if sys.stderr is not None:
        sys.stderr.write(sentence + "\n")
    return 2
