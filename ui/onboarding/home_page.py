"""Where the home is and what opens it: the system's keyring, or a passphrase typed at each start."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QFileDialog, QFormLayout, QHBoxLayout, QPushButton, QRadioButton, QWidget

from ui.onboarding.page import Page, Said
from ui.onboarding.secret_field import SecretField
from ui.onboarding.session import Session
from ui.widgets.labels import ElidedLabel, label
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.onboarding.door import Beginning

SHORTEST = 8
"""Characters of a passphrase; below that Argon2 is no help (NIST SP 800-63B, 5.1.1.1)."""


class HomePage(Page):
    """Next begins the home: the keyring is tried, the keys are made, and nothing is stored yet."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Where your data is kept"), _(
            "Mail, orders and proofs are stored on this computer in one folder, encrypted. What you choose here opens "
            "that folder at each start."))
        self.keyring = QRadioButton(_("The system's keyring (recommended)"))
        self.passphrase = QRadioButton(_("A passphrase that I type at each start"))
        self.first_field = SecretField(_("Passphrase"))
        self.second_field = SecretField(_("Passphrase again"))
        self.folder = ElidedLabel(str(session.root))
        self.folder_button = QPushButton(_("Choose another folder…"))
        self.said = Said()
        self.chooser: QFileDialog | None = None
        self._working = False
        self._fields = QWidget()
        self._lay_out()
        self._wire()

    @property
    def ready(self) -> bool:
        return not self._working and (self._made or self.keyring.isChecked() or not self._fault())

    @property
    def busy(self) -> bool:
        return self._working

    @property
    def _made(self) -> bool:
        return self.session.settings is not None

    def first(self) -> QWidget | None:
        return self.keyring if self.keyring.isChecked() else self.passphrase

    def proceed(self) -> bool:
        if self._made or self._begun():
            return True
        door = self.session.door
        if door is None:
            return True
        self._work(True)
        self.said.say(_("Making the keys…"), "pending")
        work = partial(door.begin, self.session.root, self._chosen())
        self.session.background.run(work, self._on_begun, self._on_problem, self)
        return False

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for choice in (self.keyring, self.passphrase):
            group.addButton(choice)
        self.body.addWidget(label(_("What opens it"), "title"))
        self.body.addWidget(self.keyring)
        self.body.addWidget(label(_(
            "Logging in to this computer is enough; there is nothing to remember."), "quiet", wrap=True))
        self.body.addWidget(self.passphrase)
        form = QFormLayout(self._fields)
        form.setContentsMargins(24, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in (self.first_field, self.second_field):
            field.setMaximumWidth(420)
            form.addRow(label(field.name, "quiet"), field)
        self.body.addWidget(self._fields)
        self.body.addSpacing(8)
        self.body.addWidget(label(_("Folder"), "title"))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.folder, 1)
        row.addWidget(self.folder_button)
        self.body.addLayout(row)
        self.body.addWidget(self.said)
        self.body.addStretch(1)

    def _wire(self) -> None:
        self.folder_button.setAutoDefault(False)
        self.folder_button.setAccessibleName(_("Choose another folder…"))
        self.folder.setAccessibleDescription(_("Folder"))
        made = self._made
        known = self.session.passphrase
        (self.passphrase if known is not None else self.keyring).setChecked(True)
        self.first_field.set_text(known or "")
        self.second_field.set_text(known or "")
        for choice in (self.keyring, self.passphrase):
            choice.toggled.connect(self._on_choice)
        for field in (self.first_field, self.second_field):
            field.changed.connect(self._on_typed)
        self.folder_button.clicked.connect(self._choose_folder)
        self._fields.setVisible(self.passphrase.isChecked())
        for part in (self.keyring, self.passphrase, self._fields, self.folder_button):
            part.setEnabled(not made)
        if made:
            self.said.say(_("Your home is made. Its folder stays where it is."), "pass")

    def _begun(self) -> bool:
        """What was begun before with the same choices is gone on with: its recovery key may be written down already."""
        return self.session.beginning is not None and self.session.passphrase == self._chosen()

    def _chosen(self) -> str | None:
        return self.first_field.text if self.passphrase.isChecked() else None

    def _fault(self) -> str:
        if len(self.first_field.text) < SHORTEST:
            return _("At least {n} characters.").format(n=SHORTEST)
        if self.first_field.text != self.second_field.text:
            return _("The two are not the same.")
        return ""

    def _on_choice(self, _checked: bool) -> None:
        self._fields.setVisible(self.passphrase.isChecked())
        self._on_typed()

    def _on_typed(self) -> None:
        typed = self.passphrase.isChecked() and self.second_field.text
        fault = self._fault() if typed else ""
        self.said.say(fault, "warn") if fault else self.said.clear()
        self.changed.emit()

    def _choose_folder(self) -> None:
        self.chooser = QFileDialog(self, _("Folder"), str(self.session.root.parent))
        self.chooser.setFileMode(QFileDialog.FileMode.Directory)
        self.chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self.chooser.fileSelected.connect(self.use_folder)
        self.chooser.open()

    def use_folder(self, path: str) -> None:
        """Make the home there; a folder with other things in it gets one of its own inside."""
        chosen = Path(path)
        if (chosen / "home.json").exists():
            self.session.other_home.emit(chosen)
            return
        if chosen.is_dir() and any(chosen.iterdir()):
            chosen /= "workstation"
        self.session.start_over(chosen)
        self.folder.set_full_text(str(chosen))
        self.said.clear()
        self.changed.emit()

    def _on_begun(self, beginning: Beginning) -> None:
        self._work(False)
        self.said.clear()
        self.session.begun(beginning, self._chosen())
        self.go_on.emit()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._work(False)
        self.said.problem(problem)
        if self.keyring.isChecked():
            self.passphrase.setFocus()

    def _work(self, working: bool) -> None:
        self._working = working
        self.changed.emit()
