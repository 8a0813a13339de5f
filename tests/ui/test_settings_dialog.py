"""Settings work at once; keys are rebound with clashes named."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from ui.a11y import unnamed
from ui.bridge import Bridge
from ui.settings.dialog import SettingsDialog
from ui.settings.languages_page import LanguagesPage
from ui.shell.actions import Actions
from ui.widgets.number_field import NumberField
from workstation.kernel.errors import InputError
from workstation.kernel.settings import Settings


def test_a_change_is_kept_and_told(settings: Settings, actions: Actions, qtbot: QtBot) -> None:
    dialog = SettingsDialog(settings, actions)
    qtbot.addWidget(dialog)
    dialog.open()
    told: list[str] = []
    dialog.changed.connect(told.append)
    theme, undo, notify = (dialog.fields[name] for name in ("theme", "undo_seconds", "notifications"))
    assert isinstance(theme, QComboBox)
    assert isinstance(undo, NumberField)
    assert isinstance(notify, QCheckBox)
    theme.setCurrentIndex(theme.findData("dark"))
    undo.set_value(500)
    notify.setChecked(False)
    assert told == ["theme", "undo_seconds", "notifications"]
    kept = Settings(settings._path)
    assert (kept.text("theme"), kept.number("undo_seconds"), kept.flag("notifications")) == ("dark", 120, False)


@pytest.fixture
def languages(settings: Settings, actions: Actions, bridge: Bridge, qtbot: QtBot) -> LanguagesPage:
    dialog = SettingsDialog(settings, actions, None, bridge)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_languages()
    page = dialog.languages_page
    assert page is not None
    assert page.isVisible()
    qtbot.waitUntil(lambda: len(page.lines) == 2)
    return page


def test_the_languages_are_listed_and_what_came_with_the_program_stays(languages: LanguagesPage) -> None:
    assert languages.lines[0] == "Portuguese to English · firefox · 1 MB · comes with the program"
    languages.list.setCurrentRow(0)
    assert not languages.remove_button.isEnabled()
    assert list(unnamed(languages)) == []


def test_a_language_is_added_from_a_file_and_removed_again(
    languages: LanguagesPage, world: World, tmp_path: Path, qtbot: QtBot,
) -> None:
    languages.add(str(tmp_path / "ja_en.argosmodel"))
    assert not languages.file_button.isEnabled()
    qtbot.waitUntil(lambda: languages.said.text() == "Japanese to English can be translated now.")
    qtbot.waitUntil(lambda: len(languages.lines) == 3)
    assert world.called("install") == [tmp_path / "ja_en.argosmodel"]
    languages.list.setCurrentRow(2)
    languages.remove_button.click()
    qtbot.waitUntil(lambda: languages.said.text() == "Japanese to English was removed.")
    qtbot.waitUntil(lambda: len(languages.lines) == 2)
    assert world.called("remove") == [("ja", "en")]


def test_a_file_that_is_no_package_says_why(languages: LanguagesPage, world: World, qtbot: QtBot) -> None:
    world.failure = InputError("This is no language package.", "Choose an .argosmodel file.")
    languages.add("/tmp/holiday.zip")
    qtbot.waitUntil(lambda: "no language package" in languages.said.text())
    assert languages.file_button.isEnabled()


def test_a_clash_is_named_and_nothing_changes(settings: Settings, actions: Actions, qtbot: QtBot) -> None:
    dialog = SettingsDialog(settings, actions)
    qtbot.addWidget(dialog)
    page = dialog.keys_page
    page.choose("conversation.resolve")
    assert not page.assign(("R",))
    assert page.message.text() == "R already belongs to “Reply”. Change that one first."
    assert not page.assign(("Ctrl+Alt+E",))
    assert "type letters on some keyboards" in page.message.text()
    assert actions.hint("conversation.resolve") == "E"
    assert settings.text("keys") == ""


def test_keys_are_rebound_removed_and_put_back(settings: Settings, actions: Actions, qtbot: QtBot) -> None:
    dialog = SettingsDialog(settings, actions)
    qtbot.addWidget(dialog)
    page = dialog.keys_page
    page.choose("conversation.resolve")
    assert page.assign(("D",))
    assert actions.hint("conversation.resolve") == "D"
    page.remove_button.click()
    assert actions.hint("conversation.resolve") == ""
    page.default_button.click()
    assert actions.hint("conversation.resolve") == "E"
    assert settings.text("keys") == ""
