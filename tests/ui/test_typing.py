"""Typing is typing: input methods, AltGr and dead keys write in every field, and nothing of it fires a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from ui.shell.action_table import TABLE
from ui.shell.window import MainWindow

ALTGR_WINDOWS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
ALTGR_X11 = Qt.KeyboardModifier.GroupSwitchModifier
POLISH = ((Qt.Key.Key_A, "ą"), (Qt.Key.Key_E, "ę"), (Qt.Key.Key_L, "ł"), (Qt.Key.Key_X, "ź"), (Qt.Key.Key_Z, "ż"))
Opener = Callable[[MainWindow, QtBot], QWidget]


def search(window: MainWindow, _qtbot: QtBot) -> QWidget:
    QTest.keyClick(window, Qt.Key.Key_Slash)
    return window.list.search


def palette(window: MainWindow, _qtbot: QtBot) -> QWidget:
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    return window.palette_.field


def picker(key: Qt.Key) -> Opener:
    """Tag or snooze."""
    def opened(window: MainWindow, qtbot: QtBot) -> QWidget:
        QTest.keyClick(window.list.list, Qt.Key.Key_J)
        QTest.keyClick(window.list.list, key)
        return window.list.pickers().picker.field
    return opened


def composer(window: MainWindow, qtbot: QtBot) -> QWidget:
    QTest.keyClick(window.list.list, Qt.Key.Key_J)
    made = window.middle.composer
    qtbot.waitUntil(lambda: made.presenter.editable)
    QTest.keyClick(window.list.list, Qt.Key.Key_R)
    return made.body


FIELDS: dict[str, Opener] = {"search": search, "palette": palette, "tag": picker(Qt.Key.Key_L),
                             "snooze": picker(Qt.Key.Key_B), "assign": picker(Qt.Key.Key_A), "composer": composer}


class Fired:
    """Counts what the window's actions do from now on."""

    def __init__(self, window: MainWindow) -> None:
        self.names: list[str] = []
        for spec in TABLE:
            window.actions_.action(spec.id).triggered.connect(partial(self._on, spec.id))

    def _on(self, name: str, _checked: bool = False) -> None:
        self.names.append(name)


def text_of(field: QWidget) -> str:
    return field.text() if isinstance(field, QLineEdit) else str(field.property("plainText"))


def typed(field: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier, text: str) -> None:
    """A key as the window system sends it: first offered as an override, then, unless a shortcut took it, pressed."""
    QTest.sendKeyEvent(QTest.KeyAction.Click, field, key, text, modifier)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("altgr", [ALTGR_WINDOWS, ALTGR_X11], ids=["Windows", "X11"])
