"""A backup becomes a home: its folder, what opens it, where the new home goes and what opens that from then on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from ui.onboarding.folder_row import FolderRow
from ui.onboarding.home_page import own_folder
from ui.onboarding.keeper import KeeperChoice
from ui.onboarding.recovery_field import RecoveryField
from ui.onboarding.rescue_page import RescuePage
from ui.onboarding.secret_field import SecretField
from ui.widgets import timetext
from ui.widgets.labels import label
from workstation.kernel.errors import WorkstationError, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home as Place

if TYPE_CHECKING:
    from ui.onboarding.background import Background
    from ui.onboarding.door import Door, Found


class RestorePage(RescuePage):
    """`root` is where the home goes unless the person chooses another folder."""

    def __init__(self, door: Door, background: Background, root: Path) -> None:
        super().__init__(
            background, _("Restore a backup"), _(
                "The backup is checked as a whole while it is copied; what is wrong with it is said, and nothing is "
                "changed then. The backup itself stays as it is."), _("&Restore"))
        self._door = door
        self._found: Found | None = None
        self.backup = FolderRow(_("Folder of the backup"), _("Choose the &backup…"), _("None chosen yet"))
        self.target = FolderRow(_("Folder of the new home"), _("Choose another &folder…"))
        self.by_recovery = QRadioButton(_("Its recovery key"))
        self.by_old = QRadioButton(_("The passphrase of the home it is of"))
        self.recovery = RecoveryField()
        self.old = SecretField(_("Passphrase of the backup"))
        self.keeper = KeeperChoice()
        self.about_backup = label(role="quiet", wrap=True)
        self.about_target = label(role="quiet", wrap=True)
        self.target.show_folder(root)
        self._lay_out_fields()
        self._wire()
        self._choose_way()
        self.judge()

    @property
    def ready(self) -> bool:
        opens = self.recovery.complete if self.by_recovery.isChecked() else self._by_keyring or bool(self.old.text)
        return self._found is not None and opens and self.keeper.complete

    def focus(self) -> None:
        first: QWidget = self.backup.button
        if self._found is not None:
            first = self.recovery if self.by_recovery.isChecked() else self.by_old if self._by_keyring else self.old
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        backup, root = self.backup.folder, self.target.folder
        if backup is None or root is None:
            return
        recovery = self.recovery.text if self.by_recovery.isChecked() else ""
        old = self.old.text if self.by_old.isChecked() else ""
        self.run(_("Checking and copying"),
                 partial(self._door.restore, backup, root, recovery, old, self.keeper.chosen))

    @property
    def _by_keyring(self) -> bool:
        """The home it is of was kept by a keyring, perhaps this computer's."""
        return self._found is not None and not self._found.passphrase

    def _lay_out_fields(self) -> None:
        column = QVBoxLayout(self.fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(_("Backup"), "title"))
        column.addWidget(self.backup)
        column.addWidget(self.about_backup)
        column.addSpacing(6)
        column.addWidget(label(_("What opens the backup"), "title"))
        for part in (self.by_recovery, self.recovery, self.by_old, self.old):
            column.addWidget(part)
        for part in (self.recovery, self.old):
            part.setContentsMargins(24, 0, 0, 0)
        column.addSpacing(6)
        column.addWidget(label(_("What opens the new home from then on"), "title"))
        column.addWidget(self.keeper)
        column.addSpacing(6)
        column.addWidget(label(_("Folder of the new home"), "title"))
        column.addWidget(self.target)
        column.addWidget(self.about_target)
        self.about_backup.hide()

    def _wire(self) -> None:
        group = QButtonGroup(self)
        for choice in (self.by_recovery, self.by_old):
            group.addButton(choice)
            choice.toggled.connect(self._choose_way)
        self.by_recovery.setChecked(True)
        self.backup.chosen.connect(self._look)
        self.target.chosen.connect(self._on_target)
        self.recovery.changed.connect(self._on_typed)
        self.recovery.refused.connect(self.said.problem)
        self.old.changed.connect(self._on_typed)
        self.keeper.changed.connect(self._on_typed)
        self._tell_target()

    def _look(self, folder: Path) -> None:
        """What the chosen folder says of itself; anything else than a backup is said at once."""
        self._found = None
        self.about_backup.hide()
        self.judge()
        self._background.run(partial(self._door.look, folder), self._on_found, self._on_no_backup, self)

    def _on_found(self, found: Found) -> None:
        self._found = found
        self.about_backup.setText(_("Made {moment}, {size}.").format(
            moment=timetext.moment(found.made_at), size=timetext.size(found.bytes)))
        self.about_backup.show()
        self.by_old.setText(_("The passphrase of the home it is of") if found.passphrase
                            else _("This computer's keyring, if the home was here"))
        self.said.clear()
        self._choose_way()
        self.focus()

    def _on_no_backup(self, problem: WorkstationError) -> None:
        self.said.problem(problem)
        self.backup.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_way(self, _checked: bool = False) -> None:
        for choice in (self.by_recovery, self.by_old):   # Tab comes to the chosen one; the arrows choose
            choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus if choice.isChecked() else Qt.FocusPolicy.ClickFocus)
        self.recovery.setVisible(self.by_recovery.isChecked())
        self.old.setVisible(self.by_old.isChecked() and not self._by_keyring)
        self._on_typed()

    def _on_target(self, folder: Path) -> None:
        self.target.show_folder(own_folder(folder) if not Place(folder).description.exists() else folder)
        self._tell_target()

    def _tell_target(self) -> None:
        """A home that is there already is not written over."""
        folder = self.target.folder
        there = folder is not None and Place(folder).description.exists()
        self.about_target.setText(_(
            "There is a home in this folder. It is renamed and kept as it is; the restored one takes its place."))
        self.about_target.setVisible(there)

    def _on_typed(self) -> None:
        if self.busy:
            return
        words, mark = self.recovery.fault if self.by_recovery.isChecked() else ("", "")
        if not words and self.keeper.fault:
            words, mark = self.keeper.fault, "warn"
        self.said.say(words, mark) if words else self.said.clear()
        self.judge()

    def refused(self, problem: WorkstationError) -> None:
        """A key that does not fit is told in words of this page; the failure's own are for a home that is there."""
        if isinstance(problem, WrongKey):
            self.said.say(_("This does not open the backup. Look at each group, or take the key of the home that the "
                            "backup is of."), "fail")
            self.focus()
        else:
            super().refused(problem)
