"""The list of conversations: a queue of any size of which only what is looked at is loaded, or the hits of a search.

A queue's model has as many rows as the queue; around what is on the screen they are loaded, before and behind that
they are placeholders, which the view paints calmly. Change sets are followed row by row; a reset is for another queue.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui.inbox import words
from ui.widgets.labels import plain_tip
from workstation.inbox.listing import ConversationRow
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _
from workstation.kernel.paging import PAGE_SIZE, Page

ROW = Qt.ItemDataRole.UserRole + 1
MOST = 3_000
"""So many rows stay loaded around what is looked at; of more the farthest are let go."""
Index = QModelIndex | QPersistentModelIndex


def _key(row: ConversationRow) -> tuple[int, str]:
    return row.sort_key, row.id


class ConversationModel(QAbstractListModel):
    """Rows of one queue in its order, or hits of a search in theirs. `before` and `after` count the placeholders."""

    wants_more = Signal()
    about_to_change = Signal()
    """A change set is about to be applied: whoever shows the list remembers where it stands."""
    changed = Signal()

    def __init__(self, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ConversationRow] = []
        self._known: dict[str, ConversationRow] = {}
        self._before = self._after = 0
        self._cursor: str | None = None
        self._sorted = True
        self._whole = False            # the queue's size is known, so that nothing is fetched by scrolling to an end
        self._asked = False
        self._clock = clock or SystemClock()

    # what Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._before + len(self._rows) + self._after

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.at(index.row())
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words.spoken(row, self._clock.now()) if row is not None else _("Loading…")
        if role == Qt.ItemDataRole.ToolTipRole and row is not None:
            return plain_tip(words.hints(row, self._clock.now()))
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._cursor is not None and not self._asked and not self._whole

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.wants_more.emit()

    # what the presenter asks

    @property
    def cursor(self) -> str | None:
        """Where the page behind what is loaded begins, None when there is none."""
        if self._whole:
            return self._rows[-1].cursor if self._rows and self._after else None
        return self._cursor

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def before(self) -> int:
        return self._before

    @property
    def after(self) -> int:
        return self._after

    @property
    def loaded(self) -> Sequence[ConversationRow]:
        """The rows that are here, in order, from the row `before` on."""
        return self._rows

    def at(self, position: int) -> ConversationRow | None:
        """The row at this place, None for a placeholder."""
        at = position - self._before
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def row(self, position: int) -> ConversationRow:
        """As `at`, of a row that is loaded. Raises IndexError for a placeholder."""
        row = self.at(position)
        if row is None:
            raise IndexError(position)
        return row

    def ids(self) -> list[str]:
        return [row.id for row in self._rows]

    def known(self, conversation_id: str) -> ConversationRow | None:
        return self._known.get(conversation_id)

    def position(self, conversation_id: str) -> int:
        """Where a conversation stands, -1 when it is not loaded. Logarithmic in a queue, linear in hits of a search."""
        row = self._known.get(conversation_id)
        if row is None:
            return -1
        return self._before + (bisect_left(self._rows, _key(row), key=_key) if self._sorted else self._rows.index(row))

    def show(self, page: Page[ConversationRow], *, in_order: bool = True, size: int = -1) -> None:
        """Another queue or search: begin anew with its first page. `in_order` False keeps the order of a search; `size`
        is the queue's, -1 while it is not known."""
        self.beginResetModel()
        self._rows = sorted(page.rows, key=_key) if in_order else list(page.rows)
        self._known = {row.id: row for row in self._rows}
        self._cursor, self._sorted, self._asked = page.cursor, in_order, False
        self._whole = size >= 0
        self._before, self._after = 0, max(0, size - len(self._rows))
        self.endResetModel()

    def append(self, page: Page[ConversationRow]) -> None:
        """The next page. Rows that are already here, because they changed meanwhile, are left as they are."""
        fresh = [row for row in page.rows if row.id not in self._known]
        self._cursor, self._asked = page.cursor, False
        first = len(self._rows)
        self._fill_behind(fresh)
        if self._whole and page.cursor is None:
            self._gap_after(0)
        if fresh and self._sorted and first and _key(self._rows[first - 1]) > _key(fresh[0]):
            self._settle()

    def lay(self, page: Page[ConversationRow], position: int) -> None:
        """A page that begins at about this place of the queue: it joins what is loaded where the two touch, and takes
        its place where they do not."""
        first = _key(self._rows[0]) if self._rows else None
        if first is not None and any(row.id in self._known for row in page.rows):
            self._fill_before([row for row in page.rows if row.id not in self._known and _key(row) < first])
            if position == 0:
                self._gap_before(0)
            last = _key(self._rows[-1])
            self.append(Page(tuple(row for row in page.rows if _key(row) > last), page.cursor or (
                self.cursor if self._after else None)))
        else:
            self._replace_all(page, position)

    def wanted(self, first: int, last: int, page: int) -> tuple[str | None, int, int] | None:
        """What to ask for so that the rows from `first` to `last` and some around them are here: the cursor to go on
        from, or the place to begin at, and how many. None when nothing is missing."""
        low, high = self._before, self._before + len(self._rows)
        if self._whole and (not self._rows or first > high + page or last < low - page):
            return (None, max(0, (first + last) // 2 - page // 2), page) if self._before + self._after else None
        if last + page // 2 >= high and self.cursor is not None:
            return self.cursor, high, page
        if first - page // 2 < low and self._before:
            begin = max(0, low - page)
            return None, begin, low - begin + page // 4  # a few that are here show where it joins
        return None

    def give_up(self) -> None:
        """The next page could not be fetched: it may be asked for again."""
        self._asked = False

    def settle(self, size: int, first: str = "", rank: int | None = None) -> None:
        """The queue has `size` rows, and its row `first`, if it still is the first that is loaded, stands at `rank`."""
        self.about_to_change.emit()
        if self._rows and self._rows[0].id == first and rank is not None:
            self._gap_before(rank)
        self._whole, self._asked = True, False
        self._gap_after(max(0, size - self._before - len(self._rows)))
        self.changed.emit()

    def keep_around(self, first: int, last: int) -> None:
        """Let go of what is far from these rows, when there is much."""
        if not self._whole or len(self._rows) <= MOST:
            return
        low = max(0, first - self._before - MOST // 3)
        high = min(len(self._rows), last - self._before + MOST // 3)
        if low >= high:
            return
        gone = [*self._rows[:low], *self._rows[high:]]
        self._before += low
        self._after += len(self._rows) - high
        self._rows = self._rows[low:high]
        for row in gone:
            del self._known[row.id]

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
        if self._before:
            return  # what is looked at is elsewhere: sizes and places say the rest
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

    def _beyond(self, at: int) -> bool:
        """Whether a row that would stand at `at` of the loaded ones belongs among the placeholders."""
        if self._whole:
            return (at == 0 and self._before > 0) or (at == len(self._rows) and self._after > 0)
        return at == len(self._rows) and (self._cursor is not None or at >= PAGE_SIZE)

    def _insert(self, row: ConversationRow) -> None:
        if not self._sorted:
            return
        at = bisect_left(self._rows, _key(row), key=_key)
        if self._beyond(at):
            if not self._whole:
                self._cursor = self._cursor or self._rows[-1].cursor  # it comes with the next page
            return
        self.beginInsertRows(QModelIndex(), self._before + at, self._before + at)
        self._rows.insert(at, row)
        self._known[row.id] = row
        self.endInsertRows()

    def _replace(self, position: int, row: ConversationRow) -> None:
        found = self._known[row.id]
        if not self._sorted and found.found and not row.found:

            row = row._replace(found=found.found, found_message=found.found_message)
        self._rows[position - self._before] = row
        self._known[row.id] = row
        self.dataChanged.emit(self.index(position), self.index(position))

    def _move(self, position: int, row: ConversationRow) -> None:
        at = position - self._before
        target = bisect_left(self._rows, _key(row), key=_key)
        last = target == len(self._rows)
        if (last and self.cursor is not None) or (target == 0 and self._before and at != 0):
            self._remove(row.id)
            if not last:
                self._gap_before(self._before + 1)
            elif self._whole:
                self._gap_after(self._after + 1)
        elif target in (at, at + 1):
            self._replace(position, row)
        else:
            self.beginMoveRows(QModelIndex(), position, position, QModelIndex(), self._before + target)
            del self._rows[at]
            at = target - (target > at)
            self._rows.insert(at, row)
            self._known[row.id] = row
            self.endMoveRows()
            self.dataChanged.emit(self.index(self._before + at), self.index(self._before + at))

    def _remove(self, conversation_id: str) -> None:
        position = self.position(conversation_id)
        self.beginRemoveRows(QModelIndex(), position, position)
        del self._rows[position - self._before]
        del self._known[conversation_id]
        self.endRemoveRows()

    # placeholders

    def _fill_behind(self, fresh: Sequence[ConversationRow]) -> None:
        """Rows that follow the loaded ones: placeholders become rows, and what they had no room for is added."""
        first, room = self._before + len(self._rows), min(self._after, len(fresh))
        if room:
            self._take(len(self._rows), fresh[:room])
            self._after -= room
            self.dataChanged.emit(self.index(first), self.index(first + room - 1))
        if len(fresh) > room:
            self.beginInsertRows(QModelIndex(), first + room, first + len(fresh) - 1)
            self._take(len(self._rows), fresh[room:])
            self.endInsertRows()

    def _fill_before(self, fresh: Sequence[ConversationRow]) -> None:
        room = min(self._before, len(fresh))
        if room:
            self._before -= room
            self._take(0, fresh[len(fresh) - room:])
            self.dataChanged.emit(self.index(self._before), self.index(self._before + room - 1))
        surplus = fresh[:len(fresh) - room]
        if surplus:
            self.beginInsertRows(QModelIndex(), self._before, self._before + len(surplus) - 1)
            self._take(0, surplus)
            self.endInsertRows()

    def _take(self, at: int, rows: Sequence[ConversationRow]) -> None:
        self._rows[at:at] = rows
        self._known.update((row.id, row) for row in rows)

    def _replace_all(self, page: Page[ConversationRow], position: int) -> None:
        """What was loaded becomes placeholders, and the page is what is loaded."""
        rows, total = sorted(page.rows, key=_key), self.rowCount()
        wanted = position + len(rows) if page.cursor is None else max(total, position + len(rows))
        if not rows:
            wanted = min(total, position)
        self._rows, self._known, self._before, self._after = [], {}, 0, total
        self._gap_after(wanted)
        self._before = min(position, wanted - len(rows))
        self._rows, self._after = rows, wanted - self._before - len(rows)
        self._known = {row.id: row for row in rows}
        if wanted:
            self.dataChanged.emit(self.index(0), self.index(wanted - 1))

    def _gap_before(self, wanted: int) -> None:
        """Let there be so many placeholders before what is loaded."""
        now = self._before
        if now < wanted:
            self.beginInsertRows(QModelIndex(), now, wanted - 1)
            self._before = wanted
            self.endInsertRows()
        elif now > wanted:
            self.beginRemoveRows(QModelIndex(), wanted, now - 1)
            self._before = wanted
            self.endRemoveRows()

    def _gap_after(self, wanted: int) -> None:
        """Let there be so many placeholders behind what is loaded."""
        begin, now = self._before + len(self._rows), self._after
        if now < wanted:
            self.beginInsertRows(QModelIndex(), begin + now, begin + wanted - 1)
            self._after = wanted
            self.endInsertRows()
        elif now > wanted:
            self.beginRemoveRows(QModelIndex(), begin + wanted, begin + now - 1)
            self._after = wanted
            self.endRemoveRows()

    def _settle(self) -> None:
        """A page that overlaps what changed meanwhile: put everything in order, telling the views where rows went."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        names = [row.id if (row := self.at(index.row())) is not None else "" for index in before]
        self._rows.sort(key=_key)
        after = [self.index(self.position(name)) if name else index for name, index in zip(names, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()


def _any(_row: ConversationRow) -> bool:
    return True


def drawn(rows: Sequence[ConversationRow], now: int) -> str:
    """The list as text, one line a row, for tests and for a person without a screen."""
    return "\n".join(words.spoken(row, now) for row in rows)
