"""The window before the inbox: the first steps, or what stands between a person and a home that is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.onboarding.assistant import Assistant
from ui.onboarding.session import Session
from ui.onboarding.steps import position
from ui.shell.qttexts import QtTexts
from ui.widgets.screen import open_within
from workstation.kernel import i18n
from workstation.kernel.errors import KeyringProblem, NoHome, PassphraseNeeded, WorkstationError, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home as Place

if TYPE_CHECKING:
    from ui.onboarding.background import Background
    from ui.onboarding.door import Door, Home
    from ui.onboarding.recover_page import RecoverPage
    from ui.onboarding.repair_page import RepairPage
    from ui.onboarding.rescue_page import RescuePage
    from ui.onboarding.sample import Sample
    from ui.widgets.empty import EmptyState


class Entry(QWidget):
    """One window for everything that comes before the inbox; it never shows one dialog over another."""

    home_made = Signal(object)
    """A Home the assistant made, or goes on with: it needs the core."""
    opened = Signal(object)
    """A Home that is ready for the inbox."""
    finished = Signal()
    """The assistant is left: show the inbox of the home that was made."""
    closed = Signal()

    def __init__(self, door: Door, root: Path, bridge: Bridge) -> None:
        super().__init__()
        self._door, self.root, self._bridge = door, root, bridge
        self.assistant: Assistant | None = None
        self.repair: RepairPage | None = None
        self.recover: RecoverPage | None = None
        self.rescue: RescuePage | None = None
        self.waiting: EmptyState | None = None
        self.chooser: QFileDialog | None = None
        self._passphrase: str | None = None
        self._copied: bool | None = None
        self._background: Background | None = None
        self._sample: Sample | None = None
        self._qt_texts = QtTexts(self)
        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.setMinimumSize(420, 420)
        open_within(self, 960, 720)
        self._name(_("Workstation"))

    # what is shown

    def show_problem(self, problem: WorkstationError) -> None:
        """Why the home does not open: the first steps where there is none, a page that helps otherwise."""
        if isinstance(problem, NoHome):
            self.begin(problem.sentence if isinstance(problem, KeyringProblem) else "")
            return
        from ui.onboarding.repair_page import RepairPage

        page = RepairPage(problem, str(self.root))
        page.chosen.connect(self._on_chosen)
        self._put(page)
        self.repair = page
        page.focus()

    def begin(self, no_keyring: str = "") -> None:
        """The first steps, from the beginning. `no_keyring`: why the system's keyring cannot keep the key."""
        session = Session(self._bridge, self.root, self._door, parent=self)
        session.no_keyring = no_keyring
        self._assist(session)

    def go_on(self, home: Home) -> None:
        """The first steps of a home that is made already, from where they stopped."""
        self._assist(Session(self._bridge, self.root, self._door, home.settings, self))
        self.home_made.emit(home)

    def say_problem(self, problem: WorkstationError) -> None:
        """A known failure nobody else handled."""
        if self.assistant is not None:
            self.assistant.say_problem(problem)
        else:
            self.show_problem(problem)

    @property
    def background(self) -> Background:
        from ui.onboarding.background import Background

        if self._background is None:
            self._background = Background(self)
        return self._background

    def _assist(self, session: Session) -> None:
        self.assistant = assistant = Assistant(session)
        session.said = assistant.say_problem
        session.home_made.connect(self.home_made)
        session.other_home.connect(self._use_folder)
        session.language_changed.connect(self._name_steps)
        assistant.finished.connect(self.finished)
        assistant.later.connect(self.finished)
        assistant.sample_asked.connect(self._show_sample)
        session.restore_asked.connect(self.show_restore)
        self._put(assistant)
        self._name_steps()

    def _put(self, page: QWidget) -> None:
        """Show a page and let go of the one before, unless the assistant waits behind it."""
        before = self._stack.currentWidget()
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        if before is None or before is page or before is self.assistant:
            return
        self._stack.removeWidget(before)
        self.repair = None if before is self.repair else self.repair
        self.recover = None if before is self.recover else self.recover
        self.rescue = None if before is self.rescue else self.rescue
        before.hide()
        before.deleteLater()

    def _name_steps(self) -> None:
        self._name(_("Workstation: first steps"))

    def _name(self, title: str) -> None:
        """The title, and what Qt says by itself (the dialogs for files and printing), in the interface's language."""
        self.setWindowTitle(title)
        self._qt_texts.use(i18n.language())

    # ways out of trouble

    def take(self, way: str) -> None:
        """Begin with this way out, which the window that ran before was asked for; "" for none."""
        if way in ("restore", "salvage"):
            self._on_chosen(way)

    def _on_chosen(self, way: str) -> None:
        ways: dict[str, Callable[[], None]] = {
            "unlock": self._unlock, "recover": self._show_recover, "retry": self._retry, "folder": self._choose_folder,
            "moved": partial(self._place, False), "copied": partial(self._place, True), "docs": self._show_guide,
            "quit": self._quit, "restore": self.show_restore, "salvage": self.show_salvage,
        }
        ways[way]()

    def _unlock(self) -> None:
        if self.repair is not None and self.repair.secret.text:
            self._passphrase = self.repair.secret.text
            if self._copied is not None:  # what a person said of a home in another place waits for its passphrase
                self._place(self._copied)
            else:
                self._try(partial(self._door.unlock, self.root, self._passphrase))

    def _retry(self) -> None:
        self._try(partial(self._door.open, self.root))

    def _place(self, copied: bool) -> None:
        self._copied = copied
        self._try(partial(self._door.place, self.root, self._passphrase, copied))

    def _try(self, work: Callable[[], Home]) -> None:
        if self.repair is not None:
            self.repair.work(True, _("Opening…"))
            self.background.run(work, self._on_opened, self._on_refused, self.repair)

    def _on_refused(self, problem: WorkstationError) -> None:
        page = self.repair
        same = page is not None and type(problem) is type(page.problem)
        mistyped = page is not None and page.asks_passphrase and isinstance(problem, WrongKey)
        if page is not None and (same or mistyped):
            page.again(problem)
        else:
            self.show_problem(problem)

    def _on_opened(self, home: Home) -> None:
        self._passphrase = None
        if position(home.settings) is not None:
            self.go_on(home)
        else:
            self.opened.emit(home)

    def _show_recover(self) -> None:
        from ui.onboarding.recover_page import RecoverPage

        before = self.repair.problem if self.repair is not None else None
        page = RecoverPage(copied=bool(self._copied))
        page.asked.connect(self._on_recovery)
        page.left.connect(partial(self._back_to, before))
        self._put(page)
        self.recover = page
        page.focus()

    def _back_to(self, problem: WorkstationError | None) -> None:
        self.show_problem(problem if problem is not None else PassphraseNeeded(_("Your home is closed.")))

    def _on_recovery(self, text: str) -> None:
        page = self.recover
        if page is not None:
            page.work(True, _("Opening…"))
            work = partial(self._door.recover, self.root, text, page.keeper.chosen, page.new_device)
            self.background.run(work, self._on_opened, page.again, page)

    # a backup, and what can be read of a damaged home

    def show_restore(self) -> None:
        """The page that makes a home of a backup."""
        from ui.onboarding.restore_page import RestorePage

        root = self.root if self.repair is not None or self.assistant is None else self.assistant.session.root
        self._rescue(RestorePage(self._door, self.background, root))

    def show_salvage(self) -> None:
        """The page that makes a home of what can be read of this one."""
        from ui.onboarding.salvage_page import SalvagePage

        self._rescue(SalvagePage(self._door, self.background, self.root))

    def _rescue(self, page: RescuePage) -> None:
        before = self.repair.problem if self.repair is not None else None
        page.opened.connect(self._on_rescued)
        page.left.connect(partial(self._leave_rescue, before))
        self._put(page)
        self.rescue = page
        page.focus()

    def _leave_rescue(self, before: WorkstationError | None) -> None:
        if before is None and self.assistant is not None:
            self._put(self.assistant)
            self.assistant.focus()
        else:
            self._back_to(before)

    def _on_rescued(self, home: Home) -> None:
        self.root = home.home.root
        self._on_opened(home)

    # folders, the guide, the sample

    def _choose_folder(self) -> None:
        self.chooser = QFileDialog(self, _("Folder"), str(self.root.parent))
        self.chooser.setFileMode(QFileDialog.FileMode.Directory)
        self.chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self.chooser.fileSelected.connect(self.use_folder)
        self.chooser.open()

    def use_folder(self, path: str) -> None:
        """Open the home in this folder, or begin one there."""
        self._use_folder(Path(path))

    def _use_folder(self, path: Path) -> None:
        from ui.onboarding.home_page import own_folder

        self.root = path if Place(path).description.exists() else own_folder(path)
        self._passphrase, self._copied = None, None
        owner: QWidget = self.repair or self.assistant or self
        self.background.run(partial(self._door.open, self.root), self._on_opened, self.show_problem, owner)

    def _show_guide(self) -> None:
        from ui.onboarding.guide import GuideDialog, guide

        path = guide()
        if path is not None:
            GuideDialog(path, self).open()
        elif self.repair is not None:
            self.repair.said.say(_("The guide was not installed with this program."), "warn")

    def _quit(self) -> None:
        self.close()

    def _show_sample(self) -> None:
        from ui.onboarding.sample import Sample
        from ui.widgets.empty import EmptyState

        if self._sample is None:
            self._sample = Sample(self)
            self._sample.ended.connect(self._on_sample_ended)
        self.waiting = EmptyState()
        self.waiting.show_state(
            _("The sample opens in a window of its own, with invented buyers, in a throw-away home. Nothing of it is "
              "mixed with yours, and all of it is deleted when its window is closed. Then you are back here."),
            _("Close the sample"), self._sample.stop, icon="inbox")
        self._put(self.waiting)
        self._sample.start()

    def _on_sample_ended(self, sentence: str) -> None:
        if self.assistant is not None:
            self._put(self.assistant)
            if sentence:
                self.assistant.say(sentence)
        self.raise_()
        self.activateWindow()

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.assistant is not None:
            self.assistant.stop()
            self.assistant.session.start_over(self.root)
        if self._sample is not None:
            self._sample.stop()
        if self.rescue is not None:
            self.rescue.stop()
        self._passphrase = None
        super().closeEvent(event)
        self.closed.emit()
