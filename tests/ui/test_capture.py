"""The Qt capture adapter: exact to the pixel on a real X server, marked as no screen on the offscreen platform."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.evidence_x11 import ROOT, run_python, set_monitors, xvfb
from ui.evidence.capture import QtCapture
from ui.evidence.offscreen import backend
from workstation.evidence.imaging import checked
from workstation.evidence.model import Grab
from workstation.kernel.errors import CaptureRefused
from workstation.runtime.thread import CoreThread

_ON_X11 = """
import hashlib, json, sys
from dataclasses import replace
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from ui.evidence.capture import QtCapture
from ui.evidence.offscreen import backend
from workstation.evidence.imaging import checked, crop
from workstation.evidence.model import Rect
from workstation.runtime.thread import CoreThread

app = QApplication([])
capture, core = QtCapture(), CoreThread()

def report(future):
    grab = checked(future.result())
    part = crop(grab, Rect(*RECT))
    monitor = grab.monitors[grab.screen]
    print(json.dumps({
        "back_end": grab.back_end, "real": grab.real_screen, "size": [grab.width, grab.height],
        "sha256": hashlib.sha256(grab.rgba).hexdigest(), "scale": monitor.scale,
        "logical": [monitor.width, monitor.height], "physical": [monitor.pixel_width, monitor.pixel_height],
        "part": hashlib.sha256(part.rgba).hexdigest(), "available": capture.available(),
    }))
    app.exit(0)

work = core.submit(capture.grab(0))
timer = QTimer(interval=10)
timer.timeout.connect(lambda: work.done() and (timer.stop(), report(work)))
timer.start()
code = app.exec()
core.stop()
sys.exit(code)
"""


def _painted(width: int, height: int) -> QImage:
    """A picture in which neighbouring pixels differ, so that any scaling or shift shows."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for y in range(height):
        for x in range(width):
            image.setPixel(x, y, 0xFF000000 | (x & 255) << 16 | (y & 255) << 8 | (x >> 8) << 4 | y >> 8)
    return image


def _rgba(image: QImage) -> bytes:
    converted = image.convertToFormat(QImage.Format.Format_RGBX8888)  # held: its bits go with it
    return bytes(converted.constBits())


_PAINT = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QRasterWindow, QPainter
app = QGuiApplication([])
class Wall(QRasterWindow):
    def paintEvent(self, event):
        QPainter(self).drawImage(0, 0, QImage(sys.argv[1]))
        QTimer.singleShot(300, self.tell)
    def tell(self):
        print("painted", flush=True)
wall = Wall(flags=Qt.WindowType.BypassWindowManagerHint | Qt.WindowType.FramelessWindowHint)
wall.setGeometry(0, 0, W, H)
wall.show()
app.exec()
"""


@pytest.mark.parametrize("factor", ["1", "1.5"])
def test_a_real_screen_is_captured_to_the_pixel(tmp_path: Path, factor: str) -> None:
    width, height = 301, 207
    picture = _painted(width, height)
    picture.save(str(tmp_path / "wall.png"))
    with xvfb(width, height) as display:
        environment = {name: value for name, value in os.environ.items() if name != "QT_SCALE_FACTOR"}
        painter = subprocess.Popen(
            [sys.executable, "-c", _PAINT.replace("W, H", f"{width}, {height}"), str(tmp_path / "wall.png")],
            env={**environment, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}, cwd=ROOT, stdout=subprocess.PIPE,
        )
        try:
            assert painter.stdout is not None
            assert painter.stdout.readline() == b"painted\n"
            code = _ON_X11.replace("*RECT", "31, 17, 101, 53")
            said = json.loads(run_python(code, DISPLAY=display, QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR=factor))
        finally:
            painter.terminate()
            painter.communicate()
    assert (said["back_end"], said["real"], said["available"]) == ("x11/qt", True, "")
    assert said["size"] == said["physical"] == [width, height]
    assert said["scale"] == float(factor)
    assert said["sha256"] == hashlib.sha256(_rgba(picture)).hexdigest()
    assert said["part"] == hashlib.sha256(_rgba(picture.copy(31, 17, 101, 53))).hexdigest()


_BY_BACK_END = """
import asyncio, hashlib, json
from PySide6.QtWidgets import QApplication
from ui.evidence import where
from ui.evidence.capture import QtCapture
from workstation.connectors.screen.x11 import MssCapture
from workstation.evidence.imaging import checked

app = QApplication([])
seer = MssCapture()
capture = QtCapture(screen=seer)

async def all_of_them():
    places = [where.of(screen) for screen in app.screens()]
    numbers = [where.number(place, await capture.screens()) for place in places]
    return [(place.name, checked(await capture.grab(number))) for place, number in zip(places, numbers)]

