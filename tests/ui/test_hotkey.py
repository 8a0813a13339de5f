"""The key for the whole desktop: none until one is set, taken when it is, given back at the end, refusals are said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.errors.catcher import Catcher
from ui.evidence.hotkey import HotKey
from ui.settings.hotkey_field import HotKeyField
from ui.shell.program import Program
from workstation.kernel.errors import InputError
from workstation.kernel.settings import Settings

pytestmark = QUIET_PLATFORM


class Keys:
    """`GlobalKeys` in the hands of a test."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal, self.held = refusal, ""
        self.pressed: Callable[[], None] = lambda: None

    def possible(self) -> str:
        return ""

    def claim(self, keys: str, pressed: Callable[[], None], done: Callable[[str], None]) -> None:
        if keys == "S":
            raise InputError("S alone is needed for typing.", "Hold Ctrl.")
        self.held, self.pressed = keys, pressed
        done(self.refusal)

    def release(self) -> None:
        self.held = ""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


def test_nothing_is_taken_until_a_key_is_set(settings: Settings, lonely_bridge: Bridge, qtbot: QtBot) -> None:
    keys = Keys()
    hot = HotKey(settings, keys, lonely_bridge)
    hot.use()
    assert keys.held == ""
    settings.set("capture_key", "Ctrl+Alt+S")
    with qtbot.waitSignal(hot.ready) as said:
        hot.use()
    assert (keys.held, said.args) == ("Ctrl+Alt+S", [""])
    with qtbot.waitSignal(hot.pressed):
        keys.pressed()
    settings.set("capture_key", "")
    hot.use()
    assert keys.held == ""
    settings.set("capture_key", "Print")
    hot.use()
    hot.close()
    assert keys.held == ""


@pytest.mark.parametrize(("chosen", "words"), [("Ctrl+Alt+S", "Another program has it."), ("S", "needed for typing")])
def test_a_key_that_cannot_be_had_is_said_with_what_to_do(
    settings: Settings, lonely_bridge: Bridge, qtbot: QtBot, chosen: str, words: str
) -> None:
    settings.set("capture_key", chosen)
    hot = HotKey(settings, Keys("Another program has it."), lonely_bridge)
    with qtbot.waitSignal(lonely_bridge.noticed) as said:
        hot.use()
    assert said.args is not None
    notice = said.args[0]
    assert isinstance(notice, Notice)
    assert words in notice.text
    assert "Choose another key" in notice.text


def test_the_setting_is_chosen_and_removed(settings: Settings, qtbot: QtBot) -> None:
    field = HotKeyField(settings, "Key for captures")
    qtbot.addWidget(field)
    assert a11y.unnamed(field) == []
    assert field.edit.keySequence().isEmpty()
    with qtbot.waitSignal(field.changed) as said:
        field.edit.setKeySequence(QKeySequence("Ctrl+Alt+S"))
        field.edit.editingFinished.emit()
    assert (settings.text("capture_key"), said.args) == ("Ctrl+Alt+S", ["capture_key"])
    field.edit.editingFinished.emit()
    with qtbot.waitSignal(field.changed):
        field.remove.click()
    assert settings.text("capture_key") == ""
    assert field.edit.keySequence().isEmpty()


def test_the_program_captures_a_region_and_follows_the_setting(settings: Settings, qtbot: QtBot) -> None:
    program = Program(settings, Catcher())
    qtbot.addWidget(program.window)
    keys = Keys()
    program.listen(keys)
    settings.set("capture_key", "Ctrl+Alt+S")
    program.window.settings_changed.emit("capture_key")
    assert keys.held == "Ctrl+Alt+S"
    with qtbot.waitSignal(program.window.actions_.action("evidence.region").triggered):
        keys.pressed()
    program.ended.emit()
    assert keys.held == ""
