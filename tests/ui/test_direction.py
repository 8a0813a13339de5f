"""Numbers inside Arabic and Hebrew read from left to right, and nobody's clipboard gets the marks that see to it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QTextDocument, QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from ui import direction
from ui.conversation.pieces import Prose
from ui.conversation.texts import rich
from ui.inbox.fitting import fit as _fit

ORDER, PARCEL, LINK = "702-7654321-7654321", "LX-4731-24829-CN", "https://shop.example/a-1/b-2?c=3-4"
ARABIC = f"مرحبا، طلبي رقم {ORDER} والشحنة {PARCEL} لم تصل بعد، انظر {LINK} شكرا"
HEBREW = f"שלום, ההזמנה {ORDER} והחבילה {PARCEL} עדיין לא הגיעו: {LINK} תודה"


def columns(layout: QTextLayout, text: str, item: str) -> list[float]:
    """Where each character of `item` is drawn, in pixels from the left."""
    at, line = text.index(item), layout.lineAt(0)
    return [x_of(line.cursorToX(at + number)) for number in range(1, len(item))]


def x_of(place: object) -> float:
    """The binding gives the column alone, or with the character it stands at."""
    found = place[0] if isinstance(place, tuple) else place
    assert isinstance(found, float)
    return found


def bubble_layout(text: str, survivors: tuple[str, ...]) -> tuple[QTextDocument, QTextLayout]:
    document = QTextDocument()
    document.setHtml(rich(text, survivors))
    document.setTextWidth(4_000)
    assert document.size().height() > 0
    return document, document.firstBlock().layout()


@pytest.mark.parametrize("survivors", [(), (ORDER, PARCEL, LINK)])
@pytest.mark.parametrize("item", [ORDER, PARCEL, LINK])
@pytest.mark.parametrize("text", [ARABIC, HEBREW])
def test_a_number_in_a_bubble_runs_from_left_to_right(
    text: str, item: str, survivors: tuple[str, ...], qtbot: QtBot,
) -> None:
    document, layout = bubble_layout(text, survivors)
    drawn = columns(layout, document.firstBlock().text(), item)
    assert drawn == sorted(drawn)
    assert len(set(drawn)) > len(item) // 2
    assert direction.without_marks(document.toPlainText()) == text


def test_without_the_marks_it_would_run_backwards(qtbot: QtBot) -> None:
    """What the marks are for: Qt alone draws the last group first."""
    document = QTextDocument(ARABIC)
    document.setTextWidth(4_000)
    assert document.size().height() > 0
    drawn = columns(document.firstBlock().layout(), ARABIC, ORDER)
    assert drawn != sorted(drawn)


def test_a_row_of_the_list_draws_the_number_from_left_to_right(qtbot: QtBot) -> None:
    shown, from_right = _fit(ARABIC, 13, bold=False, width=4_000)
    assert from_right
    layout = QTextLayout(shown)
    layout.beginLayout()
    layout.createLine().setLineWidth(4_000)
    layout.endLayout()
    for item in (ORDER, PARCEL, LINK):
        drawn = columns(layout, shown, item)
        assert drawn == sorted(drawn)


@pytest.mark.parametrize(("text", "whole"), [
    ("السعر R$ 34,95 فقط", "R$ 34,95"), ("السعر 34.95 € فقط", "34.95 €"), ("الرقم #1042 هنا", "#1042"),
    ("اكتب إلى ana.b-1@shop.example الآن", "ana.b-1@shop.example"),
    ("الهاتف +55 11 99999-0000 فقط", "+55 11 99999-0000"),
])
def test_each_run_is_isolated_as_one(text: str, whole: str) -> None:
    shown = direction.readable(text)
    assert f"{direction.FROM_LEFT}{whole}{direction.END}" in shown
    assert shown.count(direction.FROM_LEFT) == 1


@pytest.mark.parametrize("text", ["Order 702-7654321-7654321", "订单 702-7654321-7654321", "", "Só 5 dias"])
def test_text_from_the_left_is_left_alone(text: str) -> None:
    assert direction.readable(text) == text
    assert direction.FROM_LEFT not in rich(text, (ORDER,))


def test_a_hostile_line_takes_no_longer_than_it_is_long() -> None:
    line = "م" + "1-" * 20_000 + "a" * 20_000 + "@" * 5_000
    assert direction.without_marks(direction.readable(line)) == line


@pytest.fixture
def prose(qtbot: QtBot) -> Prose:
    label = Prose()
    qtbot.addWidget(label)
    label.show_text(ARABIC, (ORDER,))
    label.resize(1_600, 60)
    label.show()
    label.setFocus()
    QApplication.clipboard().clear()
    return label


def test_what_is_copied_has_no_marks(prose: Prose) -> None:
    assert prose.plain == ARABIC
    assert prose.accessibleName() == ARABIC
    assert direction.FROM_LEFT in prose.text()
    QTest.keyClick(prose, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert direction.FROM_LEFT in prose.selectedText()
    QTest.keyClick(prose, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == ARABIC


def test_what_the_menu_copies_has_no_marks(prose: Prose, qtbot: QtBot) -> None:
    QTest.keyClick(prose, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    place = QPoint(20, 10)
    QApplication.sendEvent(
        prose, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, prose.mapToGlobal(place)))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    copy = next(action for action in menu.actions() if "Copy" in action.text().replace("&", ""))
    copy.trigger()
    menu.close()
    qtbot.waitUntil(lambda: QApplication.clipboard().text() == ARABIC)
