"""No window opens larger than the screen: what lies beyond its edge cannot be pressed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.widgets import screen


@pytest.mark.parametrize(("wanted", "room", "found"), [
    ((1_160, 760), (2_560, 1_440), (1_160, 760)),
    ((1_160, 760), (1_024, 576), (1_008, 528)),
    ((520, 220), (1_024, 576), (520, 220)),
    ((1_160, 760), (100, 100), (320, 240)),
])
def test_a_window_is_no_larger_than_its_screen(
    wanted: tuple[int, int], room: tuple[int, int], found: tuple[int, int],
) -> None:
    assert screen.within(QSize(*wanted), QSize(*room)) == QSize(*found)


def test_it_is_asked_of_the_screen_the_window_is_on(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    screen.open_within(window, 3_000, 2_000)
    assert window.size() == QSize(3_000, 2_000)      # offscreen: nothing is shown
    monkeypatch.setattr(QGuiApplication, "platformName", staticmethod(lambda: "xcb"))
    screen.open_within(window, 3_000, 2_000)
    assert window.size() == window.screen().availableSize() - screen.FRAME
