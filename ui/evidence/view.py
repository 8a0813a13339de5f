"""The strip of proof on a case: what was kept, how sure it is, and the keys to keep more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.binder.opening import BinderOpener
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.pieces import StateLine
from ui.evidence import words
from ui.evidence.capturing import Capturing
from ui.evidence.keeping import Keeping
from ui.evidence.personal import PersonalOpener
from ui.evidence.presenter import EvidencePresenter
from ui.evidence.viewer import RecordWindow
from ui.shell.actions import Actions
from ui.theme import current, fonts, icons
from ui.widgets.labels import label
from ui.widgets.progress import ProgressLine
from workstation.evidence.model import RecordView, VerifyReport
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _

THUMB = QSize(80, 50)
ROW_HEIGHT = 62
ROWS_AT_ONCE = 4
_RECORD = Qt.ItemDataRole.UserRole


def _blank() -> QIcon:
    """A sheet in the middle of a thumbnail's room, so that all rows begin at one line."""
    room = QPixmap(THUMB)
    room.fill(Qt.GlobalColor.transparent)
    painter = QPainter(room)
    sheet = icons.pixmap("file", current().text_quiet, icons.LARGE)
    painter.drawPixmap((THUMB.width() - sheet.width()) // 2, (THUMB.height() - sheet.height()) // 2, sheet)
    painter.end()
    return QIcon(room)


class RecordList(QListWidget):
    """Records as rows: thumbnail, title, time, marks. Enter opens one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Evidence of this case"))
        self.setIconSize(THUMB)
        self.setUniformItemSizes(True)
        self.setFont(fonts.font(fonts.CAPTION))
        self.setTabKeyNavigation(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.itemActivated.emit(item)
        else:
            super().keyPressEvent(event)


class EvidenceStrip(QWidget):
    """Records of one case, newest first, and how to capture, export and verify."""

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.presenter = EvidencePresenter(bridge, self)
        self.binder = BinderOpener(bridge, self)
        self.capturing = Capturing(bridge, self.presenter, actions, self)
        self.list = RecordList()
        self.keeping = Keeping(bridge, self.presenter, actions, self, self.list)
        self.personal = PersonalOpener(bridge, self.presenter, actions, self)
        self.result = StateLine()
        self.record: RecordWindow | None = None
        self._clock = clock or SystemClock()
        self._pictures: dict[str, QIcon] = {}
        self._empty = WrapLabel(_("Nothing kept yet. A capture joins this case sealed and signed."), "quiet")
        self._progress = ProgressLine(cancellable=False)
        self._open = flat_button(_("Open"), _("Open the chosen record"))
        self._file = flat_button(_("Add file…"), _("Add a file as evidence"))
        self._add = flat_button(_("Add to reply"), _("Let the chosen record go along with the reply"))
        self._lay_out(actions)
        self._wire(actions)
        self._show()

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to a case, or to none."""
        self.result.say("pass", "")
        self._pictures = {}
        self.presenter.show(conversation_id)

    def capture(self) -> None:
        """Keep the whole screen this window is on."""
        self.capturing.screen()

    @Slot()
    def open_binder(self) -> None:
        """The case's exhibits in order, and what a claims desk still wants."""
        self.binder.open(self.presenter.conversation_id)

    @Slot()
    def focus_records(self) -> None:
        """To the newest record or the one that was chosen; to the way of adding one where there is none."""
        if self.list.isHidden():
            self._file.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        self.list.setCurrentRow(max(0, self.list.currentRow()))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def export(self) -> None:
        """Choose where the pack goes, then write it."""
        if self.presenter.records:
            dialog = QFileDialog(self, _("Export evidence"))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix("zip")
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.selectFile(f"evidence-{datetime.now(UTC):%Y-%m-%d}.zip")
            dialog.fileSelected.connect(self._on_export_chosen)
            dialog.open()
        else:
            self.result.say("warn", _("This case has no evidence to export."))

    def _lay_out(self, actions: Actions) -> None:
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(label(_("Evidence"), "title"))
        head.addStretch(1)
        for name in ("evidence.capture", "evidence.region", "evidence.binder", "evidence.export", "evidence.verify"):
            head.addWidget(actions.button(name))
        foot = QHBoxLayout()
        foot.addWidget(self._open)
        foot.addWidget(self._add)
        foot.addWidget(self._file)
        foot.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        for part in (self._progress, self.result, self._empty, self.list):
            layout.addWidget(part)
        layout.addLayout(foot)

    def _wire(self, actions: Actions) -> None:
        presenter = self.presenter
        presenter.changed.connect(self._show)
        presenter.opened.connect(self._on_opened)
        presenter.verified.connect(self._on_verified)
        presenter.thumbnail.connect(self._on_thumbnail)
        self.list.itemActivated.connect(self._on_activated)
        self.list.currentRowChanged.connect(self._on_chosen)
        self._open.clicked.connect(self._on_open)
        self._add.clicked.connect(self._on_add)
        self._file.clicked.connect(self.keeping.choose)
        actions.on("evidence.focus", self.focus_records)
        actions.on("evidence.binder", self.open_binder)
        actions.on("evidence.export", self.export)
        actions.on("evidence.verify", presenter.verify)

    def _show(self) -> None:
        presenter = self.presenter
        if presenter.busy:
            self._progress.start(presenter.busy)
        else:
            self._progress.stop()
        if presenter.problem:
            self.result.say("fail", presenter.problem)
        self._fill(presenter.records)
        self._empty.setVisible(not presenter.records)
        self.list.setVisible(bool(presenter.records))
        self._on_chosen()

    def _fill(self, records: tuple[RecordView, ...]) -> None:
        shown = [self.list.item(at).data(_RECORD) for at in range(self.list.count())]
        if shown == list(records):
            return
        chosen = self._chosen()
        self.list.clear()
        for record in records:
            line = words.line(record, self._clock.now())
            known = None if record.erased_at is not None else self._pictures.get(record.id)
            item = QListWidgetItem(known or _blank(), line)
            item.setData(_RECORD, record)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, line.replace("\n", ", "))
            item.setToolTip("\n".join(words.marks(record)))
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
            if chosen and chosen.id == record.id:
                self.list.setCurrentItem(item)
        self.list.setFixedHeight(ROW_HEIGHT * min(ROWS_AT_ONCE, max(1, len(records))) + 4)

    def _chosen(self) -> RecordView | None:
        item = self.list.currentItem()
        record = item.data(_RECORD) if item else None
        return record if isinstance(record, RecordView) else None

    @Slot()
    def _on_chosen(self, _row: int = 0) -> None:
        record = self._chosen()
        for button in (self._open, self._add):
            button.setVisible(bool(self.presenter.records))
            button.setEnabled(bool(record and record.sha256 and record.erased_at is None))

    def _on_activated(self, item: QListWidgetItem) -> None:
        record = item.data(_RECORD)
        if isinstance(record, RecordView):
            self.presenter.open(record)

    @Slot()
    def _on_open(self) -> None:
        if record := self._chosen():
            self.presenter.open(record)

    @Slot()
    def _on_add(self) -> None:
        if record := self._chosen():
            self.presenter.add_to_reply(record)

    @Slot(object)
    def _on_opened(self, record: RecordView) -> None:
        self.record = RecordWindow(self._bridge, record, self)
        self.record.show()

    @Slot(object)
    def _on_verified(self, report: VerifyReport) -> None:
        self.result.say(*words.report(report))

    @Slot(str, object)
    def _on_thumbnail(self, record_id: str, png: bytes) -> None:
        picture = QPixmap()
        if not picture.loadFromData(png):
            return                       # the sheet stays, and with it the place where the words begin
        self._pictures[record_id] = icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)     # Qt would tint the chosen one: proof stays as it is
        for at in range(self.list.count()):
            item = self.list.item(at)
            if item.data(_RECORD).id == record_id:
                item.setIcon(self._pictures[record_id])

    def _on_export_chosen(self, name: str) -> None:
        self.presenter.export(Path(name))
