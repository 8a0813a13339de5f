"""The ways to capture: screen, region, window, the last region again, after some seconds, and from anywhere by a key.

The case is the one that is open when the capture is asked for; it stays so whatever is opened meanwhile.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from ui.bridge import Bridge
from ui.evidence import where
from ui.evidence.countdown import SETTLE_MS, Countdown
from ui.evidence.presenter import EvidencePresenter
from ui.evidence.region import RegionOverlay
from ui.evidence.window_picker import WindowPicker
from ui.shell.actions import Actions
from workstation.evidence.model import Grab, OpenWindow, Rect
from workstation.kernel.i18n import _

DELAYS = {"evidence.in_3": 3, "evidence.in_5": 5, "evidence.in_10": 10}


class Capturing(QObject):
    """Captures for the case of `presenter`; `host` says on which screen."""

    def __init__(self, bridge: Bridge, presenter: EvidencePresenter, actions: Actions, host: QWidget) -> None:
        super().__init__(host)
        self._bridge, self._presenter, self._host = bridge, presenter, host
        self.overlay: RegionOverlay | None = None
        self.countdown: Countdown | None = None
        self.picker: WindowPicker | None = None
        self._screen: QScreen | None = None
        presenter.grabbed.connect(self._on_grabbed)
        presenter.windows_listed.connect(self._on_windows)
        actions.on("evidence.capture", self.screen)
        actions.on("evidence.region", self.region)
        actions.on("evidence.window", self.window)
        actions.on("evidence.again", self.again)
        for name, seconds in DELAYS.items():
            actions.on(name, partial(self.delayed, seconds))

    def screen(self) -> None:
        """Keep the whole screen the window is on."""
        if case_id := self._case():
            self._presenter.capture(where.of(self._host.screen()), case_id)

    def region(self) -> None:
        """Take the screen the window is on, or the mouse while another program is in front; then choose a part."""
        in_front = QApplication.activeWindow() is not None
        self._grab(self._host.screen() if in_front else where.under_pointer() or self._host.screen(), whole=False)

    def window(self) -> None:
        """Choose one of the windows on the desktop."""
        if case_id := self._case():
            self._presenter.list_windows(case_id)

    def again(self) -> None:
        """The same pixels of the same screen as the last region."""
        case_id = self._case()
        if case_id and not self._presenter.capture_again(case_id):
            self._bridge.notice(_("No region was captured yet. Choose one first; then it can be captured again."))

    def delayed(self, seconds: int, _checked: bool = False) -> None:
        """After so many seconds, or not at all when it is asked for while it counts."""
        if self.countdown is not None:
            self.countdown.close()
            self.countdown = None
        elif case_id := self._case():
            self.countdown = Countdown(seconds, where.under_pointer() or self._host.screen())
            self.countdown.ended.connect(partial(self._on_time, case_id))
            self.countdown.cancelled.connect(self._on_cancelled)
            self.countdown.begin()

    def _case(self) -> str:
        """The open case; without one the person is told."""
        case_id = self._presenter.conversation_id or ""
        if not case_id:
            self._bridge.notice(_("Open a conversation first: a capture joins its case."), tone="warn")
        return case_id

    def _grab(self, screen: QScreen | None, *, whole: bool, case_id: str = "") -> None:
        """Unless a region is being chosen already: that one comes to the front."""
        if self.overlay is not None and isValid(self.overlay):
            self.overlay.activateWindow()
        elif case_id := case_id or self._case():
            self._screen = screen
            self._presenter.grab(where.of(screen), case_id, whole)

    def _on_time(self, case_id: str) -> None:
        self.countdown = None
        self._grab(where.under_pointer() or self._host.screen(), whole=True, case_id=case_id)

    def _on_cancelled(self) -> None:
        self.countdown = None

    def _on_grabbed(self, grab: Grab, case_id: str, whole: bool) -> None:
        self.overlay = RegionOverlay(grab, self._screen, whole=whole)
        self.overlay.accepted.connect(partial(self._on_region, grab, case_id))
        self.overlay.showFullScreen()
        self.overlay.activateWindow()
        self.overlay.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_region(self, grab: Grab, case_id: str, rect: Rect) -> None:
        self._presenter.seal(grab, rect, case_id)

    def _on_windows(self, windows: tuple[OpenWindow, ...], case_id: str) -> None:
        own = self._host.window().windowTitle()
        self.picker = WindowPicker([one for one in windows if one.title != own], self._host.window())
        self.picker.chosen.connect(partial(self._on_window, case_id))
        self.picker.open()

    def _on_window(self, case_id: str, window_id: str) -> None:
        """Once the list is gone from the screen."""
        QTimer.singleShot(SETTLE_MS, partial(self._presenter.capture_window, window_id, case_id))
