"""A region of the screen for the binder's case: the binder steps aside, and comes back whatever becomes of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.evidence.region import RegionOverlay
from workstation.api import Core
from workstation.evidence.model import CaptureRequest, Grab, RecordView, Rect
from workstation.kernel.errors import WorkstationError

ASIDE_MS = 250
"""So long a window manager may take to show what lay below."""


class RegionTaking(QObject):
    """`taken` carries the RecordView, `failed` why there is none."""

    taken = Signal(object)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, case_id: str, window: QWidget) -> None:
        super().__init__(window)
        self.overlay: RegionOverlay | None = None
        self._bridge, self._case_id, self._window = bridge, case_id, window
        self._screen = 0
        self._aside = QTimer(self, singleShot=True, interval=ASIDE_MS)
        self._aside.timeout.connect(self._grab)

    def take(self) -> None:
        """Step aside, then take the screen the window was on."""
        screens = QGuiApplication.screens()
        self._screen = screens.index(self._window.screen()) if self._window.screen() in screens else 0
        self._window.hide()
        self._aside.start()

    def _grab(self) -> None:
        self._bridge.call(partial(_grab, self._screen), self._on_grabbed, self, self._on_failed, replaces="grab")

    def _on_grabbed(self, grab: Grab) -> None:
        self.overlay = RegionOverlay(grab, self._window.screen())
        self.overlay.accepted.connect(partial(self._on_chosen, grab))
        self.overlay.cancelled.connect(self._back)
        self.overlay.showFullScreen()
        self.overlay.activateWindow()

    def _on_chosen(self, grab: Grab, rect: Rect) -> None:
        self._back()
        work = partial(_seal, grab, CaptureRequest(self._case_id, grab.screen, rect))
        self._bridge.call(work, self.taken.emit, self, self._on_failed)

    def _on_failed(self, problem: WorkstationError) -> None:
        self._back()
        self.failed.emit(problem)

    def _back(self) -> None:
        self.overlay = None
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


async def _grab(screen: int, core: Core) -> Grab:
    return await core.evidence.grab(screen)


async def _seal(grab: Grab, request: CaptureRequest, core: Core) -> RecordView:
    return await core.evidence.seal(grab, request)
