"""What the customers need from the inbox and from the orders. All calls run in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from workstation.customers.model import Contact


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation as far as it tells who its buyer is."""

    conversation_id: str
    address: str
    name: str
    channel: str
    language: str
    market: str
    last_at: int
    customer_id: str = ""              # "" nobody looked yet


@dataclass(frozen=True, slots=True)
class Totals:
    """What a customer's conversations say together."""

    conversations: int
    first_at: int
    last_at: int
    languages: tuple[str, ...]         # most used first
    markets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """An order that a conversation is surely about. `buyer` is the address the order has, in lower case."""

    conversation_id: str
    order: str
    number: str
    buyer: str
    country: str


class Conversations(Protocol):
    def unassigned(self, connection: Connection, limit: int) -> Sequence[Seen]:
        """Conversations whose customer was not looked at yet, newest first."""

    def assign(self, connection: Connection, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep (conversation, customer)."""

    def of(self, connection: Connection, conversation_id: str) -> Seen | None: ...

    def ids(self, connection: Connection, customer_ids: Collection[str], limit: int) -> Sequence[str]:
        """Their newest conversations."""

    def history(
        self, connection: Connection, customer_ids: Collection[str], before: tuple[int, str] | None, limit: int,
    ) -> Sequence[Contact]:
        """Newest first; `before` is (last_at, id) of the last one of the page before."""

    def totals(self, connection: Connection, customer_ids: Collection[str]) -> Totals: ...

    def customers(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[str]:
        """Whose conversations these are."""


class Orders(Protocol):
    def traces(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[Trace]:
        """Orders these conversations are surely about."""

    def about(self, connection: Connection, orders: Collection[str], limit: int) -> Sequence[Trace]:
        """Other conversations that are surely about one of these orders."""

    def bought(self, connection: Connection, addresses: Collection[str], limit: int) -> Sequence[Trace]:
        """Conversations surely about an order that one of these addresses placed."""

    def wrote(self, connection: Connection, addresses: Collection[str], limit: int) -> Sequence[tuple[str, str]]:
        """(conversation, address) wherever one of these addresses wrote."""

    def writers(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[tuple[str, str]]:
        """(conversation, address) of whoever wrote in these."""
