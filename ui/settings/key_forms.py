"""The three things a person does with keys in the settings: each a small form with a field, a button and an answer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.theme import fonts
from ui.widgets.labels import label, set_role
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.api import Core, NewRecovery

MOST = 4_096
"""Bytes read of a file that is said to hold a recovery key."""


class KeyForm(QWidget):
    """A form that asks the core once and says how it went."""

    done = Signal()

    def __init__(self, bridge: Bridge, title: str, about: str, button: str) -> None:
        super().__init__()
        self.bridge = bridge
        self.setAccessibleName(title)
        self.said = label(role="quiet", wrap=True)
        self.said.setAccessibleName(_("Answer"))
        self.busy = QProgressBar(maximum=0, textVisible=False)
        self.busy.setAccessibleName(_("Working"))
        self.busy.hide()
        self.go = QPushButton(button)
        self.go.clicked.connect(self.start)
        self.form = QFormLayout()
        self.form.setVerticalSpacing(8)
        self.form.setHorizontalSpacing(24)
        row = QHBoxLayout()
        row.addWidget(self.go)
        row.addWidget(self.busy)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label(about, "quiet", wrap=True))
        layout.addLayout(self.form)
        layout.addLayout(row)
        layout.addWidget(self.said)

    def start(self) -> None:
        raise NotImplementedError

    def field(self, name: str, *, secret: bool = False) -> QLineEdit:
        """One line with its name. Return presses the button."""
        line = QLineEdit()
        line.setAccessibleName(name)
        if secret:
            line.setEchoMode(QLineEdit.EchoMode.Password)
        line.returnPressed.connect(self.go.click)
        self.form.addRow(label(name, "quiet"), line)
        return line

    def work(self, on: bool) -> None:
        self.go.setEnabled(not on)
        self.busy.setVisible(on)

    def say(self, text: str, role: str = "quiet") -> None:
        self.work(False)
        set_role(self.said, role)
        self.said.setText(text)

    def fail(self, problem: WorkstationError) -> None:
        self.say(f"{problem.sentence} {problem.remedy}".strip(), "error")

    def empty(self) -> None:
        """Nothing typed stays in a field that is not looked at."""
        for line in self.findChildren(QLineEdit):
            line.clear()


class PassphraseForm(KeyForm):
    """Another passphrase for a home that one opens."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, _("Change the passphrase"), _(
            "The old passphrase stops working at once. The recovery key stays as it is."), _("Change the passphrase"))
        self.old = self.field(_("Passphrase of now"), secret=True)
        self.new = self.field(_("New passphrase"), secret=True)
        self.again = self.field(_("New passphrase again"), secret=True)

    def start(self) -> None:
        old, new = self.old.text(), self.new.text()
        if new != self.again.text():
            self.say(_("The two new passphrases differ; nothing was changed. Type them again."), "error")
            self.again.setFocus()
            return
        self.work(True)
        self.bridge.call(partial(_change, old, new), self._on_changed, self, self.fail)

    def _on_changed(self, _none: None) -> None:
        self.empty()
        self.say(_("The new passphrase opens the home from now on."))
        self.done.emit()


