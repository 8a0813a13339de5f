"""What a screen reader finds in every screen: roles, names and their order, beside stored trees (`--write-trees`)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support import tree
from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import NOW
from tests.support.first_run import cheap_argon
from tests.support.order import steps_back
from tests.support.screens import SCREENS
from tests.support.stage import Stage, staged
from ui.bridge import Bridge
from ui.shell.actions import Actions
from workstation.kernel.clock import SystemClock
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread
from workstation.store.keybox import Argon

pytestmark = QUIET_PLATFORM
TREES = Path(__file__).parent / "trees"


@pytest.fixture
def stage(
    lonely_bridge: Bridge, actions: Actions, settings: Settings, core_thread: CoreThread, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """At one moment, in one zone."""
    monkeypatch.setattr(SystemClock, "now", lambda _self: NOW)
    monkeypatch.setattr(Argon, "fresh", cheap_argon)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    with staged(lonely_bridge, actions, settings, core_thread, qtbot, tmp_path) as made:
        yield made


def settled(stage: Stage, screen: QWidget) -> str:
    """The tree once two looks, one round of coalesced news apart, find the same."""
    looks = [tree.text(screen)]

    def again() -> bool:
        looks.append(tree.text(screen))
        return looks[-1] == looks[-2] and "starting" not in looks[-1]

    stage.bot.wait(60)
    stage.bot.waitUntil(again, timeout=8_000)
    return looks[-1]


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_reader_finds(name: str, stage: Stage, request: pytest.FixtureRequest) -> None:
    screen = SCREENS[name](stage)
    found, file = settled(stage, screen), TREES / f"{name}.txt"
    nameless = [node.line().strip() for node in tree.nodes(screen) if node.focusable and not node.named]
    back = steps_back(screen)
    del screen
    stage.clear()  # before anything fails: a failure keeps what it saw alive
    if request.config.getoption("--write-trees"):
        file.write_text(found, encoding="utf-8")
    assert nameless == []
    assert back == [], "Tab goes on as one reads"
    assert found == file.read_text(encoding="utf-8"), "look at the difference; --write-trees stores it"
