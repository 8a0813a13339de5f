"""The problems as rows. A new list is applied row by row, so that the one being looked at stays where it is."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.problems import words
from workstation.domain.problem import Problem
from workstation.kernel.clock import Clock, SystemClock

PROBLEM = Qt.ItemDataRole.UserRole + 1
BUSY = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


class ProblemModel(QAbstractListModel):
    """Rows of Problem; `busy` are the ids that are being tried."""

    def __init__(self, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self.clock = clock or SystemClock()
        self._rows: list[Problem] = []
        self._busy: frozenset[str] = frozenset()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        problem = self._rows[index.row()]
        if role == PROBLEM:
            return problem
        if role == BUSY:
            return problem.id in self._busy
        if role == Qt.ItemDataRole.DisplayRole:
            return words.line(problem)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return words.spoken(problem, self.clock.now(), problem.id in self._busy)
        return problem.what if role == Qt.ItemDataRole.ToolTipRole else None

    def row(self, at: int) -> Problem | None:
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def position(self, problem_id: str) -> int:
        """-1 when it is not listed."""
        return next((at for at, one in enumerate(self._rows) if one.id == problem_id), -1)

    def show(self, problems: tuple[Problem, ...]) -> None:
        """Another list: what left, what came, what moved, what changed."""
        wanted = {one.id for one in problems}
        for at in reversed(range(len(self._rows))):
            if self._rows[at].id not in wanted:
                self._remove(at)
        for at, problem in enumerate(problems):
            self._place(at, problem)

    def mark_busy(self, ids: frozenset[str]) -> None:
        self._busy = ids
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _place(self, at: int, problem: Problem) -> None:
        before = self.position(problem.id)
        if before == at:
            self._rows[at] = problem
            self.dataChanged.emit(self.index(at), self.index(at))
            return
        if before > at:
            self.beginMoveRows(QModelIndex(), before, before, QModelIndex(), at)
            self._rows.insert(at, self._rows.pop(before))
            self._rows[at] = problem
            self.endMoveRows()
            return
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.insert(at, problem)
        self.endInsertRows()

    def _remove(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self._rows[at]
        self.endRemoveRows()
