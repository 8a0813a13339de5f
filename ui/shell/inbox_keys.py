"""Keys and menu lines that act on the list's selection, or on the open conversation when it left the list."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.inbox.presenter import InboxPresenter
from ui.inbox.view import ConversationList
from ui.shell.actions import Actions


class InboxKeys(QObject):
    """Connects the registry's list and conversation actions."""

    def __init__(self, actions: Actions, inbox: InboxPresenter, view: ConversationList) -> None:
        super().__init__(view)
        self._inbox, self._view = inbox, view
        self.open_id = ""
        for name, slot in (
            ("list.next", self._next), ("list.previous", self._previous), ("list.select", view.toggle),
            ("conversation.resolve", self._resolve), ("conversation.resolve_next", self._resolve_next),
            ("conversation.reopen", self._reopen), ("conversation.no_response", self._no_response),
            ("conversation.read", self._read), ("conversation.unread", self._unread), ("file.sync", inbox.fetch),
            ("go.open", self._go_open), ("go.breaching", self._go_breaching), ("go.unanswered", self._go_unanswered),
            ("go.snoozed", self._go_snoozed), ("go.failed", self._go_failed), ("go.resolved", self._go_resolved),
            ("go.all", self._go_all),
        ):
            actions.on(name, slot)

    def ids(self) -> tuple[str, ...]:
        """What an action is about."""
        return self._view.ids() or ((self.open_id,) if self.open_id else ())

    def snooze(self, until: int) -> None:
        self._inbox.snooze(self.ids(), until)

    def _next(self) -> None:
        self._view.go(1)

    def _previous(self) -> None:
        self._view.go(-1)

    def _resolve(self) -> None:
        self._inbox.resolve(self.ids())

    def _resolve_next(self) -> None:
        ids = self.ids()
        self._view.go(1)
        self._inbox.resolve(ids)

    def _reopen(self) -> None:
        self._inbox.reopen(self.ids())

    def _no_response(self) -> None:
        self._inbox.no_response(self.ids())

    def _read(self) -> None:
        self._inbox.mark_read(self.ids(), True)

    def _unread(self) -> None:
        self._inbox.mark_read(self.ids(), False)

    def _go_open(self) -> None:
        self._inbox.show_queue("open")

    def _go_breaching(self) -> None:
        self._inbox.show_queue("breaching")

    def _go_unanswered(self) -> None:
        self._inbox.show_queue("unanswered")

    def _go_snoozed(self) -> None:
        self._inbox.show_queue("snoozed")

    def _go_failed(self) -> None:
        self._inbox.show_queue("failed")

    def _go_resolved(self) -> None:
        self._inbox.show_queue("resolved")

    def _go_all(self) -> None:
        self._inbox.show_queue("all")
