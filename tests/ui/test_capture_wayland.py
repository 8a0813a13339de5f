"""The window under Wayland: one canvas by the real portal, the screens by their names, their scale unknown."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.evidence_x11 import ROOT
from tests.support.wayland import desktop

_ON_WAYLAND = """
import json, os, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui.evidence import where
from ui.evidence.capture import QtCapture
from ui.evidence.region import RegionOverlay
from workstation.app.screen import back_end
from workstation.connectors.screen.session import SeenCapture
from workstation.evidence.imaging import checked
from workstation.evidence.model import Rect
from workstation.runtime.thread import CoreThread

app = QApplication([])
seer = back_end()
assert isinstance(seer, SeenCapture), seer
capture, core = QtCapture(screen=seer), CoreThread()
place = where.of(app.screens()[1])

def report(future):
    grab = checked(future.result())
    overlay = RegionOverlay(grab, app.screens()[1], whole=True)
    print(json.dumps({
        "platform": app.platformName(), "available": capture.available(), "back_end": grab.back_end,
        "size": [grab.width, grab.height], "screen": grab.screen, "number": place.number,
        "monitors": [[m.name, m.x, m.y, m.width, m.height, m.pixel_width, m.scale] for m in grab.monitors],
        "chosen": overlay.selection.rect == Rect(0, 0, grab.width, grab.height),
    }))
    app.exit(0)

work = core.submit(capture.grab(place.number))
timer = QTimer(interval=10)
timer.timeout.connect(lambda: work.done() and (timer.stop(), report(work)))
timer.start()
code = app.exec()
core.stop()
sys.exit(code)
"""


def test_the_window_captures_a_canvas_and_guesses_no_scale() -> None:
    outputs = ("resolution 320x200 position 0,0 bg #102030 solid_color",
               "resolution 300x150 position 320,0 scale 1.5 bg #ff8000 solid_color")
    with desktop(outputs) as running:
        done = subprocess.run(
            [sys.executable, "-c", _ON_WAYLAND], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
            env={**running.environment, "QT_QPA_PLATFORM": "wayland"})
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["platform"], said["back_end"], said["available"]) == ("wayland", "wayland/portal", "")
    assert (said["size"], said["screen"], said["number"], said["chosen"]) == ([780, 300], -1, 0, True)
    assert said["monitors"] == [["HEADLESS-1", 0, 0, 320, 200, 0, 0.0], ["HEADLESS-2", 320, 0, 200, 100, 0, 0.0]]
