"""A recovery key: typed in groups or read from its file, and what is still wrong with it while it is typed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ui.onboarding.key_page import plain, read
from ui.theme import fonts
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

GROUPS, IN_GROUP = 9, 4
ALPHABET = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Crockford's base32, in which the key is written (docs/adr/0001-keys-and-start.md)."""


class RecoveryField(QWidget):
    """`changed` when what is typed did; `refused` carries why a file could not be read."""

    changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.file_button = QPushButton(_("From a &file…"))
        self.chooser: QFileDialog | None = None
        self.line.setFont(fonts.fixed(fonts.BODY))
        self.line.setAccessibleName(_("Recovery key"))
        self.line.setPlaceholderText(" ".join(["XXXX"] * GROUPS))
        self.line.textEdited.connect(self._on_edited)
        self.file_button.setAutoDefault(False)
        self.file_button.clicked.connect(self._choose_file)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.file_button)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        return self.line.text()

    @property
    def complete(self) -> bool:
        letters = self._letters()
        return len(letters) == GROUPS * IN_GROUP and set(letters) <= ALPHABET

    @property
    def fault(self) -> tuple[str, str]:
        """What is wrong with what was typed so far, and its mark; both empty when nothing is."""
        letters = self._letters()
        strange = next((letter for letter in letters if letter not in ALPHABET), "")
        missing = GROUPS * IN_GROUP - len(letters)
        if strange:
            return _("“{letter}” never occurs in a recovery key.").format(letter=strange), "warn"
        if missing < 0:
            return _("That is more than nine groups of four."), "warn"
        if missing and letters:
            words = ngettext("{n} character is missing.", "{n} characters are missing.", missing)
            return words.format(n=missing), "pending"
        return "", ""

    def use_file(self, path: str) -> None:
        """Take the key from the file it was saved to."""
        try:
            text = read(Path(path))
        except WorkstationError as problem:
            self.refused.emit(problem)
            return
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip("\ufeff ").startswith("#")]
        self.line.setText(grouped("".join(lines)))
        self.changed.emit()

    def _letters(self) -> str:
        return plain(self.line.text().replace(" ", ""))

    def _on_edited(self, text: str) -> None:
        """Groups stand apart as they are typed; what is edited in the middle is left as it is."""
        if self.line.cursorPosition() == len(text) and text and not text.endswith((" ", "-")):
            self.line.setText(grouped(text))
        self.changed.emit()

    def _choose_file(self) -> None:
        self.chooser = QFileDialog(self, _("Choose the saved file"), "", _("Text (*.txt);;Every file (*)"))
        self.chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.chooser.fileSelected.connect(self.use_file)
        self.chooser.open()


def grouped(text: str) -> str:
    """The letters in capitals, in groups of four."""
    letters = plain("".join(text.split()))
    return " ".join(letters[at:at + IN_GROUP] for at in range(0, len(letters), IN_GROUP))