print(json.dumps([{
    "name": name, "monitor": grab.monitors[grab.screen].name, "back_end": grab.back_end,
    "size": [grab.width, grab.height], "scale": grab.monitors[grab.screen].scale,
    "sha256": hashlib.sha256(grab.rgba).hexdigest(),
} for name, grab in asyncio.run(all_of_them())]))
seer.close()
"""


def test_each_of_two_screens_is_captured_to_the_pixel_at_a_broken_scale(tmp_path: Path) -> None:
    """Qt draws at 1.5; what is captured are physical pixels, of the screen that was meant."""
    picture = _painted(301, 207)
    picture.save(str(tmp_path / "wall.png"))
    with xvfb(301, 207) as display:
        set_monitors(display, (0, 0, 180, 207), (180, 20, 121, 150))
        painter = subprocess.Popen(
            [sys.executable, "-c", _PAINT.replace("W, H", "301, 207"), str(tmp_path / "wall.png")],
            env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}, cwd=ROOT, stdout=subprocess.PIPE,
        )
        try:
            assert painter.stdout is not None
            assert painter.stdout.readline() == b"painted\n"
            said = json.loads(run_python(_BY_BACK_END, DISPLAY=display, QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR="1.5"))
        finally:
            painter.terminate()
            painter.communicate()
    assert [one["name"] for one in said] == [one["monitor"] for one in said] == ["TEST-1", "TEST-2"]
    assert [one["size"] for one in said] == [[180, 207], [121, 150]]
    assert {(one["back_end"], one["scale"]) for one in said} == {("x11/mss", 1.0)}
    parts = [picture.copy(0, 0, 180, 207), picture.copy(180, 20, 121, 150)]
    assert [one["sha256"] for one in said] == [hashlib.sha256(_rgba(part)).hexdigest() for part in parts]


class _Patch(QWidget):
    """Two colours, left and right."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, 0, 20, self.height(), QColor(10, 20, 30))
        painter.fillRect(20, 0, self.width() - 20, self.height(), QColor(200, 100, 50))


def _take(qtbot: QtBot, core_thread: CoreThread, capture: QtCapture) -> Grab:
    work = core_thread.submit(capture.grab(0))
    qtbot.waitUntil(work.done, timeout=5_000)
    return work.result()


def test_offscreen_is_our_windows_and_never_a_real_screen(qtbot: QtBot, core_thread: CoreThread) -> None:
    window = _Patch()
    qtbot.addWidget(window)
    window.setWindowTitle("Case")
    window.resize(61, 37)
    window.show()
    capture = QtCapture(lambda: [window])
    grab = checked(_take(qtbot, core_thread, capture))
    ratio = window.devicePixelRatioF()
    assert (grab.back_end, grab.real_screen, grab.window_title) == ("offscreen", False, "Case")
    assert (grab.width, grab.height) == (round(61 * ratio), round(37 * ratio))
    assert grab.rgba[:4] == bytes((10, 20, 30, 255))
    assert grab.rgba[-4:] == bytes((200, 100, 50, 255))
    assert grab.versions[0][0] == "qt"


def test_windows_lie_over_each_other_as_listed(qtbot: QtBot, core_thread: CoreThread) -> None:
    low, high = _Patch(), QWidget()
    for window in (low, high):
        qtbot.addWidget(window)
    low.setGeometry(100, 100, 60, 60)
    high.setStyleSheet("background: #ff0000")
    high.setGeometry(110, 110, 10, 10)
    low.show()
    high.show()
    grab = _take(qtbot, core_thread, QtCapture(lambda: [low, high]))
    at = (15 * grab.width + 15) * 4
    assert grab.rgba[at:at + 4] == bytes((255, 0, 0, 255))
    assert grab.rgba[:4] == bytes((10, 20, 30, 255))


def test_no_window_is_nothing_to_capture(qtbot: QtBot, core_thread: CoreThread) -> None:
    work = core_thread.submit(QtCapture(list).grab(0))
    qtbot.waitUntil(work.done, timeout=5_000)
    with pytest.raises(CaptureRefused):
        work.result()


def test_a_wayland_session_is_refused_with_the_reason(qapp: object) -> None:
    capture = QtCapture(list)
    capture._platform = "wayland"
    assert "Wayland" in capture.available()
    capture._platform = "cocoa"
    assert "cocoa" in capture.available()


async def test_without_any_display_a_child_draws_and_says_so() -> None:
    with backend() as capture:
        grab = checked(await capture.grab(0))
        with pytest.raises(CaptureRefused):
            await capture.grab(1)
    assert (grab.back_end, grab.real_screen, grab.width, grab.height) == ("offscreen", False, 1280, 800)
    assert len(set(memoryview(grab.rgba).cast("I"))) > 1, "the words are drawn"
