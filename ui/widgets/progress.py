"""Long work: nothing for 300 ms, then a thin bar with a count and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.widgets.labels import label
from ui.widgets.timetext import number
from workstation.kernel.i18n import _

PATIENCE_MS = 300


class ProgressLine(QWidget):
    """Shows itself only when the work takes longer than 300 ms."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None, *, cancellable: bool = True, percent: bool = False) -> None:
        """`percent`: how much of the whole, where the counts would say nothing to a person."""
        super().__init__(parent)
        self._percent = percent
        self._text = label(role="quiet")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(_("Progress"))
        self._cancel = QPushButton(_("Cancel"))
        self._cancel.clicked.connect(self.cancelled)
        self._title = ""
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self.show)
        self._lay_out()
        self._cancel.setVisible(cancellable)
        self.hide()

    def start(self, title: str) -> None:
        """The work began: `title` says which."""
        self._title = title
        self.set_progress(0, 0)
        self._timer.start()

    def set_progress(self, done: int, total: int) -> None:
        """How far; total 0 when nobody knows."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._text.setText(f"{self._title}  {self._count(done, total)}".strip())
        self._bar.setAccessibleDescription(self._text.text())

    def _count(self, done: int, total: int) -> str:
        if total and self._percent:
            return _("{n} %").format(n=number(min(100, done * 100 // total)))
        if total:
            return _("{done} of {total}").format(done=number(done), total=number(total))
        return number(done) if done and not self._percent else ""

    def stop(self) -> None:
        """The work ended."""
        self._timer.stop()
        self.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._text)
        column.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(column, 1)
        row.addWidget(self._cancel)
