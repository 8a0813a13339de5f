"""Numbers typed into Arabic read from left to right in the composer, and nobody gets the marks that see to it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.test_direction import columns
from ui import direction
from ui.composer.editors import Editor
from ui.composer.isolating import MARKS

ORDER, AMOUNT = "702-7654321-7654321", "R$ 129,90"
ARABIC = f"مرحبا، طلبي رقم {ORDER} بمبلغ {AMOUNT} شكرا"


@pytest.fixture
def editor(qtbot: QtBot) -> Editor:
    made = Editor("Your text", "Write")
    qtbot.addWidget(made)
    made.resize(3_000, 120)
    made.show()
    made.activateWindow()
    made.setFocus()
    QApplication.clipboard().clear()
    return made


def raw(editor: Editor) -> str:
    return editor.document().toPlainText()


def drawn(editor: Editor, item: str) -> list[float]:
    return columns(editor.document().firstBlock().layout(), raw(editor), item)


def write(editor: Editor, text: str) -> None:
    for letter in text:
        QTest.keyClicks(editor, letter) if letter.isascii() else editor.insertPlainText(letter)


@pytest.mark.parametrize("how", ["shown", "typed", "pasted"])
def test_numbers_run_from_left_to_right(editor: Editor, how: str) -> None:
    if how == "shown":
        editor.show_text(ARABIC)
    elif how == "typed":
        write(editor, ARABIC)
    else:
        pasted = QMimeData()
        pasted.setText(direction.readable(ARABIC))
        editor.insertFromMimeData(pasted)
    assert raw(editor) == direction.readable(ARABIC), "what was pasted had marks already"
    for item in (ORDER, AMOUNT):
        at = drawn(editor, item)
        assert at == sorted(at)
        assert len(set(at)) > len(item) // 2
    assert editor.toPlainText() == ARABIC


def test_text_without_arabic_gets_no_marks(editor: Editor) -> None:
    write(editor, f"Order {ORDER}, {AMOUNT}")
    assert not set(MARKS) & set(raw(editor))


def test_marks_go_with_the_arabic(editor: Editor) -> None:
    write(editor, "م 12-34")
    assert set(MARKS) <= set(raw(editor))
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert raw(editor) == " 12-34"


def test_each_key_takes_one_character(editor: Editor) -> None:
    text = "م 12 ن"
    editor.show_text(text)
    for length in range(len(text) - 1, -1, -1):
        QTest.keyClick(editor, Qt.Key.Key_Backspace)
        assert editor.toPlainText() == text[:length]
    editor.show_text(text)
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    for length in range(1, len(text) + 1):
        QTest.keyClick(editor, Qt.Key.Key_Delete)
        assert editor.toPlainText() == text[length:]


def test_each_step_passes_one_character(editor: Editor) -> None:
    text = "م 12 ن 3-4"
    editor.show_text(text)
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    passed = []
    for _step in range(len(text)):
        QTest.keyClick(editor, Qt.Key.Key_Left)     # onward, where it is written from the right
        before = raw(editor)[:editor.textCursor().position()]
        passed.append(len(before) - sum(before.count(mark) for mark in MARKS))
    assert passed == list(range(1, len(text) + 1))


def test_undo_takes_the_typing_back_with_its_marks(editor: Editor) -> None:
    write(editor, "م 12")
    while editor.document().isUndoAvailable():
        editor.undo()
        assert raw(editor) == direction.readable(editor.toPlainText())
    assert raw(editor) == ""
    while editor.document().isRedoAvailable():
        editor.redo()
        assert raw(editor) == direction.readable(editor.toPlainText())
    assert editor.toPlainText() == "م 12"


def test_what_is_copied_has_no_marks(editor: Editor) -> None:
    editor.show_text(ARABIC)
    editor.selectAll()
    editor.copy()
    assert QApplication.clipboard().text() == ARABIC


def test_one_change_is_told_once(editor: Editor) -> None:
    told: list[str] = []
    editor.typed.connect(lambda: told.append(editor.toPlainText()))
    write(editor, "م 12")
    assert told == ["م", "م ", "م 1", "م 12"]


def test_what_must_survive_is_underlined_with_its_marks_and_past_wide_letters(editor: Editor) -> None:
    editor.show_text(f"😀 م {ORDER} 😀 ن {AMOUNT}")
    editor.mark((ORDER, AMOUNT, "not there"))
    selected = [one.cursor.selectedText() for one in editor.extraSelections()]
    assert [text.translate(dict.fromkeys(map(ord, MARKS))) for text in selected] == [ORDER, AMOUNT]
    assert raw(editor) == direction.readable(editor.toPlainText())


def test_an_input_method_is_left_alone_until_it_has_decided(editor: Editor) -> None:
    editor.show_text("م ")
    QApplication.sendEvent(editor, QInputMethodEvent("12", []))
    assert raw(editor) == "م "
    done = QInputMethodEvent("", [])
    done.setCommitString("12-34")
    QApplication.sendEvent(editor, done)
    assert raw(editor) == direction.readable("م 12-34")
