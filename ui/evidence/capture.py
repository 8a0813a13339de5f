"""The window's way to the screen: the session's own back end, our own windows on the offscreen platform.

What sees a real screen works off the main thread and is handed in (`screen`). Where there is none, Qt grabs: on X11 the
screen, offscreen our own windows. Evidence lives on the core thread and Qt on the main one, so such a request hops over
by a queued signal and its answer comes back in a future. Besides the bridge this is the only crossing; nothing else
passes here. Pixels are converted on a worker thread, so the window stands still only for the grab itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeVar

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal, Slot, qVersion
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QScreen
from PySide6.QtWidgets import QApplication, QWidget

from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.evidence.ports import CaptureBackend, SeesDesktop
from workstation.kernel.errors import CaptureRefused, Unsupported
from workstation.kernel.i18n import _

ANSWER_SECONDS = 10.0
T = TypeVar("T")
_TURNS = {
    Qt.ScreenOrientation.PortraitOrientation: 90, Qt.ScreenOrientation.InvertedLandscapeOrientation: 180,
    Qt.ScreenOrientation.InvertedPortraitOrientation: 270,
}


@dataclass(frozen=True, slots=True)
class Shot:
    """What the main thread took: an image that is nobody else's, and the geometry of that moment."""

    image: QImage
    monitors: tuple[Monitor, ...]
    screen: int
    back_end: str
    real_screen: bool
    title: str
    warnings: tuple[str, ...] = ()


class QtCapture(QObject):
    """Fulfils `evidence.ports.CaptureBackend` and `SeesDesktop`. Make it on the main thread; the rest is the core's.

    `windows` names the windows that the offscreen platform shows, from the bottom up; by default all visible ones.
    `screen` sees the real screen; without it Qt does, on X11.
    """

    _wanted = Signal(int, object)
    _asked = Signal(object)

    def __init__(
        self, windows: Callable[[], Sequence[QWidget]] | None = None, parent: QObject | None = None,
        screen: CaptureBackend | None = None,
    ) -> None:
        super().__init__(parent)
        self._windows = windows or _visible_windows
        self._platform = QGuiApplication.platformName()
        self._screen = screen if self._platform != "offscreen" else None
        self._wanted.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._asked.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def available(self) -> str:
        if self._screen is not None:
            return self._screen.available()
        if self._platform.startswith("wayland"):
            return _("This is a Wayland session, which does not let a program see the screen this way.")
        if self._platform not in ("xcb", "offscreen"):
            return _("Screen capture is not available on this system yet ({platform}).").format(platform=self._platform)
        return ""

    async def screens(self) -> tuple[Monitor, ...]:
        """As the back end counts them; empty where Qt grabs, which counts as Qt does."""
        return await self._screen.screens() if isinstance(self._screen, SeesDesktop) else ()

    async def windows(self) -> tuple[OpenWindow, ...]:
        return await self._desktop().windows()

    async def grab_window(self, window_id: str) -> Grab:
        return await self._desktop().grab_window(window_id)

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused."""
        if self._screen is None:
            shot: Future[Shot] = Future()
            self._wanted.emit(screen, shot)
            return await asyncio.to_thread(to_grab, await _answered(shot))
        grab = await self._screen.grab(screen)
        if not grab.canvas or grab.monitors:
            return grab
        told: Future[tuple[Monitor, ...]] = Future()
        self._asked.emit(told)
        return replace(grab, monitors=await _answered(told))

    def _desktop(self) -> SeesDesktop:
        if not isinstance(self._screen, SeesDesktop):
            raise Unsupported(_("This system does not tell which windows are open."), _("Capture a region instead."))
        return self._screen

    @Slot(object)
    def _tell(self, told: Future[tuple[Monitor, ...]]) -> None:
        """On the main thread: the screens on a canvas. Qt rounds their scales up; where they lie in it nobody says."""
        if told.set_running_or_notify_cancel():
            told.set_result(tuple(
                replace(_monitor(screen), pixel_width=0, pixel_height=0, scale=0.0)
                for screen in QGuiApplication.screens()))

    @Slot(int, object)
    def _take(self, screen: int, answer: Future[Shot]) -> None:
        """On the main thread. Whatever happens reaches whoever waits, never Qt's event loop."""
        if not answer.set_running_or_notify_cancel():
            return
        try:
            answer.set_result(self._shot(screen))
        except Exception as problem:  # noqa: BLE001 - raised again on the core thread
            answer.set_exception(problem)

    def _shot(self, screen: int) -> Shot:
        if self._platform == "xcb":
            return _screen_shot(screen)
        return window_shot(self._windows())


