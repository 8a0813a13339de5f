"""Where the home is and what opens it: the system's keyring, or a passphrase typed at each start."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from ui.onboarding.keeper import KeeperChoice
from ui.onboarding.page import Page, Said
from ui.onboarding.session import Session
from ui.widgets.labels import ElidedLabel, label
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home as Place

if TYPE_CHECKING:
    from ui.onboarding.door import Beginning


class HomePage(Page):
    """Next begins the home: the keyring is tried, the keys are made, and nothing is stored yet."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Where your data is kept"), _(
            "Mail, orders and proofs are stored on this computer in one folder, encrypted. What you choose here opens "
            "that folder at each start."))
        self.keeper = KeeperChoice()
        self.folder = ElidedLabel(str(session.root))
        self.folder_button = QPushButton(_("Choose another &folder…"))
        self.said = Said()
        self.chooser: QFileDialog | None = None
        self._working = False
        self._lay_out()
        self._wire()

    @property
    def ready(self) -> bool:
        return not self._working and (self._made or self.keeper.complete)

    @property
    def busy(self) -> bool:
        return self._working

    @property
    def _made(self) -> bool:
        return self.session.settings is not None

    def first(self) -> QWidget | None:
        return None if self._made else self.keeper.first()

    def proceed(self) -> bool:
        if self._made or self._begun():
            return True
        door = self.session.door
        if door is None:
            return True
        self._work(True)
        self.said.say(_("Making the keys…"), "pending")
        work = partial(door.begin, self.session.root, self.keeper.chosen)
        self.session.background.run(work, self._on_begun, self._on_problem, self)
        return False

    def _lay_out(self) -> None:
        self.body.addWidget(label(_("What opens it"), "title"))
        self.body.addWidget(self.keeper)
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
        self.folder.setAccessibleDescription(_("Folder"))
        known, blocked = self.session.passphrase, self.session.no_keyring
        self.keeper.show_chosen("" if known is None and blocked else known)
        if blocked:
            self.said.say(blocked, "warn")
        self.keeper.changed.connect(self._on_typed)
        self.folder_button.clicked.connect(self._choose_folder)
        for part in (self.keeper, self.folder_button):
            part.setEnabled(not self._made)
        if self._made:
            self.said.say(_("Your home is made. Its folder stays where it is."), "pass")

    def enter(self) -> None:
        made = self._made
        for part in (self.keeper, self.folder_button):
            part.setEnabled(not made)
        if made:
            self.keeper.forget()
            self.said.say(_("Your home is made. Its folder stays where it is."), "pass")

    def _begun(self) -> bool:
        """What was begun before with the same choices is gone on with: its recovery key may be written down already."""
        return self.session.beginning is not None and self.session.passphrase == self.keeper.chosen

    def _on_typed(self) -> None:
        fault = self.keeper.fault
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
        if Place(chosen).description.exists():
            self.session.other_home.emit(chosen)
            return
        self.session.start_over(own_folder(chosen))
        self.folder.set_full_text(str(self.session.root))
        self.said.clear()
        self.changed.emit()

    def _on_begun(self, beginning: Beginning) -> None:
        self._work(False)
        self.said.clear()
        self.session.begun(beginning, self.keeper.chosen)
        self.go_on.emit()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._work(False)
        self.said.say(_("{what} Choose a passphrase instead, or start the keyring and try again.").format(
            what=problem.sentence) if self.keeper.chosen is None else str(problem), "fail")

    def _work(self, working: bool) -> None:
        self._working = working
        self.changed.emit()


def own_folder(chosen: Path) -> Path:
    """The folder itself when it is empty or new, otherwise one inside it."""
    try:
        full = chosen.is_dir() and any(chosen.iterdir())
    except OSError:
        full = False
    return chosen / "workstation" if full else chosen
