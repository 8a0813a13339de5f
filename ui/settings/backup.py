"""Backing up: when it was last done and where, a folder to choose, how far it is, and what came of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge, Call
from ui.widgets import timetext
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from ui.widgets.screen import open_within
from ui.widgets.timetext import number
from workstation.api import BACKUP_JOB, BackupDone, BackupState, Core, Progress
from workstation.kernel.errors import Unsupported, WorkstationError
from workstation.kernel.i18n import _, ngettext


class BackupDialog(QDialog):
    """Closing it stops a backup that runs; the earlier one stays then. Opened with `.open()`."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Back up"))
        self._bridge = bridge
        self._call: Call | None = None
        self._folder: Path | None = None
        self.chooser: QFileDialog | None = None
        self.last = label(wrap=True)
        self.summary = label(wrap=True)
        self.progress = ProgressLine(percent=True)
        self.again_button = QPushButton()
        self.folder_button = QPushButton(_("Choose a &folder…"))
        self._lay_out()
        self.again_button.clicked.connect(self._on_again)
        self.folder_button.clicked.connect(self._on_choose)
        self.progress.cancelled.connect(self.stop)
        self.again_button.hide()
        bridge.call(_state, self._on_state, self, replaces="state")

    @property
    def busy(self) -> bool:
        return self._call is not None

    def begin(self, folder: Path) -> None:
        """Back the home up into this folder."""
        self._folder = folder
        set_role(self.summary, "")
        self.summary.setText(_("You can go on working meanwhile."))
        self.progress.start(_("Backing up"))
        self._work(True)
        command = partial(_back_up, folder, self._bridge.progress(self.progress.set_progress))
        self._call = self._bridge.call(command, self._on_done, self, self._on_problem)

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._call is not None:
            self._call.cancel()
            self._bridge.call(_stop, _nothing, self)
            self._end(_("Stopped. An earlier backup in this folder is as it was."))

    def reject(self) -> None:
        self.stop()
        super().reject()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        for button in (self.again_button, self.folder_button):
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(_(
            "Everything is copied into a folder, encrypted as it is here: best on another disk. Whoever has the "
            "recovery key can restore it on any computer. Into the same folder again only what is new is copied."),
            "quiet", wrap=True))
        for part in (self.last, self.summary, self.progress):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(buttons)
        open_within(self, 560, 240)

    def _on_state(self, state: BackupState) -> None:
        self.last.setText(last_words(state))
        if state.place:
            self._folder = Path(state.place)
            self.again_button.setText(_("&Again into {name}").format(name=self._folder.name))
            self.again_button.setToolTip(state.place)
            self.again_button.show()

    def _on_again(self) -> None:
        if self._folder is not None:
            self.begin(self._folder)

    def _on_choose(self) -> None:
        chooser = QFileDialog(self, _("Back up into"), str(self._folder.parent) if self._folder else "")
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        chooser.fileSelected.connect(self._on_folder)
        chooser.open()
        self.chooser = chooser

    def _on_folder(self, path: str) -> None:
        self.begin(Path(path))

    def _on_done(self, done: BackupDone) -> None:
        words = _("Backed up into {folder}: {n} MB.").format(folder=done.folder, n=number(done.bytes // 1_000_000 + 1))
        if done.missing:
            n = len(done.missing)
            lacking = ngettext(
                "{n} file is missing in the home itself.", "{n} files are missing in the home itself.", n)
            words += " " + lacking.format(n=number(n))
        self._end(words)
        self._bridge.call(_state, self._on_state, self, replaces="state")

    def _on_problem(self, problem: WorkstationError) -> None:
        self._end(str(problem))
        set_role(self.summary, "error")

    def _end(self, words: str) -> None:
        self._call = None
        self.progress.stop()
        self._work(False)
        self.summary.setText(words)
        a11y.announce(self.summary, words)

    def _work(self, working: bool) -> None:
        for button in (self.again_button, self.folder_button):
            button.setEnabled(not working)


def last_words(state: BackupState) -> str:
    """When the home was last backed up, for a quiet line."""
    if not state.last_at:
        return _("Not backed up yet.")
    return _("Last backed up {day} into {place}.").format(day=timetext.moment(state.last_at), place=state.place)


def _nothing(_answer: None) -> None:
    return


async def _state(core: Core) -> BackupState:
    return BackupState(0, "") if core.store is None else await core.store.backup_state()


async def _back_up(folder: Path, progress: Progress, core: Core) -> BackupDone:
    if core.store is None:
        raise Unsupported(_("This home cannot be backed up from here."), _("Use workstation store backup."))
    return await core.store.back_up(folder, progress)


async def _stop(core: Core) -> None:
    core.jobs.cancel(BACKUP_JOB)
