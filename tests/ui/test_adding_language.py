"""Where a language cannot be translated, the window offers to add it, and goes on by itself once it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM
from tests.support.stage import Stage, staged
from ui.bridge import Bridge
from ui.settings.dialog import SettingsDialog
from ui.shell.actions import Actions
from workstation.domain.events import EnginesChanged
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@pytest.fixture
def stage(
    lonely_bridge: Bridge, actions: Actions, settings: Settings, core_thread: CoreThread, qtbot: QtBot, tmp_path: Path,
) -> Iterator[Stage]:
    with staged(lonely_bridge, actions, settings, core_thread, qtbot, tmp_path) as made:
        yield made


def add_button(within: QWidget) -> QPushButton | None:
    return next((one for one in within.findChildren(QPushButton)
                 if one.text() == "Add a language" and one.isVisible()), None)


@pytest.mark.parametrize("where", ["conversation", "composer"])
def test_the_button_leads_to_the_page_of_languages(where: str, stage: Stage) -> None:
    window = stage.reading("ja")
    place: QWidget = window.middle.conversation
    if where == "composer":
        window.middle.composer.write_reply()
        window.middle.composer.body.setPlainText("Sorry")
        place = window.middle.composer
    stage.until(lambda: add_button(place) is not None)
    button = add_button(place)
    assert button is not None
    assert button.accessibleName() == "Add a language"
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    stage.owned.append(dialog)
    assert dialog.tabs.currentWidget() is dialog.languages_page


def test_a_language_that_was_added_is_used_at_once(stage: Stage) -> None:
    window = stage.reading("ja")
    composer, translation = window.middle.composer, stage.translation
    assert translation is not None
    composer.write_reply()
    composer.body.setPlainText("Sorry")
    stage.until(lambda: add_button(composer) is not None)
    translation.pairs.append(("en", "ja"))

    async def say() -> None:
        stage.world.bus.publish(EnginesChanged())

    asyncio.run_coroutine_threadsafe(say(), stage.thread.loop).result(5)
    stage.until(lambda: composer.target.toPlainText() == "[ja] Sorry")
    assert add_button(composer) is None
