"""The exhibits as rows. What changed is applied row by row, so that selection and scrolling stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from ui.widgets.labels import plain_tip
from workstation.kernel.i18n import _

ROW = Qt.ItemDataRole.UserRole + 1
PICTURE = Qt.ItemDataRole.UserRole + 2
MIME = "application/x-workstation-exhibits"
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """An exhibit as it is read: everything but `id` and the flags is in the interface's words."""

    id: str                              # of its record
    number: int                          # as it is called in a pack, from 1; 0 when it is left out
    title: str
    facts: str                           # its kind and when it was sealed
    marks: tuple[tuple[str, str], ...]   # (state, words) of what must not be overlooked
    caption: str
    slot: str                            # what of the desk it stands for, "" when for nothing
    included: bool
    erased: bool = False
    pictured: bool = False               # it has a thumbnail to ask for

    @property
    def spoken(self) -> str:
        """What a screen reader says of it. `title` and `marks` bring their own words."""
        said = (words for _state, words in self.marks)
        place = str(self.number) if self.included else _("left out")
        told = [place, self.title, self.facts, self.caption, self.slot, *said]
        return ", ".join(part for part in told if part)


class ExhibitModel(QAbstractListModel):
    """`moved` carries record ids and the place they were dropped at; `captioned` an id and its new caption; `wanted`
    the id of a thumbnail that was asked for. None of them changes a row: that comes back with `show`."""

    moved = Signal(object, int)
    captioned = Signal(str, str)
    wanted = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._pictures: dict[str, QPixmap] = {}
        self._asked: set[str] = set()

    # what a view asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role == PICTURE:
            return self._picture(row)
        if role == Qt.ItemDataRole.EditRole:
            return row.caption
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            said = (row.title, row.caption, *(words for _state, words in row.marks))
            return plain_tip("\n".join(part for part in said if part))
        return f"{row.number or '–'} {row.title}" if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self._rows[index.row()]
        text = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or text == row.caption:
            return False
        self.captioned.emit(row.id, text)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        return (flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable | flag.ItemIsDragEnabled
                | flag.ItemNeverHasChildren)

    # dragging

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(MIME, "\n".join(self._rows[at].id for at in sorted({i.row() for i in indexes})).encode())
        return data

    def dropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index) -> bool:
        """Never True: a view would take the dragged rows away, and where they are is told by the binder."""
        ids = bytes(data.data(MIME).data()).decode().split("\n")
        known = {one.id for one in self._rows}
        wanted = tuple(one for one in ids if one in known)
        if wanted:
            self.moved.emit(wanted, row if row >= 0 else len(self._rows))
        return False

    # what the presenter tells

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows)

    @property
    def pictured(self) -> tuple[str, ...]:
        """Whose thumbnails are here, or known to be none."""
        return tuple(self._pictures)

    def row(self, at: int) -> Row | None:
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def position(self, record_id: str) -> int:
        """-1 when it is not in the binder."""
        return next((at for at, one in enumerate(self._rows) if one.id == record_id), -1)

    def show(self, rows: Sequence[Row]) -> None:
        """Other rows: what left, what came, what moved, what changed."""
        places = {row.id: at for at, row in enumerate(rows)}
        for at in reversed(range(len(self._rows))):
            if self._rows[at].id not in places:
                self._remove(at)
        for at, row in enumerate(rows):
            self._place(at, row, places)

    def show_picture(self, record_id: str, picture: QPixmap) -> None:
        self._pictures[record_id] = picture
        at = self.position(record_id)
        if at >= 0:
            self.dataChanged.emit(self.index(at), self.index(at), [PICTURE])

    def forget_picture(self, record_id: str) -> None:
        """It is no more what it was: the next look asks again."""
        self._asked.discard(record_id)
        self._pictures.pop(record_id, None)

    def _picture(self, row: Row) -> QPixmap | None:
        if row.erased or not row.pictured:
            return None
        if row.id not in self._asked:
            self._asked.add(row.id)
            self.wanted.emit(row.id)
        return self._pictures.get(row.id)

    def _place(self, at: int, row: Row, places: dict[str, int]) -> None:
        """Put `row` at `at`; everything before it is where it belongs."""
        before = self.position(row.id)
        if before < 0:
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.insert(at, row)
            self.endInsertRows()
            return
        if before == at + 1:       # what stands here was moved down: one move instead of one for each row it passed
            self._move(at, min(places[self._rows[at].id], len(self._rows) - 1))
        elif before > at:
            self._move(before, at)
        if self._rows[at] != row:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at), self.index(at))

    def _move(self, before: int, at: int) -> None:
        """The row at `before` goes to `at`."""
        self.beginMoveRows(QModelIndex(), before, before, QModelIndex(), at + 1 if at > before else at)
        self._rows.insert(at, self._rows.pop(before))
        self.endMoveRows()

    def _remove(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        self.endRemoveRows()
