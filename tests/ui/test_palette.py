"""The palette: what is listed first, what cannot be done and why, and that it is safe to type in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from ui.shell.palette import Palette
from ui.shell.palette_entries import IMPOSSIBLE, Entry
from ui.shell.window import MainWindow
from workstation.inbox.listing import Queue

CTRL = Qt.KeyboardModifier.ControlModifier
KEYSTROKE_SECONDS = 0.1


@pytest.fixture
def palette(window: MainWindow) -> Iterator[Palette]:
    """Open over the window."""
    QTest.keyClick(window, Qt.Key.Key_K, CTRL)
    yield window.palette_
    window.palette_.leave()


def entries(palette: Palette) -> list[Entry]:
    return [palette.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(palette.list.count())]


def hit(palette: Palette, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(palette.field, key, modifier)


def again(window: MainWindow, typed: str) -> None:
    """Open it, type, and run the first line."""
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_K, CTRL)
    QTest.keyClicks(window.palette_.field, typed)
    hit(window.palette_, Qt.Key.Key_Return)


def test_what_was_used_last_stands_first_while_nothing_is_typed(palette: Palette, window: MainWindow) -> None:
    palette.leave()
    again(window, "Side by side")
    again(window, "Snoozed")
    again(window, "Side by side")
    QTest.keyClick(window, Qt.Key.Key_K, CTRL)
    listed = palette.entries()
    assert listed[:2] == ["Original and translation side by side", "Snoozed"]
    assert len(set(listed)) == len(listed), "each once"
    assert "Next conversation" in listed


def test_what_cannot_be_done_stands_last_with_its_reason_and_does_nothing(
    palette: Palette, window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_.enable("composer.send", False, "Nothing is written yet.")
    with qtbot.assertNotEmitted(window.actions_.action("composer.send").triggered):
        QTest.keyClicks(palette.field, "Send")
        found = entries(palette)
        send = next(entry for entry in found if entry.id == "composer.send")
        assert send.reason == "Nothing is written yet."
        assert send.spoken == "Send, not possible: Nothing is written yet."
        assert [bool(entry.reason) for entry in found] == sorted(bool(entry.reason) for entry in found)
        palette.list.setCurrentRow(found.index(send))
        hit(palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    window.actions_.enable("composer.send", True)
    palette.field.clear()
    QTest.keyClicks(palette.field, "Send")
    assert entries(palette)[0].id == "composer.send"


def test_few_lines_that_only_have_the_letters(palette: Palette) -> None:
    QTest.keyClicks(palette.field, "rs")
    assert sum(bool(entry.reason) for entry in entries(palette)) <= IMPOSSIBLE
    assert palette.list.count() < 25


def test_the_line_a_person_went_to_stays_when_hits_arrive(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, "next")
    hit(palette, Qt.Key.Key_Down)
    chosen = palette.list.currentItem().text()
    QTest.keyClicks(palette.field, " m")
    hit(palette, Qt.Key.Key_Up)
    palette.field.setText("parcel 6")
    qtbot.waitUntil(lambda: any("Buyer 6" in line for line in palette.entries()))
    palette.field.setText("next")
    hit(palette, Qt.Key.Key_Down)
    assert palette.list.currentItem().text() == chosen
    palette._on_hits(replace(palette._hits, typed="next"))
    assert palette.list.currentItem().text() == chosen


def test_its_keys_never_reach_the_window(palette: Palette, window: MainWindow, qtbot: QtBot) -> None:
    for name, key, modifier in (("composer.send", Qt.Key.Key_Return, CTRL), ("conversation.mute", Qt.Key.Key_M, CTRL),
                                ("view.queues", Qt.Key.Key_1, CTRL), ("file.sync", Qt.Key.Key_F5, None)):
        window.actions_.enable(name, True)
        with qtbot.assertNotEmitted(window.actions_.action(name).triggered):
            if key is not Qt.Key.Key_Return:
                hit(palette, key, modifier or Qt.KeyboardModifier.NoModifier)
    with qtbot.assertNotEmitted(window.actions_.action("composer.send").triggered):
        palette.field.setText("nothing is called like this")
        hit(palette, Qt.Key.Key_Return, CTRL)


@pytest.mark.parametrize(("key", "modifier"), [
    (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier), (Qt.Key.Key_K, CTRL),
])
def test_every_way_out_leads_back_to_where_the_focus_was(
    palette: Palette, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    hit(palette, key, modifier)
    assert palette.isHidden()
    assert QApplication.focusWidget() is window.list.list


def test_what_is_composed_is_neither_run_nor_searched(palette: Palette, window: MainWindow, world: World) -> None:
    QTest.keyClicks(palette.field, "Snoozed")
    QApplication.sendEvent(palette.field, QInputMethodEvent("ni hao", []))
    hit(palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette.field.text() == "Snoozed"
    assert window.inbox.queue == "open"
    decided = QInputMethodEvent("", [])
    decided.setCommitString("你好")
    QApplication.sendEvent(palette.field, decided)
    assert palette.field.text() == "Snoozed你好"


def test_a_key_takes_no_longer_with_two_hundred_queues(palette: Palette, window: MainWindow) -> None:
    window.inbox.queues = tuple(Queue(f"view:{number}", f"Own view {number}", number, "views") for number in range(200))
    begun = time.process_time()
    QTest.keyClicks(palette.field, "own view 1")
    for _letter in range(9):
        hit(palette, Qt.Key.Key_Backspace)
    each = (time.process_time() - begun) / 19
    assert "Own view 199" in " ".join(palette.entries()) or palette.list.count() >= 12
    assert each < KEYSTROKE_SECONDS, f"{each * 1000:.0f} ms"


def test_a_screen_reader_finds_the_field_and_the_lines(palette: Palette) -> None:
    interface = QAccessible.queryAccessibleInterface(palette.field)
    assert interface is not None
    assert (interface.role(), interface.text(QAccessible.Text.Name)) == (
        QAccessible.Role.EditableText, "Command palette")
    listed = QAccessible.queryAccessibleInterface(palette.list)
    assert listed is not None
    assert listed.role() == QAccessible.Role.List
    first = listed.child(0)
    assert first is not None
    assert first.text(QAccessible.Text.Name) == entries(palette)[0].spoken
