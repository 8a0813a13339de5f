"""A line of a chooser, painted: a tick where it is set already, its words, and at the right end its quiet hint."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import current, fonts

CHOICE = Qt.ItemDataRole.UserRole + 1
"""The words, the hint, and whether it is set."""
HEIGHT, EDGE, TICK, GAP = 28, 8, 20, 12
Line = tuple[str, str, bool]


class ChoiceDelegate(QStyledItemDelegate):
    """All lines leave room for the tick as soon as one has it, so that the words stand below each other."""

    ticks = False

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        words, hint, ticked = index.data(CHOICE)
        tokens, rect = current(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.surface_selected if chosen else tokens.surface_hover))
            painter.drawRoundedRect(rect, 4, 4)
        inner = rect.adjusted(EDGE, 0, -EDGE, 0)
        if ticked:
            _tick(painter, inner)
        _write(painter, inner.adjusted(TICK if self.ticks else 0, 0, 0, 0), words, hint)
        painter.restore()


def _tick(painter: QPainter, inner: QRect) -> None:
    left, middle = inner.left(), inner.center().y() + 1.0
    painter.setPen(QPen(QColor(current().accent), 1.8))
    painter.drawPolyline([QPointF(left + x, middle + y) for x, y in ((1, 0), (4.5, 3.5), (11, -4))])


def _write(painter: QPainter, room: QRect, words: str, hint: str) -> None:
    """The hint is whole; the words are shortened where both do not fit."""
    tokens, font, small = current(), fonts.font(), fonts.font(fonts.CAPTION)
    taken = QFontMetrics(small).horizontalAdvance(hint) + GAP if hint else 0
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width() - taken)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    painter.setFont(font)
    painter.setPen(QColor(tokens.text))
    painter.drawText(room.adjusted(0, 0, -taken, 0), flags | Qt.AlignmentFlag.AlignLeft, shown)
    painter.setFont(small)
    painter.setPen(QColor(tokens.text_quiet))
    painter.drawText(room, flags | Qt.AlignmentFlag.AlignRight, hint)
