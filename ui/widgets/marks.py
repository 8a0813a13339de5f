"""The state marks: always a shape, a colour and a word, never a colour alone.

They are drawn, so that they look the same in every font.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current, theme
from workstation.kernel.i18n import N_, _

SIZE = 16


@dataclass(frozen=True, slots=True)
class MarkSpec:
    """`glyph` is the mark in text (tests, screen readers), `word` its name, `token` its colour."""

    glyph: str
    word: str
    token: str


MARKS = {
    "pass": MarkSpec("✓", N_("pass"), "passed"),
    "warn": MarkSpec("!", N_("warning"), "warn"),
    "fail": MarkSpec("✕", N_("fail"), "fail"),
    "unknown": MarkSpec("?", N_("unknown"), "unknown"),
    "pending": MarkSpec("◌", N_("pending"), "pending"),
    "failed": MarkSpec("▮", N_("failed"), "failed"),
    "missing": MarkSpec("–", N_("missing"), "fail"),
    "skipped": MarkSpec("–", N_("passed over"), "pending"),
}


def word(state: str) -> str:
    """The state's name in the interface's language."""
    return _(MARKS[state].word)


def paint_mark(painter: QPainter, rect: QRectF, state: str) -> None:
    """Draw a mark in the middle of `rect`, 16 px large."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - SIZE / 2, rect.center().y() - SIZE / 2)
    pen = QPen(QColor(str(getattr(current(), MARKS[state].token))), 1.8)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _SHAPES[state](painter, pen)
    painter.restore()


def _check(painter: QPainter, _pen: QPen) -> None:
    painter.drawPolyline([QPointF(3.5, 8.5), QPointF(6.7, 11.7), QPointF(12.5, 4.8)])


def _cross(painter: QPainter, _pen: QPen) -> None:
    painter.drawLine(QPointF(4.2, 4.2), QPointF(11.8, 11.8))
    painter.drawLine(QPointF(11.8, 4.2), QPointF(4.2, 11.8))


def _bang(painter: QPainter, pen: QPen) -> None:
    pen.setWidthF(2.0)
    painter.setPen(pen)
    painter.drawLine(QPointF(8, 3.4), QPointF(8, 9))
    painter.drawPoint(QPointF(8, 12.3))


def _question(painter: QPainter, pen: QPen) -> None:
    pen.setWidthF(1.7)
    painter.setPen(pen)
    painter.drawArc(QRectF(5.2, 2.9, 5.6, 5.6), 180 * 16, -225 * 16)
    painter.drawLine(QPointF(8.9, 8.1), QPointF(8, 9.8))
    painter.drawPoint(QPointF(8, 12.9))


def _ring(painter: QPainter, pen: QPen) -> None:
    pen.setWidthF(1.6)
    pen.setDashPattern([0.4, 2.0])
    painter.setPen(pen)
    painter.drawEllipse(QRectF(3, 3, 10, 10))


def _block(painter: QPainter, pen: QPen) -> None:
    painter.fillRect(QRectF(5.5, 2.5, 5, 11), pen.color())


def _dash(painter: QPainter, pen: QPen) -> None:
    pen.setWidthF(2.2)
    painter.setPen(pen)
    painter.drawLine(QPointF(3.6, 8), QPointF(12.4, 8))


_SHAPES = {
    "pass": _check, "fail": _cross, "warn": _bang, "unknown": _question, "pending": _ring, "failed": _block,
    "missing": _dash, "skipped": _dash,
}


class Mark(QWidget):
    """A mark as a widget: its word on hover and for screen readers."""

    def __init__(self, state: str = "unknown", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(state)
        theme().changed.connect(self.update)

    @property
    def state(self) -> str:
        return self._state

    def set_state(self, state: str) -> None:
        self._state = state
        self.setToolTip(word(state))
        self.setAccessibleName(word(state))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(SIZE, SIZE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_mark(QPainter(self), QRectF(self.rect()), self._state)
