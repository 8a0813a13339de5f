"""The list of exhibits: dragged or moved with Alt and the arrows, captions written in place, opened with Enter."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from ui.binder.delegate import ExhibitDelegate
from ui.binder.list_model import MIME, ExhibitModel, Row
from ui.theme import theme
from workstation.kernel.i18n import _


class ExhibitList(QListView):
    """`shifted` carries -1 or 1, `opened` a Row, `toggled` and `dropped` the chosen ids, `menu_asked` a place on the
    screen. What is done with them is the presenter's."""

    shifted = Signal(int)
    opened = Signal(object)
    toggled = Signal()
    dropped = Signal()
    menu_asked = Signal(QPoint)
    chosen = Signal()

    def __init__(self, model: ExhibitModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._top: QPersistentModelIndex | None = None
        self._offset = 0
        self.setModel(model)
        self.setItemDelegate(ExhibitDelegate(self))
        self.setAccessibleName(_("Exhibits"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.selectionModel().selectionChanged.connect(self._tell)
        self.selectionModel().currentChanged.connect(self._tell)
        theme().changed.connect(self.viewport().update)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 120)

    def current(self) -> Row | None:
        return self._model.row(self.currentIndex().row())

    def ids(self) -> tuple[str, ...]:
        """The chosen exhibits in the binder's order."""
        places = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return tuple(self._model.rows[at].id for at in places)

    def choose(self, record_id: str) -> None:
        """Go to one exhibit and choose it alone, whatever keys are held meanwhile."""
        at = self._model.position(record_id)
        if at >= 0:
            self.selectionModel().setCurrentIndex(
                self._model.index(at), QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def edit_caption(self) -> None:
        """Write the current exhibit's caption, in its row."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def remember(self) -> None:
        """Where the list stands, before rows change."""
        index = self.indexAt(QPoint(1, 1))
        self._top = QPersistentModelIndex(index) if index.isValid() else None
        self._offset = self.visualRect(index).top() if index.isValid() else 0

    def restore(self) -> None:
        """The row that stood at the top stands there again, whatever came above it."""
        if self._top is not None and self._top.isValid():
            moved = self.visualRect(self._model.index(self._top.row())).top() - self._offset
            if moved:
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)
        self._top = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.shifted.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_PAD:
            self._open()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.toggled.emit()
        elif key == Qt.Key.Key_Delete:
            self.dropped.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            event.ignore()      # the binder takes what is pasted
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        row = self.current()
        if row is not None:
            self.opened.emit(row)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            super().dragEnterEvent(event)
        else:
            event.ignore()      # files are taken by the binder as a whole

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            super().dragMoveEvent(event)
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Between two rows, or behind the last."""
        if event.mimeData().hasFormat(MIME):
            place = event.position().toPoint()
            index = self.indexAt(place)
            row = self._model.rowCount()
            if index.isValid():
                row = index.row() + (1 if place.y() > self.visualRect(index).center().y() else 0)
            self._model.dropMimeData(event.mimeData(), Qt.DropAction.MoveAction, row, 0, QModelIndex())
            event.setDropAction(Qt.DropAction.CopyAction)   # nothing is to be taken away where it came from
            event.accept()
            self.setState(QAbstractItemView.State.NoState)
            self.viewport().update()
        else:
            event.ignore()

    def _tell(self, *_what: object) -> None:
        self.chosen.emit()

    def _on_menu(self, place: QPoint) -> None:
        self.menu_asked.emit(self.viewport().mapToGlobal(place))


_PAD = Qt.KeyboardModifier.KeypadModifier
