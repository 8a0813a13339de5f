"""Chooses which attachments of a conversation join its binder: pictures are shown, what is kept already is said."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QListView, QPushButton, QVBoxLayout, QWidget

from ui.binder.adding import Adding, Found
from ui.conversation.attachments import drawable, kind
from ui.conversation.texts import isolated, safe_name
from ui.conversation.words import local_time
from ui.theme import current, icons
from ui.widgets.empty import EmptyState
from ui.widgets.labels import label, rule
from ui.widgets.timetext import size
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _, ngettext

THUMB = QSize(88, 56)
Index = QModelIndex | QPersistentModelIndex
_CHECK = Qt.ItemDataRole.CheckStateRole


class FoundModel(QAbstractListModel):
    """Attachments with a box to tick. A picture is asked for when its row is first painted."""

    ticked = Signal()

    def __init__(self, adding: Adding, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._adding, self._clock = adding, clock
        self._found: tuple[Found, ...] = ()
        self._chosen: set[int] = set()
        self._pictures: dict[str, QIcon] = {}
        self._asked: set[str] = set()
        adding.pictured.connect(self._on_picture)

    @property
    def chosen(self) -> list[Found]:
        return [self._found[at] for at in sorted(self._chosen)]

    def show(self, found: Sequence[Found]) -> None:
        """What is not kept yet is ticked: nobody opens this to leave it where it is."""
        self.beginResetModel()
        self._found = tuple(found)
        self._chosen = {at for at, one in enumerate(found) if not one.kept and not one.attachment.inline}
        self.endResetModel()
        self.ticked.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self._found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(one)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(one).replace("\n", ", ")
        if role == _CHECK:
            return Qt.CheckState.Checked if index.row() in self._chosen else Qt.CheckState.Unchecked
        return self._icon(one) if role == Qt.ItemDataRole.DecorationRole else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != _CHECK:
            return False
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self._chosen.add(index.row())
        else:
            self._chosen.discard(index.row())
        self.dataChanged.emit(index, index, [_CHECK])
        self.ticked.emit()
        return True

    def flags(self, _index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable

    def _words(self, one: Found) -> str:
        about = (kind(one.attachment), size(one.attachment.size), one.who, local_time(one.at, self._clock.now()))
        kept = _("kept already") if one.kept else ""
        second = " · ".join(part for part in (*about, kept) if part)
        return f"{isolated(safe_name(one.attachment.name))}\n{second}"

    def _icon(self, one: Found) -> QIcon:
        attachment = one.attachment
        if drawable(attachment) and attachment.id not in self._asked:
            self._asked.add(attachment.id)
            self._adding.picture(attachment)
        return self._pictures.get(attachment.id) or _framed(None)

    @Slot(str, object)
    def _on_picture(self, attachment_id: str, image: QImage) -> None:
        self._pictures[attachment_id] = _framed(image)
        for at, one in enumerate(self._found):
            if one.attachment.id == attachment_id:
                self.dataChanged.emit(self.index(at), self.index(at), [Qt.ItemDataRole.DecorationRole])


def _framed(image: QImage | None) -> QIcon:
    """A picture in the middle of its room, so that all names begin at one line; a sheet where there is none."""
    tokens = current()
    room = QPixmap(THUMB)
    room.fill(QColor(tokens.surface_sunken))
    painter = QPainter(room)
    if image is not None and not image.isNull():
        small = image.scaled(THUMB, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage((THUMB.width() - small.width()) // 2, (THUMB.height() - small.height()) // 2, small)
    else:
        sheet = icons.pixmap("file", tokens.text_quiet, icons.LARGE)
        painter.drawPixmap((THUMB.width() - icons.LARGE) // 2, (THUMB.height() - icons.LARGE) // 2, sheet)
    painter.end()
    icon = QIcon(room)
    icon.addPixmap(room, QIcon.Mode.Selected)   # Qt would tint it
    return icon


class KeepDialog(QDialog):
    """Space ticks, Enter keeps what is ticked, Escape keeps nothing."""

    def __init__(
        self, adding: Adding, known: Sequence[tuple[str, int]], parent: QWidget | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keep from the messages"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._adding = adding
        self.model = FoundModel(adding, clock or SystemClock(), self)
        self.list = _Ticks()
        self.list.setModel(self.model)
        self.list.setIconSize(THUMB)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(4)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Attachments of this conversation"))
        self.empty = EmptyState()
        self.empty.show_state("")
        self.keep = QPushButton(_("Keep"))
        self.keep.setProperty("role", "primary")
        self.keep.setDefault(True)
        self._cancel = QPushButton(_("Cancel"))
        self._lay_out()
        adding.found.connect(self._on_found)
        self.model.ticked.connect(self._on_ticked)
        self.keep.clicked.connect(self._on_keep)
        self._cancel.clicked.connect(self.reject)
        self._on_ticked()
        self.list.hide()
        adding.look(known)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.keep)
        foot.addWidget(self._cancel)
        text = label(_("What is kept joins the case byte for byte, sealed and signed."), "quiet", wrap=True)
        text.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (text, self.list, self.empty):
            column.addWidget(part, 0 if part is text else 1)
        column.addWidget(rule())
        column.addLayout(foot)
        self.resize(640, 520)

    @Slot(object)
    def _on_found(self, found: tuple[Found, ...]) -> None:
        self.model.show(found)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)
        self.empty.show_state(_("No message of this conversation brought a file."), icon="attach")
        if found:
            self.list.setCurrentIndex(self.model.index(0))
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_ticked(self) -> None:
        n = len(self.model.chosen)
        self.keep.setText(ngettext("Keep {n} file", "Keep {n} files", n).format(n=n) if n else _("Keep"))
        self.keep.setEnabled(bool(n))

    def _on_keep(self) -> None:
        self._adding.attachments(self.model.chosen)
        self.accept()


class _Ticks(QListView):
    """Enter is the dialog's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)
