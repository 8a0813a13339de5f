"""The window that is asked to the front: restored, raised, active, or asking for attention."""

from __future__ import annotations

import os

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.shell.front import ACTIVATION, bring

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_a_minimised_window_is_restored_as_it_was_and_takes_the_focus(qtbot: QtBot, window: QWidget) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    window.showMaximized()
    window.showMinimized()
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    bring(window, "")
    qtbot.waitUntil(window.isActiveWindow)
    assert window.isVisible()
    assert not window.isMinimized()
    assert window.isMaximized()


def test_a_window_that_does_not_get_the_focus_asks_for_attention(
    qtbot: QtBot, window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda widget, *_more: asked.append(widget))
    monkeypatch.setattr(window, "activateWindow", lambda: None)   # a window manager that forbids it
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    bring(window, "")
    qtbot.waitUntil(lambda: asked == [window])


def test_a_launchers_token_is_kept_for_wayland_alone(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ACTIVATION, raising=False)
    bring(window, "a token")
    assert ACTIVATION not in os.environ
