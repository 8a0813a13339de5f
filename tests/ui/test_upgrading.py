"""What stands over the window while an old store is brought up to date."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.oldstore import old_store
from ui.onboarding import upgrading
from ui.onboarding.upgrading import Upgrading
from workstation import app
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread
from workstation.store import watching
from workstation.store.engine import SCHEMA_VERSION, connect
from workstation.store.vault import OpenedHome

KEY = bytes(range(32))


def test_it_covers_the_window_and_says_how_far_it_is(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    cover = Upgrading(window)
    cover.report(10, 100)
    assert cover.isHidden()      # most stores are done before anybody could read it
    qtbot.waitUntil(cover.isVisible, timeout=10 * upgrading.PATIENCE_MS)
    cover.report(40, 100)
    assert cover.bar.value() == 40
    assert cover.bar.accessibleDescription() == "40 %"
    assert cover.geometry() == window.rect()
    window.resize(640, 480)
    qtbot.waitUntil(lambda: cover.geometry() == window.rect())
    cover.done()
    assert cover.isHidden()


def test_one_that_is_over_at_once_shows_nothing(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    cover = Upgrading(window)
    cover.report(1, 100)
    cover.done()
    assert not cover.isVisible()


def test_a_core_that_is_ended_while_it_upgrades_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is closed: the upgrade is stopped, not waited for, and the store is as it was."""
    old_store(tmp_path / "workstation.db", KEY, 200, 1_000)
    monkeypatch.setattr(watching, "_STEPS", 500)
    opened = app.Opened(OpenedHome(Home(tmp_path), KEY, "home", "device", "passphrase"), Settings(tmp_path / "s"))
    begun = threading.Event()
    thread = CoreThread()

    def upgrading_(_done: int, _total: int) -> None:
        begun.set()

    building = thread.submit(app.build(opened, None, upgrading_))
    assert begun.wait(30)
    building.cancel()
    thread.stop()
    connection = connect(tmp_path / "workstation.db", KEY)
    assert connection.execute("PRAGMA user_version").fetchone()[0] in (1, SCHEMA_VERSION)
    assert connection.execute("SELECT count(*) FROM message").fetchone()[0] == 1_000
    connection.close()
