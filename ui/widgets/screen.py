"""How large a window may open: at 250 % a laptop's screen has room for 1,024 × 576, and what lies beyond its edge
cannot be pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

FRAME = QSize(16, 48)
"""What the frame and the title of a window take, about."""
LEAST = QSize(320, 240)


def open_within(window: QWidget, width: int, height: int) -> None:
    """As `resize`, but no larger than the screen has room for. Where nothing is shown there is room for everything."""
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        window.resize(width, height)
        return
    window.resize(within(QSize(width, height), window.screen().availableSize()))


def within(wanted: QSize, room: QSize) -> QSize:
    """The size of a window that is to be `wanted` on a screen with so much room."""
    return wanted.boundedTo((room - FRAME).expandedTo(LEAST))
