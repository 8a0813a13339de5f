"""The left column: queues with their counts, then channels and stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from ui.inbox import words
from ui.inbox.presenter import InboxPresenter
from ui.theme import current, fonts, icons, theme
from ui.widgets.timetext import number
from workstation.inbox.listing import Queue
from workstation.kernel.i18n import N_, _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyle

QUEUE = Qt.ItemDataRole.UserRole + 1
HEIGHT, HEADER = 30, 34
_GROUPS = {"channels": N_("Channels"), "stores": N_("Stores")}
Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractListModel):
    """Queues in the core's order with a heading before each group. A heading is a str, a queue a Queue."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Queue | str] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self._lines[index.row()]
        if role == QUEUE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line if isinstance(line, str) else _spoken(line)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.NoItemFlags if isinstance(self._lines[index.row()], str) else super().flags(index)

    def show(self, queues: tuple[Queue, ...]) -> None:
        """New counts; the lines are rebuilt only when the queues themselves changed."""
        lines = _lines(queues)
        if [_name(line) for line in lines] == [_name(line) for line in self._lines]:
            self._lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def position(self, key: str) -> int:
        return next((at for at, line in enumerate(self._lines) if isinstance(line, Queue) and line.key == key), -1)


def _lines(queues: tuple[Queue, ...]) -> list[Queue | str]:
    lines: list[Queue | str] = []
    group = ""
    for queue in queues:
        if queue.group != group:
            group = queue.group
            lines.append(_(_GROUPS.get(group, group)))
        lines.append(queue)
    return lines


def _name(line: Queue | str) -> tuple[str, str]:
    return (line, "") if isinstance(line, str) else (line.key, line.title)


def _spoken(queue: Queue) -> str:
    return f"{words.queue_title(queue)} {number(queue.count)}" if queue.count else words.queue_title(queue)


class QueueDelegate(QStyledItemDelegate):
    """A queue's line: icon or channel bar, name, count."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEADER if isinstance(index.data(QUEUE), str) else HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = index.data(QUEUE)
        rect: QRect = option.rect
        if isinstance(line, str):
            _paint_text(painter, rect.adjusted(16, 8, -16, 0), line, current().text_quiet, fonts.CAPTION)
        else:
            _paint_queue(painter, rect, option.state, line)
        painter.restore()


def _paint_queue(painter: QPainter, rect: QRect, state: QStyle.StateFlag, queue: Queue) -> None:
    from PySide6.QtWidgets import QStyle

    tokens = current()
    selected = bool(state & QStyle.StateFlag.State_Selected)
    inner = rect.adjusted(8, 1, -8, -1)
    if selected or state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(QColor(tokens.surface_selected if selected else tokens.surface_hover))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(inner, 5, 5)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.focus), 1.5))
        painter.drawRoundedRect(QRectF(inner).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    _paint_sign(painter, inner, queue)
    count = number(queue.count) if queue.count else ""
    urgent = queue.key in ("breaching", "failed") and queue.count
    width = QFontMetrics(fonts.font(bold=bool(urgent))).horizontalAdvance(count)
    name = inner.adjusted(32, 0, -width - (14 if count else 6), 0)
    title = QFontMetrics(fonts.font()).elidedText(words.queue_title(queue), Qt.TextElideMode.ElideRight, name.width())
    _paint_text(painter, name, title, tokens.text)
    right = QRect(inner.right() - width - 8, inner.top(), width, inner.height())
    _paint_text(painter, right, count, tokens.fail if urgent else tokens.text_quiet, bold=bool(urgent))


def _paint_sign(painter: QPainter, inner: QRect, queue: Queue) -> None:
    """The queue's icon, or the channel's colour as the bar that its rows have."""
    group, _sep, name = queue.key.partition(":")
    if group == "channel":
        bar = QRect(inner.left() + 14, inner.top() + 7, 3, inner.height() - 14)
        painter.fillRect(bar, QColor(current().channel(name)))
        return
    sign = words.queue_icon(queue)
    if sign:
        image = icons.pixmap(sign, current().text_quiet, 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(inner.left() + 8, inner.center().y() - 7, image)


def _paint_text(
    painter: QPainter, rect: QRect, text: str, colour: str, size: int = fonts.BODY, *, bold: bool = False,
) -> None:
    painter.setFont(fonts.font(size, bold=bold))
    painter.setPen(QColor(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)


class QueueColumn(QWidget):
    """The list of queues. Choosing one shows it."""

    chosen = Signal(str)

    def __init__(self, presenter: InboxPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.model = QueueModel(self)
        self.list = QListView()
        self._prepare()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        presenter.queues_changed.connect(self._on_queues)
        presenter.state_changed.connect(self._mark_current)
        theme().changed.connect(self._repaint)
        self._on_queues()

    def _prepare(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(QueueDelegate(self.list))
        self.list.setProperty("role", "sunken")
        self.list.setAccessibleName(_("Queues"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setViewportMargins(0, 8, 0, 8)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)

    def _on_queues(self) -> None:
        self.model.show(self._presenter.queues)
        self._mark_current()

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _mark_current(self) -> None:
        at = self.model.position(self._presenter.queue)
        if at >= 0 and self.list.currentIndex().row() != at:
            self.list.setCurrentIndex(self.model.index(at))

    def _on_chosen(self, index: QModelIndex) -> None:
        line = index.data(QUEUE)
        if isinstance(line, Queue):
            self.chosen.emit(line.key)