async def _answered(answer: Future[T]) -> T:
    """What the main thread says. Raises CaptureRefused when it does not."""
    try:
        return await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER_SECONDS)
    except TimeoutError as problem:
        raise CaptureRefused(_("The window did not answer in time; nothing was captured."),
                             _("Try again.")) from problem


def _screen_shot(number: int) -> Shot:
    """A real screen. Monitors are listed as Qt numbers them."""
    screens = QGuiApplication.screens()
    if not 0 <= number < len(screens):
        reason = _("There is no screen {n}; this display has {count}.").format(n=number, count=len(screens))
        raise CaptureRefused(reason, _("Count screens from 0."))
    image = screens[number].grabWindow(0).toImage()
    if image.isNull():
        raise CaptureRefused(_("The system gave no image of the screen."), _("Run workstation doctor."))
    window = QApplication.activeWindow()
    monitors = tuple(_monitor(screen) for screen in screens)
    taken = replace(monitors[number], pixel_width=image.width(), pixel_height=image.height())
    monitors = (*monitors[:number], taken, *monitors[number + 1:])
    return Shot(image, monitors, number, "x11/qt", True, window.windowTitle() if window else "")


def _monitor(screen: QScreen) -> Monitor:
    """A screen in Qt's logical coordinates. Its pixels are reckoned; of the one that is taken they are counted."""
    area, ratio = screen.geometry(), screen.devicePixelRatio()
    return Monitor(
        screen.name(), area.x(), area.y(), area.width(), area.height(), round(area.width() * ratio),
        round(area.height() * ratio), ratio, _TURNS.get(screen.orientation(), 0),
    )


def _visible_windows() -> Sequence[QWidget]:
    return [window for window in QApplication.topLevelWidgets() if window.isVisible() and window.width() > 0]


def window_shot(windows: Sequence[QWidget]) -> Shot:
    """Our windows, drawn by themselves one over the other: no screen shows them, and the record says so."""
    if not windows:
        raise CaptureRefused(_("No window is shown, so there is nothing to capture."), _("Open the window first."))
    area = QRect()
    for window in windows:
        area = area.united(window.geometry())  # the frame is not ours to draw
    ratio = max(window.devicePixelRatioF() for window in windows)
    image = _composed(windows, area, ratio)
    monitor = Monitor(
        "offscreen", area.x(), area.y(), area.width(), area.height(), image.width(), image.height(), ratio
    )
    return Shot(image, (monitor,), 0, "offscreen", False, windows[-1].windowTitle(), (_("Not a real screen"),))


def _composed(windows: Sequence[QWidget], area: QRect, ratio: float) -> QImage:
    size = QSize(round(area.width() * ratio), round(area.height() * ratio))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    for window in windows:
        painter.drawPixmap(window.geometry().topLeft() - area.topLeft(), window.grab())
    painter.end()
    return image


def to_grab(shot: Shot) -> Grab:
    """On a worker thread: opaque RGBA without padding."""
    if shot.image.isNull():
        raise CaptureRefused(_("The system gave no image of the screen."), _("Run workstation doctor."))
    image = shot.image.convertToFormat(QImage.Format.Format_RGBX8888)
    width, height = image.width(), image.height()
    packed = bytes(image.constBits())
    if image.bytesPerLine() != width * 4:
        rows = range(0, image.bytesPerLine() * height, image.bytesPerLine())
        packed = b"".join(packed[at:at + width * 4] for at in rows)
    return Grab(
        width, height, packed, shot.monitors, shot.screen, shot.back_end, shot.real_screen, shot.title, shot.warnings,
        (("qt", qVersion()),),
    )
