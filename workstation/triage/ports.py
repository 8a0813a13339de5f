"""What triage needs from outside: conversations with what their buyers wrote last, and what is known of orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from workstation.store.unit import Unit


class Stand(Protocol):
    """A conversation as its row says."""

    @property
    def id(self) -> str: ...

    @property
    def sort_key(self) -> int: ...

    @property
    def last_at(self) -> int: ...

    @property
    def language(self) -> str: ...

    @property
    def market(self) -> str: ...

    @property
    def issue(self) -> str: ...

    @property
    def urgency(self) -> int: ...

    @property
    def risk(self) -> str: ...


class Said(Protocol):
    """A buyer's message, no automatic one, without quoted history. `answered`: somebody of ours wrote afterwards."""

    @property
    def at(self) -> int: ...

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def answered(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Columns:
    """What triage writes into a conversation's row."""

    id: str
    issue: str
    urgency: int
    risk: str
    market: str
    language: str


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of the order a conversation is surely about. None and "" are unknown. Times are ms, UTC."""

    country: str = ""
    refunds: int = 0
    refunded_at: int | None = None
    shipped: bool | None = None
    promised_at: int | None = None
    delivered_at: int | None = None
    parcel: str = ""                   # a domain.order.ParcelState


class Conversations(Protocol):
    """The inbox, inside the caller's transaction."""

    def waiting(self, connection: Connection, after: tuple[int, str] | None, limit: int) -> Sequence[Stand]:
        """Open conversations in the order of the list, after a place in it."""

    def stands(self, connection: Connection, ids: Sequence[str]) -> Sequence[Stand]: ...

    def said(self, connection: Connection, conversation_id: str, limit: int) -> Sequence[Said]:
        """The newest messages of the buyer, newest first."""

    def put(self, connection: Connection, rows: Sequence[Columns]) -> Sequence[str]:
        """Write what differs; what is not known ("") takes no market or language away. Returns what changed."""

    def tell(self, unit: Unit, conversation_id: str, kind: str, old: str | None, new: str | None, at: int) -> None:
        """Tell the hub, once it knows the conversation, what a person says of a kind now, None for nothing."""

    def restore(self, connection: Connection, row: Columns) -> None:
        """Write what stood there before, also that nothing was known."""


class Cases(Protocol):
    """Stored facts, read inside the caller's transaction."""

    def facts(self, connection: Connection, conversation_id: str) -> CaseFacts | None: ...

    def touched(self, connection: Connection, order_ids: Sequence[str]) -> Sequence[str]:
        """The conversations linked to these orders."""
