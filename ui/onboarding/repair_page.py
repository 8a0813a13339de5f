"""One page for a home that does not open: what happened, what was kept, and buttons that do what helps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.onboarding.page import Said, in_the_middle
from ui.onboarding.repair import QUIT, UNLOCK, Trouble, trouble_of, way_text, words_of
from ui.onboarding.secret_field import SecretField
from ui.widgets.labels import ElidedLabel, label
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class RepairPage(QWidget):
    """Says `problem`; `chosen` is the way a person takes, one of `repair.WAYS`."""

    chosen = Signal(str)

    def __init__(self, problem: WorkstationError, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trouble: Trouble = trouble_of(problem)
        self.problem = problem
        self.secret = SecretField(_("Passphrase"))
        self.said = Said()
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out(folder)
        self.setAccessibleName(_(self.trouble.title))
        self.setAccessibleDescription(f"{words_of(problem)} {_(self.trouble.advice)}")

    @property
    def asks_passphrase(self) -> bool:
        return UNLOCK in self.trouble.ways

    def focus(self) -> None:
        first = self.secret if self.asks_passphrase else self.buttons[self.trouble.ways[0]]
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def work(self, working: bool, words: str = "") -> None:
        """Something is tried: the buttons wait, but for Quit."""
        for way, button in self.buttons.items():
            button.setEnabled(way == QUIT or not working)
        self.secret.setEnabled(not working)
        if working:
            self.said.say(words, "pending")

    def again(self, problem: WorkstationError) -> None:
        """The same failure once more, or what was typed is wrong: the page stays."""
        self.work(False)
        self.said.problem(problem)
        self.focus()
        self.secret.line.selectAll()

    def _lay_out(self, folder: str) -> None:
        inner = QWidget()
        inner.setMaximumWidth(640)
        column = QVBoxLayout(inner)
        column.setSpacing(12)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(_(self.trouble.title), "display", wrap=True))
        if not self.asks_passphrase:
            column.addWidget(label(words_of(self.problem), wrap=True))
        column.addWidget(label(_(self.trouble.advice), "quiet", wrap=True))
        place = ElidedLabel(folder, "caption", mode=Qt.TextElideMode.ElideMiddle)
        place.setAccessibleDescription(_("Folder"))
        column.addWidget(place)
        column.addWidget(self.secret)
        self.secret.setVisible(self.asks_passphrase)
        column.addWidget(self.said)
        column.addSpacing(4)
        column.addLayout(self._lay_out_buttons())
        in_the_middle(self, inner)

    def _lay_out_buttons(self) -> QVBoxLayout:
        first, *others = self.trouble.ways
        column = QVBoxLayout()
        column.setSpacing(12)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for row in (upper, lower):
            row.setSpacing(8)
            column.addLayout(row)
        for way in (first, *others, QUIT):
            button = QPushButton(way_text(way))
            button.setAutoDefault(False)
            button.setProperty("role", "primary" if way == first else "flat" if way == QUIT else "")
            button.clicked.connect(partial(self._on_clicked, way))
            self.buttons[way] = button
            (upper if way in self.trouble.ways else lower).addWidget(button)
        for row in (upper, lower):
            row.addStretch(1)
        return column

    def _on_clicked(self, way: str, _checked: bool = False) -> None:
        self.chosen.emit(way)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is the first button, or the one that has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            (focused if isinstance(focused, QPushButton) else self.buttons[self.trouble.ways[0]]).click()
        else:
            super().keyPressEvent(event)
