"""Desktop notifications: one for a burst of messages, silent about who wrote unless the person wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from ui.bridge import Bridge
from ui.theme import current, icons
from workstation.inbox.model import ConversationRow
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.domain.events import ClockNearing, MessageArrived

BURST_MS = 1_500


class Notifier(QObject):
    """Speaks only while the window is not in front."""

    opened = Signal(str)
    """The person clicked the notification of this conversation."""
    near = Signal(int, bool)
    """So many clocks entered their last quarter, or (True) their last tenth, while the window is in front."""

    def __init__(self, bridge: Bridge, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._settings = bridge, settings
        self._tray: QSystemTrayIcon | None = None
        self._ids: list[str] = []
        self._near: list[str] = []
        self._last = ""
        self.said: tuple[str, str] | None = None
        self._timer = QTimer(self, singleShot=True, interval=BURST_MS)
        self._timer.timeout.connect(self._ask)
        bridge.message_arrived.connect(self._on_arrived)
        bridge.clock_nearing.connect(self._on_near)

    def _on_arrived(self, event: MessageArrived) -> None:
        away = QGuiApplication.applicationState().name != "ApplicationActive"
        if away and self._settings.flag("notifications"):
            self._ids.append(event.conversation_id)
            self._timer.start()

    def _on_near(self, event: ClockNearing) -> None:
        """A clock is about to break. In front of the person the window says so itself, elsewhere the desktop does."""
        away = QGuiApplication.applicationState().name != "ApplicationActive"
        if not away:
            self.near.emit(len(event.ids), event.last)
        elif self._settings.flag("notifications"):
            self._near += event.ids
            self._timer.start()

    def _ask(self) -> None:
        near, self._near = tuple(dict.fromkeys(self._near)), []
        if near:
            self._last = near[0] if len(near) == 1 else ""
            n = len(near)
            self._say(ngettext("{n} conversation must be answered soon", "{n} conversations must be answered soon",
                               n).format(n=n), "")
        ids, self._ids = tuple(dict.fromkeys(self._ids)), []
        if ids:
            self._bridge.call(partial(_rows, ids), self._on_rows, self, self._on_problem)

    def _on_rows(self, rows: tuple[ConversationRow, ...]) -> None:
        if rows:
            self._last = rows[0].id if len(rows) == 1 else ""
            self._say(*self.words(rows))

    def words(self, rows: Sequence[ConversationRow]) -> tuple[str, str]:
        """Title and text of one notification."""
        n = len(rows)
        title = ngettext("{n} conversation has a new message", "{n} conversations have new messages", n).format(n=n)
        shows = self._settings.text("notification_shows")
        if n != 1 or shows == "nothing":   # notification centres keep what they were given, on a locked screen too
            return title, ""
        return rows[0].who, rows[0].subject if shows == "subject" else ""

    def _say(self, title: str, text: str) -> None:
        self.said = (title, text)
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(icons.icon("app", current().accent), self)
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(self._on_clicked)
            self._tray.setToolTip(_("Workstation"))
            self._tray.show()
        self._tray.showMessage(title, text, self._tray.icon())

    def _on_clicked(self, *_args: object) -> None:
        self.opened.emit(self._last)

    def _on_problem(self, _problem: WorkstationError) -> None:
        """A notification that cannot be worded is left out; the list shows the message."""


async def _rows(ids: Sequence[str], core: Core) -> tuple[ConversationRow, ...]:
    return await core.inbox.rows(ids)
