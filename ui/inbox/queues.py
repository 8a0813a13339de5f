"""The left column: queues with their counts, then views, channels, stores, languages and tags, each group foldable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from ui.inbox import words
from ui.inbox.presenter import InboxPresenter
from ui.theme import current, fonts, icons, theme
from ui.widgets.labels import plain_tip
from ui.widgets.timetext import number, short_number
from workstation.inbox.listing import Queue
from workstation.kernel.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QStyle

    from workstation.kernel.settings import Settings

QUEUE = Qt.ItemDataRole.UserRole + 1
HEIGHT, HEADER = 30, 34
BESIDE, SIGN, GAP = 8, 30, 14
"""Pixels: beside a line's box, for its icon, and between its name and its count."""
STEP, WIDEST, NAMED = 8, 232, 216
"""The column grows in steps, so that a count that grows does not move the window about. Up to here it follows the
names of the program's own queues, and of those that people named themselves."""
_GROUPS = {"views": N_("Views"), "channels": N_("Channels"), "stores": N_("Stores"), "languages": N_("Languages"),
           "tags": N_("Tags")}
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a group. Folded, the group's queues are hidden."""

    key: str
    title: str
    folded: bool = False


class QueueModel(QAbstractListModel):
    """Queues in the core's order with a heading before each group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Queue | Heading] = []
        self._queues: tuple[Queue, ...] = ()
        self.folded: set[str] = set()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self._lines[index.row()]
        if role == QUEUE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _spoken_heading(line) if isinstance(line, Heading) else _spoken(line)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(line, Queue):
            return plain_tip(_spoken(line))
        return None

    def fold(self, group: str) -> None:
        """Fold a group of queues, or show it again."""
        self.folded ^= {group}
        self.show(self._queues)

    def show(self, queues: tuple[Queue, ...]) -> None:
        """New counts; the lines are rebuilt only when the queues themselves changed."""
        self._queues = queues
        lines = _lines(queues, self.folded)
        if [_name(line) for line in lines] == [_name(line) for line in self._lines]:
            self._lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self._lines = lines
        self.endResetModel()

    def position(self, key: str) -> int:
        return next((at for at, line in enumerate(self._lines) if line.key == key), -1)


def _lines(queues: tuple[Queue, ...], folded: set[str]) -> list[Queue | Heading]:
    lines: list[Queue | Heading] = []
    group = ""
    for queue in queues:
        if queue.group != group:
            group = queue.group
            lines.append(Heading(f"group:{group}", _(_GROUPS.get(group, group)), group in folded))
        if group not in folded:
            lines.append(queue)
    return lines


def _name(line: Queue | Heading) -> tuple[str, str, bool]:
    return line.key, line.title, isinstance(line, Heading) and line.folded


def _spoken_heading(line: Heading) -> str:
    return _("{group}, folded").format(group=line.title) if line.folded else line.title


def _spoken(queue: Queue) -> str:
    return f"{words.queue_title(queue)} {number(queue.count)}" if queue.count else words.queue_title(queue)


class QueueDelegate(QStyledItemDelegate):
    """A queue's line: icon or channel bar, name, count."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEADER if isinstance(index.data(QUEUE), Heading) else HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = index.data(QUEUE)
        rect: QRect = option.rect
        if isinstance(line, Heading):
            _paint_heading(painter, rect, option.state, line)
        else:
            _paint_queue(painter, rect, option.state, line)
        painter.restore()


def _paint_heading(painter: QPainter, rect: QRect, state: QStyle.StateFlag, line: Heading) -> None:
    from PySide6.QtWidgets import QStyle

    tokens = current()
    _paint_text(painter, rect.adjusted(16, 8, -32, 0), line.title, tokens.text_quiet, fonts.CAPTION)
    middle = QPointF(rect.right() - 21, rect.center().y() + 4)
    painter.setPen(QPen(QColor(tokens.text_quiet), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shape = ((-2, -4), (2, 0), (-2, 4)) if line.folded else ((-4, -2), (0, 2), (4, -2))
    painter.drawPolyline([middle + QPointF(x, y) for x, y in shape])
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(tokens.focus), 1.5))
        painter.drawRoundedRect(QRectF(rect).adjusted(8.5, 5.5, -8.5, -1.5), 5, 5)


