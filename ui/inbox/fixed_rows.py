"""A list view whose rows all have one height: where a row is, is a product, so 200,000 rows cost what ten do.

QListView lays out every row whenever one comes or goes (seconds at 200,000). Here nothing is laid out; everything that
asks for a place is answered by arithmetic. Roles, names and selection stay those of a QListView.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

Index = QModelIndex | QPersistentModelIndex
Flags = QItemSelectionModel.SelectionFlag


class FixedRows(QListView):
    """Rows of `height` pixels. `draw_row` paints one of them."""

    seen = Signal(int, int)
    """The first and the last row on the screen, when that changes."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        # A viewport of our own: to ask Qt for its own one loads QMessageBox and many names more before the first paint.
        self._port = QWidget()
        self._port.setBackgroundRole(QPalette.ColorRole.Base)
        self._port.setAutoFillBackground(True)
        self.setViewport(self._port)
        self._seen = (-1, -1)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def draw_row(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Paint a row; to be written by whoever knows what it shows."""
        raise NotImplementedError

    def count(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def top_row(self) -> int:
        return self.verticalScrollBar().value() // self._height

    def visible_rows(self) -> tuple[int, int]:
        """The first and the last row of which a part is on the screen; (0, -1) when there is none."""
        first = self.top_row()
        last = (self.verticalScrollBar().value() + max(self._port.height() - 1, 0)) // self._height
        return first, min(last, self.count() - 1)

    def page_rows(self) -> int:
        return max(1, self._port.height() // self._height)

    # where things are

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        return QRect(0, index.row() * self._height - self.verticalOffset(), self._port.width(), self._height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        row = (point.y() + self.verticalOffset()) // self._height
        return self.model().index(row, 0) if 0 <= row < self.count() else QModelIndex()

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def isIndexHidden(self, _index: Index) -> bool:
        return False

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid():
            return
        top, room = index.row() * self._height, self._port.height()
        at, below = self.verticalOffset(), index.row() * self._height - room + self._height
        hints = QAbstractItemView.ScrollHint
        if hint == hints.PositionAtTop:
            at = top
        elif hint == hints.PositionAtBottom:
            at = below
        elif hint == hints.PositionAtCenter:
            at = top - (room - self._height) // 2
        elif top < at:
            at = top
        elif below > at:
            at = below
        self.verticalScrollBar().setValue(at)

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        rows = self.count()
        if not rows:
            return QModelIndex()
        actions = QAbstractItemView.CursorAction
        current = self.currentIndex().row()
        steps = {
            actions.MoveUp: current - 1, actions.MovePrevious: current - 1, actions.MoveLeft: current,
            actions.MoveDown: current + 1, actions.MoveNext: current + 1, actions.MoveRight: current,
            actions.MovePageUp: current - self.page_rows(), actions.MovePageDown: current + self.page_rows(),
            actions.MoveHome: 0, actions.MoveEnd: rows - 1,
        }
        target = steps[action] if current >= 0 or action in (actions.MoveHome, actions.MoveEnd) else 0
        return self.model().index(max(0, min(target, rows - 1)), 0)

    # selecting

    def setSelection(self, rect: QRect, command: Flags) -> None:
        first = max(0, (rect.top() + self.verticalOffset()) // self._height)
        last = min(self.count() - 1, (rect.bottom() + self.verticalOffset()) // self._height)
        self.selectionModel().select(self.range(first, last), command)

    def range(self, first: int, last: int) -> QItemSelection:
        """The rows from `first` to `last` as a selection, whatever they are."""
        chosen = QItemSelection()
        if first <= last:
            chosen.select(self.model().index(first, 0), self.model().index(last, 0))
        return chosen

    def ranges(self) -> list[tuple[int, int]]:
        """The selected rows as (first, last), in order: thousands of them are one pair."""
        return sorted((part.top(), part.bottom()) for part in _parts(self.selectionModel().selection()))

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        first, last = self.visible_rows()
        region = QRegion()
        for part in _parts(selection):
            top, bottom = max(part.top(), first), min(part.bottom(), last)
            if top <= bottom:
                region += QRect(0, top * self._height - self.verticalOffset(), self._port.width(),
                                (bottom - top + 1) * self._height)
        return region

    # following the model

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        bar, room = self.verticalScrollBar(), self._port.height()
        bar.setRange(0, max(0, self.count() * self._height - room))
        bar.setPageStep(room)
        bar.setSingleStep(self._height // 2)
        QAbstractItemView.updateGeometries(self)
        self._look()

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        QAbstractItemView.rowsInserted(self, parent, start, end)
        self.scheduleDelayedItemsLayout()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        QAbstractItemView.rowsAboutToBeRemoved(self, parent, start, end)
        self.scheduleDelayedItemsLayout()

    def dataChanged(self, first: Index, last: Index, _roles: Sequence[int] = ()) -> None:
        """Only what is on the screen is painted again."""
        top, bottom = self.visible_rows()
        top, bottom = max(top, first.row()), min(bottom, last.row())
        if top <= bottom:
            self._port.update(QRect(0, top * self._height - self.verticalOffset(), self._port.width(),
                                         (bottom - top + 1) * self._height))

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        self._port.scroll(0, dy)
        self._look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()

    def currentChanged(self, current: Index, previous: Index) -> None:
        QAbstractItemView.currentChanged(self, current, previous)
        if current.isValid():
            _announce(self, current.row())

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        QAbstractItemView.selectionChanged(self, selected, deselected)

    def _look(self) -> None:
        rows = self.visible_rows()
        if rows != self._seen:
            self._seen = rows
            self.seen.emit(*rows)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        rect, offset, width = event.rect(), self.verticalOffset(), self._port.width()
        first = (rect.top() + offset) // self._height
        last = min((rect.bottom() + offset) // self._height, self.count() - 1)
        painter = QPainter(self._port)
        for row in range(max(0, first), last + 1):
            self.draw_row(painter, QRect(0, row * self._height - offset, width, self._height), row)
        painter.end()


def _parts(selection: QItemSelection) -> list[QItemSelectionRange]:
    return [selection.at(at) for at in range(selection.count())]


def _announce(view: QWidget, row: int) -> None:
    """Tell a screen reader which row has the focus: QListView would look for it in a layout that is not there."""
    from PySide6.QtGui import QAccessible, QAccessibleEvent

    if QAccessible.isActive() and view.hasFocus():
        event = QAccessibleEvent(view, QAccessible.Event.Focus)
        event.setChild(row)
        QAccessible.updateAccessibility(event)
