"""Keys and menu lines that act on the list's selection, or on the open conversation when it left the list."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.inbox.presenter import InboxPresenter
from ui.inbox.view import ListColumn
from ui.shell.actions import Actions

MARKED = ("resolve", "snooze", "assign", "label", "mute", "no_response", "merge")
"""What the bar under the list offers for marked rows."""


class InboxKeys(QObject):
    """Connects the registry's list and conversation actions."""

    def __init__(self, actions: Actions, inbox: InboxPresenter, column: ListColumn) -> None:
        super().__init__(column)
        view = column.list
        self._inbox, self._view, self._column = inbox, view, column
        self.open_id = ""
        for name, slot in (
            ("list.next", self._next), ("list.previous", self._previous), ("list.select", view.toggle),
            ("conversation.resolve", self._resolve), ("conversation.resolve_next", self._resolve_next),
            ("conversation.reopen", self._reopen), ("conversation.no_response", self._no_response),
            ("conversation.read", self._read), ("conversation.unread", self._unread), ("file.sync", inbox.fetch),
            ("go.open", self._go_open), ("go.breaching", self._go_breaching), ("go.unanswered", self._go_unanswered),
            ("go.snoozed", self._go_snoozed), ("go.failed", self._go_failed), ("go.resolved", self._go_resolved),
            ("go.all", self._go_all), ("go.mine", self._go_mine), ("go.unassigned", self._go_unassigned),
            ("go.review", self._go_review), ("list.extend_next", self._extend_next),
            ("list.extend_previous", self._extend_previous), ("list.all", self._select_all),
            ("list.save_view", column.save_view), ("list.remove_view", column.remove_view),
            ("conversation.assign", self._assign),
            ("conversation.label", self._label), ("conversation.merge", self._merge),
            ("conversation.mute", self._mute), ("conversation.review", self._ask_review),
        ):
            actions.on(name, slot)
        column.marked = [actions.action(f"conversation.{name}") for name in MARKED]
        column.ids = self.ids

    def ids(self) -> tuple[str, ...]:
        """What an action is about."""
        return self._view.ids() or ((self.open_id,) if self.open_id else ())

    def snooze(self, until: int) -> None:
        self._inbox.snooze(self.ids(), until)

    def _assign(self) -> None:
        self._column.pickers().assign()

    def _label(self) -> None:
        self._column.pickers().tag()

    def _merge(self) -> None:
        self._inbox.act.merge(self.ids())

    def _mute(self) -> None:
        self._inbox.act.mute(self.ids())

    def _ask_review(self) -> None:
        self._inbox.act.ask_review(self.ids())

    def _extend_next(self) -> None:
        self._view.extend(1)

    def _extend_previous(self) -> None:
        self._view.extend(-1)

    def _select_all(self) -> None:
        self._view.select_all()

    def _go_mine(self) -> None:
        self._inbox.show_queue("mine")

    def _go_unassigned(self) -> None:
        self._inbox.show_queue("unassigned")

    def _go_review(self) -> None:
        self._inbox.show_queue("review")

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
