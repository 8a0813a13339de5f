"""A scrolling column of rows of which only those near what is seen exist.

Widgets exist only for rows near what is seen, a few are made at a time, and those left behind are destroyed: a
conversation of 50,000 messages costs what one of ten does. Heights are guessed until a row is drawn. One row is the
anchor: whatever arrives, grows, is corrected or is let go of, it stays where the person sees it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from ui import a11y
from ui.conversation.bubble import Bubble
from ui.conversation.heights import GAP, USUAL, Heights
from ui.conversation.held import Reading
from ui.conversation.making import INDENT, Making
from ui.conversation.presenter import Entry
from ui.conversation.rows import Row, arrange
from ui.theme import current
from workstation.inbox.model import SystemLine
from workstation.kernel.i18n import _

TICK_MS = 3.0
"""How long rows are made before the window may answer again; one row is made in any case."""
PAUSE_MS = 1
"""Between two rounds of making, so that what else a turn brings (a page, a paint) has a turn of its own."""
NEAR = 0.75
"""Heights of the view, above and below it, within which rows have widgets."""
FAR = 1.5
"""Beyond so many they are destroyed."""
SIDE = 12
TIDY_MS = 10


class Column(QAbstractScrollArea):
    """Rows near what is seen, put where they belong. `want` names messages that came into sight."""

    want = Signal(object)
    page_wanted = Signal(str, int)
    """"earlier", "later", or "at" a message's number in the whole conversation."""

    def __init__(self, making: Making, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heights = Heights()
        self._making = making
        self._entries: Sequence[Entry] = ()
        self._lines: Sequence[SystemLine] = ()
        self._earlier = self._later = 0
        self._unread = ""
        self._opened: set[Hashable] = set()
        self._readings: dict[str, Reading] = {}
        self._built: dict[Hashable, QWidget] = {}
        self._stale: set[Hashable] = set()
        self._follow = True
        self._moving = False
        self._untidy = False
        self._blank = QRegion()
        self._usual_ms = TICK_MS / 2
        self._anchor: tuple[Hashable, int] | None = None
        self._wanted: frozenset[str] = frozenset()
        self._build()

    # what is shown

    def bubbles(self) -> list[Bubble]:
        """The bubbles that exist, in time order."""
        found = [(self.heights.place(key), row) for key, row in self._built.items() if isinstance(row, Bubble)]
        return [row for _place, row in sorted(((p, r) for p, r in found if p is not None), key=_by_place)]

    def show_message(self, message_id: str, top: int | None = None) -> Bubble | None:
        """Bring a message into sight; `top`: so many pixels below the upper edge. None when it is not in memory."""
        key = ("message", message_id)
        place = self.heights.place(key)
        if place is None:
            return None
        bubble = self.bubble_of(message_id) if top is None else None      # its place is told: it is made in its turn
        y, height, room = self.heights.top(place) - self._value, self.heights.height(place), self.viewport().height()
        if top is not None or y < GAP or y + height > room:
            above = y < GAP or height > room - 2 * GAP
            self._follow = False
            self._anchor = (key, top if top is not None else 2 * GAP if above else room - height - 2 * GAP)
            self._put()
            self._follow = self._at_newest()
        return bubble

    @property
    def total(self) -> int:
        return self._earlier + len(self._entries) + self._later

    @property
    def settled(self) -> bool:
        """Everything that should be near has been made and stands where it belongs."""
        return not (self._tick.isActive() or self._soon.isActive() or self._untidy)

    # rows

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setProperty("role", "page")
        self.viewport().setAutoFillBackground(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Messages"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._gate = QWidget(self.viewport())      # never seen: where Tab comes in from what stands above
        self._gate.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._gate.hide()
        self._tick = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._make_some)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._put)
        self._tidy = QTimer(self, singleShot=True, interval=TIDY_MS)
        self._tidy.timeout.connect(self._order)
        self.verticalScrollBar().setSingleStep(3 * QFontMetrics(self.font()).height())

    @property
    def _value(self) -> int:
        return self.verticalScrollBar().value()

    def _apply(self) -> None:
        rows = arrange(self._entries, self._lines, self._unread, self._opened)
        self._hold()
        self.heights.show(rows, self._earlier, self._later, self._width())
        for key in [key for key in self._built if self.heights.place(key) is None]:
            self._destroy(key)
        for key, widget in self._built.items():
            row = rows[self.heights.place(key) or 0]
            if self._making.refresh(widget, row):
                self._stale.add(key)
        self._number()
        self._put()

    def _number(self) -> None:
        numbers = {entry.message.id: number for number, entry in enumerate(self._entries, self._earlier + 1)}
        for bubble in self.bubbles():
            bubble.show_place(numbers[bubble.entry.message.id], self.total)

    def _hold(self) -> None:
        """Remember the first row in sight and where it is."""
        if self.heights.rows and self._anchor is None:
            place = self.heights.at(self._value)
            self._anchor = (self.heights.rows[place].key, self.heights.top(place) - self._value)

    def _put(self) -> None:
        """Measure what changed, put the view where it belongs, and the rows where they are."""
        self._soon.stop()
        self._measure()
        bar, room = self.verticalScrollBar(), self.viewport().height()
        self._moving = True
        bar.setRange(0, max(0, self.heights.total + GAP - room))
        bar.setPageStep(max(1, room - 40))
        if self._follow and not self._later:
            bar.setValue(min(bar.maximum(), self._newest_top()))
        elif self._anchor and (place := self.heights.place(self._anchor[0])) is not None:
            bar.setValue(self.heights.top(place) - self._anchor[1])
        self._moving = False
        self._place()

    def _measure(self) -> None:
        width = self._width()
        for key in self._stale & self._built.keys():
            self.heights.learn(key, self._making.height(self._built[key], width))
        self._stale.clear()

    def _place(self) -> None:
        """Every widget where its row is; those far away go, those near and missing are made next."""
        value, room, width = self._value, self.viewport().height(), self._width()
        for key in list(self._built):
            place = self.heights.place(key)
            if place is None or self._gone(place, value, room, self._built[key]):
                self._destroy(key)
                continue
            widget = self._built[key]
            row, top = self.heights.rows[place], self.heights.top(place) - value
            x, wide = self._across(row, width)
            widget.setGeometry(x, top, wide, self.heights.height(place))
        missing = self._missing()
        blank = self._blanks(missing)
        if not blank.isEmpty() or not self._blank.isEmpty():
            self.viewport().update(blank.united(self._blank))
        self._blank = blank
        if missing:
            self._tick.start()
        elif self._untidy:
            self._tidy.start()
        self._ask_pages()

    def _across(self, row: Row, width: int) -> tuple[int, int]:
        """Buyers left, ours right, the rest in the middle."""
        if row.entry is None:
            return SIDE, width
        wide = min(self._making.widest, width - INDENT)
        return (SIDE + width - wide if row.ours else SIDE), wide

    def _gone(self, place: int, value: int, room: int, widget: QWidget) -> bool:
        top, far = self.heights.top(place) - value, round(FAR * room) + 200
        outside = top + self.heights.height(place) < -far or top > room + far
        focus = QApplication.focusWidget()
        return outside and not (focus is not None and (widget is focus or widget.isAncestorOf(focus)))

    def _missing(self) -> list[int]:
        """Places of rows near what is seen that have no widget, those in sight first."""
        if not self.heights.rows or self.viewport().height() < 2:
            return []
        value, room = self._value, self.viewport().height()
        near = round(NEAR * room)
        first, last = self.heights.at(value - near), self.heights.at(value + room + near)
        places = [p for p in range(first, last + 1) if self.heights.rows[p].key not in self._built]
        middle = value + room // 2
        return sorted(places, key=lambda place: abs(self.heights.top(place) - middle))

    def _blanks(self, missing: Sequence[int]) -> QRegion:
        """Where empty bubbles are drawn."""
        value, room, width, found = self._value, self.viewport().height(), self._width(), QRegion()
        for place in missing:
            top, height = self.heights.top(place) - value, self.heights.height(place)
            if top < room and top + height > 0:
                found = found.united(QRegion(0, top, width + 2 * SIDE, height + 1))
        return found

    def _make_some(self) -> None:
        """Make rows, nearest first, as long as a frame allows: none that would take the time beyond it."""
        begun = perf_counter()
        missing = self._missing()
        self._hold()
        for number, place in enumerate(missing, 1):
            self._new(self.heights.rows[place])
            passed = (perf_counter() - begun) * 1_000
            self._usual_ms += (passed / number - self._usual_ms) / 8
            if passed + self._usual_ms > TICK_MS:
                break
        if missing:
            self._number()
            self._put()
        self._say_wanted()

    def _new(self, row: Row) -> None:
        reading = self._readings.setdefault(row.entry.message.id, Reading()) if row.entry else Reading()
        widget = self._making.again(row, reading, self._width())
        if widget is None:
            widget = self._making.make(row, reading, self.viewport())
            self._made(widget)
        self._built[row.key] = widget
        self._untidy = True
        widget.installEventFilter(self)
        self.heights.learn(row.key, self._making.height(widget, self._width()))

    def _made(self, widget: QWidget) -> None:
        """A row exists: listen to it."""

    def _say_wanted(self) -> None:
        ids = frozenset(bubble.entry.message.id for bubble in self.bubbles())
        if ids - self._wanted:
            self.want.emit(tuple(entry.message.id for entry in self._entries if entry.message.id in ids))
        self._wanted = ids

    def _destroy(self, key: Hashable) -> None:
        widget = self._built.pop(key)
        widget.removeEventFilter(self)
        if not self._making.put_by(widget):
            widget.hide()
            widget.deleteLater()

    def bubble_of(self, message_id: str) -> Bubble | None:
        """The bubble of a message in memory, made now when it is not there yet."""
        key = ("message", message_id)
        place = self.heights.place(key)
        if place is None:
            return None
        if key not in self._built:
            self._hold()
            self._new(self.heights.rows[place])
            self._number()
            self._soon.start()
        found = self._built[key]
        return found if isinstance(found, Bubble) else None

    def _order(self) -> None:
        """What is read, and reached with Tab, follows what is seen."""
        self._untidy = False
        rows = [widget for _place, widget in sorted(
            ((self.heights.place(key) or 0, widget) for key, widget in self._built.items()), key=_by_place)]
        for widget in rows:
            widget.raise_()
        a11y.tab_order([self._gate, *a11y.stops(rows)])

    # scrolling

    def _width(self) -> int:
        return max(80, self.viewport().width() - 2 * SIDE)

    def _newest_top(self) -> int:
        """A message taller than the view is shown from its beginning."""
        last = self.heights.place(("message", self._entries[-1].message.id)) if self._entries else None
        return self.heights.top(last) - GAP if last is not None else self.verticalScrollBar().maximum()

    def _at_newest(self) -> bool:
        return not self._later and self._value >= min(self.verticalScrollBar().maximum(), self._newest_top()) - 4

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """The person scrolled, or we put the view where it belongs."""
        if self._moving:
            return
        if abs(dy) < self.viewport().height():
            self.viewport().scroll(0, dy)      # what is drawn already is moved, not drawn again
        self._anchor = None
        self._hold()
        self._follow = self._at_newest()
        self._place()

    def _ask_pages(self) -> None:
        """The person comes near the end of what is in memory, or went far beyond it."""
        heights, value, room = self.heights, self._value, self.viewport().height()
        if not heights.rows:
            return
        if self._earlier and value + room < heights.before - room:
            self.page_wanted.emit("at", value // USUAL)
        elif self._later and value > heights.end + room:
            number = self.total - self._later + (value - heights.end) // USUAL
            at_end = value >= self.verticalScrollBar().maximum() - 2
            self.page_wanted.emit("at", self.total - 1 if at_end else min(self.total - 1, number))
        elif self._earlier and value < heights.before + 2 * room:
            self.page_wanted.emit("earlier", 0)
        elif self._later and value + room > heights.end - 2 * room:
            self.page_wanted.emit("later", 0)

    def toggle_fold(self, key: Hashable) -> None:
        """Open or close a run of quiet lines; it stays where it is."""
        self._opened ^= {key}
        place = self.heights.place(key)
        if place is not None:
            self._follow, self._anchor = False, (key, self.heights.top(place) - self._value)
        self._apply()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A row that needs another height is measured again; the view stays where it is."""
        if event.type() == QEvent.Type.LayoutRequest:
            key = next((key for key, widget in self._built.items() if widget is watched), None)
            if key is not None:
                self._stale.add(key)
                self._soon.start()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hold()
        self.heights.show(self.heights.rows, self._earlier, self._later, self._width())
        self._stale |= self._built.keys()
        self._put()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Empty bubbles where rows are still to come."""
        painter = QPainter(self.viewport())
        painter.setPen(QColor(current().line))
        value, width = self._value, self._width()
        for place in self._missing():
            row = self.heights.rows[place]
            if row.entry is not None:
                x, wide = self._across(row, width)
                painter.drawRoundedRect(x, self.heights.top(place) - value, wide, self.heights.height(place), 6, 6)
        painter.end()
        super().paintEvent(event)


def _by_place(placed: tuple[int, QWidget]) -> int:
    return placed[0]
