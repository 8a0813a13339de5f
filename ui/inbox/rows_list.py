"""The painted list of conversations: its cursor, its selection and its place on the screen survive every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from ui.inbox import fitting
from ui.inbox.bulk import Ranges
from ui.inbox.delegate import HEIGHT, RowDelegate, draw_placeholder
from ui.inbox.fixed_rows import FixedRows, Flags, Index
from ui.inbox.going_on import GoingOn
from ui.inbox.presenter import InboxPresenter
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

_PLAIN = (False, False, False)


class ConversationList(FixedRows):
    """A cursor walks; X marks rows on the way, and then walking keeps what is marked. Selected without having been
    marked, the one row under the cursor is only where the person is."""

    picked_changed = Signal(int)
    """How many rows are marked; 0 when nothing beyond the cursor is."""

    def __init__(self, presenter: InboxPresenter, parent: QWidget | None = None) -> None:
        super().__init__(HEIGHT, parent)
        self._presenter = presenter
        self._model = presenter.model
        self._going_on = GoingOn(presenter.model)
        self._top: QPersistentModelIndex | None = None
        self._offset = self._left_at = 0
        self._now = 0
        self._hovered = -1
        self._leaving: _Leaving | None = None
        self._marking = self._everything = self._entering = False
        self._anchor = QPersistentModelIndex()
        self._told = 0, False
        self.setModel(presenter.model)
        self.delegate = RowDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Conversations"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for happened in (self.entered, self.selectionModel().currentChanged, self.selectionModel().selectionChanged):
            happened.connect(self.delegate.heed_states)
        self.verticalScrollBar().valueChanged.connect(self.delegate.heed_states)
        self.entered.connect(self._on_entered)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.selectionModel().currentChanged.connect(self._on_arrived)
        self.seen.connect(presenter.look)
        presenter.model.about_to_change.connect(self._remember_place)
        presenter.model.changed.connect(self._restore_place)
        presenter.model.modelReset.connect(self._going_on.forget)
        presenter.model.modelReset.connect(self.leave_marks)
        presenter.act.picked = self.picked

    # what is chosen

    def ids(self) -> tuple[str, ...]:
        """The marked conversations that are loaded, or the current one."""
        chosen = self.ranges()
        if not chosen and self.currentIndex().isValid():
            chosen = [(self.currentIndex().row(),) * 2]
        begin, end = self._model.before, self._model.before + len(self._model.loaded)
        places = (at for first, last in chosen for at in range(max(first, begin), min(last + 1, end)))
        return tuple(self._model.row(at).id for at in places)

    def picked(self) -> Ranges:
        """The marked places, when not all of their conversations are loaded; else nothing."""
        if self._everything:
            return ((0, -1),)
        begin, end = self._model.before, self._model.before + len(self._model.loaded)
        chosen = self.ranges()
        return tuple(chosen) if any(first < begin or last >= end for first, last in chosen) else ()

    def picked_count(self) -> int:
        count = sum(last - first + 1 for first, last in self.ranges())
        return count if self._marking or count > 1 else 0

    @property
    def everything(self) -> bool:
        return self._everything

    def toggle(self) -> None:
        """Mark the current row, or take its mark away, and stay."""
        index = self.currentIndex()
        if not index.isValid():
            return
        self._everything = False
        if not self._marking and self.picked_count() == 0:
            self._marking = True
            self.selectionModel().select(index, Flags.Select)
        else:
            self._marking = True
            self.selectionModel().select(index, Flags.Toggle)
        self._anchor = QPersistentModelIndex(index)
        self._tell()

    def extend(self, step: int) -> None:
        """Walk and mark everything from where the marking began."""
        current = self.currentIndex()
        if not current.isValid():
            self.go(step)
            return
        if not self._marking or not self._anchor.isValid():
            self._anchor = QPersistentModelIndex(current)
        self._marking, self._everything = True, False
        at = max(0, min(current.row() + step, self.count() - 1))
        model = self.selectionModel()
        first, last = sorted((self._anchor.row(), at))
        model.select(self.range(first, last), Flags.ClearAndSelect)
        model.setCurrentIndex(self._model.index(at), Flags.NoUpdate)
        self.scrollTo(self.currentIndex())
        self._tell()

    def select_all(self) -> None:
        """All of the queue: by query, whether loaded or not."""
        if not self.count():
            return
        self._marking = self._everything = True
        self.selectionModel().select(self.range(0, self.count() - 1), Flags.ClearAndSelect)
        self._tell()

    def leave_marks(self) -> None:
        """Nothing is marked any more; the cursor stays."""
        self._marking = self._everything = False
        if self.currentIndex().isValid():
            self.selectionModel().select(self.currentIndex(), Flags.ClearAndSelect)
        else:
            self.selectionModel().clearSelection()
        self._tell()

    def _tell(self, *_what: object) -> None:
        count = self.picked_count()
        if count == 0:
            self._marking = self._everything = False
        if (count, self._everything) != self._told:
            self._told = count, self._everything
            self.picked_changed.emit(count)
        self._port.update()

    # walking

    def go(self, step: int) -> None:
        """To the next (+1) or previous (-1) row; from where a row just left or moved away, to what stood beside it."""
        here = self.currentIndex().row()
        target = self._going_on.target(here, step)
        if target < 0:
            target = here + step if here >= 0 else self._left_at + min(step, 0)
        self.show_row(target)

    def _on_arrived(self, current: QModelIndex) -> None:
        if current.isValid():
            self._going_on.arrived(current.row())

    def show_row(self, at: int) -> None:
        if not self.count():
            return
        index = self._model.index(max(0, min(at, self.count() - 1)))
        if self._marking:
            self.selectionModel().setCurrentIndex(index, Flags.NoUpdate)
            self.scrollTo(index)
        else:
            self.setCurrentIndex(index)

    def repaint_rows(self) -> None:
        self._port.update()

    def dress(self) -> None:
        """Colours or fonts changed."""
        self.delegate.forget()
        fitting.forget()
        self.repaint_rows()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters are keys of the window here, not a search by first letter."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.key() == Qt.Key.Key_Escape and self.picked_count():
            self.leave_marks()
        elif event.text().isprintable() and event.text() and not (
                event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            self._marking = self._everything = False
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt would make the first row current, which would open it."""
        self._entering = True
        super().focusInEvent(event)
        self._entering = False

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        return QModelIndex() if self._entering else super().moveCursor(action, modifiers)

    # following changes

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Qt would make a neighbour current, which would open it. Nothing opens by itself here."""
        if start <= self.currentIndex().row() <= end:
            self._left_at = start
            self.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.NoUpdate)
        super().rowsAboutToBeRemoved(parent, start, end)

    def _remember_place(self) -> None:
        self._top = None
        index = self.indexAt(QPoint(1, 1))
        if index.isValid() and self.verticalScrollBar().value() > 0:
            self._top = QPersistentModelIndex(index)
            self._offset = self.verticalScrollBar().value() - index.row() * HEIGHT

    def _restore_place(self) -> None:
        if self._top is not None and self._top.isValid():
            self.updateGeometries()
            self.verticalScrollBar().setValue(self._top.row() * HEIGHT + self._offset)
        self._top = None
        if self._everything:
            self.selectionModel().select(self.range(0, self.count() - 1), Flags.ClearAndSelect)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self._now = self._model.clock.now()
        super().paintEvent(event)

    def draw_row(self, painter: QPainter, rect: QRect, row: int) -> None:
        found = self._model.at(row)
        if found is None:
            draw_placeholder(painter, rect)
            return
        states = self._states(row) if self.delegate.keeps else _PLAIN
        self.delegate.draw(painter, rect, found, self._now, states, self._presenter.initials(found.assignee))

    def _states(self, row: int) -> tuple[bool, bool, bool]:
        """Whether a row is selected, has the focus, is under the mouse."""
        index = self._model.index(row)
        focused = self.currentIndex().row() == row and self.hasFocus()
        return self.selectionModel().isSelected(index), focused, row == self._hovered

    def _on_entered(self, index: QModelIndex) -> None:
        if self._leaving is None:
            self._leaving = _Leaving(self)
            self._leaving.left.connect(self._on_left)
            self._port.installEventFilter(self._leaving)
        self._hover(index.row())

    def _on_left(self) -> None:
        self._hover(-1)

    def _hover(self, row: int) -> None:
        before, self._hovered = self._hovered, row
        for at in (before, row):
            if at >= 0:
                self._port.update(self.visualRect(self._model.index(at)))


class _Leaving(QObject):
    """Tells when the mouse left. An object of its own, made when the mouse first came: a view is a filter of its own
    viewport, and asked in Python about every event it would load Qt's names before the first paint."""

    left = Signal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == event.Type.Leave:
            self.left.emit()
        return bool(super().eventFilter(watched, event))
