"""Every screen at each scale and in the smallest window that is promised: nothing is cut, nothing overlaps."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtGui import QGuiApplication

from tests.support.fakecase import QUIET_PLATFORM
from tests.support.room import cut, overlapping
from tests.support.screens import SCREENS
from tests.support.source import ROOT
from tests.support.stage import Stage
from tests.ui.test_tree import settled, stage

__all__ = ["stage"]
pytestmark = QUIET_PLATFORM
SMALLEST = {1.0: (1_024, 700), 2.0: (1_280, 720), 2.5: (1_024, 576)}
"""By scale, in logical pixels: 1024×700 at 100 %, and a screen of 2560×1440 at 200 and 250 %."""
ESSENTIAL = ("reading", "noting", "problems", "welcome", "settings-privacy", "mailbox", "mailboxes", "locked",
             "first-language", "first-key", "first-done", "crash", "imported")


@pytest.mark.parametrize("name", ESSENTIAL)
def test_words_have_their_room(name: str, stage: Stage) -> None:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    scale = application.devicePixelRatio()
    stage.size = SMALLEST.get(scale, (1_280, 800))
    screen = SCREENS[name](stage)
    settled(stage, screen)
    short, over = cut(screen), overlapping(screen)
    del screen
    stage.clear()
    assert short == [], f"at {scale:.0%}"
    assert over == [], f"at {scale:.0%}"


@pytest.mark.long
@pytest.mark.parametrize("scale", ["1.25", "1.5", "2", "2.5"])
def test_words_have_their_room_at(scale: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "tests/ui/test_room.py", "-k",
         "have_their_room and not at"], cwd=ROOT, env=os.environ | {"QT_SCALE_FACTOR": scale}, capture_output=True,
        text=True, timeout=240, check=False)
    assert ran.returncode == 0, ran.stdout[-4_000:]
