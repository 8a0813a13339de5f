"""A virtual X server for one test, and known pixels on it. Runs Qt in a process of its own, as it would on a desk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def xvfb(width: int = 900, height: int = 600) -> Iterator[str]:
    """The display name of a running Xvfb with one screen of this size. Skips the test by name when there is no Xvfb."""
    import pytest

    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[write], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        number = os.read(read, 20).decode().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        os.close(read)
        server.terminate()
        server.wait(10)


def run_python(code: str, **environment: str) -> str:
    """Run `code` in a fresh interpreter at the root of the tree and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if name not in {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True,
        timeout=60, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_MONITORS = """
import ctypes, json
from ctypes import POINTER, c_int, c_ulong, c_void_p
x11, randr = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXrandr.so.2")
class Info(ctypes.Structure):
    _fields_ = [("name", c_ulong), ("primary", c_int), ("automatic", c_int), ("count", c_int)] + [
        (name, c_int) for name in ("x", "y", "width", "height", "wide", "high")] + [("outputs", c_void_p)]
x11.XOpenDisplay.restype = c_void_p
x11.XDefaultRootWindow.restype = x11.XInternAtom.restype = c_ulong
class Resources(ctypes.Structure):
    _fields_ = [("stamp", c_ulong), ("set", c_ulong), ("crtcs", c_int), ("crtc", c_void_p), ("count", c_int),
                ("outputs", POINTER(c_ulong))]
randr.XRRGetScreenResources.restype = POINTER(Resources)
d = c_void_p(x11.XOpenDisplay(None))
found = randr.XRRGetScreenResources(d, c_ulong(x11.XDefaultRootWindow(d))).contents
for number, (x, y, width, height) in enumerate(json.loads(PLACES), 1):
    name = x11.XInternAtom(d, f"TEST-{number}".encode(), 0)
    first = number == 1   # it takes the output, or the server would show it as a monitor as well
    info = Info(name, first, 0, int(first), x, y, width, height, width, height,
                ctypes.cast(found.outputs, c_void_p) if first else None)
    randr.XRRSetMonitor(d, c_ulong(x11.XDefaultRootWindow(d)), ctypes.byref(info))
x11.XSync(d, 0)
"""


def set_monitors(display: str, *places: tuple[int, int, int, int]) -> None:
    """Divide the one screen of an Xvfb into monitors, named TEST-1, TEST-2, …"""
    run_python(_MONITORS.replace("PLACES", repr(json.dumps(places))), DISPLAY=display)
