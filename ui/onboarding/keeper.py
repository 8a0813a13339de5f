"""What opens a home at each start: the system's keyring, or a passphrase. Chosen for a new home and after recovery."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QRadioButton, QVBoxLayout, QWidget

from ui.onboarding.secret_field import SecretField
from ui.widgets.labels import label
from workstation.kernel.i18n import _

SHORTEST = 8
"""Characters of a passphrase a person chooses (NIST SP 800-63B, 5.1.1.1); the core refuses fewer."""


class KeeperChoice(QWidget):
    """The keyring is chosen already."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keyring = QRadioButton(_("The system's keyring (recommended)"))
        self.passphrase = QRadioButton(_("A passphrase that I type at each start"))
        self.first_field = SecretField(_("Passphrase"))
        self.second_field = SecretField(_("Passphrase again"))
        self.about = label(_(
            "Logging in to this computer is enough; there is nothing to remember."), "quiet", wrap=True)
        self._fields = QWidget()
        group = QButtonGroup(self)
        for choice in (self.keyring, self.passphrase):
            group.addButton(choice)
            choice.toggled.connect(self._on_choice)
        for field in (self.first_field, self.second_field):
            field.changed.connect(self.changed)
        self._lay_out()
        self.keyring.setChecked(True)

    @property
    def chosen(self) -> str | None:
        """The passphrase, or None for the keyring."""
        return self.first_field.text if self.passphrase.isChecked() else None

    @property
    def complete(self) -> bool:
        return self.keyring.isChecked() or not self._fault()

    @property
    def fault(self) -> str:
        """What is wrong with the passphrase, once both were typed."""
        return self._fault() if self.passphrase.isChecked() and self.second_field.text else ""

    def show_chosen(self, passphrase: str | None) -> None:
        (self.keyring if passphrase is None else self.passphrase).setChecked(True)
        for field in (self.first_field, self.second_field):
            field.set_text(passphrase or "")

    def forget(self) -> None:
        """Empty the fields."""
        for field in (self.first_field, self.second_field):
            field.clear()

    def first(self) -> QWidget:
        return self.keyring if self.keyring.isChecked() else self.passphrase

    def _lay_out(self) -> None:
        form = QFormLayout(self._fields)
        form.setContentsMargins(24, 4, 0, 0)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in (self.first_field, self.second_field):
            field.setMaximumWidth(420)
            form.addRow(label(field.name, "quiet"), field)
        self.about.setContentsMargins(24, 0, 0, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.keyring, self.about, self.passphrase, self._fields):
            column.addWidget(part)
        self._fields.hide()

    def _fault(self) -> str:
        if len(self.first_field.text.strip()) < SHORTEST:
            return _("At least {n} characters; four unrelated words are good.").format(n=SHORTEST)
        if self.first_field.text != self.second_field.text:
            return _("The two are not the same.")
        return ""

    def _on_choice(self, _checked: bool) -> None:
        self._fields.setVisible(self.passphrase.isChecked())
        self.changed.emit()
