"""Importing mail or orders: progress that can be stopped, then a report that lists what could not be used, and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge, Call
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from ui.widgets.screen import open_within
from ui.widgets.timetext import number
from workstation.api import Core, Progress
from workstation.inbox.model import BadItem, ImportReport
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.orders.model import BadRow, OrderImportReport

Report = ImportReport | OrderImportReport
Importer = Callable[[Core, Path, Progress], Awaitable[Report]]
LISTED = 2_000


async def import_mail(core: Core, path: Path, progress: Progress) -> Report:
    return await core.inbox.import_mail(path, progress)


async def import_orders(core: Core, path: Path, progress: Progress) -> Report:
    return await core.orders.import_file(path, progress)


class MailChooser(QDialog):
    """Mail lies in one file or in a folder of them; no system's file dialog offers both. Opened with `.open()`."""

    chosen = Signal(str)
    """The path of a file or folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Import mail"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.files: QFileDialog | None = None
        self.file_button = QPushButton(_("File…"))
        self.folder_button = QPushButton(_("Folder…"))
        self.file_button.clicked.connect(self._choose_file)
        self.folder_button.clicked.connect(self._choose_folder)
        ways = QGridLayout()
        ways.setHorizontalSpacing(16)
        ways.setVerticalSpacing(12)
        ways.setColumnStretch(0, 1)
        for at, (button, text) in enumerate((
            (self.file_button, _("One file: a mail (.eml) or an mbox")),
            (self.folder_button, _("A folder: a Maildir, or any folder with .eml and mbox files in it or below it")),
        )):
            button.setAccessibleName(text)
            ways.addWidget(label(text, wrap=True), at, 0)
            ways.addWidget(button, at, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(_("Mail is copied; the files stay as they are. What is here already is not doubled."),
                               "quiet", wrap=True))
        layout.addLayout(ways)
        layout.addStretch(1)
        layout.addWidget(buttons)
        open_within(self, 520, 220)

    def _choose_file(self) -> None:
        files = QFileDialog(self, self.windowTitle(), "", _("Mail (*.eml *.mbox *.mbx);;Every file (*)"))
        self._open(files, QFileDialog.FileMode.ExistingFile)

    def _choose_folder(self) -> None:
        files = QFileDialog(self, self.windowTitle())
        files.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(files, QFileDialog.FileMode.Directory)

    def _open(self, files: QFileDialog, mode: QFileDialog.FileMode) -> None:
        self.files = files
        files.setFileMode(mode)
        files.fileSelected.connect(self._on_chosen)
        files.open()

    def _on_chosen(self, path: str) -> None:
        self.chosen.emit(path)
        self.accept()


class ImportView(QWidget):
    """One import: progress that can be stopped, then the report. What was imported stays."""

    ended = Signal(object)
    """The report, or None when it was stopped or failed."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.summary = label(wrap=True)
        self.progress = ProgressLine()
        self.table = QTableWidget(0, 2)
        self._call: Call | None = None
        self.table.setHorizontalHeaderLabels([_("Where"), _("Why it was left out")])
        self.table.setAccessibleName(_("What could not be used"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.hide()
        self.progress.cancelled.connect(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.summary)
        layout.addWidget(self.progress)
        layout.addWidget(self.table, 1)

    @property
    def busy(self) -> bool:
        return self._call is not None

    def begin(self, path: Path, importer: Importer) -> None:
        """Import a file or folder."""
        self.stop()
        self.table.hide()
        set_role(self.summary, "")
        self.summary.setText(_("Reading {name}…").format(name=path.name))
        self.progress.start(path.name)
        command = partial(_run, importer, path, self._bridge.progress(self.progress.set_progress))
        self._call = self._bridge.call(command, self._on_report, self, self._on_problem)

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._call is not None:
            self._call.cancel()
            self._end(_("Stopped. What was imported until then is kept; importing again doubles nothing."))
            self.ended.emit(None)

    def bad_rows(self) -> list[tuple[str, str]]:
        """Where and why, as listed."""
        cells = [(self.table.item(row, 0), self.table.item(row, 1)) for row in range(self.table.rowCount())]
        return [(where.text(), why.text()) for where, why in cells if where and why]

    def _on_report(self, report: Report) -> None:
        self._end(sentence(report))
        self._list_bad(report)
        self.ended.emit(report)

    def _list_bad(self, report: Report) -> None:
        shown: Sequence[BadItem | BadRow] = report.bad[:LISTED]
        self.table.setRowCount(len(shown))
        for row, bad in enumerate(shown):
            self.table.setItem(row, 0, QTableWidgetItem(bad.where))
            self.table.setItem(row, 1, QTableWidgetItem(bad.why))
        self.table.resizeColumnToContents(0)
        self.table.setVisible(bool(shown))

    def _on_problem(self, problem: WorkstationError) -> None:
        self._end(str(problem))
        set_role(self.summary, "error")
        self.ended.emit(None)

    def _end(self, words: str) -> None:
        self._call = None
        self.progress.stop()
        self.summary.setText(words)
        a11y.announce(self.summary, words)


class ImportDialog(QDialog):
    """Begins at once; closing it stops the work. What was imported stays. Opened with `.open()`."""

    def __init__(
        self, bridge: Bridge, title: str, path: Path, importer: Importer, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = ImportView(bridge)
        self.summary, self.progress, self.table = self.view.summary, self.view.progress, self.view.table
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.view, 1)
        layout.addWidget(buttons)
        open_within(self, 560, 200)
        self.view.ended.connect(self._on_ended)
        self.view.begin(path, importer)

    def bad_rows(self) -> list[tuple[str, str]]:
        """Where and why, as listed."""
        return self.view.bad_rows()

    def _on_ended(self, report: Report | None) -> None:
        if report is not None and report.bad:
            self.resize(self.width(), 420)

    def reject(self) -> None:
        self.view.stop()
        super().reject()


def sentence(report: Report) -> str:
    """The report in words: "120 seen: 100 new, 18 updated, 2 could not be used."."""
    seen = ngettext("{n} seen", "{n} seen", report.seen).format(n=number(report.seen))
    parts = [_("{n} new").format(n=number(report.new)), _("{n} updated").format(n=number(report.updated))]
    parts += [_("{n} could not be used").format(n=number(len(report.bad)))] if report.bad else []
    return _("{seen}: {parts}.").format(seen=seen, parts=_(", ").join(parts))


async def _run(importer: Importer, path: Path, progress: Progress, core: Core) -> Report:
    return await importer(core, path, progress)
