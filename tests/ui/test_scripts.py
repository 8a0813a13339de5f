"""Other scripts: every sentence is drawn, Arabic and Hebrew run from the right, what is being composed is safe."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QTextCursor, QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support.casedesk import Desk, make_desk
from tests.support.fakecase import ARABIC, QUIET_PLATFORM
from ui.bridge import Bridge
from ui.composer.editors import Editor, body_editor
from ui.inbox.view import SearchField
from ui.shell.actions import Actions
from ui.theme import fonts
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
SENTENCES = {
    "chinese": "包裹还没有到，请退款 ¥129.90。", "japanese": "箱がつぶれていて、皿が割れていました。",
    "korean": "소포가 아직 도착하지 않았습니다.", "thai": "พัสดุยังมาไม่ถึง กรุณาคืนเงิน",
    "arabic": ARABIC, "hebrew": "שלום, החבילה 702-7654321-7654321 עדיין לא הגיעה.",
    "hindi": "पार्सल अभी तक नहीं आया है।", "russian": "Посылка ещё не пришла.", "greek": "Το δέμα δεν ήρθε.",
    "vietnamese": "Gói hàng vẫn chưa đến.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_no_letter_is_an_empty_box(name: str, qapp: object) -> None:
    layout = QTextLayout(SENTENCES[name], fonts.font())
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    glyphs = [glyph for run in layout.glyphRuns() for glyph in run.glyphIndexes()]
    assert glyphs, "something is drawn"
    assert 0 not in glyphs, "glyph 0 is the empty box"


@pytest.mark.parametrize("name", ["arabic", "hebrew"])
def test_it_is_written_from_the_right_and_copied_as_it_was_typed(name: str, qtbot: QtBot) -> None:
    editor = shown(body_editor(), qtbot)
    editor.insertPlainText(SENTENCES[name])
    assert editor.document().defaultTextOption().textDirection() == Qt.LayoutDirection.RightToLeft
    cursor = editor.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    editor.setTextCursor(cursor)
    qtbot.waitUntil(lambda: editor.cursorRect().center().x() > editor.viewport().width() / 2)
    begin = editor.cursorRect().center().x()
    QTest.keyClick(editor, Qt.Key.Key_Left)
    assert editor.textCursor().position() == 1, "the left arrow goes on in the text"
    assert editor.cursorRect().center().x() < begin, "and to the left on the screen"
    editor.selectAll()
    editor.copy()
    assert QGuiApplication.clipboard().text() == SENTENCES[name]


def shown(editor: Editor, qtbot: QtBot) -> Editor:
    qtbot.addWidget(editor)
    editor.resize(700, 120)
    editor.show()
    editor.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    return editor


# input methods


@pytest.fixture
def desk(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Desk:
    return make_desk(lonely_bridge, core_thread, actions, qtbot)


def compose(widget: QWidget, letters: str) -> None:
    QApplication.sendEvent(widget, QInputMethodEvent(letters, []))


def commit(widget: QWidget, text: str) -> None:
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def test_undecided_letters_are_neither_saved_nor_sent(desk: Desk) -> None:
    desk.type("ok ")
    desk.until(lambda: desk.stored("pt") == "ok ")
    compose(desk.composer.body, "nihao")
    desk.composer.send()
    assert not desk.world.called("send")
    assert desk.composer.body.toPlainText() == "ok "
    commit(desk.composer.body, "你好")
    desk.until(lambda: desk.stored("pt") == "ok 你好")
    desk.composer.body.undo()
    desk.until(lambda: desk.stored("pt") == "ok ")


def test_a_save_in_the_middle_leaves_the_composition_alone(desk: Desk) -> None:
    desk.type("one ")
    compose(desk.composer.body, "ni")
    desk.until(lambda: desk.stored("pt") == "one ")
    layout = desk.composer.body.textCursor().block().layout()
    assert layout is not None
    assert layout.preeditAreaText() == "ni"
    commit(desk.composer.body, "你")
    assert desk.composer.body.toPlainText() == "one 你"


def test_the_candidates_stand_at_the_cursor(qtbot: QtBot) -> None:
    editor = shown(body_editor(), qtbot)
    editor.insertPlainText("some words before it")
    asked = editor.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    assert isinstance(asked, QRectF)
    here = editor.cursorRect().translated(editor.viewport().pos())
    assert abs(asked.left() - here.left()) <= 8, "within the border, which Qt leaves out"
    assert abs(asked.top() - here.top()) <= 8


def test_a_search_takes_composed_words_and_letters_of_altgr(qtbot: QtBot) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    compose(field, "bao")
    assert field.text() == ""
    commit(field, "包裹")
    altgr = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QApplication.sendEvent(field, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_At, altgr, "@"))
    third_level = Qt.KeyboardModifier.GroupSwitchModifier
    QApplication.sendEvent(field, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_E, third_level, "€"))
    assert field.text() == "包裹@€"
