"""Ctrl+K: every action, queue, conversation, person and order, by a few letters. Nothing can only be reached here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui import a11y
from ui.bridge import Bridge
from ui.inbox.presenter import SEARCH_PAUSE_MS, InboxPresenter
from ui.shell.actions import Actions
from ui.shell.palette_entries import Entries, Entry, Found
from ui.shell.palette_row import HEIGHT, QUIET, SIDE, PaletteDelegate
from ui.theme import icons
from ui.widgets.composing import Composing
from workstation.api import Core
from workstation.customers.model import Customer
from workstation.inbox.model import ListQuery
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

SHOWN = 12
HITS = 8
PEOPLE = ORDERS = 4
REMEMBERED = 5
"""So many of what was run from here stand at the top while nothing is typed."""
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LEAVE = (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
_FOUND = ("person", "order", "conversation")
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Another window in front, or a menu of the field: the palette is still meant."""


class Palette(QFrame):
    """Lies over the top of the window; Enter runs, Escape or a click elsewhere leaves."""

    def __init__(
        self, bridge: Bridge, actions: Actions, inbox: InboxPresenter, open_conversation: Callable[[str], None],
        search_for: Callable[[str], None], parent: QWidget,
    ) -> None:
        """`search_for` searches everywhere for a text in the search box's own language."""
        super().__init__(parent)
        self._bridge = bridge
        self._entries = Entries(actions, inbox, open_conversation, search_for)
        self._host = parent
        self._before: QWidget | None = None
        self._hits = Found("")
        self._recent: tuple[str, ...] = ()
        self.setProperty("role", "popup")
        self.setAccessibleName(_("Command palette"))
        self.field = QLineEdit()
        self.list = QListWidget()
        self._composing = Composing(self.field)
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
        if self._before is not None and isValid(self._before):   # what it stood on may have been drawn anew
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def entries(self) -> list[str]:
        """What is listed, as text."""
        return [self.list.item(at).text() for at in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # while it is open every key is the palette's: none sends or resolves behind it
            return True
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(event)
        if kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent) and event.reason() not in _STAYS:
            QTimer.singleShot(0, self, self._leave_if_elsewhere)
        return bool(super().eventFilter(watched, event))

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
        """Ctrl+K again, Tab and Escape leave; what an input method composes with Enter and arrows is not ours."""
        key = Qt.Key(event.key())
        if self._composing.active:
            return key in _ENTER
        if key in _STEPS:
            row = self.list.currentRow() + _STEPS[key]
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
            self._speak()
        elif key in _ENTER:
            self._run(self.list.currentItem())
        elif key in _LEAVE or (key == Qt.Key.Key_K and event.modifiers() == Qt.KeyboardModifier.ControlModifier):
            self.leave()
        else:
            return False
        return True

    def _speak(self) -> None:
        """The list never has the focus, so its current line is said."""
        if (item := self.list.currentItem()) is not None:
            a11y.announce(self.field, str(item.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _leave_if_elsewhere(self) -> None:
        if not self.isHidden() and not self.field.hasFocus():
            self.hide()

    def _on_typed(self, _text: str) -> None:
        """What was found for the letters before stays while it still fits: nothing jumps away and back."""
        if not (self._hits.typed and self.field.text().strip().startswith(self._hits.typed)):
            self._hits = Found("")
        self._fill()
        self._speak()
        self._pause.start()

    def _ask(self) -> None:
        typed = self.field.text().strip()
        if len(typed) > 1:
            command = partial(_search, typed)
            self._bridge.call(command, self._on_hits, self, self._on_no_hits, replaces="palette")

    def _on_hits(self, found: Found) -> None:
        if found.typed == self.field.text().strip():
            before = self._current()
            self._hits = found
            self._fill(before.id if before is not None and self.list.currentRow() else "")

    def _on_no_hits(self, _problem: WorkstationError) -> None:
        """The actions are still there; the search box says what is wrong with searching."""

    def _fill(self, kept: str = "") -> None:
        """List what fits. `kept` is the id of the line that stays current while it is listed."""
        entries = self._entries.listed(self.field.text().strip(), self._hits, self._recent)
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(icons.icon(entry.icon or "chevron-right"), entry.text)
            item.setData(SIDE, entry.reason or entry.side)
            item.setData(QUIET, bool(entry.reason))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.spoken)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(next((at for at, entry in enumerate(entries) if entry.id == kept), 0))
        room = max(3, (self._host.height() - 160) // HEIGHT)
        lines = min(SHOWN, room, max(1, len(entries)))
        self.list.setFixedHeight(lines * HEIGHT + 2 * self.list.frameWidth())
        self.adjustSize()

    def _current(self) -> Entry | None:
        item = self.list.currentItem()
        entry = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return entry if isinstance(entry, Entry) else None

    def _run(self, item: QListWidgetItem | None) -> None:
        """What cannot be done just now stays, and says why."""
        entry = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if not isinstance(entry, Entry):
            return
        if entry.reason:
            self._speak()
            return
        if entry.id.partition(":")[0] not in _FOUND:
            self._recent = tuple(dict.fromkeys((entry.id, *self._recent)))[:REMEMBERED]
        self.leave()
        entry.run()


async def _search(typed: str, core: Core) -> Found:
    """All three at once; customers only where somebody keeps them."""
    page, orders, people = await asyncio.gather(
        core.inbox.page(ListQuery("all", typed, None, HITS)), core.orders.beginning(typed, ORDERS),
        _people(typed, core))
    return Found(typed, page.rows, people, orders)


async def _people(typed: str, core: Core) -> tuple[Customer, ...]:
    return await core.customers.find(typed, PEOPLE) if core.customers is not None else ()
