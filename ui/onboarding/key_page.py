"""The recovery key: shown in groups, saved, printed or copied by hand, and proved before anything is stored."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ui.onboarding.page import Page, Said
from ui.onboarding.session import Session
from ui.theme import fonts
from ui.widgets.labels import label
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home as Place
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from ui.onboarding.door import Home
    from ui.shell.clipboard import ClipboardGuard

ASKED = (2, 6)
"""The groups that are typed again, counted from 0."""
HIDDEN = "••••"
MOST = 4096
"""Bytes read of a file that is said to hold a recovery key."""


class KeyPage(Page):
    """Next makes the home, when the key was proved by two of its groups or by the file it was saved to."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Your recovery key"), _(
            "If this computer, its login or your passphrase is ever lost, this key is the only way back to your data. "
            "Nobody can make another. Keep it away from this computer: print it, or save it to another disk."))
        self.groups = [label() for _number in range(9)]
        self.save_button = QPushButton(_("&Save to a file…"))
        self.print_button = QPushButton(_("&Print…"))
        self.copy_button = QPushButton(_("&Copy"))
        self.proofs = [QLineEdit() for _group in ASKED]
        self.file_button = QPushButton(_("Choose the saved file…"))
        self.said = Said()
        self.chooser: QFileDialog | None = None
        self._file: Path | None = None
        self._working = False
        self._guard: ClipboardGuard | None = None
        self._asked = QWidget()
        self._lay_out()
        self._wire()

    # what the assistant asks

    @property
    def ready(self) -> bool:
        return not self._working and (self._made or self._file is not None or self._typed_right())

    @property
    def busy(self) -> bool:
        return self._working

    @property
    def next_text(self) -> str:
        return _("&Next") if self._made else _("&Make my home")

    @property
    def _made(self) -> bool:
        return self.session.settings is not None

    def first(self) -> QWidget | None:
        return None if self._made else self.save_button

    def enter(self) -> None:
        if self.session.beginning is not None:
            self._file = self.session.beginning.saved
        self._show_groups()
        self.changed.emit()

    def proceed(self) -> bool:
        if self._made:
            return True
        beginning = self.session.beginning
        if beginning is not None:
            self._work(_("Testing the key and making the home…"))
            file, recovery = self._file, beginning.recovery

            def finish() -> Home:
                return beginning.finish(read(file) if file is not None else recovery)

            self.session.background.run(finish, self._on_made, self._on_problem, self)
        return False

    # building

    def _lay_out(self) -> None:
        frame = QFrame()
        frame.setProperty("role", "raised")
        grid = QGridLayout(frame)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        for at, group in enumerate(self.groups):
            group.setFont(fonts.fixed(fonts.DISPLAY))
            grid.addWidget(label(f"{at + 1}", "caption"), at // 3, at % 3 * 2)
            grid.addWidget(group, at // 3, at % 3 * 2 + 1)
            grid.setColumnStretch(at % 3 * 2 + 1, 1)
        self.frame = frame
        self.body.addWidget(frame)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.save_button, self.print_button, self.copy_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self._lay_out_proof()
        self.body.addWidget(self._asked)
        self.body.addWidget(self.said)
        self.body.addStretch(1)

    def _lay_out_proof(self) -> None:
        grid = QGridLayout(self._asked)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(4, 1)
        grid.addWidget(label(_("Prove that you have it"), "title"), 0, 0, 1, 5)
        grid.addWidget(label(_(
            "A key with a slip of the pen opens nothing, so it is tested before anything is stored: save it to a file, "
            "choose the file you saved, or type two groups from your copy."), "quiet", wrap=True), 1, 0, 1, 5)
        for at, (field, number) in enumerate(zip(self.proofs, ASKED, strict=True)):
            name = _("Group {n}").format(n=number + 1)
            title = label(name, "quiet")
            title.setBuddy(field)
            field.setAccessibleName(name)
            field.setFont(fonts.fixed(fonts.BODY))
            field.setMaxLength(8)
            field.setFixedWidth(96)
            grid.addWidget(title, 2, at * 2)
            grid.addWidget(field, 2, at * 2 + 1)
        grid.addWidget(self.file_button, 3, 0, 1, 5, Qt.AlignmentFlag.AlignLeft)

    def _wire(self) -> None:
        for button, slot in (
            (self.save_button, self._choose_place), (self.print_button, self._print), (self.copy_button, self._copy),
            (self.file_button, self._choose_file),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            button.setEnabled(not self._made)
        for field in self.proofs:
            field.textEdited.connect(self._on_typed)
            field.setEnabled(not self._made)
        self._asked.setVisible(not self._made)

    # the key

    def _key_groups(self) -> list[str]:
        beginning = self.session.beginning
        return beginning.recovery.split("-") if beginning is not None else []

    def _show_groups(self) -> None:
        """Two groups are covered while they are typed: read from the screen they would prove nothing."""
        groups = self._key_groups()
        typing = any(field.text() for field in self.proofs)
        for at, shown in enumerate(self.groups):
            shown.setText(HIDDEN if (typing and at in ASKED) or not groups else groups[at])
        self.frame.setAccessibleName(_("Recovery key: {groups}").format(
            groups=" ".join(shown.text() for shown in self.groups)))
        if self._made:
            self.said.say(_("The recovery key was tested and the home is made. The key is not shown again."), "pass")
        elif self._file is not None:
            self._say_saved(self._file)

    def _typed_right(self) -> bool:
        groups = self._key_groups()
        return bool(groups) and all(
            plain(field.text()) == groups[number] for field, number in zip(self.proofs, ASKED, strict=True))

    def _on_typed(self, _text: str) -> None:
        self._show_groups()
        groups = self._key_groups()
        for field, number in zip(self.proofs, ASKED, strict=True):
            typed = plain(field.text())
            field.setProperty("invalid", bool(groups) and bool(typed) and not groups[number].startswith(typed))
            field.style().unpolish(field)
            field.style().polish(field)
        if self._typed_right():
            self.said.say(_("Both groups are right."), "pass")
        elif any(field.property("invalid") for field in self.proofs):
            self.said.say(_("This is not the group of your key; look at your copy again."), "warn")
        elif self._file is None:
            self.said.clear()
        self.changed.emit()

    # saving, printing, copying

    def _choose_place(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or str(Path.home())
        name = _("Workstation recovery key {date}").format(date=QDate.currentDate().toString("yyyy-MM-dd"))
        self.chooser = QFileDialog(self, _("Save the recovery key"), str(Path(folder) / f"{name}.txt"),
                                   _("Text (*.txt)"))
        self.chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.chooser.setFileMode(QFileDialog.FileMode.AnyFile)
        self.chooser.setOption(QFileDialog.Option.DontConfirmOverwrite)
        self.chooser.fileSelected.connect(self.save_to)
        self.chooser.open()

    def save_to(self, path: str) -> None:
        """Save the key to a new file and read it back."""
        beginning = self.session.beginning
        if beginning is not None:
            self._work(_("Saving…"))
            self.session.background.run(
                partial(beginning.save_to, Path(path)), partial(self._on_saved, Path(path)), self._on_problem, self)

    def _choose_file(self) -> None:
        self.chooser = QFileDialog(self, _("Choose the saved file"), "", _("Text (*.txt);;Every file (*)"))
        self.chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.chooser.fileSelected.connect(self.use_file)
        self.chooser.open()

    def use_file(self, path: str) -> None:
        """Take this file as proof; it is read again and tested when the home is made."""
        self._file = Path(path)
        self.said.say(_("{path} is read and tested with the next step.").format(path=path), "pending")
        self.changed.emit()

    def _copy(self) -> None:
        from ui.shell.clipboard import ClipboardGuard

        beginning = self.session.beginning
        if beginning is not None:
            if self._guard is None:
                self._guard = ClipboardGuard(Settings(Place(self.session.root).settings), self)
            QGuiApplication.clipboard().setText(beginning.recovery)
            self.said.say(_("Copied. Paste it where it is kept, then clear the clipboard: other programs can read it."),
                          "warn")

    def _print(self) -> None:
        from ui.onboarding.printing import print_key

        beginning = self.session.beginning
        if beginning is not None:
            today = QLocale().toString(QDate.currentDate(), QLocale.FormatType.LongFormat)
            self.printing = print_key(self, beginning.recovery, str(self.session.root), today)

    def stop(self) -> None:
        """The page is left, or the window closed: the key does not stay where every program can read it."""
        if self._guard is not None:
            self._guard.clear()

    # what came of it

    def _on_saved(self, path: Path, _nothing: object) -> None:
        self._working = False
        self._file = path
        self._say_saved(path)
        self.changed.emit()

    def _say_saved(self, path: Path) -> None:
        self.said.say(_("Saved to {path}, read back and tested. Move a copy of it to another disk.").format(path=path),
                      "pass")

    def _on_made(self, home: Home) -> None:
        self._working = False
        for field in self.proofs:
            field.clear()
        self.stop()
        self.session.made(home)
        self.go_on.emit()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._working = False
        if self.session.beginning is not None and self._file != self.session.beginning.saved:
            self._file = None  # the file that was chosen is not the key
        self.said.problem(problem)
        self.changed.emit()

    def _work(self, words: str) -> None:
        self._working = True
        self.said.say(words, "pending")
        self.changed.emit()


def plain(text: str) -> str:
    """A group as it is printed: what the key's alphabet leaves out is read as what it looks like."""
    return text.strip().upper().replace("-", "").translate(str.maketrans("OIL", "011"))


def read(path: Path) -> str:
    """The text of a file that is said to hold a recovery key. Raises InputError."""
    try:
        with path.open("rb") as file:
            return file.read(MOST).decode("utf-8", "replace")
    except OSError as problem:
        raise InputError(
            _("The recovery key could not be read from {path}.").format(path=path),
            _("Check the name of the file and that you may read it."),
        ) from problem
