"""The scrolling column of messages and quiet lines. News is applied row by row; what the person looks at stays where
it is, however the rows above it grow."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui import a11y
from ui.conversation import words
from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bubble import Bubble
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.presenter import Entry
from ui.widgets.labels import label
from workstation.domain.conversation import Direction
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _, ngettext

FIRST = 8
"""Messages drawn before the first paint; the others follow a few at a time, so that the window answers meanwhile."""
STEP = 4
AT_ONCE = 30
"""Messages drawn without asking, and again with each "show earlier"."""


class MessageRow(QWidget):
    """A bubble on its side: buyers left, ours right."""

    def __init__(self, bubble: Bubble) -> None:
        super().__init__()
        self.bubble = bubble
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        ours = bubble.entry.message.direction is not Direction.IN
        if ours:
            layout.addSpacing(24)
            layout.addStretch(1)
        layout.addWidget(bubble, 1_000)
        if not ours:
            layout.addStretch(1)
            layout.addSpacing(24)


class Timeline(QScrollArea):
    """Shows entries and lines. `want` names messages that came into sight."""

    acted = Signal(str, str)
    link = Signal(str)
    want = Signal(object)
    missed = Signal(int)
    """How many messages arrived below what is seen; 0 when they were seen."""

    def __init__(self, files: AttachmentFiles, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.current = ""
        self._files = files
        self._clock = clock
        self._side_by_side = False
        self._entries: Sequence[Entry] = ()
        self._lines: Sequence[SystemLine] = ()
        self._unshown = 0
        self._shown = FIRST
        self._wanted = AT_ONCE
        self._rows: dict[Hashable, QWidget] = {}
        self._follow = True
        self._moving = False
        self._missed = 0
        self._anchor: tuple[QWidget, int] | None = None
        self._build()

    def clear(self) -> None:
        """Another conversation comes."""
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows, self._entries, self._lines, self.current = {}, (), (), ""
        self._shown, self._wanted, self._follow, self._anchor = FIRST, AT_ONCE, True, None
        self._grow_timer.stop()
        self._set_missed(0)

    def show_entries(self, entries: Sequence[Entry], lines: Sequence[SystemLine], earlier: int) -> None:
        """Apply what is different. `earlier` counts messages before the first entry that were not even read."""
        self._hold()
        known = {entry.message.id for entry in self._entries}
        fresh = sum(entry.message.id not in known for entry in entries[-5:]) if known else 0
        self._entries, self._lines, self._unshown = entries, lines, earlier
        self._apply()
        if fresh and not self._follow:
            self._set_missed(self._missed + fresh)
        self._settle()

    def set_side_by_side(self, wanted: bool) -> None:
        self._hold()
        self._side_by_side = wanted
        for bubble in self.bubbles():
            bubble.set_side_by_side(wanted)
        self._settle()

    def bubbles(self) -> list[Bubble]:
        """The bubbles in time order."""
        rows = sorted(self._rows.values(), key=self._layout.indexOf)
        return [row.bubble for row in rows if isinstance(row, MessageRow)]

    def current_bubble(self) -> Bubble | None:
        """The bubble that was focused last, or the newest of the buyer, or the newest."""
        bubbles = self.bubbles()
        chosen = [bubble for bubble in bubbles if bubble.entry.message.id == self.current]
        theirs = [bubble for bubble in bubbles if bubble.entry.message.direction is Direction.IN]
        return next(iter([*chosen, *reversed(theirs), *reversed(bubbles)]), None)

    def step(self, by: int) -> None:
        """Focus the next (1) or previous (-1) message."""
        bubbles, bubble = self.bubbles(), self.current_bubble()
        if bubble:
            at = bubbles.index(bubble) + (by if bubble.hasFocus() else 0)
            target = bubbles[max(0, min(len(bubbles) - 1, at))]
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(target, 0, 16)

    def to_newest(self) -> None:
        """Go down to what arrived."""
        self._follow = True
        self._set_missed(0)
        self._settle()

    def show_earlier(self) -> None:
        """Draw the messages before, without moving what is seen."""
        self._follow = False
        self._wanted += AT_ONCE
        self._grow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Rows find their height in their own time; each time the view is put where it belongs."""
        if watched is self._page and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._settle()
        return super().eventFilter(watched, event)

    def _grow(self) -> None:
        """Draw a few more of the wanted messages, above what is seen."""
        if self._later.isActive():
            self._grow_timer.start()
            return
        self._hold()
        self._shown = min(self._wanted, self._shown + STEP)
        self._apply()
        self._settle()

    def _build(self) -> None:
        self._page = QFrame()
        self._page.setProperty("role", "page")
        self._layout = QVBoxLayout(self._page)
        self._layout.setContentsMargins(12, 8, 12, 12)
        self._layout.setSpacing(8)
        self._earlier = flat_button(_earlier_words(AT_ONCE))
        self._earlier.clicked.connect(self.show_earlier)
        self._before = label(role="caption")
        self._before.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._layout.addWidget(self._before)
        self._layout.addWidget(self._earlier, 0, Qt.AlignmentFlag.AlignHCenter)
        self._layout.addStretch(1)
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Messages"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._place)
        self._grow_timer = QTimer(self, singleShot=True, interval=5)
        self._grow_timer.timeout.connect(self._grow)
        self._page.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.verticalScrollBar().valueChanged.connect(self._on_value)

    def _apply(self) -> None:
        shown = self._entries[-self._shown:]
        hidden = len(self._entries) - len(shown)
        growing = hidden > 0 and self._shown < self._wanted
        if growing:
            self._grow_timer.start()
        self._earlier.setVisible(hidden > 0 and not growing)
        self._earlier.setText(_earlier_words(min(hidden, AT_ONCE)))
        self._before.setVisible(hidden == 0 and self._unshown > 0)
        self._before.setText(_before_words(self._unshown))
        self._arrange(_ordered(shown, self._lines))
        self.want.emit(tuple(entry.message.id for entry in shown))

    def _arrange(self, wanted: list[tuple[Hashable, Entry | SystemLine]]) -> None:
        keys = {key for key, _what in wanted}
        fresh = not keys <= self._rows.keys()
        for key in [key for key in self._rows if key not in keys]:
            gone = self._rows.pop(key)
            self._layout.removeWidget(gone)
            gone.deleteLater()
        for position, (key, what) in enumerate(wanted, start=2):
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = self._make(what)
                self._layout.insertWidget(position, row)
            elif self._layout.indexOf(row) != position:
                self._layout.insertWidget(position, row)
            if isinstance(row, MessageRow) and isinstance(what, Entry):
                row.bubble.show_entry(what)
        if fresh:
            rows = [self._rows[key] for key, _what in wanted]
            for row in rows:
                row.raise_()
            a11y.tab_order([self._earlier, *a11y.stops(rows)])

    def _make(self, what: Entry | SystemLine) -> QWidget:
        if isinstance(what, SystemLine):
            line = WrapLabel(f"{words.local_time(what.at, self._clock.now())}  {what.text}", "caption")
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setToolTip(words.full_time(what.at))
            return line
        bubble = Bubble(what, self._files, self._clock, self._side_by_side)
        bubble.acted.connect(self.acted)
        bubble.link.connect(self.link)
        bubble.focused.connect(self._on_focused)
        return MessageRow(bubble)

    def _hold(self) -> None:
        """Remember the first row in sight and where it is, unless rows are still finding their place."""
        if self._later.isActive() and self._anchor:
            return
        top = self.verticalScrollBar().value()
        seen = [row for row in self._rows.values() if row.y() + row.height() > top]
        first = min(seen, key=QWidget.y, default=None)
        self._anchor = (first, first.y() - top) if first else None

    def _settle(self) -> None:
        self._later.start()

    def _on_range(self, _lowest: int, _highest: int) -> None:
        self._place()

    def _place(self) -> None:
        """Put the view where it belongs after rows grew: at the newest, or where the person was."""
        bar = self.verticalScrollBar()
        self._moving = True
        if self._follow:
            bar.setValue(min(bar.maximum(), self._newest_top()))
        elif self._anchor and self._anchor[0] in self._rows.values():
            bar.setValue(self._anchor[0].y() - self._anchor[1])
        self._moving = False

    def _newest_top(self) -> int:
        """A message taller than the view is shown from its beginning."""
        rows = [row for row in self._rows.values() if isinstance(row, MessageRow)]
        return max((row.y() for row in rows), default=0) - 8 if rows else self.verticalScrollBar().maximum()

    def _on_value(self, value: int) -> None:
        if self._moving:
            return
        self._follow = value >= min(self.verticalScrollBar().maximum(), self._newest_top()) - 4
        self._anchor = None
        self._hold()
        if self._follow:
            self._set_missed(0)

    def _set_missed(self, count: int) -> None:
        if count != self._missed:
            self._missed = count
            self.missed.emit(count)

    def _on_focused(self, message_id: str) -> None:
        self.current = message_id


def _earlier_words(n: int) -> str:
    return ngettext("Show {n} earlier message", "Show {n} earlier messages", n).format(n=n)


def _before_words(n: int) -> str:
    return ngettext("{n} older message is found by search", "{n} older messages are found by search", n).format(n=n)


def _ordered(entries: Sequence[Entry], lines: Sequence[SystemLine]) -> list[tuple[Hashable, Entry | SystemLine]]:
    """Messages and lines in time order; lines older than the first message drawn are left out."""
    start = entries[0].message.at if entries else 0
    rows: list[tuple[int, int, Hashable, Entry | SystemLine]] = [
        (entry.message.at, 0, ("message", entry.message.id), entry) for entry in entries]
    rows += [(line.at, 1, ("line", line.at, line.text), line) for line in lines if line.at >= start]
    rows.sort(key=lambda row: row[:2])
    return [(key, what) for _at, _kind, key, what in rows]
