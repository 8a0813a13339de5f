"""What is marked and what can be done to it: a quiet bar under the list, and how far a long action is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.inbox.acting import Acting
from ui.widgets.labels import ElidedLabel
from ui.widgets.timetext import number
from workstation.kernel.i18n import _, ngettext

PATIENCE_MS = 1_000


class SelectionBar(QFrame):
    """Shown while rows are marked. Its buttons are actions of the registry, given by `set_actions`."""

    left = Signal()
    all_wanted = Signal()

    def __init__(self, acting: Acting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self._acting = acting
        self._count = self._size = 0
        self._everything = False
        self._progress = (0, 0)
        self._words = ElidedLabel()
        self._all = self._button(_("Select all"), self.all_wanted.emit)
        self._clear = self._button(_("Clear"), self.left.emit)
        self._stop = self._button(_("Stop"), acting.stop)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(0)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._show_words)
        self._lay_out()
        acting.progressed.connect(self._on_progress)
        self.hide()

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """The buttons, in order; each says its word and its key on hover."""
        for action in actions:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setAccessibleName(action.text())
            self._tools.addWidget(button)
        self._tools.addStretch(1)

    def show_count(self, count: int, size: int, *, everything: bool = False) -> None:
        """So many rows of a queue of `size` are marked, or the whole of it; 0 hides the bar unless an action is under
        way."""
        self._count, self._size, self._everything = count, size, everything
        self._show_words()

    @property
    def text(self) -> str:
        return self._words.full_text

    def _on_progress(self, done: int, total: int) -> None:
        first = not self._progress[1]
        self._progress = (done, total)
        if not total:
            self._patience.stop()
            self._show_words()
        elif first:
            self._patience.start()
        elif not self._patience.isActive():
            self._show_words()

    def _show_words(self) -> None:
        done, total = self._progress
        working = bool(total) and not self._patience.isActive()
        if working:
            self._words.set_full_text(_("{done} of {total} done").format(done=number(done), total=number(total)))
        else:
            self._words.set_full_text(self._chosen())
        self._stop.setVisible(working)
        self._all.setVisible(not working and self._count < self._size)
        self._clear.setVisible(not working)
        self.setVisible(self._count > 0 or working)

    def _chosen(self) -> str:
        n = self._count
        if self._everything:
            return ngettext("All {n} selected", "All {n} selected", n).format(n=number(n))
        return ngettext("{n} selected", "{n} selected", n).format(n=number(n))

    def _button(self, text: str, slot: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "flat")
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._words, 1)
        for button in (self._all, self._clear, self._stop):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addLayout(self._tools)
