"""Back in with the recovery key: typed in groups or read from its file, and what opens the home from now on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.onboarding.keeper import KeeperChoice
from ui.onboarding.key_page import plain, read
from ui.onboarding.page import Said, in_the_middle
from ui.theme import fonts
from ui.widgets.labels import label
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

GROUPS, IN_GROUP = 9, 4
ALPHABET = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Crockford's base32, in which the key is written (docs/adr/0001-keys-and-start.md)."""


class RecoverPage(QWidget):
    """`asked` carries the key as text; the page stays until the home is open."""

    asked = Signal(str)
    left = Signal()
    """Back to where the person came from."""

    def __init__(self, *, copied: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = QLineEdit()
        self.file_button = QPushButton(_("From a &file…"))
        self.keeper = KeeperChoice()
        self.copy_box = QCheckBox(_("The folder is a copy, and the other one is still used"))
        self.copy_box.setChecked(copied)
        self.said = Said()
        self.recover_button = QPushButton(_("&Open my home"))
        self.back_button = QPushButton(_("&Back"))
        self.chooser: QFileDialog | None = None
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
        for part in (self.key, self.file_button, self.keeper, self.copy_box):
            part.setEnabled(not working)
        if working:
            self.said.say(words, "pending")
        self._judge()

    def again(self, problem: WorkstationError) -> None:
        """It did not go; everything typed stays."""
        self.work(False)
        self.said.problem(problem)
        self.focus()

    def use_file(self, path: str) -> None:
        """Take the key from the file it was saved to."""
        try:
            text = read(Path(path))
        except WorkstationError as problem:
            self.said.problem(problem)
            return
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip("\ufeff ").startswith("#")]
        self.key.setText(grouped("".join(lines)))
        self._on_typed()

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
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.key, 1)
        row.addWidget(self.file_button)
        column.addLayout(row)
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
        self.key.setFont(fonts.fixed(fonts.BODY))
        self.key.setAccessibleName(_("Recovery key"))
        self.key.setPlaceholderText(" ".join(["XXXX"] * GROUPS))
        self.key.textEdited.connect(self._on_edited)
        self.keeper.changed.connect(self._judge)
        self.recover_button.setProperty("role", "primary")
        for button, slot in ((self.file_button, self._choose_file), (self.recover_button, self._on_recover),
                             (self.back_button, self._on_back)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self._judge()

    def _on_edited(self, text: str) -> None:
        """Groups stand apart as they are typed; what is edited in the middle is left as it is."""
        if self.key.cursorPosition() == len(text) and text and not text.endswith((" ", "-")):
            self.key.setText(grouped(text))
        self._on_typed()

    def _on_typed(self) -> None:
        letters = plain(self.key.text().replace(" ", ""))
        strange = next((letter for letter in letters if letter not in ALPHABET), "")
        missing = GROUPS * IN_GROUP - len(letters)
        if strange:
            self.said.say(_("“{letter}” never occurs in a recovery key.").format(letter=strange), "warn")
        elif missing < 0:
            self.said.say(_("That is more than nine groups of four."), "warn")
        elif missing and letters:
            words = ngettext("{n} character is missing.", "{n} characters are missing.", missing)
            self.said.say(words.format(n=missing), "pending")
        else:
            self.said.clear()
        self._judge()

    def _judge(self) -> None:
        letters = plain(self.key.text().replace(" ", ""))
        right = len(letters) == GROUPS * IN_GROUP and set(letters) <= ALPHABET
        self.recover_button.setEnabled(right and self.keeper.complete and not self._working)
        fault = self.keeper.fault
        if fault and right and not self._working:
            self.said.say(fault, "warn")

    def _choose_file(self) -> None:
        self.chooser = QFileDialog(self, _("Choose the saved file"), "", _("Text (*.txt);;Every file (*)"))
        self.chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.chooser.fileSelected.connect(self.use_file)
        self.chooser.open()

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


def grouped(text: str) -> str:
    """The letters in capitals, in groups of four."""
    letters = plain("".join(text.split()))
    return " ".join(letters[at:at + IN_GROUP] for at in range(0, len(letters), IN_GROUP))
