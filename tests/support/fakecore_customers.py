"""Customers in memory: one for each conversation, and what people said of them."""

from __future__ import annotations

from tests.support.fakecore import NOW, World
from workstation.customers.model import Contact, Customer, Identity, Proposal, Reason
from workstation.domain.events import CustomersChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import NotFound
from workstation.kernel.paging import Page

REASONS = (
    Reason("Both write about order 702-1234567-1234567.", 0.8), Reason("They write in different languages.", -0.15))


class FakeCustomers:
    """Fulfils `api.CustomersApi` for the conversations of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.one: set[frozenset[str]] = set()
        self.two: set[frozenset[str]] = set()
        self.undone: list[str] = []
        self.earlier = 8

    async def of(self, conversation_id: str) -> Customer:
        row = next((row for row in self.world.rows if row.id == conversation_id), None)
        if row is None:
            raise NotFound("This conversation is not in the store.", "Choose another.")
        customer = f"customer of {conversation_id}"
        merged = tuple((other, "Ana at home") for pair in self.one if customer in pair for other in pair - {customer})
        identity = Identity("alias", f"{conversation_id}@marketplace.amazon.com", "amazon", row.who, NOW)
        return Customer(customer, row.who, (identity,), "pt", ("BR",), 2, 1 + self.earlier, 0, NOW, merged)

    async def find(self, text: str, limit: int = 8) -> tuple[Customer, ...]:
        self.world.note("find customer", text)
        found = [row for row in self.world.rows if row.who.casefold().startswith(text.casefold())]
        return tuple([await self.of(row.id) for row in found[:limit]])

    async def history(self, customer_id: str, cursor: str | None = None) -> Page[Contact]:
        here = customer_id.removeprefix("customer of ")
        first = int(cursor or 0)
        rows = [Contact(here if n == 0 else f"c{n:06}", f"Earlier question {n}", "amazon", "loja-1", "resolved", "late",
                        NOW - n * 86_400_000) for n in range(first, min(first + 7, 1 + self.earlier))]
        return Page(tuple(rows), str(first + 7) if first + 7 < 1 + self.earlier else None)

    async def proposals(self, customer_id: str) -> tuple[Proposal, ...]:
        pair = frozenset((customer_id, "home"))
        if pair in self.one or pair in self.two:
            return ()
        other = Identity("email", "ana@home.example", "email", "Ana at home", NOW)
        return (Proposal(f"{customer_id}+home", customer_id, "home", "Ana at home", (other,), 0.76, REASONS),)

    async def merge(self, customer_id: str, other_id: str) -> Undo:
        self.one.add(frozenset((customer_id, other_id)))
        return self._said("merge", customer_id, other_id)

    async def part(self, customer_id: str, other_id: str) -> Undo:
        self.one.discard(frozenset((customer_id, other_id)))
        return self._said("part", customer_id, other_id)

    async def dismiss(self, proposal_id: str) -> Undo:
        one, _plus, other = proposal_id.partition("+")
        self.two.add(frozenset((one, other)))
        return self._said("dismiss", one, other)

    async def undo(self, undo_id: str) -> None:
        self.undone.append(undo_id)

    def _said(self, what: str, one: str, other: str) -> Undo:
        self.world.note(what, (one, other))
        self.world.bus.publish(CustomersChanged((one, other)))
        return Undo(f"undo {what}", f"{what} done")