class CheckForm(KeyForm):
    """Proof that the copy a person kept of the recovery key still opens the home."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, _("Check the recovery key"), _(
            "Type it from your copy, or choose its file. Nothing is changed and nothing is kept."), _("Check"))
        self.key = self.field(_("Recovery key"), secret=True)
        self.choose = QPushButton(_("Choose its file…"))
        self.choose.clicked.connect(self._choose)
        self.choose.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.form.addRow("", self.choose)

    def start(self) -> None:
        self._check(self.key.text())

    def read(self, name: str) -> None:
        """Check the key in a file."""
        try:
            with Path(name).open("rb") as file:
                text = file.read(MOST).decode("utf-8", "replace")
        except OSError:
            self.fail(InputError(_("The file could not be read."), _("Choose the file you saved the key to.")))
            return
        self._check(text)

    def _check(self, text: str) -> None:
        self.work(True)
        self.bridge.call(partial(_prove, text), self._on_proved, self, self.fail)

    def _on_proved(self, _none: None) -> None:
        self.empty()
        self.say(_("This recovery key opens your home. Keep it away from this computer."))
        self.done.emit()

    def _choose(self) -> None:
        chooser = QFileDialog(self, _("The recovery key's file"))
        chooser.fileSelected.connect(self.read)
        chooser.open()


class RenewForm(KeyForm):
    """A new recovery key: shown, saved or copied by hand, typed again, and only then the old one's successor."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, _("New recovery key"), _(
            "For a copy that was lost or seen by others. The old key opens nothing any more once the new one is proved."
        ), _("Make a new key"))
        self.shown = label(wrap=True)
        self.shown.setFont(fonts.fixed(fonts.TITLE))
        self.shown.setAccessibleName(_("The new recovery key"))
        self.form.addRow(self.shown)
        self.save = QPushButton(_("Save to a file…"))
        self.save.clicked.connect(self._choose)
        self.save.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.form.addRow("", self.save)
        self.proof = self.field(_("Type it again"))
        self._renewal: NewRecovery | None = None
        self._saved: Path | None = None
        self._kept = False
        self._show(False)

    def start(self) -> None:
        self.work(True)
        if self._renewal is None:
            self.bridge.call(_renew, self._on_made, self, self.fail)
            return
        self.bridge.call(partial(_finish, self._renewal, self._saved, self.proof.text()), self._on_kept, self,
                         self.fail)

    def save_to(self, name: str) -> None:
        """Write the key to a new file; that file proves it then."""
        if self._renewal is not None:
            self.work(True)
            self.bridge.call(partial(_save, self._renewal, Path(name)), self._on_saved, self, self.fail)

    def give_up(self) -> None:
        """Forget a key that was not proved, with the file it is in. The old one stays."""
        if self._renewal is not None and not self._kept:
            self.bridge.call(partial(_abandon, self._renewal), _nothing, self.bridge)
        self._renewal, self._saved, self._kept = None, None, False
        self._show(False)
        self.empty()
        self.say("")

    def _on_made(self, renewal: NewRecovery) -> None:
        self._renewal = renewal
        self._show(True)
        self.say(_("The old key still works. Save this one, or write it down and type it again."))
        self.save.setFocus()

    def _on_saved(self, path: Path) -> None:
        self._saved = path
        self.say(_("Saved and read back: {file}. Press the button to let it take the old key's place.").format(
            file=path.name))
        self.go.setFocus()

    def _on_kept(self, _none: None) -> None:
        self._kept = True
        self.give_up()
        self.say(_("The new recovery key opens your home, the old one does not. Destroy the old copy."))
        self.done.emit()

    def _show(self, on: bool) -> None:
        self.shown.setText(self._renewal.recovery if self._renewal is not None else "")
        for widget in (self.shown, self.save, self.proof):
            self.form.setRowVisible(widget, on)
        self.go.setText(_("Use the new key") if on else _("Make a new key"))

    def _choose(self) -> None:
        chooser = QFileDialog(self, _("Save the new recovery key"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self.save_to)
        chooser.open()


async def _change(old: str, new: str, core: Core) -> None:
    if core.keys is not None:
        await core.keys.change_passphrase(old, new)


async def _prove(text: str, core: Core) -> None:
    if core.keys is not None:
        await core.keys.check_recovery(text)


async def _renew(core: Core) -> NewRecovery:
    if core.keys is None:
        raise InputError(_("The keys of this home cannot be changed here."), _("Use workstation key."))
    return await core.keys.renew_recovery()


async def _save(renewal: NewRecovery, path: Path, _core: Core) -> Path:
    await renewal.save_to(path)
    return path


async def _abandon(renewal: NewRecovery, _core: Core) -> None:
    await renewal.abandon()


def _nothing(_none: None) -> None:
    """Nobody waits for it."""


async def _finish(renewal: NewRecovery, saved: Path | None, typed: str, _core: Core) -> None:
    await renewal.finish(renewal.recovery if saved is not None and not typed.strip() else typed)
