"""What verification needs from outside: stored facts and whoever refreshes them, the buyer's addresses, the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.facts import Attempt, OrderFacts, StoredAnswer
from workstation.domain.order import OrderRef


class Link(Protocol):
    """An order a conversation is about, and why."""

    @property
    def ref(self) -> OrderRef: ...

    @property
    def reason(self) -> str: ...

    @property
    def strong(self) -> bool: ...


class Orders(Protocol):
    """Stored facts about orders, read inside the caller's transaction."""

    def linked(self, connection: Connection, conversation_id: str) -> Sequence[Link]:
        """The surest first."""

    def missing(self, connection: Connection, conversation_id: str) -> Sequence[OrderRef]:
        """Orders the conversation names that are not stored."""

    def facts(self, connection: Connection, ref: OrderRef) -> OrderFacts | None: ...

    def matching(self, connection: Connection, order_id: str) -> Sequence[OrderRef]:
        """Stored orders with this number, or this "store/number"."""

    def conversations(self, connection: Connection, ref: OrderRef) -> Sequence[str]: ...

    def attempt(self, connection: Connection, ref: OrderRef) -> Attempt | None:
        """How the shop last answered about an order, stored or not."""

    def answer(self, connection: Connection, answer_id: str) -> StoredAnswer:
        """Raises NotFound."""

    async def refresh(self, ref: OrderRef) -> None:
        """Ask the order's sources again, for a bounded time, and keep what came of it. Never raises ConnectError."""


class Buyers(Protocol):
    """Who wrote to us in a conversation. The inbox fulfils it."""

    def addresses(self, connection: Connection, conversation_id: str) -> tuple[str, ...]: ...


class ReturnRule(Protocol):
    """A return window that applies to an order."""

    @property
    def days(self) -> int: ...

    @property
    def basis(self) -> str:
        """"law", "platform" or "store"."""

    @property
    def source(self) -> str: ...

    def closes_at(self, delivered_at: int) -> int: ...


class Rules(Protocol):
    """Policy as data. `kind` is a domain.facts.SourceKind, `part` a field of OrderFacts."""

    def return_rule(self, platform: str, store: str, country: str) -> ReturnRule | None: ...

    def stale_days(self, service: str) -> int: ...

    def lasts_ms(self, kind: str, part: str) -> int: ...
