"""Ctrl+K: every action, queue, conversation, person and order, by a few letters. Nothing can only be reached here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.inbox.presenter import SEARCH_PAUSE_MS, InboxPresenter
from ui.inbox.words import queue_icon, queue_title
from ui.shell.actions import Actions
from ui.shell.fuzzy import score
from ui.shell.palette_row import HEIGHT, SIDE, PaletteDelegate
from ui.theme import icons
from workstation.api import Core
from workstation.customers.model import Customer
from workstation.domain.order import OrderRef
from workstation.inbox.model import ConversationRow, ListQuery
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

SHOWN = 12
HITS = 8


PEOPLE = ORDERS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What the store has for what was typed."""

    typed: str
    conversations: tuple[ConversationRow, ...] = ()
    people: tuple[Customer, ...] = ()
    orders: tuple[tuple[OrderRef, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: `side` is its key or what kind it is."""

    text: str
    side: str
    icon: str
    run: Callable[[], None]


class Palette(QFrame):
    """Lies over the top of the window; Enter runs, Escape or a click elsewhere leaves."""

    def __init__(
        self, bridge: Bridge, actions: Actions, inbox: InboxPresenter, open_conversation: Callable[[str], None],
        search_for: Callable[[str], None], parent: QWidget,
    ) -> None:
        """`search_for` searches everywhere for a text in the search box's own language."""
        super().__init__(parent)
        self._bridge, self._actions, self._inbox, self._open = bridge, actions, inbox, open_conversation
        self._search_for = search_for
        self._host = parent
        self._before: QWidget | None = None
        self._hits = Found("")
        self.setProperty("role", "popup")
        self.setAccessibleName(_("Command palette"))
        self.field = QLineEdit()
        self.list = QListWidget()
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._lay_out()
        self.hide()

    def open_over(self) -> None:
        """Show, empty, with the focus in the field."""
        self._before = self._host.focusWidget()
        self._hits = Found("")
        self.field.clear()
        self._fill()
        width = min(640, self._host.width() - 48)
        self.move((self._host.width() - width) // 2, 56)
        self.setFixedWidth(width)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def entries(self) -> list[str]:
        """What is listed, as text."""
        return [self.list.item(at).text() for at in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        if event.type() == QEvent.Type.FocusOut and not self.isHidden():
            QTimer.singleShot(0, self._leave_if_elsewhere)
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self.field.setPlaceholderText(_("What do you want to do, or whom do you look for?"))
        self.field.setAccessibleName(_("Command palette"))
        self.field.textChanged.connect(self._on_typed)
        self.field.installEventFilter(self)
        self.list.setAccessibleName(_("Found"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(PaletteDelegate(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)

    def _on_key(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.key() in steps:
            row = self.list.currentRow() + steps[Qt.Key(event.key())]
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True

    def _leave_if_elsewhere(self) -> None:
        if not self.isHidden() and not self.field.hasFocus():
            self.hide()

    def _on_typed(self, _text: str) -> None:
        """What was found for the letters before stays while it still fits: nothing jumps away and back."""
        if not (self._hits.typed and self.field.text().strip().startswith(self._hits.typed)):
            self._hits = Found("")
        self._fill()
        self._pause.start()

    def _ask(self) -> None:
        typed = self.field.text().strip()
        if len(typed) > 1:
            command = partial(_search, typed)
            self._bridge.call(command, self._on_hits, self, self._on_no_hits, replaces="palette")

    def _on_hits(self, found: Found) -> None:
        if found.typed == self.field.text().strip():
            self._hits = found
            self._fill()

    def _on_no_hits(self, _problem: WorkstationError) -> None:
        """The actions are still there; the search box says what is wrong with searching."""

    def _fill(self) -> None:
        self.list.clear()
        for entry in self._found():
            item = QListWidgetItem(icons.icon(entry.icon) if entry.icon else icons.icon("chevron-right"), entry.text)
            item.setData(SIDE, entry.side)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.text}, {entry.side}")
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(SHOWN, max(1, self.list.count())) * HEIGHT)
        self.adjustSize()

    def _found(self) -> list[Entry]:
        typed = self.field.text().strip()
        scored = [(score(typed, entry.text), entry) for entry in (*self._action_entries(), *self._queue_entries())]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
        limit = SHOWN if typed else len(best)
        return [entry for _score, entry in best[:limit]] + self._people_entries() + self._conversation_entries()

    def _action_entries(self) -> list[Entry]:
        listed = []
        for spec in self._actions.specs():
            action = self._actions.action(spec.id)
            if action.isEnabled() and spec.id != "app.palette" and spec.group != "go":
                listed.append(Entry(action.text(), self._actions.hint(spec.id), spec.icon, action.trigger))
        return listed

    def _queue_entries(self) -> list[Entry]:
        return [
            Entry(queue_title(queue), self._queue_side(queue.key), queue_icon(queue) or "list",
                  partial(self._inbox.show_queue, queue.key))
            for queue in self._inbox.queues
        ]

    def _queue_side(self, key: str) -> str:
        known = f"go.{key}" in {spec.id for spec in self._actions.specs()}
        return self._actions.hint(f"go.{key}") if known else _("queue")

    def _conversation_entries(self) -> list[Entry]:
        return [
            Entry(f"{row.who} · {row.subject}", _("conversation"), "mail", partial(self._open, row.id))
            for row in self._hits.conversations
        ]

    def _people_entries(self) -> list[Entry]:
        """A person leads to everything of theirs, an order to everything about it."""
        people = [
            Entry(_named(customer), _("person"), "user",
                  partial(self._search_for, f'from:"{customer.identities[0].value}"'))
            for customer in self._hits.people if customer.identities
        ]
        orders = [
            Entry(f"{ref} · {buyer}" if buyer else str(ref), _("order"), "order",
                  partial(self._search_for, f'order:"{ref.order_id}"'))
            for ref, buyer in self._hits.orders
        ]
        return [*people, *orders]

    def _run(self, item: QListWidgetItem | None) -> None:
        entry = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(entry, Entry):
            self.leave()
            entry.run()


def _named(customer: Customer) -> str:
    value = customer.identities[0].value
    return customer.name if customer.name == value else f"{customer.name} · {value}"


async def _search(typed: str, core: Core) -> Found:
    """All three at once; customers only where somebody keeps them."""
    page, orders, people = await asyncio.gather(
        core.inbox.page(ListQuery("all", typed, None, HITS)), core.orders.beginning(typed, ORDERS),
        _people(typed, core))
    return Found(typed, page.rows, people, orders)


async def _people(typed: str, core: Core) -> tuple[Customer, ...]:
    return await core.customers.find(typed, PEOPLE) if core.customers is not None else ()
