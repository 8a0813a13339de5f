"""The window of a case's binder: exhibits at the left, the claims desk at the right, the pack at the bottom.

A window of its own, so that the conversation can be read beside it; nothing in it stops the other one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import result, words
from ui.binder.adding import Adding, Kept
from ui.binder.capturing import RegionTaking
from ui.binder.desk_page import DeskPage
from ui.binder.edits import History
from ui.binder.keeping import KeepDialog
from ui.binder.pane import ExhibitsPane
from ui.binder.presenter import BinderPresenter
from ui.binder.translating import TranslationDialog
from ui.binder.words import Step
from ui.bridge import Bridge
from ui.conversation.pieces import StateLine
from ui.conversation.texts import isolated
from ui.evidence.viewer import RecordWindow
from ui.shell.walking import walk
from ui.widgets.labels import ElidedLabel, rule
from ui.widgets.progress import ProgressLine
from ui.widgets.splitter import Splitter
from workstation.domain.events import ConnectivityChanged
from workstation.evidence.claims.model import CORRESPONDENCE, CompileReport, Exhibit
from workstation.evidence.model import RecordView
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

SIZE = 1_180, 760
NOTE_MS = 8_000
"""So long it is said what came of the last thing."""


class BinderWindow(QDialog):
    """Everything of one case that may become a pack. What comes in for a requirement is assigned to it."""

    def __init__(
        self, bridge: Bridge, case_id: str, parent: QWidget | None = None, clock: Clock | None = None,
        history: History | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.case_id = case_id
        clock = clock or SystemClock()
        self._bridge = bridge
        self.presenter = BinderPresenter(bridge, case_id, self, history)
        self.adding = Adding(bridge, case_id, self)
        self.taking = RegionTaking(bridge, case_id, self)
        self.title = ElidedLabel(role="title")
        self.title.setParent(self)             # above the others: it is read first
        self.split = Splitter(parent=self)
        self.pane = ExhibitsPane(self.presenter, clock, self.split)
        self.right = QStackedWidget(self.split)
        self.page = DeskPage(self.presenter, clock, self.right)
        self.sheet = result.ResultSheet(self.right)
        self.said, self.offline = StateLine(), StateLine()
        self.progress = ProgressLine()
        self.compile_button = QPushButton(_("Make the pack…"))
        self.record: RecordWindow | None = None
        self.keeping: KeepDialog | None = None
        self.chooser: QFileDialog | None = None
        self.translation: TranslationDialog | None = None
        self._clock = clock
        self._slot = ""
        self._note = "pass", ""
        self._noting = QTimer(self, singleShot=True, interval=NOTE_MS)
        self._noting.timeout.connect(self._forget_note)
        self._lay_out()
        self._wire()
        self._show()

    # building

    def _lay_out(self) -> None:
        self.right.addWidget(self.page)
        self.right.addWidget(self.sheet)
        split = self.split
        split.addWidget(self.pane)
        split.addWidget(self.right)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        self.pane.setMinimumWidth(320)
        self.right.setMinimumWidth(320)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.addWidget(self.title, 1)
        self.compile_button.setProperty("role", "primary")
        self.compile_button.setAutoDefault(False)
        foot, told = QHBoxLayout(), QVBoxLayout()
        told.setSpacing(4)
        for part in (self.progress, self.offline, self.said):
            told.addWidget(part)
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(12)
        foot.addLayout(told, 1)
        foot.addWidget(self.compile_button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(rule())
        column.addWidget(split, 1)
        column.addWidget(rule())
        column.addLayout(foot)
        self.resize(*SIZE)
        split.setSizes([540, 640])

    def _wire(self) -> None:
        presenter, pane, page, adding = self.presenter, self.pane, self.page, self.adding
        presenter.changed.connect(self._show)
        presenter.opened.connect(self._on_opened)
        presenter.compiled.connect(self._on_compiled)
        presenter.progressed.connect(self.progress.set_progress)
        self.progress.cancelled.connect(presenter.cancel)
        pane.files_wanted.connect(self.choose_files)
        pane.paste_wanted.connect(self.paste)
        pane.keep_wanted.connect(self.keep)
        pane.capture_wanted.connect(self.capture)
        pane.translation_wanted.connect(self.translate)
        page.wanted.connect(self._on_wanted)
        page.pointed.connect(pane.show_exhibits)
        page.copied.connect(self._on_copied)
        self.sheet.copied.connect(self._on_copied)
        self.sheet.left.connect(self._to_page)
        self.sheet.folder_wanted.connect(_show_folder)
        adding.began.connect(self._on_adding)
        adding.progressed.connect(self.progress.set_progress)
        adding.added.connect(self._on_added)
        self.taking.taken.connect(self._on_taken)
        self.taking.failed.connect(self._on_not_taken)
        self.compile_button.clicked.connect(self.choose_target)
        self.said.pressed.connect(self.choose_target)
        self._bridge.connectivity_changed.connect(self._on_connectivity)
        for keys, slot in (("Ctrl+Z", presenter.undo), ("Ctrl+Shift+Z", presenter.redo), ("Ctrl+Y", presenter.redo),
                           ("F6", self._walk_on), ("Shift+F6", self._walk_back), ("Ctrl+Return", self.choose_target)):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    # showing

    def _show(self) -> None:
        presenter = self.presenter
        row = presenter.loaded.row if presenter.loaded is not None else None
        name = f"{isolated(row.who)} · {isolated(row.subject)}" if row is not None else ""
        self.title.set_full_text(_("Case binder: {case}").format(case=name) if name else _("Case binder"))
        self.setWindowTitle(self.title.full_text)
        if presenter.compiling:
            if self.progress.isHidden():
                self.progress.start(_("Making the pack…"))
        else:
            self.progress.stop()
        self.compile_button.setEnabled(presenter.desk is not None and not presenter.compiling)
        self.compile_button.setToolTip("" if presenter.desk is not None else _("Choose a claims desk first."))
        self._show_said()

    def _show_said(self) -> None:
        """What went wrong last, what came of the last thing; else what the pack would still lack."""
        presenter = self.presenter
        if presenter.trouble:
            again = _("Choose another place…") if presenter.uncompiled else ""
            self.said.say("fail" if not presenter.cancelled else "warn", presenter.trouble, again)
            return
        if self._note[1]:
            self.said.say(*self._note)
            return
        missing = words.required_missing(presenter.binder.marks) if presenter.binder is not None else 0
        text = ngettext("{n} required thing is still missing.", "{n} required things are still missing.", missing)
        self.said.say("missing" if missing else "pass", text.format(n=missing) if missing else "")

    def _say(self, state: str, text: str) -> None:
        """What came of something, seen and heard, for a while."""
        self.presenter.trouble = ""
        self._note = state, text
        self._noting.start()
        self._show_said()
        a11y.announce(self, text)

    def _forget_note(self) -> None:
        self._note = "pass", ""
        self._show_said()

    # more comes in

    @Slot()
    def capture(self) -> None:
        """A region of the screen joins the case."""
        self._slot = ""
        self.taking.take()

    @Slot()
    def choose_files(self) -> None:
        """Files of this computer join the case."""
        self._slot = ""
        chooser = self.chooser = QFileDialog(self, _("Add files"))
        chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.filesSelected.connect(self._on_files)
        chooser.open()

    @Slot()
    def paste(self) -> None:
        """Files or a picture from the clipboard join the case."""
        self._slot = ""
        held = QGuiApplication.clipboard().mimeData()
        if held is None or not self.adding.pasted(held):
            self._say("warn", _("There is no picture and no file in the clipboard."))

    @Slot()
    def keep(self) -> None:
        """Choose attachments of the conversation."""
        self._slot = ""
        known = [(one.title, one.size) for one in self.presenter.exhibits]
        self.keeping = KeepDialog(self.adding, known, self, self._clock)
        self.keeping.open()

    @Slot(object)
    def translate(self, exhibit: Exhibit) -> None:
        """Write what an exhibit says in another language."""
        self.translation = TranslationDialog(self._bridge, exhibit, self)
        self.translation.answered.connect(partial(self.presenter.translate, exhibit.record_id))
        self.translation.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._slot = ""
        if self.adding.pasted(event.mimeData()):
            event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):   # a dialog would press some button
            super().keyPressEvent(event)

    # the pack

    @Slot()
    def choose_target(self) -> None:
        """Choose where the pack goes, then make it."""
        desk = self.presenter.desk
        if desk is None or self.presenter.compiling:
            return
        self.page.keep()
        chooser = self.chooser = QFileDialog(self, _("Make the pack for {desk}").format(desk=desk.title))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.setNameFilters([_("One zip file (*.zip)"), _("A folder (*)")])
        chooser.setDefaultSuffix("zip")
        chooser.filterSelected.connect(self._on_filter)
        chooser.selectFile(f"{desk.id}-{datetime.fromtimestamp(self._clock.now() / 1_000, UTC):%Y-%m-%d}.zip")
        chooser.fileSelected.connect(self._on_target)
        chooser.open()

    def _on_filter(self, chosen: str) -> None:
        if self.chooser is not None:
            self.chooser.setDefaultSuffix("zip" if "zip" in chosen else "")

    def _on_target(self, name: str) -> None:
        self.presenter.compile(Path(name))

    @Slot(object)
    def _on_compiled(self, report: CompileReport) -> None:
        self.sheet.show_report(report, result.titles(words.numbered(self.presenter.exhibits)))
        self.right.setCurrentWidget(self.sheet)
        self.compile_button.hide()
        self.sheet.folder.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _to_page(self) -> None:
        self.right.setCurrentWidget(self.page)
        self.compile_button.show()
        self.pane.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # what happens

    @Slot(object, str)
    def _on_wanted(self, step: Step, slot: str) -> None:
        """The next thing for a requirement; what comes in then stands for it."""
        if step is Step.FETCH:
            self.presenter.fetch()
        elif step is Step.INCLUDE:
            self.presenter.include((CORRESPONDENCE,), True)
        else:
            {Step.CAPTURE: self.capture, Step.KEEP: self.keep, Step.FILE: self.choose_files}[step]()
            self._slot = slot

    def _on_files(self, names: list[str]) -> None:
        self.adding.files([Path(name) for name in names])

    def _on_adding(self) -> None:
        self.progress.start(_("Keeping…"))

    @Slot(object)
    def _on_taken(self, record: RecordView) -> None:
        self._on_added(Kept((record.id,), ()))

    @Slot(object)
    def _on_not_taken(self, problem: WorkstationError) -> None:
        self._on_added(Kept((), (str(problem),)))

    @Slot(object)
    def _on_added(self, kept: Kept) -> None:
        self.progress.stop()
        self.presenter.reload()
        if self._slot:
            self.presenter.assign(kept.ids, self._slot)
        self._say("warn" if kept.problems else "pass", kept.sentence)

    @Slot(object)
    def _on_opened(self, record: RecordView) -> None:
        self.record = RecordWindow(self._bridge, record, self)
        self.record.show()

    @Slot(str, str)
    def _on_copied(self, title: str, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._say("pass", _("{what} is copied.").format(what=title))

    @Slot(object)
    def _on_connectivity(self, event: ConnectivityChanged) -> None:
        text = "" if event.online else _("No network: the values are the last that were known.")
        self.offline.say("pending", text)

    def _walk_on(self) -> None:
        self._walk(1)

    def _walk_back(self) -> None:
        self._walk(-1)

    def _walk(self, step: int) -> None:
        right = self.page if self.right.currentWidget() is self.page else self.sheet
        walk(self, [self.pane, right, self.compile_button], step)

    def done(self, answer: int) -> None:
        """Escape, or the window's own button: what was written is kept first."""
        self.page.keep()
        super().done(answer)


def _show_folder(path: Path) -> None:
    """The folder it lies in, in the system's own file manager; the folder itself when it is one."""
    folder = path if path.is_dir() else path.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