def test_altgr_letters_are_written_and_fire_nothing(
    name: str, altgr: Qt.KeyboardModifier, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    field = FIELDS[name](window, qtbot)
    assert QApplication.focusWidget() is field
    fired, asked = Fired(window), len(world.calls)
    for key, letter in POLISH:
        typed(field, key, altgr, letter)
    assert text_of(field) == "ąęłźż"
    assert fired.names == []
    assert {what for what, _about in world.calls[asked:]} & {"resolve", "assign", "tag", "snooze", "send"} == set()


@pytest.mark.parametrize("altgr", [ALTGR_WINDOWS, ALTGR_X11], ids=["Windows", "X11"])
def test_altgr_letters_fire_nothing_in_the_list(altgr: Qt.KeyboardModifier, window: MainWindow) -> None:
    fired = Fired(window)
    for key, letter in POLISH:
        typed(window.list.list, Qt.Key(ord(letter.upper())), altgr, letter)
        if altgr == ALTGR_WINDOWS:
            typed(window.list.list, key, altgr, letter)
    assert fired.names == []


@pytest.mark.parametrize("name", FIELDS)
def test_single_letters_are_written(name: str, window: MainWindow, qtbot: QtBot) -> None:
    field = FIELDS[name](window, qtbot)
    fired = Fired(window)
    letters = sorted({key for spec in TABLE for keys in spec.keys for key in keys.split(", ") if len(key) == 1
                      and key not in "?/"})
    for letter in letters:
        QTest.keyClicks(field, letter.lower())
        QTest.keyClicks(field, letter)
    assert text_of(field) == "".join(letter.lower() + letter for letter in letters)
    assert fired.names == []


@pytest.mark.parametrize("name", FIELDS)
def test_dead_keys_write_the_letter_they_make(name: str, window: MainWindow, qtbot: QtBot) -> None:
    field = FIELDS[name](window, qtbot)
    fired = Fired(window)
    for dead, letter in ((Qt.Key.Key_Dead_Acute, "é"), (Qt.Key.Key_Dead_Tilde, "ã")):
        typed(field, dead, Qt.KeyboardModifier.NoModifier, "")
        commit(field, letter)
    assert text_of(field) == "éã"
    assert fired.names == []


def compose(field: QWidget, letters: str) -> None:
    QApplication.sendEvent(field, QInputMethodEvent(letters, []))


def commit(field: QWidget, text: str) -> None:
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier],
                         ids=["Enter", "Ctrl+Enter"])
def test_enter_within_a_composition_takes_and_sends_nothing(
    name: str, modifier: Qt.KeyboardModifier, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    field = FIELDS[name](window, qtbot)
    before, queue = len(world.calls), window.inbox.queue
    compose(field, "tui kuan")
    QTest.keyClick(field, Qt.Key.Key_Return, modifier)
    assert QApplication.focusWidget() is field, "it was left"
    assert field.isVisible()
    commit(field, "退款")
    qtbot.wait(20)
    changes = {"resolve", "assign", "tag", "snooze", "send", "queue"}
    assert {what for what, _about in world.calls[before:]} & changes == set()
    assert "退款" in text_of(field)
    assert window.inbox.queue == queue


def test_what_is_being_composed_is_not_searched(window: MainWindow, world: World, qtbot: QtBot) -> None:
    field = search(window, qtbot)
    QTest.keyClicks(field, "parcel 6")
    qtbot.waitUntil(lambda: window.inbox.search == "parcel 6" and not window.inbox.loading)
    with qtbot.assertNotEmitted(window.list.search.textChanged):
        for letters in ("t", "tu", "tui", "tui k", "tui kuan"):
            compose(field, letters)
    assert not window.inbox._pause.isActive()
    assert window.inbox.search == "parcel 6"
    commit(field, "退款")
    qtbot.waitUntil(lambda: window.inbox.search == "parcel 6退款")


def test_the_keys_of_a_composition_do_not_walk_the_suggestions(window: MainWindow, qtbot: QtBot) -> None:
    field = search(window, qtbot)
    QTest.keyClicks(field, "la")
    shown = window.list.help
    assert shown is not None
    assert shown.offers.isVisible()
    compose(field, "ng")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert shown.offers.list.currentRow() == -1
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(field, event)
    assert QApplication.focusWidget() is field


def test_what_is_typed_right_after_the_key_goes_into_the_draft_that_is_on_its_way(
    window: MainWindow, world: World, qtbot: QtBot
) -> None:
    QTest.keyClick(window.list.list, Qt.Key.Key_J)
    composer, fired = window.middle.composer, Fired(window)
    QTest.keyClick(window.list.list, Qt.Key.Key_N)
    assert composer.body.isReadOnly(), "the draft is still read"
    QTest.keyClicks(composer.body, "Resolve nothing, lose nothing")
    typed(composer.body, Qt.Key.Key_A, ALTGR_WINDOWS, "ą")
    qtbot.waitUntil(lambda: composer.presenter.editable)
    assert composer.body.toPlainText() == "Resolve nothing, lose nothingą"
    assert fired.names == ["composer.note"]
