"""Settings work at once; keys are rebound with clashes named."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from ui.settings.dialog import SettingsDialog
from ui.shell.actions import Actions
from ui.widgets.number_field import NumberField
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
