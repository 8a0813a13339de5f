"""What the palette lists, and in which order: what fits best first, what cannot be done just now last, with why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ui.inbox.presenter import InboxPresenter
from ui.inbox.words import queue_icon, queue_title
from ui.shell.actions import Actions
from ui.shell.fuzzy import STRONG, score
from workstation.customers.model import Customer
from workstation.domain.order import OrderRef
from workstation.inbox.model import ConversationRow
from workstation.kernel.i18n import _

BEST, LOOSE, IMPOSSIBLE = 12, 4, 4
"""So many that hold what was typed, that have only its letters, and that cannot be done just now."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the store has for what was typed."""

    typed: str
    conversations: tuple[ConversationRow, ...] = ()
    people: tuple[Customer, ...] = ()
    orders: tuple[tuple[OrderRef, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: `side` is its key or what kind it is; `reason` why it cannot be done, "" when it can.
    `id` is the same whenever the same line is listed."""

    id: str
    text: str
    side: str
    icon: str
    run: Callable[[], None]
    reason: str = ""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        if self.reason:
            return _("{action}, not possible: {reason}").format(action=self.text, reason=self.reason)
        return f"{self.text}, {self.side}" if self.side else self.text


class Entries:
    """Actions of the registry, queues of the list, and what the store found."""

    def __init__(
        self, actions: Actions, inbox: InboxPresenter, open_conversation: Callable[[str], None],
        search_for: Callable[[str], None],
    ) -> None:
        self._actions, self._inbox = actions, inbox
        self._open, self._search_for = open_conversation, search_for

    def listed(self, typed: str, found: Found, recent: Sequence[str]) -> list[Entry]:
        """The lines for what was typed. With nothing typed everything is listed, what was used last at the top."""
        known = (*self._of_actions(), *self._of_queues())
        possible = [entry for entry in known if not entry.reason]
        impossible = [entry for entry in known if entry.reason]
        if not typed:
            used = {entry.id: entry for entry in possible if entry.id in recent}
            first = [used[name] for name in recent if name in used]
            return [*first, *(entry for entry in possible if entry.id not in used), *impossible]
        stored = [*self._of_people(found.people), *self._of_orders(found.orders),
                  *self._of_conversations(found.conversations)]
        return [*_best(typed, possible, recent), *stored, *_best(typed, impossible, recent)[:IMPOSSIBLE]]

    def _of_actions(self) -> Iterable[Entry]:
        for spec in self._actions.specs():
            action = self._actions.action(spec.id)
            if spec.id == "app.palette" or spec.group == "go":
                continue
            hint = self._actions.hint(spec.id)
            if action.isEnabled():
                yield Entry(spec.id, action.text(), hint, spec.icon, action.trigger)
            else:
                reason = self._actions.reason(spec.id) or _("Not possible just now.")
                yield Entry(spec.id, action.text(), hint, spec.icon, action.trigger, reason)

    def _of_queues(self) -> Iterable[Entry]:
        own = {spec.id for spec in self._actions.specs()}
        for queue in self._inbox.queues:
            name = f"go.{queue.key}"
            side = self._actions.hint(name) if name in own else _("queue")
            yield Entry(name, queue_title(queue), side, queue_icon(queue) or "list",
                        partial(self._inbox.show_queue, queue.key))

    def _of_people(self, people: Iterable[Customer]) -> list[Entry]:
        """A person leads to everything of theirs."""
        return [
            Entry(f"person:{one.id}", _named(one), _("person"), "user",
                  partial(self._search_for, f'from:"{one.identities[0].value}"'))
            for one in people if one.identities
        ]

    def _of_orders(self, orders: Iterable[tuple[OrderRef, str]]) -> list[Entry]:
        """An order leads to everything about it."""
        return [
            Entry(f"order:{ref}", f"{ref} · {buyer}" if buyer else str(ref), _("order"), "order",
                  partial(self._search_for, f'order:"{ref.order_id}"'))
            for ref, buyer in orders
        ]

    def _of_conversations(self, rows: Iterable[ConversationRow]) -> list[Entry]:
        return [Entry(f"conversation:{row.id}", f"{row.who} · {row.subject}", _("conversation"), "mail",
                      partial(self._open, row.id)) for row in rows]


def _best(typed: str, entries: Iterable[Entry], recent: Sequence[str]) -> list[Entry]:
    """What holds the typed letters in a row, then a few that have them scattered; of equals what was used last."""
    scored = [(score(typed, entry.text), entry) for entry in entries]
    ranked = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], pair[1].id not in recent))
    strong = [entry for points, entry in ranked if points >= STRONG]
    loose = [entry for points, entry in ranked if points < STRONG]
    return [*strong[:BEST], *loose[:LOOSE]]


def _named(customer: Customer) -> str:
    value = customer.identities[0].value
    return customer.name if customer.name == value else f"{customer.name} · {value}"
