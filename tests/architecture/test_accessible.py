"""The check that names every focusable widget sees a widget without a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListView, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.support.accessible import nameless, unreachable


def window(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    root = QWidget()
    layout = QHBoxLayout(root)
    for widget in widgets:
        layout.addWidget(widget)
    qtbot.addWidget(root)
    return root


def test_widgets_without_a_name_are_found(qtbot: QtBot) -> None:
    root = window(qtbot, QLineEdit(), QListView(), QSpinBox())
    found = [line.split()[0] for line in nameless(root)]
    assert sorted(found) == ["QLineEdit", "QListView", "QSpinBox"]


def test_named_widgets_pass(qtbot: QtBot) -> None:
    line, label, entries, count = QLineEdit(), QLabel("Order"), QListView(), QSpinBox()
    label.setBuddy(line)
    entries.setAccessibleName("Conversations")
    count.setAccessibleName("Days")
    assert nameless(window(qtbot, label, line, entries, count, QPushButton("Send"))) == []


def test_buttons_for_the_mouse_only_are_found(qtbot: QtBot) -> None:
    button, with_key = QPushButton("Send"), QPushButton("Undo")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    with_key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    with_key.setShortcut("Z")
    assert unreachable(window(qtbot, button, with_key)) == ["QPushButton < QWidget"]
