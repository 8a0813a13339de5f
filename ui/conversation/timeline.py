"""The messages of a conversation with the quiet lines between them: what can be walked through, selected and shown.

For a screen reader it holds the messages in sight in their order; each says "message 7 of 50,000", and the keys for the
next and the previous one go through all of them, reading more where memory ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bubble import Bubble
from ui.conversation.column import Column
from ui.conversation.heights import GAP, Heights
from ui.conversation.lines import DayLine, FoldLine, QuietLine
from ui.conversation.making import Making
from ui.conversation.presenter import Entry
from workstation.domain.conversation import Direction
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import Clock


class Timeline(Column):
    """Shows entries and lines."""

    acted = Signal(str, str)
    link = Signal(str)
    missed = Signal(int)
    """How many messages arrived below what is seen; 0 when they were seen."""
    menu_asked = Signal(str, object)
    line_asked = Signal(object, str)
    day_asked = Signal()
    selected = Signal(int)
    """How many messages are selected."""

    def __init__(self, files: AttachmentFiles, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(Making(files, clock), parent)
        self.current = ""
        self._missed = 0
        self._stepping: tuple[str, int] | None = None

    def clear(self) -> None:
        """Another conversation comes."""
        for key in list(self._built):
            self._destroy(key)
        self._entries, self._lines, self._earlier, self._later = (), (), 0, 0
        self.current, self._unread, self._stepping = "", "", None
        self._opened, self._readings, self._stale, self._wanted = set(), {}, set(), frozenset()
        self._follow, self._anchor = True, None
        self.heights = Heights()
        self._set_missed(0)
        self.selected.emit(0)
        self._place()

    def show_entries(
        self, entries: Sequence[Entry], lines: Sequence[SystemLine], earlier: int, later: int = 0, unread: str = "",
        landing: tuple[str, int] | None = None,
    ) -> None:
        """Apply what is different. `earlier` and `later` count messages that are not in memory. `landing`: a message
        and how many pixels below the upper edge it is to stand."""
        known = {entry.message.id for entry in self._entries}
        fresh = sum(entry.message.id not in known for entry in entries[-5:]) if known and not later else 0
        arrived = bool(fresh) and not self._later
        self._entries, self._lines, self._unread = entries, lines, unread
        self._earlier, self._later = earlier, later
        if landing is not None:
            self._follow, self._anchor = False, (("message", landing[0]), landing[1])
        self._apply()
        if landing is not None:
            self._follow = self._at_newest()
        if arrived and not self._follow:
            self._set_missed(self._missed + fresh)
        self._go_on_stepping()

    def set_side_by_side(self, wanted: bool) -> None:
        self._making.side_by_side = wanted
        for bubble in self.bubbles():
            bubble.set_side_by_side(wanted)
        self._stale |= self._built.keys()
        self._soon.start()

    def current_bubble(self) -> Bubble | None:
        """The bubble that was focused last, or the newest of the buyer, or the newest."""
        if chosen := self.bubble_of(self.current):
            return chosen
        entries = [entry.message for entry in self._entries]
        theirs = [message.id for message in entries if message.direction is Direction.IN]
        newest = next(iter([*theirs[-1:], *(message.id for message in entries[-1:])]), "")
        return self.bubble_of(newest)

    def step(self, by: int) -> None:
        """Focus the next (1) or previous (-1) message."""
        ids = [entry.message.id for entry in self._entries]
        bubble = self.current_bubble()
        if bubble is None:
            return
        at = ids.index(bubble.entry.message.id) + (by if bubble.hasFocus() else 0)
        if (at < 0 and self._earlier) or (at >= len(ids) and self._later):
            self._stepping = (ids[0 if at < 0 else -1], by)
            self.page_wanted.emit("earlier" if at < 0 else "later", 0)
            return
        self.focus(ids[max(0, min(len(ids) - 1, at))])

    def focus(self, message_id: str) -> None:
        """Bring a message into sight and the focus to it."""
        if bubble := self.show_message(message_id):
            bubble.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def select(self, message_id: str = "", wanted: bool | None = None) -> None:
        """Choose a message (the current one) for a common action, or let go of it."""
        bubble = self.bubble_of(message_id) if message_id else self.current_bubble()
        if bubble is not None:
            bubble.select(not bubble.reading.selected if wanted is None else wanted)
            self.selected.emit(len(self.chosen()))

    def chosen(self) -> tuple[str, ...]:
        """Ids of the messages that are selected, in or out of sight."""
        return tuple(message_id for message_id, reading in self._readings.items() if reading.selected)

    def select_none(self) -> None:
        for message_id, reading in self._readings.items():
            reading.selected = False
            if isinstance(bubble := self._built.get(("message", message_id)), Bubble):
                bubble.select(False)
        self.selected.emit(0)

    def _go_on_stepping(self) -> None:
        """The page that a step waited for is here."""
        ids = [entry.message.id for entry in self._entries]
        if self._stepping is not None and self._stepping[0] in ids:
            at, self._stepping = ids.index(self._stepping[0]) + self._stepping[1], None
            self.focus(ids[max(0, min(len(ids) - 1, at))])

    def to_newest(self) -> None:
        """Go down to what arrived."""
        self._set_missed(0)
        if self._later:
            self.page_wanted.emit("at", self.total - 1)
            return
        self._follow = True
        self._put()

    def to_oldest(self) -> None:
        self._follow = False
        if self._earlier:
            self.page_wanted.emit("at", 0)
        elif self._entries:
            self._anchor = (self.heights.rows[0].key, GAP)
            self._put()

    def on_focused(self, message_id: str) -> None:
        self.current = message_id

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the ends of the whole conversation; the pages are Qt's."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Home: self.to_oldest, Qt.Key.Key_End: self.to_newest, Qt.Key.Key_Space: self.select}
        act = keys.get(event.key()) if plain else None
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The person who sees the newest has missed nothing."""
        super().scrollContentsBy(dx, dy)
        if self._follow and not self._moving:
            self._set_missed(0)

    def _made(self, widget: QWidget) -> None:
        if isinstance(widget, Bubble):
            widget.acted.connect(self.acted)
            widget.link.connect(self.link)
            widget.focused.connect(self.on_focused)
            widget.menu_asked.connect(self.menu_asked)
        elif isinstance(widget, FoldLine):
            widget.pressed.connect(self.toggle_fold)
        elif isinstance(widget, DayLine):
            widget.pressed.connect(self.day_asked)
        elif isinstance(widget, QuietLine):
            widget.asked.connect(self.line_asked)

    def _set_missed(self, count: int) -> None:
        if count != self._missed:
            self._missed = count
            self.missed.emit(count)
