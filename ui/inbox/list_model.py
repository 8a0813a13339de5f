"""The list of conversations: pages by keyset, follows change sets row by row, and is reset only for another queue."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui.inbox import words
from workstation.inbox.listing import ConversationRow
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.paging import PAGE_SIZE, Page

ROW = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


def _key(row: ConversationRow) -> tuple[int, str]:
    return row.sort_key, row.id


class ConversationModel(QAbstractListModel):
    """Rows of one queue in its order, or hits of a search in theirs."""

    wants_more = Signal()
    about_to_change = Signal()
    """A change set is about to be applied: whoever shows the list remembers where it stands."""
    changed = Signal()

    def __init__(self, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ConversationRow] = []
        self._known: dict[str, ConversationRow] = {}
        self._cursor: str | None = None
        self._sorted = True
        self._asked = False
        self._clock = clock or SystemClock()

    # what Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words.spoken(row, self._clock.now())
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._cursor is not None and not self._asked

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.wants_more.emit()

    # what the presenter asks

    @property
    def cursor(self) -> str | None:
        return self._cursor

    @property
    def clock(self) -> Clock:
        return self._clock

    def row(self, position: int) -> ConversationRow:
        return self._rows[position]

    def ids(self) -> list[str]:
        return [row.id for row in self._rows]

    def known(self, conversation_id: str) -> ConversationRow | None:
        return self._known.get(conversation_id)

    def position(self, conversation_id: str) -> int:
        """Where a conversation stands, -1 when it is not loaded. Logarithmic in a queue, linear in hits of a search."""
        row = self._known.get(conversation_id)
        if row is None:
            return -1
        return bisect_left(self._rows, _key(row), key=_key) if self._sorted else self._rows.index(row)

    def show(self, page: Page[ConversationRow], *, in_order: bool = True) -> None:
        """Another queue or search: begin anew with its first page. `in_order` False keeps the order of a search."""
        self.beginResetModel()
        self._rows = sorted(page.rows, key=_key) if in_order else list(page.rows)
        self._known = {row.id: row for row in self._rows}
        self._cursor, self._sorted, self._asked = page.cursor, in_order, False
        self.endResetModel()

    def append(self, page: Page[ConversationRow]) -> None:
        """The next page. Rows that are already here, because they changed meanwhile, are left as they are."""
        fresh = [row for row in page.rows if row.id not in self._known]
        self._cursor, self._asked = page.cursor, False
        if not fresh:
            return
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self._rows += fresh
        self._known.update((row.id, row) for row in fresh)
        self.endInsertRows()
        if self._sorted and first and _key(self._rows[first - 1]) > _key(fresh[0]):
            self._settle(first - 1)

    def give_up(self) -> None:
        """The next page could not be fetched: it may be asked for again."""
        self._asked = False

    def apply(
        self, ids: Collection[str], now: Iterable[ConversationRow], belongs: Callable[[ConversationRow], bool],
    ) -> None:
        """Follow a change set: `now` are the rows of `ids` as they are; what is missing or no longer belongs leaves."""
        wanted = {row.id: row for row in now if belongs(row)}
        self.about_to_change.emit()
        for gone in [name for name in ids if name in self._known and name not in wanted]:
            self._remove(gone)
        for row in wanted.values():
            self._put(row)
        self.changed.emit()

    def refresh(self, page: Page[ConversationRow]) -> None:
        """The first page read again: what stands in its range follows it, without a reset."""
        if not self._rows or not self._sorted:
            self.show(page)
            return
        end = _key(page.rows[-1]) if page.rows and page.cursor else None
        covered = [row.id for row in self._rows if end is None or _key(row) <= end]
        self.apply({*covered, *(row.id for row in page.rows)}, page.rows, _any)
        if len(self._rows) <= len(page.rows):
            self._cursor = page.cursor

    # row by row

    def _put(self, row: ConversationRow) -> None:
        old = self._known.get(row.id)
        if old == row:
            return
        if old is None:
            self._insert(row)
        elif not self._sorted or _key(old) == _key(row):
            self._replace(self.position(row.id), row)
        else:
            self._move(self.position(row.id), row)

    def _insert(self, row: ConversationRow) -> None:
        if not self._sorted:
            return
        at = bisect_left(self._rows, _key(row), key=_key)
        if at == len(self._rows) and (self._cursor is not None or at >= PAGE_SIZE):
            self._cursor = self._cursor or self._rows[-1].cursor  # it comes with the next page
            return
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.insert(at, row)
        self._known[row.id] = row
        self.endInsertRows()

    def _replace(self, at: int, row: ConversationRow) -> None:
        self._rows[at] = row
        self._known[row.id] = row
        self.dataChanged.emit(self.index(at), self.index(at))

    def _move(self, at: int, row: ConversationRow) -> None:
        target = bisect_left(self._rows, _key(row), key=_key)
        if target == len(self._rows) and self._cursor is not None:
            self._remove(row.id)
        elif target in (at, at + 1):
            self._replace(at, row)
        else:
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), target)
            del self._rows[at]
            at = target - (target > at)
            self._rows.insert(at, row)
            self._known[row.id] = row
            self.endMoveRows()
            self.dataChanged.emit(self.index(at), self.index(at))

    def _remove(self, conversation_id: str) -> None:
        at = self.position(conversation_id)
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        del self._known[conversation_id]
        self.endRemoveRows()

    def _settle(self, _last: int) -> None:
        """A page that overlaps what changed meanwhile: put everything in order, telling the views where rows went."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [self._rows[index.row()].id for index in before]
        self._rows.sort(key=_key)
        self.changePersistentIndexList(before, [self.index(self.position(name)) for name in names])
        self.layoutChanged.emit()


def _any(_row: ConversationRow) -> bool:
    return True


def drawn(rows: Sequence[ConversationRow], now: int) -> str:
    """The list as text, one line a row, for tests and for a person without a screen."""
    return "\n".join(words.spoken(row, now) for row in rows)
