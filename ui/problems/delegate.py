"""A line of the panel, painted: the mark, what happened, why, and since when."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.problems.list_model import BUSY, PROBLEM, Index, ProblemModel
from ui.theme import current, fonts
from ui.widgets.marks import paint_mark
from ui.widgets.timetext import age
from workstation.domain.problem import Problem
from workstation.kernel.i18n import _

HEIGHT = 52
LEFT, RIGHT = 40, 12


class ProblemDelegate(QStyledItemDelegate):
    """Two lines: what happened; why, and its age at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        problem, model = index.data(PROBLEM), index.model()
        if not isinstance(problem, Problem) or not isinstance(model, ProblemModel):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        _ground(painter, rect, option.state)
        state = "pending" if index.data(BUSY) else problem.state
        paint_mark(painter, QRectF(rect.left() + 12, rect.top() + 8, 20, 20), state)
        side = _("Trying…") if index.data(BUSY) else age(problem.since, model.clock.now()) if problem.since else ""
        self._texts(painter, rect.adjusted(LEFT, 0, -RIGHT, 0), problem, side)
        painter.restore()

    def _texts(self, painter: QPainter, inner: QRect, problem: Problem, side: str) -> None:
        tokens, small = current(), fonts.font(fonts.CAPTION)
        top = QRect(inner.left(), inner.top() + 8, inner.width(), 20)
        _draw(painter, top, problem.what, fonts.BODY, tokens.text)
        width = QFontMetrics(small).horizontalAdvance(side)
        low = QRect(inner.left(), inner.top() + 28, inner.width() - (width + 8 if side else 0), 16)
        _draw(painter, low, problem.why or problem.remedy, fonts.CAPTION, tokens.text_quiet)
        _draw(painter, QRect(inner.right() - width, low.top(), width + 1, 16), side, fonts.CAPTION, tokens.text_quiet)


def _ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
    tokens, flag = current(), QStyle.StateFlag
    if state & flag.State_Selected:
        painter.fillRect(rect, QColor(tokens.surface_selected))
    elif state & flag.State_MouseOver:
        painter.fillRect(rect, QColor(tokens.surface_hover))
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    if state & flag.State_HasFocus:
        painter.setPen(QPen(QColor(tokens.focus), 2))
        painter.drawRect(rect.adjusted(1, 1, -2, -2))


def _draw(painter: QPainter, rect: QRect, text: str, size: int, colour: str) -> None:
    font = fonts.font(size)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
