"""Keys: declared once, no clashes, nothing that eats letters, rebound and remembered."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from ui.shell import keys
from ui.shell.action_table import BY_ID, GROUPS, TABLE
from ui.shell.actions import Actions
from ui.shell.fuzzy import score
from workstation.kernel.settings import Settings


def test_the_default_keys_do_not_clash() -> None:
    assert keys.clashes(keys.effective({})) == []


def test_ids_are_declared_once_in_known_groups() -> None:
    assert len(BY_ID) == len(TABLE)
    assert {spec.group for spec in TABLE} <= set(GROUPS)


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: str(spec.id))
def test_no_default_key_types_a_letter_on_some_keyboard(spec: object) -> None:
    for text in BY_ID[getattr(spec, "id")].keys:  # noqa: B009 - the parameter is typed as object by pytest
        assert not keys.eats_letters(text)
        assert not QKeySequence(text).isEmpty()


@pytest.mark.parametrize(("text", "eats"), [
    ("Alt+L", True), ("Alt+Shift+L", True), ("Ctrl+Alt+L", True), ("G, Alt+I", True), ("Alt+F4", False),
    ("Ctrl+L", False), ("L", False), ("Ctrl+Alt+Del", True), ("Alt+Left", False),
])
def test_keys_that_eat_letters_are_known(text: str, eats: bool) -> None:
    assert keys.eats_letters(text) is eats


def test_a_clash_is_found_also_with_the_start_of_a_sequence() -> None:
    table = keys.effective({"conversation.resolve": ("G",)})
    assert {(clash.first, clash.second) for clash in keys.clashes(table)} >= {("go.open", "conversation.resolve")}
    assert keys.clashes({"case.raw": ("Return",), "list.open": ("Return",)})
    assert not keys.clashes({"conversation.resolve": ("E",), "composer.send": ("Ctrl+E",)})


def test_changed_keys_are_kept_and_used(actions: Actions, settings: Settings, qtbot: QtBot) -> None:
    with qtbot.waitSignal(actions.keys_changed):
        actions.rebind({"conversation.resolve": ("D",), "list.next": BY_ID["list.next"].keys})
    assert actions.hint("conversation.resolve") == "D"
    assert "D" in actions.action("conversation.resolve").toolTip()
    assert keys.load(settings.text("keys")) == {"conversation.resolve": ("D",)}
    assert Actions(settings).hint("conversation.resolve") == "D"


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"no.such": ["X"]}', '{"list.next": "X"}'])
def test_unreadable_keys_fall_back_to_the_default(broken: str) -> None:
    assert keys.effective(keys.load(broken)) == {spec.id: spec.keys for spec in TABLE}


def test_a_disabled_action_says_why(actions: Actions) -> None:
    actions.enable("composer.send", False, "Nothing is written yet.")
    assert "Nothing is written yet." in actions.action("composer.send").toolTip()
    actions.enable("composer.send", True)
    assert "Nothing" not in actions.action("composer.send").toolTip()


def test_fuzzy_prefers_starts_of_words() -> None:
    assert score("rn", "Resolve and next") > score("rn", "Turn over") or score("rn", "Turn over") > 0
    assert score("resolve", "Resolve") > score("resolve", "Resolve and next") > 0
    assert score("im", "Import mail…") > score("im", "Find in mail") > 0
    assert score("xyz", "Resolve") == 0
    assert score("", "anything") == 1
    assert score("退款", "请问退款什么时候到账?") > 0
