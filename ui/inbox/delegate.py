"""A row of the list, painted: the channel's bar, who and time left, the subject, quiet chips, tags and marks.

A row that was painted is kept as a picture for as long as it looks the same, so that scrolling copies pictures.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ui.inbox import words
from ui.inbox.fitting import Line, colour, fit, in_sight, line, right_to_left, text_width
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
SMALL = 9
LINES = ((8, 18), (26, 17), (44, 14))
"""Top and height of the three lines of a row."""
_NO_PEN, _NO_BRUSH = Qt.PenStyle.NoPen, Qt.BrushStyle.NoBrush
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
        self.top = rect.top()
        self.left = rect.left() + BAR + GUTTER
        self.right = rect.right() - RIGHT
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
        self._fill(QRect(rect.left(), self.top, BAR, rect.height() - 1), tokens.channel(self.row.channel))
        self._fill(QRect(rect.left() + BAR, rect.bottom(), rect.width(), 1), tokens.line)
        if self.focused:
            self.painter.setPen(QPen(colour(tokens.focus), 1.5))
            self.painter.setBrush(_NO_BRUSH)
            self.painter.drawRect(QRectF(rect).adjusted(BAR + 1, 1, -1.5, -2))

    def _fill(self, rect: QRect, name: str) -> None:
        """As `fillRect`, which would load QGradient and its names before the first paint."""
        self.painter.setPen(_NO_PEN)
        self.painter.setBrush(colour(name))
        self.painter.drawRect(rect)

    def _gutter(self) -> None:
        middle = self.rect.left() + BAR + GUTTER / 2
        if self.row.unread:
            self.painter.setPen(_NO_PEN)
            self.painter.setBrush(colour(self.tokens.accent))
            self.painter.drawEllipse(QRectF(middle - 3.5, self.top + 13.5, 7, 7))
        if self.row.urgency:
            self._urgent(middle)

    def _urgent(self, middle: float) -> None:
        """One or two points upwards under the dot: soon, now."""
        self.painter.setPen(QPen(colour(self.tokens.fail if self.row.urgency > 1 else self.tokens.warn), 1.6))
        self.painter.setBrush(_NO_BRUSH)
        for step in range(min(self.row.urgency, 2)):
            top = self.top + LINES[1][0] + 5 + 5 * step
            self.painter.drawPolyline(
                [QPointF(middle - 4, top + 4), QPointF(middle, top), QPointF(middle + 4, top + 4)])

    def _time(self) -> int:
        """Paint the right end of the first line; returns the width it took."""
        text, urgency = self.looks.time, self.looks.urgency
        width = text_width(text, fonts.CAPTION, bool(urgency)) + (12 if urgency else 0)
        name, left = self.quiet, self.right - width
        if urgency:
            name = self.tokens.fail if urgency == "fail" else self.tokens.warn
            ground = self.tokens.fail_surface if urgency == "fail" else self.tokens.warn_surface
            self.painter.setPen(QPen(colour(name), 1) if self.tokens.name == "contrast" else QPen(_NO_PEN))
            self.painter.setBrush(colour(ground))
            self.painter.drawRoundedRect(QRectF(left, self.top + LINES[0][0] + 1, width, 16), 4, 4)
            left += 6
        self._line(line(text, fonts.CAPTION, bool(urgency)), left, 0, fonts.CAPTION, bool(urgency), name)
        return width + 8

    def _who(self, taken: int) -> None:
        self._elided(0, self.right - taken, words.who(self.row), fonts.BODY, self.row.unanswered, self.tokens.text)

    def _badges(self) -> int:
        """The right end of the second line: who has it, whether a second look was asked for, whether it is muted."""
        taken, middle = 0, self.top + LINES[1][0] + LINES[1][1] / 2
        if self.looks.initials:
            self.painter.setPen(QPen(colour(self.tokens.line_strong), 1))
            self.painter.setBrush(colour(self.tokens.surface_sunken))
            self.painter.drawEllipse(QRectF(self.right - BADGE, middle - BADGE / 2, BADGE, BADGE))
            letters = line(self.looks.initials, SMALL, True)
            left = self.right - BADGE / 2 - letters.width / 2
            self._line(letters, left, 1, SMALL, True, self.tokens.text)
            taken += BADGE + 6
        for shown, draw in ((self.row.muted, _muted), (self.row.review, _second_look)):
            if shown:
                self.painter.setPen(QPen(colour(self.quiet), 1.4))
                self.painter.setBrush(_NO_BRUSH)
                draw(self.painter, QPointF(self.right - taken - 7, middle))
                taken += 20
        return taken

    def _subject(self, taken: int) -> None:
        if self.row.found:
            self._found(self.right - taken)
            return
        name = self.tokens.text if self.row.unread else self.quiet
        self._elided(1, self.right - taken, self.row.subject or self.row.snippet, fonts.BODY, False, name)

    def _found(self, right: int) -> None:
        """What of a search matched, each hit on a ground of its own and bold: colour and weight. From the side it is
        read from."""
        back = right_to_left(self.row.found)
        used, room = 0, right - self.left
        for text, hit in in_sight(self.row.found, fonts.BODY, room):
            shown = line(text, fonts.BODY, hit, max(1, room - used), False)
            x = right - used - shown.width if back else self.left + used
            if hit:
                self._fill(QRect(x - 1, self.top + LINES[1][0], shown.width + 2, LINES[1][1]), self.tokens.warn_surface)
            self._line(shown, x, 1, fonts.BODY, hit, self.tokens.text if hit else self.quiet)
            used += shown.width
            if used >= room - 8:
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
        width = text_width(text, fonts.CAPTION)
        left = self.right - taken - width
        name = str(getattr(self.tokens, state))
        self._line(line(text, fonts.CAPTION, False), left, 2, fonts.CAPTION, False, name)
        paint_mark(self.painter, QRectF(left - 18, self.top + LINES[2][0] - 1, 16, 16), state)
        return width + 26

    def _chips(self, taken: int) -> None:
        right = self.right - taken
        parts = ([self.row.subject] if self.row.found else []) + list(words.chips(self.row))
        text = "  ·  ".join(part for part in parts if part)
        room = right - self.left
        tags = self._tag_texts(room - min(text_width(text, fonts.CAPTION), room // 2)) if self.row.tags else []
        kept = sum(text_width(tag, fonts.CAPTION) + 14 for tag in tags)
        width = self._elided(2, right - kept, text, fonts.CAPTION, False, self.quiet)
        x = self.left + (width + 8 if width else 0)
        for tag in tags:
            x += self._tag(tag, x)

    def _tag(self, tag: str, x: int) -> int:
        shown = line(tag, fonts.CAPTION, False)
        top, height = LINES[2]
        self.painter.setPen(QPen(colour(self.tokens.line_strong), 1))
        self.painter.setBrush(_NO_BRUSH)
        self.painter.drawRoundedRect(QRectF(x + 0.5, self.top + top - 0.5, shown.width + 9, height + 1), 7, 7)
        self._line(shown, x + 5, 2, fonts.CAPTION, False, self.tokens.text)
        return shown.width + 14

    def _tag_texts(self, room: int) -> list[str]:
        """The first two tags as far as there is room, then how many more there are."""
        tags = self.row.tags
        shown: list[str] = []
        for tag in tags[:MOST_TAGS]:
            text = fit(tag, fonts.CAPTION, False, 84)[0]
            taken = sum(text_width(one, fonts.CAPTION) + 14 for one in (*shown, text))
            if taken > room - (28 if len(tags) > 1 else 0):
                break
            shown.append(text)
        more = len(tags) - len(shown)
        return [*shown, f"+{more}"] if more else shown

    def _elided(self, number: int, right: int, text: str, size: int, bold: bool, name: str) -> int:
        """A line of text that ends before `right`, from the side it is read from; returns its width."""
        if not text or right <= self.left:
            return 0
        shown = line(text, size, bold, right - self.left)
        x = right - shown.width if shown.right_to_left else self.left
        self._line(shown, x, number, size, bold, name)
        return right - self.left if shown.right_to_left else shown.width

    def _line(self, shown: Line, x: float, number: int, size: int, bold: bool, name: str) -> None:
        """Words in the middle of a line's height."""
        top, height = LINES[number]
        self.painter.setFont(fonts.font(size, bold=bold))
        self.painter.setPen(colour(name))
        self.painter.drawStaticText(QPointF(x, self.top + top + (height - shown.height) / 2), shown.words)


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
