"""Buttons that are only words, and labels that wrap without asking for more height than they fill."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from ui.widgets.labels import plain_tip

NARROWEST = 64
PADDING = 22
"""What the stylesheet adds to the left and right of a flat button's words, in pixels."""


def flat_button(text: str, tip: str = "", parent: QWidget | None = None) -> QPushButton:
    """A button that is only a word."""
    button = QPushButton(text, parent)
    button.setProperty("role", "flat")
    button.setAccessibleName(tip or text)
    button.setToolTip(plain_tip(tip))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


class ElidedButton(QPushButton):
    """A flat button whose sentence ends in "…" when the row is too narrow; the tooltip has the whole of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.full_text = ""
        self.setProperty("role", "flat")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def set_full_text(self, text: str) -> None:
        self.full_text = " ".join(text.split())
        self._elide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.full_text) + PADDING, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(48, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - PADDING + 4, 24)
        self.setText(self.fontMetrics().elidedText(self.full_text, Qt.TextElideMode.ElideRight, room))


class WrapLabel(QLabel):
    """A label that wraps. Qt's own asks for the height it would need when it is as narrow as can be, which leaves
    empty room below a scrolled page; this one only asks for the height at the width it has."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROWEST, self.fontMetrics().height())
