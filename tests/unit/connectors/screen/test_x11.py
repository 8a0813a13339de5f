"""Capture without a window: exact on a real X server, and a reason where there is none."""

from __future__ import annotations

import json
import random

import pytest

from tests.support.evidence_x11 import run_python, xvfb
from workstation.connectors.screen import METADATA, mapper
from workstation.connectors.screen.x11 import MssCapture
from workstation.evidence.imaging import checked
from workstation.kernel.errors import CaptureRefused

_ROOT_COLOUR = """
import ctypes, json, sys
x11 = ctypes.CDLL("libX11.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
d = ctypes.c_void_p(x11.XOpenDisplay(None))
x11.XDefaultRootWindow.restype = x11.XCreateGC.restype = ctypes.c_void_p
root = ctypes.c_void_p(x11.XDefaultRootWindow(d))
gc = ctypes.c_void_p(x11.XCreateGC(d, root, ctypes.c_ulong(0), None))
for x, y, w, h, colour in json.loads(sys.argv[1]):
    x11.XSetForeground(d, gc, ctypes.c_ulong(colour))
    x11.XFillRectangle(d, root, gc, x, y, w, h)
x11.XSync(d, 0)
"""


def test_bgrx_becomes_opaque_rgba() -> None:
    source = bytearray(random.Random(1).randbytes(1_200_000))  # more than two bands, and not a whole number of them
    expected = b"".join(bytes((source[at + 2], source[at + 1], source[at], 255)) for at in range(0, 1_200_000, 4))
    assert mapper.rgba(source) == expected


def test_monitors_leave_out_the_whole_desktop() -> None:
    desktop = {"left": 0, "top": 0, "width": 30, "height": 10}
    left = {"left": 0, "top": 0, "width": 10, "height": 10, "output": "DP-1"}
    right = {"left": 10, "top": 0, "width": 20, "height": 10}
    found = mapper.monitors([desktop, left, right])
    assert [(m.name, m.x, m.pixel_width, m.scale) for m in found] == [("DP-1", 0, 10, 1.0), ("screen-2", 10, 20, 1.0)]
    assert [m.pixel_width for m in mapper.monitors([desktop])] == [30]
    with pytest.raises(ValueError, match="size"):
        mapper.monitors([{**desktop, "width": None}])


async def test_the_screen_is_captured_to_the_pixel() -> None:
    squares = [
        [0, 0, 203, 101, 0x102030], [3, 5, 40, 20, 0xFF8000], [202, 100, 1, 1, 0x00FF01], [50, 50, 7, 1, 0xABCDEF],
    ]
    with xvfb(203, 101) as display:
        run_python(_ROOT_COLOUR.replace("sys.argv[1]", repr(json.dumps(squares))), DISPLAY=display)
        capture = MssCapture(display)
        grab = checked(await capture.grab(0))
        with pytest.raises(CaptureRefused, match="no screen 4"):
            await capture.grab(4)
        run_python(_ROOT_COLOUR.replace("sys.argv[1]", repr("[[0, 0, 1, 1, 255]]")), DISPLAY=display)
        again = await capture.grab(0)
    with pytest.raises(CaptureRefused, match="X server"):
        await capture.grab(0)
    capture.close()
    assert again.rgba == b"\x00\x00\xff\xff" + grab.rgba[4:]
    expected = bytearray(bytes((0x10, 0x20, 0x30, 255)) * (203 * 101))
    for x, y, width, height, colour in squares[1:]:
        pixel = bytes((colour >> 16, colour >> 8 & 255, colour & 255, 255))
        for row in range(y, y + height):
            expected[(row * 203 + x) * 4:(row * 203 + x + width) * 4] = pixel * width
    assert (grab.width, grab.height, grab.back_end, grab.real_screen) == (203, 101, "x11/mss", True)
    assert grab.rgba == bytes(expected)


async def test_a_server_that_is_not_there_is_a_refusal() -> None:
    with pytest.raises(CaptureRefused, match="X server"):
        await MssCapture(":4095").grab(0)


def test_why_nothing_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no display" in MssCapture().available()
    monkeypatch.setenv("DISPLAY", ":0")
    assert MssCapture().available() == ""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert "Wayland" in MssCapture().available()


def test_it_says_what_it_follows() -> None:
    assert METADATA.name == "screen"
    assert "GetImage" in METADATA.documentation