def _paint_queue(painter: QPainter, rect: QRect, state: QStyle.StateFlag, queue: Queue) -> None:
    from PySide6.QtWidgets import QStyle

    tokens = current()
    selected = bool(state & QStyle.StateFlag.State_Selected)
    inner = rect.adjusted(BESIDE, 1, -BESIDE, -1)
    if selected or state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(QColor(tokens.surface_selected if selected else tokens.surface_hover))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(inner, 5, 5)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.focus), 1.5))
        painter.drawRoundedRect(QRectF(inner).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    _paint_sign(painter, inner, queue)
    title, count = shown(queue, inner.width())
    urgent, width = _urgent(queue), _width(count, bold=_urgent(queue))
    name = inner.adjusted(SIGN, 0, -width - GAP if count else -6, 0)
    _paint_text(painter, name, title, tokens.text)
    right = QRect(inner.right() - width - 8, inner.top(), width, inner.height())
    _paint_text(painter, right, count, tokens.fail if urgent else tokens.text_quiet, bold=urgent)


def shown(queue: Queue, width: int) -> tuple[str, str]:
    """A queue's name and count as a line of `width` pixels has room for them: of a long count first the small numbers
    go, then of the name its middle, which says least."""
    name = words.queue_title(queue)
    for count in dict.fromkeys((number(queue.count), short_number(queue.count)) if queue.count else ("",)):
        room = width - SIGN - (_width(count, bold=_urgent(queue)) + GAP if count else 6)
        if _width(name) <= room:
            return name, count
    return QFontMetrics(fonts.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, room), count


def wish(queues: Sequence[Queue]) -> int:
    """The width in pixels at which every queue is read whole, as far as there is reason for it."""
    return max((min(NAMED if queue.group else WIDEST, -(-_needs(queue) // STEP) * STEP) for queue in queues), default=0)


def _needs(queue: Queue) -> int:
    count = _width(number(queue.count), bold=_urgent(queue)) if queue.count else 0
    return 2 * BESIDE + SIGN + _width(words.queue_title(queue)) + GAP + count + 2


def _urgent(queue: Queue) -> bool:
    return queue.key in ("breaching", "failed") and bool(queue.count)


def _width(text: str, *, bold: bool = False) -> int:
    return QFontMetrics(fonts.font(bold=bold)).horizontalAdvance(text)


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
    widened = Signal(int)
    """The names of the queues want this width in pixels. It never shrinks while the window is open."""

    def __init__(
        self, presenter: InboxPresenter, settings: Settings | None = None, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter, self._settings = presenter, settings
        self._marked = ""
        self._wish = 0
        self.model = QueueModel(self)
        if settings is not None:
            self.model.folded = set(settings.text("folded").split())
        self.list = _Column(self)
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
        if (wanted := wish(self._presenter.queues)) > self._wish:
            self._wish = wanted
            self.widened.emit(wanted)

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _mark_current(self) -> None:
        at = self.model.position(self._presenter.queue)
        same = self._marked == self._presenter.queue and self.list.currentIndex().isValid()
        if at >= 0 and not same:
            self._marked = self._presenter.queue
            self.list.setCurrentIndex(self.model.index(at))

    def _on_chosen(self, index: QModelIndex) -> None:
        line = index.data(QUEUE)
        if isinstance(line, Queue):
            self.chosen.emit(line.key)
        elif isinstance(line, Heading):
            self.fold(line)

    def fold(self, heading: Heading) -> None:
        """Fold a group or show it again, and remember it."""
        self.model.fold(heading.key.removeprefix("group:"))
        self.list.setCurrentIndex(self.model.index(self.model.position(heading.key)))
        if self._settings is not None:
            self._settings.set("folded", " ".join(sorted(self.model.folded)))


class _Column(QListView):
    """Left and right fold and unfold the group that the cursor is at."""

    def __init__(self, column: QueueColumn) -> None:
        super().__init__(column)
        self._owner = column

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.currentIndex().data(QUEUE)
        wanted = {Qt.Key.Key_Left: True, Qt.Key.Key_Right: False}.get(Qt.Key(event.key()))
        if isinstance(line, Heading) and wanted is not None:
            if line.folded is not wanted:
                self._owner.fold(line)
            return
        super().keyPressEvent(event)
