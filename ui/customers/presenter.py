"""What the customer's section knows: the person behind the conversation on show, proposals, and their history."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.customers.model import Contact, Customer, Proposal
from workstation.domain.events import CustomersChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paging import Page

DWELL_MS = 250
"""What is only leafed past is not asked about."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One reading. `contacts` are the newest, `cursor` continues them."""

    conversation_id: str
    customer: Customer
    proposals: tuple[Proposal, ...]
    contacts: tuple[Contact, ...]
    cursor: str | None = None


class CustomerPresenter(QObject):
    """State of one section."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.portrait: Portrait | None = None
        self.problem = ""
        self._bridge = bridge
        self._conversation = ""
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._ask)
        bridge.customers_changed.connect(self._on_changed)

    def show(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        if (conversation_id or "") == self._conversation:
            return
        self._conversation = conversation_id or ""
        self.portrait, self.problem = None, ""
        self.changed.emit()
        if conversation_id:
            self._dwell.start()
        else:
            self._dwell.stop()

    def more(self) -> None:
        """Read the next part of the history."""
        if self.portrait is not None and self.portrait.cursor is not None:
            command = partial(_history, self.portrait.customer.id, self.portrait.cursor)
            self._bridge.call(command, partial(self._on_more, self.portrait), self, replaces="history")

    def merge(self, proposal: Proposal) -> None:
        """A person says they are one."""
        self._act(partial(_merge, proposal.customer_id, proposal.other_id))

    def dismiss(self, proposal: Proposal) -> None:
        """A person says they are two."""
        self._act(partial(_dismiss, proposal.id))

    def part(self, other_id: str) -> None:
        """Take a merge back."""
        if self.portrait is not None:
            self._act(partial(_part, self.portrait.customer.id, other_id))

    @Slot()
    def _ask(self) -> None:
        wanted = self._conversation
        if wanted:
            self._bridge.call(partial(_portrait, wanted), self._on_read, self, self._on_problem, replaces="customer")

    def _on_read(self, portrait: Portrait | None) -> None:
        if portrait is not None and portrait.conversation_id == self._conversation:
            self.portrait, self.problem = portrait, ""
            self.changed.emit()

    def _on_problem(self, problem: WorkstationError) -> None:
        self.problem = str(problem)
        self.changed.emit()

    def _on_more(self, before: Portrait, page: Page[Contact]) -> None:
        if self.portrait is before:
            self.portrait = Portrait(before.conversation_id, before.customer, before.proposals,
                                     (*before.contacts, *page.rows), page.cursor)
            self.changed.emit()

    def _on_changed(self, event: CustomersChanged) -> None:
        shown = self.portrait
        if shown is None or {shown.customer.id, *(one for one, _name in shown.customer.merged),
                             *(each.other_id for each in shown.proposals)} & set(event.ids):
            self._ask()

    def _act(self, command: Callable[[Core], Coroutine[object, object, Undo | None]]) -> None:
        self._bridge.call(command, self._on_done, self)

    def _on_done(self, undo: Undo | None) -> None:
        if undo is not None:
            self._bridge.notice(undo.sentence, partial(self._undo, undo.id))

    def _undo(self, undo_id: str) -> None:
        self._bridge.call(partial(_undo, undo_id), _nothing, self)


async def _portrait(conversation_id: str, core: Core) -> Portrait | None:
    if core.customers is None:
        return None
    customer = await core.customers.of(conversation_id)
    page = await core.customers.history(customer.id)
    return Portrait(conversation_id, customer, await core.customers.proposals(customer.id), page.rows, page.cursor)


async def _history(customer_id: str, cursor: str, core: Core) -> Page[Contact]:
    return await core.customers.history(customer_id, cursor) if core.customers is not None else Page(())


async def _merge(one: str, other: str, core: Core) -> Undo | None:
    return await core.customers.merge(one, other) if core.customers is not None else None


async def _dismiss(proposal_id: str, core: Core) -> Undo | None:
    return await core.customers.dismiss(proposal_id) if core.customers is not None else None


async def _part(one: str, other: str, core: Core) -> Undo | None:
    return await core.customers.part(one, other) if core.customers is not None else None


async def _undo(undo_id: str, core: Core) -> None:
    if core.customers is not None:
        await core.customers.undo(undo_id)


def _nothing(_result: None) -> None:
    """`CustomersChanged` says the rest."""
