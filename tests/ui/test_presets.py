"""Sets of keys for people from other programs: whole, without a clash, and safe on every keyboard."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.settings.keys_page import KeysPage
from ui.shell import keys as keymap
from ui.shell import presets
from ui.shell.action_table import BY_ID
from ui.shell.actions import Actions
from ui.shell.presets import Preset


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.id or "ours")
def test_a_set_has_no_clash_eats_no_letter_and_names_actions_that_exist(preset: Preset) -> None:
    assert keymap.clashes(keymap.effective(dict(preset.keys))) == []
    assert [key for keys in preset.keys.values() for key in keys if keymap.eats_letters(key)] == []
    assert set(preset.keys) <= set(BY_ID)
    assert [name for name, keys in preset.keys.items() if keys == BY_ID[name].keys] == [], "what is ours anyway"


@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.id or "ours")
def test_what_agents_do_most_has_a_single_key_in_every_set(preset: Preset) -> None:
    table = keymap.effective(dict(preset.keys))
    often = ("list.next", "list.previous", "list.select", "composer.reply", "composer.note", "conversation.resolve",
             "conversation.snooze", "conversation.label", "conversation.assign", "conversation.no_response", "app.undo")
    assert [name for name in often if not any(len(key) == 1 for key in table[name])] == []


def test_a_set_is_taken_whole_and_kept_and_a_change_of_one_key_makes_it_one_s_own(
    actions: Actions, qtbot: QtBot
) -> None:
    page = KeysPage(actions)
    qtbot.addWidget(page)
    assert page.preset.currentText() == "Workstation"
    page.preset.activated.emit(page.preset.findData("gmail"))
    assert actions.keys("conversation.mute") == ("M",)
    assert actions.keys("composer.note") == ("D",)
    again = KeysPage(Actions(actions._settings))
    qtbot.addWidget(again)
    assert again.preset.currentText() == "Gmail"
    page.choose("conversation.mute")
    assert page.assign(("Ctrl+Shift+M",))
    assert page.preset.currentText() == "Your own"
    page.preset.activated.emit(page.preset.findData(""))
    assert actions.changed_keys() == {}
    assert page.preset.findText("Your own") == -1
