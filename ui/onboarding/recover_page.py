"""Back in with the recovery key: typed in groups or read from its file, and what opens the home from now on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.onboarding.keeper import KeeperChoice
from ui.onboarding.page import Said, in_the_middle
from ui.onboarding.recovery_field import RecoveryField
from ui.widgets.labels import label
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class RecoverPage(QWidget):
    """`asked` carries the key as text; the page stays until the home is open."""

    asked = Signal(str)
    left = Signal()
    """Back to where the person came from."""

    def __init__(self, *, copied: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = RecoveryField()
        self.key, self.use_file = self.field.line, self.field.use_file
        self.keeper = KeeperChoice()
        self.copy_box = QCheckBox(_("The folder is a copy, and the other one is still used"))
        self.copy_box.setChecked(copied)
        self.said = Said()
        self.recover_button = QPushButton(_("&Open my home"))
        self.back_button = QPushButton(_("&Back"))
        self._working = False
        self._lay_out()
        self._wire()
        self.setAccessibleName(_("Open your home with the recovery key"))

    @property
    def new_device(self) -> bool:
        return self.copy_box.isChecked()

    def focus(self) -> None:
        self.key.setFocus(Qt.FocusReason.OtherFocusReason)

    def work(self, working: bool, words: str = "") -> None:
        self._working = working
        for part in (self.field, self.keeper, self.copy_box):
            part.setEnabled(not working)
        if working:
            self.said.say(words, "pending")
        self._judge()

    def again(self, problem: WorkstationError) -> None:
        """It did not go; everything typed stays."""
        self.work(False)
        self.said.problem(problem)
        self.focus()

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setMaximumWidth(640)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label(_("Open your home with the recovery key"), "display", wrap=True))
        column.addWidget(label(_(
            "The nine groups of four that were shown when the home was made. Your data stays as it is; only what opens "
            "it is set anew."), "quiet", wrap=True))
        column.addWidget(self.field)
        column.addWidget(self.said)
        column.addWidget(label(_("What opens it from now on"), "title"))
        column.addWidget(self.keeper)
        column.addWidget(self.copy_box)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.recover_button)
        column.addLayout(buttons)
        in_the_middle(self, inner)

    def _wire(self) -> None:
        self.field.changed.connect(self._on_typed)
        self.field.refused.connect(self.said.problem)
        self.keeper.changed.connect(self._judge)
        self.recover_button.setProperty("role", "primary")
        for button, slot in ((self.recover_button, self._on_recover), (self.back_button, self._on_back)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self._judge()

    def _on_typed(self) -> None:
        words, mark = self.field.fault
        self.said.say(words, mark) if words else self.said.clear()
        self._judge()

    def _judge(self) -> None:
        right = self.field.complete
        self.recover_button.setEnabled(right and self.keeper.complete and not self._working)
        fault = self.keeper.fault
        if fault and right and not self._working:
            self.said.say(fault, "warn")

    def _on_recover(self) -> None:
        self.asked.emit(self.key.text())

    def _on_back(self) -> None:
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Return: self._enter, Qt.Key.Key_Enter: self._enter, Qt.Key.Key_Escape: self._on_back}
        slot = keys.get(event.key())
        slot() if slot is not None else super().keyPressEvent(event)

    def _enter(self) -> None:
        focused = self.focusWidget()
        (focused if isinstance(focused, QPushButton) else self.recover_button).click()
