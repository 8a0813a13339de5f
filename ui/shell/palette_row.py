"""A line of the palette, painted: icon, text, and its key at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.theme import current, fonts

SIDE = Qt.ItemDataRole.UserRole + 7
QUIET = SIDE + 1
"""Whether it cannot be done just now; its side says why."""
HEIGHT = 32
Index = QModelIndex | QPersistentModelIndex


class PaletteDelegate(QStyledItemDelegate):
    """One entry, 32 px high."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens, rect, state = current(), option.rect, option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.surface_selected if chosen else tokens.surface_hover))
            painter.drawRoundedRect(rect, 5, 5)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            icon.paint(painter, QRect(rect.left() + 8, rect.top() + 8, 16, 16))
        small = QFontMetrics(fonts.font(fonts.CAPTION))
        side = small.elidedText(str(index.data(SIDE) or ""), Qt.TextElideMode.ElideRight, rect.width() // 2)
        width = small.horizontalAdvance(side)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(fonts.font(fonts.CAPTION))
        painter.setPen(QColor(tokens.text_quiet))
        painter.drawText(QRect(rect.right() - width - 10, rect.top(), width, rect.height()), align, side)
        room = rect.adjusted(34, 0, -width - 22, 0)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.setFont(fonts.font())
        painter.setPen(QColor(tokens.text_quiet if index.data(QUIET) else tokens.text))
        shown = QFontMetrics(fonts.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, align, shown)
        painter.restore()
