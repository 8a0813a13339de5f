"""From rows to widgets, and how high a widget wants to be."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget

from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bubble import WIDEST, Bubble
from ui.conversation.held import Reading
from ui.conversation.lines import DayLine, FoldLine, QuietLine, UnreadLine
from ui.conversation.rows import Row
from workstation.kernel.clock import Clock

INDENT = 24
"""Pixels that a bubble leaves free of the column's width."""
_OUT_OF_SIGHT = -20_000
MOST_BY = 16
"""Bubbles, and days, that are kept to be turned to another row: making one takes five times as long."""


class Making:
    """Makes the rows of one timeline. `side_by_side` bubbles may be wider."""

    def __init__(self, files: AttachmentFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self.side_by_side = False
        self._by: list[Bubble] = []
        self._days: list[DayLine] = []

    @property
    def widest(self) -> int:
        return WIDEST

    def make(self, row: Row, reading: Reading | None, parent: QWidget) -> QWidget:
        """The row's widget, shown but not in sight: only what was shown once knows its fonts."""
        widget = self._widget(row, reading, parent)
        widget.move(0, _OUT_OF_SIGHT)
        widget.show()
        return widget

    def again(self, row: Row, reading: Reading, width: int) -> QWidget | None:
        """A bubble or a day that was put by, turned to this row; None when there is none of its kind. It has its width
        before it is shown: its text is laid out once."""
        if row.kind == "day" and self._days:
            day = self._days.pop()
            day.turn_to(row)
            return _shown(day)
        if row.entry is None or not self._by:
            return None
        bubble = self._by.pop(next((at for at, one in enumerate(self._by) if one.suits(row.entry)), -1))
        bubble.turn_to(row.entry, self.side_by_side, reading)
        bubble.setGeometry(0, _OUT_OF_SIGHT, min(self.widest, width - INDENT), bubble.height())
        return _shown(bubble)

    def put_by(self, widget: QWidget) -> bool:
        """Keep a bubble or a day that is far away for another row. False: it is not of use."""
        focus = QApplication.focusWidget()
        if focus is not None and (widget is focus or widget.isAncestorOf(focus)):
            return False
        if isinstance(widget, Bubble) and len(self._by) < MOST_BY:
            self._by.append(widget)
        elif isinstance(widget, DayLine) and len(self._days) < MOST_BY:
            self._days.append(widget)
        else:
            return False
        widget.hide()
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
            width = min(self.widest, width - INDENT)
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


def _shown(widget: QWidget) -> QWidget:
    widget.move(0, _OUT_OF_SIGHT)
    widget.show()
    return widget
