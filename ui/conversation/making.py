"""From rows to widgets, and how high a widget wants to be."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bubble import WIDEST, Bubble, Reading
from ui.conversation.lines import DayLine, FoldLine, QuietLine, UnreadLine
from ui.conversation.rows import Row
from workstation.kernel.clock import Clock

_OUT_OF_SIGHT = -20_000
MOST_BY = 16
"""Bubbles that are kept to be turned to another message: making one takes five times as long."""


class Making:
    """Makes the rows of one timeline. `side_by_side` bubbles may be wider."""

    def __init__(self, files: AttachmentFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self.side_by_side = False
        self._by: list[Bubble] = []

    @property
    def widest(self) -> int:
        return WIDEST

    def make(self, row: Row, reading: Reading | None, parent: QWidget) -> QWidget:
        """The row's widget, shown but not in sight: only what was shown once knows its fonts."""
        widget = self._widget(row, reading, parent)
        widget.move(0, _OUT_OF_SIGHT)
        widget.show()
        return widget

    def again(self, row: Row, reading: Reading) -> QWidget | None:
        """A bubble that was put by, turned to this row; None when there is none or the row is no message."""
        if row.entry is None or not self._by:
            return None
        bubble = self._by.pop()
        bubble.turn_to(row.entry, self.side_by_side, reading)
        bubble.move(0, _OUT_OF_SIGHT)
        bubble.show()
        return bubble

    def put_by(self, widget: QWidget) -> bool:
        """Keep a bubble that is far away for another message. False: it is not of use."""
        focus = QApplication.focusWidget()
        held = focus is not None and (widget is focus or widget.isAncestorOf(focus))
        if not isinstance(widget, Bubble) or len(self._by) >= MOST_BY or held:
            return False
        widget.hide()
        self._by.append(widget)
        return True

    def refresh(self, widget: QWidget, row: Row) -> bool:
        """News of the same row; True when it may need another height."""
        if isinstance(widget, Bubble) and row.entry is not None and widget.entry != row.entry:
            widget.show_entry(row.entry)
            return True
        if isinstance(widget, FoldLine):
            widget.show_row(row)
        return False

    def height(self, widget: QWidget, width: int) -> int:
        """Pixels it needs in a column so wide."""
        if isinstance(widget, Bubble):
            width = min(self.widest, width - 24)
        layout = widget.layout()
        if layout is not None and layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return widget.sizeHint().height()

    def _widget(self, row: Row, reading: Reading | None, parent: QWidget) -> QWidget:
        if row.entry is not None:
            return Bubble(row.entry, self._files, self._clock, self.side_by_side, reading, parent)
        if row.kind == "unread":
            return UnreadLine(parent)
        if row.kind == "fold":
            return FoldLine(row, parent)
        if row.kind == "day":
            return DayLine(row, self._clock, parent)
        return QuietLine(row.lines[0], self._clock, parent)
