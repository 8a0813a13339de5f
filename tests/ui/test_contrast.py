"""Colours on the screen, not in the table: text and hints can be read, and whatever has the focus shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM
from ui.theme import theme
from ui.theme.tokens import THEMES, contrast
from ui.verification.check_row import RowButton
from ui.widgets.choice import Choice
from ui.widgets.link import Link
from ui.widgets.marks import MARKS, Mark

pytestmark = QUIET_PLATFORM
each_theme = pytest.mark.parametrize("name", THEMES)
WORDS = "HHHHHHHH"
"""Letters with upright strokes: some pixel of them has the whole colour."""


def _button(role: str) -> QPushButton:
    made = QPushButton(WORDS)
    made.setProperty("role", role)
    return made


def _hint(field: QLineEdit | QPlainTextEdit) -> QWidget:
    field.setPlaceholderText(WORDS)
    return field


TEXTS: dict[str, Callable[[], QWidget]] = {
    "label": lambda: QLabel(WORDS), "button": lambda: _button(""), "primary": lambda: _button("primary"),
    "flat": lambda: _button("flat"), "danger": lambda: _button("danger"), "line": lambda: QLineEdit(WORDS),
    "hint": lambda: _hint(QLineEdit()), "hint of a field": lambda: _hint(QPlainTextEdit()),
    "check": lambda: QCheckBox(WORDS), "link": lambda: Link(WORDS),
}
FOCUSABLE: dict[str, Callable[[], QWidget]] = {
    "button": lambda: _button(""), "primary": lambda: _button("primary"), "flat": lambda: _button("flat"),
    "tool": QToolButton, "line": QLineEdit, "field": QPlainTextEdit, "check": lambda: QCheckBox(WORDS),
    "radio": lambda: QRadioButton(WORDS), "choice": lambda: Choice("name"), "link": lambda: Link(WORDS),
    "row": RowButton,
}


def hosted(qtbot: QtBot, widget: QWidget, name: str) -> QWidget:
    """A page with this widget, which has not the focus."""
    theme().apply(name)
    host = QWidget()
    host.setProperty("role", "page")
    qtbot.addWidget(host)
    widget.setParent(host)
    host.resize(240, 80)
    widget.setGeometry(20, 20, 200, 36)
    host.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    host.show()
    host.activateWindow()
    host.setFocus()
    qtbot.waitUntil(host.hasFocus)
    return host


def shown(qtbot: QtBot, widget: QWidget, name: str) -> QImage:
    return hosted(qtbot, widget, name).grab().toImage()


def colours(image: QImage, inset: int = 24) -> list[str]:
    """The colours within, away from the border."""
    inside = [image.pixelColor(x, y) for x in range(inset, image.width() - inset)
              for y in range(inset, image.height() - inset)]
    return [colour.name() for colour in inside]


@each_theme
@pytest.mark.parametrize("kind", TEXTS)
def test_words_can_be_read(kind: str, name: str, qtbot: QtBot) -> None:
    seen = colours(shown(qtbot, TEXTS[kind](), name), 28)
    ground = max(set(seen), key=seen.count)
    assert max(contrast(one, ground) for one in set(seen)) >= 4.5


@each_theme
@pytest.mark.parametrize("state", MARKS)
def test_marks_can_be_seen(state: str, name: str, qtbot: QtBot) -> None:
    seen = colours(shown(qtbot, Mark(state), name), 20)
    ground = max(set(seen), key=seen.count)
    assert max(contrast(one, ground) for one in set(seen)) >= 3.0


@each_theme
@pytest.mark.parametrize("kind", FOCUSABLE)
def test_the_focus_shows(kind: str, name: str, qtbot: QtBot) -> None:
    widget = FOCUSABLE[kind]()
    host = hosted(qtbot, widget, name)
    before = host.grab().toImage()
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(widget.hasFocus)
    after = host.grab().toImage()
    changed = [(before.pixelColor(x, y), after.pixelColor(x, y)) for x in range(before.width())
               for y in range(before.height()) if before.pixelColor(x, y) != after.pixelColor(x, y)]
    clear = [1 for one, other in changed if contrast(_name(one), _name(other)) >= 1.5]
    assert len(clear) >= 40, "a border's worth of pixels changes so that one sees it"


def _name(colour: QColor) -> str:
    return colour.name()
