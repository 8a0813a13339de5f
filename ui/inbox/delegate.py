"""A row of the list, painted: the channel's bar, who and time left, the subject, quiet chips, tags and marks.

A row that was painted is kept as a picture for as long as it looks the same, so that scrolling copies pictures.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui.inbox import words
from ui.inbox.fitting import fit, marked, text_width
from ui.theme import current, fonts
from ui.widgets.marks import paint_mark
from workstation.inbox.listing import ConversationRow

HEIGHT = 64
BAR = 3
GUTTER = 20          # between the bar and the text: the dot of an unread row, the check of a selected one
RIGHT = 12
BADGE = 18
MOST_TAGS = 2
PICTURES = 12_000_000
"""Bytes of painted rows that are kept: some hundred at 100 %, three screens at 200 %."""
_ALIGN = Qt.AlignmentFlag.AlignVCenter
State = tuple[object, ...]


class RowDelegate(QStyledItemDelegate):
    """Paints rows. Until something is selected, current or under the mouse no row has a state, and nothing is kept: the
    first paint does without."""

    def __init__(self, parent: object = None) -> None:
        super().__init__(parent)  # type: ignore[arg-type]
        self._kept: OrderedDict[str, tuple[ConversationRow, State, QPixmap]] = OrderedDict()
        self._bytes = 0
        self.keeps = False

    def heed_states(self, *_what: object) -> None:
        """From now on rows are selected, focused or hovered, and painted ones are kept."""
        self.keeps = True

    def forget(self) -> None:
        """Colours, fonts or words changed."""
        self._kept.clear()
        self._bytes = 0

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(option.rect.width(), HEIGHT)

    def draw(self, painter: QPainter, rect: QRect, row: ConversationRow, now: int, states: tuple[bool, bool, bool],
             initials: str = "") -> None:
        """Paint `row`; `states`: selected, with the focus, under the mouse."""
        looks = _Looks(row, now, initials)
        if not self.keeps:
            _Painted(painter, rect, row, looks, states).all()
            return
        ratio = painter.device().devicePixelRatioF()
        state = (rect.width(), ratio, current().name, looks.time, looks.urgency, states, initials)
        found = self._kept.get(row.id)
        if found is None or found[0] is not row or found[1] != state:
            found = self._keep(row, state, self._picture(rect, ratio, row, looks, states))
        else:
            self._kept.move_to_end(row.id)
        painter.drawPixmap(rect.topLeft(), found[2])

    def _picture(
        self, rect: QRect, ratio: float, row: ConversationRow, looks: _Looks, states: tuple[bool, bool, bool],
    ) -> QPixmap:
        picture = QPixmap(round(rect.width() * ratio), round(rect.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(current().surface))
        painter = QPainter(picture)
        _Painted(painter, QRect(0, 0, rect.width(), rect.height()), row, looks, states).all()
        painter.end()
        return picture

    def _keep(self, row: ConversationRow, state: State, picture: QPixmap) -> tuple[ConversationRow, State, QPixmap]:
        earlier = self._kept.pop(row.id, None)
        self._bytes += _size(picture) - (_size(earlier[2]) if earlier is not None else 0)
        self._kept[row.id] = kept = row, state, picture
        while self._bytes > PICTURES and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1][2])
        return kept


def _size(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4


def draw_placeholder(painter: QPainter, rect: QRect) -> None:
    """Where a row will be: three quiet bars, nothing that moves."""
    tokens = current()
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(tokens.line))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.surface_sunken))
    left, room = rect.left() + BAR + GUTTER, rect.width() - BAR - GUTTER - RIGHT
    for top, height, part in ((12, 10, 0.35), (30, 9, 0.7), (47, 8, 0.45)):
        painter.drawRoundedRect(QRectF(left, rect.top() + top, room * part, height), 3, 3)


class _Looks:
    """What of a row changes with the time: asked once for the key of its picture and for the painting."""

    __slots__ = ("initials", "time", "urgency")

    def __init__(self, row: ConversationRow, now: int, initials: str) -> None:
        self.time = words.time_words(row, now)
        self.urgency = words.urgency(row, now)
        self.initials = initials


class _Painted:
    """One painting of one row."""

    def __init__(
        self, painter: QPainter, rect: QRect, row: ConversationRow, looks: _Looks, states: tuple[bool, bool, bool],
    ) -> None:
        self.painter = painter
        self.row = row
        self.looks = looks
        self.tokens = current()
        self.rect = rect
        self.selected, self.focused, self.hovered = states
        self.left = self.rect.left() + BAR + GUTTER
        self.right = self.rect.right() - RIGHT
        self.quiet = self.tokens.text_quiet

    def all(self) -> None:
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground()
        self._gutter()
        self._who(self._time())
        self._subject(self._badges())
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
        if self.row.urgency:
            self._urgent(middle)

    def _urgent(self, middle: float) -> None:
        """One or two points upwards under the dot: soon, now."""
        self.painter.setPen(QPen(QColor(self.tokens.fail if self.row.urgency > 1 else self.tokens.warn), 1.6))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for step in range(min(self.row.urgency, 2)):
            top = self._line(1).top() + 5 + 5 * step
            self.painter.drawPolyline(
                [QPointF(middle - 4, top + 4), QPointF(middle, top), QPointF(middle + 4, top + 4)])

    def _line(self, number: int) -> QRect:
        top, height = ((8, 18), (26, 17), (44, 14))[number]
        return QRect(self.left, self.rect.top() + top, self.right - self.left, height)

    def _time(self) -> int:
        """Paint the right end of the first line; returns the width it took."""
        text, urgency = self.looks.time, self.looks.urgency
        font = fonts.font(fonts.CAPTION, bold=bool(urgency))
        width = text_width(text, font) + (12 if urgency else 0)
        line = self._line(0)
        box = QRectF(self.right - width, line.top() + 1, width, 16)
        colour = self.quiet
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

    def _badges(self) -> int:
        """The right end of the second line: who has it, whether a second look was asked for, whether it is muted."""
        taken, line = 0, self._line(1)
        middle = line.center().y() + 1
        if self.looks.initials:
            box = QRectF(self.right - BADGE, middle - BADGE / 2, BADGE, BADGE)
            self.painter.setPen(QPen(QColor(self.tokens.line_strong), 1))
            self.painter.setBrush(QColor(self.tokens.surface_sunken))
            self.painter.drawEllipse(box)
            self._text(box.toRect(), self.looks.initials, fonts.font(9, bold=True), self.tokens.text,
                       Qt.AlignmentFlag.AlignCenter)
            taken += BADGE + 6
        for shown, draw in ((self.row.muted, _muted), (self.row.review, _second_look)):
            if shown:
                self.painter.setPen(QPen(QColor(self.quiet), 1.4))
                self.painter.setBrush(Qt.BrushStyle.NoBrush)
                draw(self.painter, QPointF(self.right - taken - 7, middle))
                taken += 20
        return taken

    def _subject(self, taken: int) -> None:
        line = self._line(1).adjusted(0, 0, -taken, 0)
        if self.row.found:
            self._found(line)
            return
        colour = self.tokens.text if self.row.unread else self.quiet
        self._elided(line, self.row.subject or self.row.snippet, fonts.font(), colour)

    def _found(self, line: QRect) -> None:
        """What of a search matched, each hit on a ground of its own and bold: colour and weight."""
        x, right = line.left(), line.right()
        for text, hit in marked(self.row.found):
            font = fonts.font(fonts.BODY, bold=hit)
            shown, _right_to_left = fit(text, fonts.BODY, hit, right - x, trim=False)
            width = text_width(shown, font)
            place = QRect(x, line.top(), width, line.height())
            if hit:
                self._fill(place.adjusted(-1, 0, 1, 0), self.tokens.warn_surface)
            self._text(place, shown, font, self.tokens.text if hit else self.quiet, _ALIGN)
            x += width
            if x >= right - 8 or shown != text:
                return

    def _marks(self) -> int:
        """Paint risk and delivery at the right end of the third line; returns the width they took."""
        taken = 0
        state = words.DELIVERY_MARKS.get(self.row.delivery)
        if state is not None:
            taken += self._mark(state, words.delivery_word(self.row.delivery), taken)
        if self.row.risk:
            taken += self._mark("warn", words.risk_word(self.row.risk), taken)
        return taken

    def _mark(self, state: str, text: str, taken: int) -> int:
        line, font = self._line(2), fonts.font(fonts.CAPTION)
        width, right = text_width(text, font), self.right - taken
        colour = str(getattr(self.tokens, state))
        self._text(QRect(right - width, line.top(), width, line.height()), text, font, colour, _ALIGN)
        paint_mark(self.painter, QRectF(right - width - 18, line.top() - 1, 16, 16), state)
        return width + 26

    def _chips(self, taken: int) -> None:
        font, line = fonts.font(fonts.CAPTION), self._line(2).adjusted(0, 0, -taken, 0)
        parts = ([self.row.subject] if self.row.found else []) + list(words.chips(self.row))
        text = "  ·  ".join(part for part in parts if part)
        tags = self._tag_texts(line.width() - min(text_width(text, font), line.width() // 2))
        room = sum(text_width(tag, font) + 14 for tag in tags)
        shown = self._elided(line.adjusted(0, 0, -room, 0), text, font, self.quiet)
        x = line.left() + (text_width(shown, font) + 8 if shown else 0)
        for tag in tags:
            width = text_width(tag, font) + 10
            box = QRectF(x + 0.5, line.top() - 0.5, width - 1, line.height() + 1)
            self.painter.setPen(QPen(QColor(self.tokens.line_strong), 1))
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.drawRoundedRect(box, 7, 7)
            self._text(box.toRect(), tag, font, self.tokens.text, Qt.AlignmentFlag.AlignCenter)
            x += width + 4

    def _tag_texts(self, room: int) -> list[str]:
        """The first two tags as far as there is room, then how many more there are."""
        tags, font = self.row.tags, fonts.font(fonts.CAPTION)
        shown: list[str] = []
        for tag in tags[:MOST_TAGS]:
            text = fit(tag, fonts.CAPTION, False, 84)[0]
            if sum(text_width(one, font) + 14 for one in (*shown, text)) > room - (28 if len(tags) > 1 else 0):
                break
            shown.append(text)
        more = len(tags) - len(shown)
        return [*shown, f"+{more}"] if more else shown

    def _elided(self, rect: QRect, text: str, font: QFont, colour: str) -> str:
        shown, right_to_left = fit(text, font.pixelSize(), font.weight() > QFont.Weight.Normal, rect.width())
        side = Qt.AlignmentFlag.AlignRight if right_to_left else Qt.AlignmentFlag.AlignLeft
        if right_to_left:
            self.painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._text(rect, shown, font, colour, side | _ALIGN | Qt.AlignmentFlag.AlignAbsolute)
        self.painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        return shown

    def _text(self, rect: QRect, text: str, font: QFont, colour: str, align: Qt.AlignmentFlag) -> None:
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        self.painter.drawText(rect, align | Qt.TextFlag.TextSingleLine, text)


def _muted(painter: QPainter, middle: QPointF) -> None:
    """A bell that is struck through."""
    x, y = middle.x(), middle.y()
    painter.drawPolyline([QPointF(x - 5, y + 3), QPointF(x - 3, y + 1), QPointF(x - 3, y - 2), QPointF(x, y - 5),
                          QPointF(x + 3, y - 2), QPointF(x + 3, y + 1), QPointF(x + 5, y + 3), QPointF(x - 5, y + 3)])
    painter.drawLine(QPointF(x - 6, y - 5), QPointF(x + 6, y + 5))


def _second_look(painter: QPainter, middle: QPointF) -> None:
    """An eye."""
    painter.drawEllipse(middle, 6.0, 3.8)
    painter.drawEllipse(middle, 1.4, 1.4)
