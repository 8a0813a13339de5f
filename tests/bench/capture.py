"""From the key press to a sealed and committed capture, beside `scrot` and `flameshot` writing a PNG of the screen.

Two sizes of an Xvfb with a page of text and a photograph on it. The window is the product's own over a real home, in a
process of its own (`capture_child`); the peers are started as their users start them. All in turn, one after the other.
The peers only write a PNG; we also hash, encrypt, sign, fsync and commit. Stages overlap: hashing and packing run
beside each other, and the record is written while its file goes down. `blocked_ms` is the longest time Qt's thread did
not come round while a capture ran.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.support.evidence_x11 import ROOT, xvfb

RUNS = 15
SIZES = ((1920, 1080), (2560, 1440))
_WARM = 3
_PATIENCE = 30
_PAGE = """
import random, sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QRasterWindow
app = QGuiApplication([])
rng = random.Random(3)
class Page(QRasterWindow):
    def paintEvent(self, event):
        painter, wide, high = QPainter(self), self.width(), self.height()
        painter.fillRect(0, 0, wide, high, QColor("#f4f4f6"))
        painter.fillRect(0, 0, wide, 40, QColor("#2d3e50"))
        font = QFont()
        font.setPixelSize(13)
        painter.setFont(font)
        for y in range(64, high, 20):
            x = 20
            while x < wide - 480:
                word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(rng.randint(3, 12)))
                painter.setPen(QColor.fromHsv(rng.randint(0, 359), 80, 90))
                painter.drawText(x, y, word)
                x += rng.randint(60, 160)
        photo = QImage(rng.randbytes(400 * 300 * 4), 400, 300, QImage.Format.Format_RGB32)
        painter.drawImage(wide - 440, 100, photo)
        painter.end()
        QTimer.singleShot(300, lambda: print("painted", flush=True))
page = Page(flags=Qt.WindowType.BypassWindowManagerHint | Qt.WindowType.FramelessWindowHint)
page.setGeometry(0, 0, int(sys.argv[1]), int(sys.argv[2]))
page.show()
app.exec()
"""


def measure(runs: int) -> dict[str, Any]:
    """Milliseconds and ratios for each size; `problem` says what is missing instead."""
    lacks = [name for name in ("Xvfb", "scrot", "flameshot", "dbus-daemon") if shutil.which(name) is None]
    if lacks:
        return {"problem": f"needed: {', '.join(lacks)}"}
    return {"runs": runs, **{f"{width}x{height}": _at(width, height, runs) for width, height in SIZES}}


def _at(width: int, height: int, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, xvfb(width, height) as display, _page(display, width, height):
        folder = Path(name)
        with _session() as bus, _window(display, folder / "home") as ask:
            around = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "DBUS_SESSION_BUS_ADDRESS": bus,
                      "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
            peers = {"scrot": _scrot(folder), "flameshot": _flameshot(folder)}
            rounds = [_round(ask, peers, around) for _round_number in range(runs + _WARM)][_WARM:]
    return _told(rounds)


def _round(ask: Asking, peers: dict[str, list[str]], around: dict[str, str]) -> dict[str, float]:
    """Each side once."""
    found = ask()
    for name, command in peers.items():
        found[name] = _timed(command, around)
    return found


def _told(rounds: list[dict[str, float]]) -> dict[str, Any]:
    """p50 and p95 of every stage, the longest block, and the ratios of the medians."""
    names = list(rounds[0])
    values = {name: sorted(one[name] for one in rounds) for name in names}
    middle = {name: statistics.median(values[name]) for name in names}
    high = {name: values[name][min(len(rounds) - 1, int(len(rounds) * 0.95))] for name in names}
    stages = {name: [round(middle[name], 1), round(high[name], 1)] for name in names}
    return {
        "p50_p95_ms": stages, "longest_block_ms": round(values["blocked_ms"][-1], 1),
        "to_scrot": round(middle["all"] / middle["scrot"], 2),
        "to_flameshot": round(middle["all"] / middle["flameshot"], 2),
    }


class Asking:
    """Asks the window's process for one capture and hears how long its stages took, in milliseconds."""

    def __init__(self, to: IO[str], back: IO[str]) -> None:
        self._to, self._back = to, back

    def __call__(self) -> dict[str, float]:
        self._to.write("capture\n")
        self._to.flush()
        found = json.loads(self._back.readline() or "{}")
        if "all" not in found:
            raise RuntimeError("the window's process ended")
        return {name: float(value) for name, value in found.items()}


@contextmanager
def _window(display: str, home: Path) -> Iterator[Asking]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.capture_child", str(home)], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
    try:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes")
        yield Asking(child.stdin, child.stdout)
    finally:
        child.communicate(timeout=_PATIENCE)


@contextmanager
def _page(display: str, width: int, height: int) -> Iterator[None]:
    """Something to see on the screen, painted once."""
    program = subprocess.Popen([sys.executable, "-c", _PAGE, str(width), str(height)], stdout=subprocess.PIPE, cwd=ROOT,
                               env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"})
    try:
        if program.stdout is None or program.stdout.readline() != b"painted\n":
            raise RuntimeError("the page was not painted")
        yield
    finally:
        program.terminate()
        program.communicate()


def _scrot(folder: Path) -> list[str]:
    return ["scrot", "--overwrite", str(folder / "scrot.png")]


def _flameshot(folder: Path) -> list[str]:
    """It refuses to run without a D-Bus session; a desktop has one, so that starting it is part of neither side."""
    return ["flameshot", "full", "-p", str(folder / "flameshot.png")]


def _timed(command: list[str], around: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=around, check=True, capture_output=True, timeout=_PATIENCE)
    return (time.perf_counter() - began) * 1_000


@contextmanager
def _session() -> Iterator[str]:
    """The address of a D-Bus session with nothing on it."""
    daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        if daemon.stdout is None:
            raise RuntimeError("no pipe")
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.communicate(timeout=_PATIENCE)
