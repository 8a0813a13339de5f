"""A row of the list, painted: the channel's bar, who and time left, the subject, quiet chips and delivery marks."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui import direction
from ui.inbox import words
from ui.inbox.list_model import ROW, ConversationModel
from ui.theme import current, fonts
from ui.widgets.marks import paint_mark
from workstation.inbox.listing import ConversationRow
from workstation.kernel.clock import SystemClock

HEIGHT = 64
BAR = 3
GUTTER = 20          # between the bar and the text: the dot of an unread row, the check of a selected one
RIGHT = 12
_NO_STATES = (False, False, False)
_ALIGN = Qt.AlignmentFlag.AlignVCenter


class RowDelegate(QStyledItemDelegate):
    """Paints a ConversationRow. Everything comes from the row and the theme, nothing is measured twice.

    Until something is selected, current or under the mouse no row has a state, and QStyle with its 500 names, which
    asking for one would load, stays out of the first paint.
    """

    _heeds = False

    def heed_states(self, *_what: object) -> None:
        """From now on rows are selected, focused or hovered."""
        self._heeds = True

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(option.rect.width(), HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = index.data(ROW)
        model = index.model()
        clock = model.clock if isinstance(model, ConversationModel) else SystemClock()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Painted(painter, option.rect, row, clock.now(), *(_states(option) if self._heeds else _NO_STATES)).all()
        painter.restore()


def _states(option: QStyleOptionViewItem) -> tuple[bool, bool, bool]:
    """Whether a row is selected, has the focus, is under the mouse."""
    from PySide6.QtWidgets import QStyle

    flag, state = QStyle.StateFlag, option.state
    return bool(state & flag.State_Selected), bool(state & flag.State_HasFocus), bool(state & flag.State_MouseOver)


class _Painted:
    """One painting of one row."""

    def __init__(
        self, painter: QPainter, rect: QRect, row: ConversationRow, now: int, selected: bool, focused: bool,
        hovered: bool,
    ) -> None:
        self.painter = painter
        self.row = row
        self.now = now
        self.tokens = current()
        self.rect = rect
        self.selected, self.focused, self.hovered = selected, focused, hovered
        self.left = self.rect.left() + BAR + GUTTER
        self.right = self.rect.right() - RIGHT

    def all(self) -> None:
        self._ground()
        self._gutter()
        self._who(self._time())
        self._subject()
        self._chips(self._marks())

    def _ground(self) -> None:
        tokens, rect = self.tokens, self.rect
        if self.selected or self.hovered:
            self._fill(rect, tokens.surface_selected if self.selected else tokens.surface_hover)
        bar = QRect(rect.left(), rect.top(), BAR, rect.height() - 1)
        self._fill(bar, tokens.channel(self.row.channel))
        self._fill(QRect(rect.left() + BAR, rect.bottom(), rect.width(), 1), tokens.line)
        if self.focused:
            self.painter.setPen(QPen(QColor(tokens.focus), 1.5))
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawRect(QRectF(rect).adjusted(BAR + 1, 1, -1.5, -2))

    def _fill(self, rect: QRect, colour: str) -> None:
        """As `fillRect`, which would load QGradient and its names before the first paint."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(colour))
        self.painter.drawRect(rect)

    def _gutter(self) -> None:
        middle = self.rect.left() + BAR + GUTTER / 2
        if self.row.unread:
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(self.tokens.accent))
            self.painter.drawEllipse(QRectF(middle - 3.5, self._line(0).center().y() - 2.5, 7, 7))

    def _line(self, number: int) -> QRect:
        top, height = ((8, 18), (26, 17), (44, 14))[number]
        return QRect(self.left, self.rect.top() + top, self.right - self.left, height)

    def _time(self) -> int:
        """Paint the right end of the first line; returns the width it took."""
        text, urgency = words.time_words(self.row, self.now), words.urgency(self.row, self.now)
        font = fonts.font(fonts.CAPTION, bold=bool(urgency))
        width = _width(text, font) + (12 if urgency else 0)
        line = self._line(0)
        box = QRectF(self.right - width, line.top() + 1, width, 16)
        colour = self.tokens.text_quiet
        if urgency:
            colour = self.tokens.fail if urgency == "fail" else self.tokens.warn
            ground = self.tokens.fail_surface if urgency == "fail" else self.tokens.warn_surface
            self.painter.setPen(QPen(QColor(colour), 1) if self.tokens.name == "contrast" else Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(ground))
            self.painter.drawRoundedRect(box, 4, 4)
        self._text(box.toRect(), text, font, colour, Qt.AlignmentFlag.AlignCenter)
        return width + 8

    def _who(self, taken: int) -> None:
        font = fonts.font(fonts.BODY, bold=self.row.unanswered)
        self._elided(self._line(0).adjusted(0, 0, -taken, 0), self.row.who, font, self.tokens.text)

    def _subject(self) -> None:
        line = self._line(1)
        text = self.row.subject or self.row.snippet
        colour = self.tokens.text if self.row.unread else self.tokens.text_quiet
        self._elided(line, text, fonts.font(), colour)

    def _marks(self) -> int:
        """Paint the delivery mark at the right end of the third line; returns the width it took."""
        state = words.DELIVERY_MARKS.get(self.row.delivery)
        if state is None:
            return 0
        line, text = self._line(2), words.delivery_word(self.row.delivery)
        colour = str(getattr(self.tokens, {"pending": "pending", "unknown": "unknown", "failed": "failed"}[state]))
        font = fonts.font(fonts.CAPTION)
        width = _width(text, font)
        self._text(QRect(self.right - width, line.top(), width, line.height()), text, font, colour, _ALIGN)
        paint_mark(self.painter, QRectF(self.right - width - 18, line.top() - 1, 16, 16), state)
        return width + 26

    def _chips(self, taken: int) -> None:
        font, line = fonts.font(fonts.CAPTION), self._line(2)
        text = "  ·  ".join(words.chips(self.row))
        self._elided(line.adjusted(0, 0, -taken, 0), text, font, self.tokens.text_quiet)

    def _elided(self, rect: QRect, text: str, font: QFont, colour: str) -> None:
        shown, right_to_left = _fit(text, font.pixelSize(), font.weight() > QFont.Weight.Normal, rect.width())
        side = Qt.AlignmentFlag.AlignRight if right_to_left else Qt.AlignmentFlag.AlignLeft
        if right_to_left:
            self.painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._text(rect, shown, font, colour, side | _ALIGN | Qt.AlignmentFlag.AlignAbsolute)
        self.painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    def _text(self, rect: QRect, text: str, font: QFont, colour: str, align: Qt.AlignmentFlag) -> None:
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        self.painter.drawText(rect, align | Qt.TextFlag.TextSingleLine, text)


@lru_cache(maxsize=4_096)
def _fit(text: str, size: int, bold: bool, width: int) -> tuple[str, bool]:
    """`text` on one line of `width` pixels, and whether it is written from the right."""
    line = " ".join(text[:400].split())
    metrics = QFontMetrics(fonts.font(size, bold=bold))
    shown = direction.readable(line)
    return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, width), _right_to_left(line)


def _right_to_left(text: str) -> bool:
    """By the first letter that has a direction (Unicode Bidirectional Algorithm, rule P2)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


@lru_cache(maxsize=1_024)
def _measured(text: str, size: int, bold: bool) -> int:
    return QFontMetrics(fonts.font(size, bold=bold)).horizontalAdvance(text)


def _width(text: str, font: QFont) -> int:
    return _measured(text, font.pixelSize(), font.weight() > QFont.Weight.Normal)
