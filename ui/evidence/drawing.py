"""Marks as they are drawn: on the screen while they are placed, and by the same strokes into the sealed copy."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.conversation.texts import is_rtl
from ui.theme import fonts
from workstation.evidence.model import Arrow, Box, Mark, Number, Rect, Words

PAPER = "#ffffff"
"""Behind words, and around lines: a mark is seen on any picture."""
_HEAD = 4.0
"""An arrow's head is this often as long as its line is wide."""
_WORDS = int(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWrapAnywhere)


def draw(painter: QPainter, mark: Mark, width: int) -> None:
    """One mark, in pixels of a picture that is `width` wide."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(mark.colour)
    if isinstance(mark, Arrow):
        _arrow(painter, mark, colour)
    elif isinstance(mark, Box):
        _box(painter, mark, colour)
    elif isinstance(mark, Words):
        _words(painter, mark, colour, width)
    else:
        _number(painter, mark, colour)


def bounds(mark: Mark, width: int) -> QRectF:
    """What a mark covers."""
    if isinstance(mark, Arrow):
        room = mark.width * _HEAD / 2
        return QRectF(QPointF(mark.x1, mark.y1), QPointF(mark.x2, mark.y2)).normalized().adjusted(
            -room, -room, room + 1, room + 1)
    if isinstance(mark, Box):
        return to_rect(mark.rect)
    if isinstance(mark, Words):
        return _paper(mark, width)
    half = mark.size / 2
    return QRectF(mark.x - half, mark.y - half, mark.size, mark.size)


def to_rect(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.width, rect.height)


def _arrow(painter: QPainter, mark: Arrow, colour: QColor) -> None:
    start, end = QPointF(mark.x1 + 0.5, mark.y1 + 0.5), QPointF(mark.x2 + 0.5, mark.y2 + 0.5)
    away = math.hypot(end.x() - start.x(), end.y() - start.y())
    shape = _arrow_shape(start, end, float(mark.width), away) if away else QPolygonF([start])
    painter.setPen(QPen(QColor(PAPER), max(2.0, mark.width / 2), j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour)
    painter.drawPolygon(shape)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(shape)


def _arrow_shape(start: QPointF, end: QPointF, width: float, away: float) -> QPolygonF:
    """Shaft and head as one outline."""
    along = (end - start) / away
    across = QPointF(-along.y(), along.x())
    head = min(away, width * _HEAD)
    neck = end - along * head
    half, wing = across * (width / 2), across * (width * _HEAD / 2)
    return QPolygonF([start + half, neck + half, neck + wing, end, neck - wing, neck - half, start - half])


def _box(painter: QPainter, mark: Box, colour: QColor) -> None:
    width = min(mark.width, mark.rect.width, mark.rect.height)
    half = width / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, width, j=Qt.PenJoinStyle.MiterJoin))
    painter.drawRect(to_rect(mark.rect).adjusted(half, half, -half, -half))


def _font(size: int) -> QFont:
    font = QFont(fonts.font(bold=True, tabular=False))
    font.setPixelSize(size)
    return font


def _words_size(mark: Words, width: int) -> QSizeF:
    """The room its letters need, wrapped at the picture's right edge."""
    room = QRectF(0, 0, max(mark.size * 2.0, width - mark.x - mark.size), 1_000_000)
    return QFontMetricsF(_font(mark.size)).boundingRect(room, _WORDS | int(Qt.TextFlag.TextWordWrap), mark.text).size()


def _paper(mark: Words, width: int) -> QRectF:
    edge = mark.size * 0.3
    size = _words_size(mark, width)
    return QRectF(mark.x, mark.y, math.ceil(size.width()) + 2 * edge, math.ceil(size.height()) + edge)


def _words(painter: QPainter, mark: Words, colour: QColor, width: int) -> None:
    paper, line = _paper(mark, width), max(1.0, mark.size / 14)
    painter.setPen(QPen(colour, line))
    painter.setBrush(QColor(PAPER))
    painter.drawRoundedRect(paper.adjusted(line / 2, line / 2, -line / 2, -line / 2), line * 2, line * 2)
    painter.setFont(_font(mark.size))
    painter.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if is_rtl(mark.text) else Qt.LayoutDirection.LeftToRight)
    edge = mark.size * 0.3
    painter.drawText(paper.adjusted(edge, edge / 2, -edge + 1, 0), _WORDS | int(Qt.TextFlag.TextWordWrap), mark.text)


def _number(painter: QPainter, mark: Number, colour: QColor) -> None:
    disc, ring = bounds(mark, 0), max(1.0, mark.size / 16)
    painter.setPen(QPen(QColor(PAPER), ring))
    painter.setBrush(colour)
    painter.drawEllipse(disc.adjusted(ring / 2, ring / 2, -ring / 2, -ring / 2))
    digits = len(str(mark.number))
    painter.setFont(_font(max(4, round(mark.size * (0.6 if digits < 3 else 0.42)))))
    painter.setPen(QColor(PAPER))
    painter.drawText(disc, int(Qt.AlignmentFlag.AlignCenter), str(mark.number))
