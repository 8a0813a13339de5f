"""The list column: the search box, the painted list and what it says when there is nothing to list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.inbox import words
from ui.inbox.list_model import ROW
from ui.inbox.presenter import InboxPresenter
from ui.inbox.rows_list import ConversationList
from ui.theme import icons, theme
from ui.widgets.empty import EmptyState
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.progress import PATIENCE_MS
from workstation.inbox.listing import ConversationRow
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent

    from ui.inbox.pickers import Pickers
    from ui.inbox.search_help import SearchHelp
    from ui.inbox.selection_bar import SelectionBar
    from ui.widgets.composing import Composing

TICK_MS = 30_000
"""Clocks in the list move twice a minute."""


class SearchField(QLineEdit):
    """Escape takes the search back and leaves for the list."""

    left = Signal()
    _composing: Composing | None = None

    def watch(self) -> None:
        """Notice input methods from now on: after the first paint, which would load a crowd of Qt's names for it."""
        from ui.widgets.composing import Composing

        self._composing = Composing(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        own = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if own and self._composing is not None and self._composing.active:
            return  # the input method's own
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class OfflineBar(QFrame):
    """Says that the network is away, what that means, and lets the person try."""

    def __init__(self, presenter: InboxPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        sentence = label(_("Offline. What you do is kept, and sent when the network is back."), "quiet", wrap=True)
        again = QPushButton(_("Try now"))
        again.setProperty("role", "flat")
        again.clicked.connect(presenter.fetch)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(sentence, 1)
        row.addWidget(again)
        self.hide()


class ListColumn(QWidget):
    """Search, list, and the designed states of an empty, loading or failing list."""

    opened = Signal(str)
    """A conversation became the current one: its id."""
    entered = Signal()
    """The person wants the focus in the conversation."""
    menu_asked = Signal(QPoint)

    def __init__(self, presenter: InboxPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.search = SearchField(clearButtonEnabled=True)
        self._search_icon = QAction(self.search)
        self.search.addAction(self._search_icon, QLineEdit.ActionPosition.LeadingPosition)
        self.title = ElidedLabel(role="title")
        self.list = ConversationList(presenter)
        self.marked: Sequence[QAction] = ()
        self.ids: Callable[[], tuple[str, ...]] = self.list.ids
        self.bar: SelectionBar | None = None
        self.help: SearchHelp | None = None
        self._pickers: Pickers | None = None
        self.empty = EmptyState()
        self.offline = OfflineBar(presenter)
        self._stack = QStackedWidget()
        self._awaited = False
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._show_loading)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.list.repaint_rows)
        self._tick.start()
        self._lay_out()
        self._connect()
        self._show_state()

    def current(self) -> ConversationRow | None:
        """The current row."""
        index = self.list.currentIndex()
        row = index.data(ROW) if index.isValid() else None
        return row if isinstance(row, ConversationRow) else None

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def pickers(self) -> Pickers:
        """Assign, tag and snooze; made when first asked for."""
        if self._pickers is None:
            from ui.inbox.picker import Picker
            from ui.inbox.pickers import Pickers

            self._pickers = Pickers(self._presenter, Picker(self), self._meant)
        return self._pickers

    def save_view(self) -> None:
        """The search, in its queue, becomes a line of the left column."""
        from ui.inbox.save_view import ask

        ask(self._presenter, self.pickers().picker)

    def remove_view(self) -> None:
        """The view that is shown leaves the left column."""
        from ui.inbox.save_view import remove

        remove(self._presenter)

    def _meant(self) -> tuple[str, ...]:
        return self.ids()

    def _on_picked(self, count: int) -> None:
        if self.bar is None:
            if not count:
                return
            from ui import a11y
            from ui.inbox.selection_bar import SelectionBar

            self.bar = SelectionBar(self._presenter.act, self)
            self.bar.set_actions(self.marked)
            self.bar.left.connect(self.list.leave_marks)
            self.bar.all_wanted.connect(self.list.select_all)
            self._column.addWidget(self.bar)
            a11y.reading_order(self)
        self.bar.show_count(count, self._presenter.model.rowCount(), everything=self.list.everything)

    def show_icon(self) -> None:
        """Draw what the first paint did without; its place is kept."""
        self._search_icon.setIcon(icons.icon("search"))
        self.search.watch()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search conversations"))
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.addWidget(self.search)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.offline)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._presenter.type_search)
        self.search.textEdited.connect(self._help_search)
        self.search.returnPressed.connect(self._to_list)
        self.search.left.connect(self._leave_search)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._presenter.model.dataChanged.connect(self._on_data)
        self.list.picked_changed.connect(self._on_picked)
        self.list.activated.connect(self._on_activated)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self._presenter.state_changed.connect(self._show_state)
        self._presenter.queues_changed.connect(self._show_state)
        self._presenter.members_changed.connect(self.list.repaint_rows)
        theme().changed.connect(self._repaint)

    def _help_search(self, _text: str) -> None:
        """Somebody types: chips and suggestions from now on."""
        if self.help is None:
            from ui import a11y
            from ui.inbox.search_help import SearchHelp

            self.help = SearchHelp(self._presenter, self.search, self)
            self._column.insertWidget(1, self.help)
            a11y.reading_order(self)

    def _to_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.list.currentIndex().isValid():
            self.list.show_row(0)

    def _leave_search(self) -> None:
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = current.data(ROW) if current.isValid() else None
        self._awaited = current.isValid() and row is None
        if isinstance(row, ConversationRow) and not self.list.picked_count():
            self.opened.emit(row.id)

    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        """The row the cursor went to is here now."""
        current = self.list.currentIndex()
        if self._awaited and first.row() <= current.row() <= last.row():
            self._on_current(current, current)

    def _on_activated(self, _index: QModelIndex) -> None:
        self.entered.emit()

    def _on_menu(self, place: QPoint) -> None:
        self.menu_asked.emit(self.list.viewport().mapToGlobal(place))

    def _repaint(self) -> None:
        self.show_icon()
        self.list.dress()

    def _show_state(self) -> None:
        presenter, within = self._presenter, self._has_focus()
        name = presenter.title()
        self.search.setPlaceholderText(_("Search in {queue}").format(queue=name) if name else _("Search"))
        if presenter.model.rowCount():
            self._patience.stop()
            self._stack.setCurrentWidget(self.list)
        elif presenter.loading:
            self._patience.start()
        else:
            self._patience.stop()
            self._explain()
            self._stack.setCurrentWidget(self.empty)
        self._hold_focus(within)

    def _show_loading(self) -> None:
        within = self._has_focus()
        self.empty.show_state(_("Loading conversations…"))
        self._stack.setCurrentWidget(self.empty)
        self._hold_focus(within)

    def _has_focus(self) -> bool:
        """Whether the keys are in the list, or in what stands in its place."""
        focused = self.window().focusWidget()
        return focused is not None and self._stack.isAncestorOf(focused)

    def _hold_focus(self, within: bool) -> None:
        """The list comes and goes with its rows; a person who was in it never loses the keys to nowhere."""
        page = self._stack.currentWidget()
        if within and page is not None and not (self._has_focus() and (
                page.hasFocus() or page.isAncestorOf(self.window().focusWidget() or self))):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _explain(self) -> None:
        presenter = self._presenter
        if presenter.problem is not None:
            self.empty.show_state(str(presenter.problem), _("Try again"), presenter.reload, icon="alert", tone="error")
        elif presenter.search and presenter.queue != "all":
            sentence = _("Nothing in this queue matches “{text}”.").format(text=presenter.search)
            self.empty.show_state(sentence, _("Search everywhere"), presenter.search_everywhere, icon="search")
        elif presenter.search:
            sentence = _("Nothing matches “{text}”.").format(text=presenter.search)
            self.empty.show_state(sentence, _("Clear the search"), self.search.clear, icon="search")
        elif presenter.queue in ("open", "all"):
            sentence = words.nothing_in(presenter.queue)
            self.empty.show_state(sentence, _("Look for new mail"), self._fetch, icon="inbox")
        else:
            sentence = words.nothing_in(presenter.queue)
            self.empty.show_state(sentence, _("Show the inbox"), self._to_open, icon="inbox")

    def _to_open(self) -> None:
        self._presenter.show_queue("open")

    def _fetch(self) -> None:
        self._presenter.fetch()
