"""Several monitors and the windows of an X11 desktop: which there are, where, and what lies over them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.evidence_x11 import ROOT, set_monitors, xvfb
from workstation.connectors.screen import x11_windows
from workstation.connectors.screen.x11 import MssCapture
from workstation.connectors.screen.xcb import Server, XProblem
from workstation.evidence.imaging import checked, crop
from workstation.evidence.model import Monitor, OpenWindow, Rect, WindowPart
from workstation.kernel.errors import CaptureRefused, NotFound

_WINDOWS = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QRasterWindow
app = QGuiApplication(["parcels"])
app.setApplicationName("parcels")
class Plain(QRasterWindow):
    def __init__(self, title, colour, *place):
        super().__init__()
        self.setTitle(title)
        self.setFlags(Qt.WindowType.FramelessWindowHint)
        self.colour = colour
        self.setGeometry(*place)
        self.show()
    def paintEvent(self, event):
        QPainter(self).fillRect(0, 0, self.width(), self.height(), QColor(self.colour))
low = Plain("Parcel 42\\n: Zugestellt", "#c01020", 20, 10, 60, 40)
high = Plain("Notes", "#20c010", 60, 30, 50, 50)
alone = Plain("Far away", "#1020c0", 190, 60, 40, 30)
QTimer.singleShot(400, lambda: print("shown", flush=True))
app.exec()
"""


@contextmanager
def windows(display: str) -> Iterator[None]:
    program = subprocess.Popen([sys.executable, "-c", _WINDOWS], cwd=ROOT, stdout=subprocess.PIPE,
                               env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == b"shown\n"
        yield
    finally:
        program.terminate()
        program.communicate()


async def test_windows_are_listed_and_captured_where_they_are() -> None:
    with xvfb(240, 100) as display, windows(display):
        set_monitors(display, (0, 0, 200, 100), (200, 0, 40, 100))
        capture = MssCapture(display)
        screens = await capture.screens()
        found = {one.title: one for one in await capture.windows()}
        low, high = found["Parcel 42 : Zugestellt"], found["Notes"]
        first, second = checked(await capture.grab_window(low.id)), checked(await capture.grab_window(high.id))
        right = checked(await capture.grab(1))
        with pytest.raises(CaptureRefused, match="two screens"):
            await capture.grab_window(found["Far away"].id)
        with pytest.raises(NotFound, match="not on the desktop"):
            await capture.grab_window("0x1")
        capture.close()
    assert [(one.name, one.x, one.pixel_width) for one in screens] == [("TEST-1", 0, 200), ("TEST-2", 200, 40)]
    assert (low.x, low.y, low.width, low.height, low.program, low.covered) == (20, 10, 60, 40, "parcels", True)
    assert not high.covered
    assert first.window == WindowPart(Rect(20, 10, 60, 40), covered=True, cut=False)
    assert second.window == WindowPart(Rect(60, 30, 50, 50), covered=False, cut=False)
    assert (first.window_title, first.screen, first.width) == ("Parcel 42 : Zugestellt", 0, 200)
    kept = bytes(crop(first, first.window.rect).rgba)
    red, green, blue = b"\xc0\x10\x20\xff", b"\x20\xc0\x10\xff", b"\x10\x20\xc0\xff"
    assert kept == red * 60 * 20 + (red * 40 + green * 20) * 20, "what is shown there, whoever drew it"
    assert bytes(crop(second, Rect(60, 30, 50, 50)).rgba) == green * 2500
    assert (right.screen, right.width, right.height) == (1, 40, 100)
    assert bytes(crop(right, Rect(0, 60, 30, 30)).rgba) == blue * 900, "the second monitor begins at its own corner"


def _monitor(x: int, width: int) -> Monitor:
    return Monitor("one", x, 0, width, 100, width, 100, 1.0)


def test_the_part_of_a_window_that_is_on_the_screen_is_kept_and_the_rest_is_said_to_be_missing() -> None:
    window = OpenWindow("0x1", "a", "", -10, 80, 50, 50, covered=True)
    assert x11_windows.part_of(window, [_monitor(0, 200)]) == (0, WindowPart(Rect(0, 80, 40, 20), True, cut=True))
    assert x11_windows.part_of(window, [_monitor(100, 100), _monitor(0, 100)])[0] == 1
    whole = OpenWindow("0x1", "a", "", 10, 10, 20, 20)
    assert x11_windows.part_of(whole, [_monitor(15, 5), _monitor(0, 50), _monitor(0, 60)])[0] == 1, "mirrored screens"
    with pytest.raises(CaptureRefused, match="outside"):
        x11_windows.part_of(window, [_monitor(100, 100)])


def test_covered_is_what_lies_above_and_meets_it() -> None:
    over = [(1, (0, 0, 10, 10)), (2, (5, 5, 10, 10)), (3, (40, 0, 5, 5))]
    assert x11_windows._covered(1, (0, 0, 10, 10), over)
    assert not x11_windows._covered(2, (5, 5, 10, 10), over)
    assert not x11_windows._covered(1, (0, 0, 5, 5), over), "touching is not covering"
    assert not x11_windows._covered(9, (0, 0, 10, 10), over)


def test_a_server_that_is_not_there_or_refuses_is_a_value_not_an_end() -> None:
    with pytest.raises(XProblem, match="no X server"):
        Server(":4095")
    with xvfb(40, 30) as display:
        server = Server(display)
        with pytest.raises(XProblem, match="refused"):
            server.place(0x7FFFFFF)
        assert server.property(server.root, "_NOBODY_USED_THIS") == b""
        assert server.place(server.root) == (0, 0, 40, 30)
        server.close()
        server.close()
        with pytest.raises(XProblem, match="closed"):
            server.place(server.root)
