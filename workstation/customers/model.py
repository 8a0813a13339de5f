"""Values of the customers. Times are milliseconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """One way a customer is known: a mail address, a relay alias, a phone number, a marketplace's buyer name."""

    kind: str                          # "email", "alias", "phone", "handle"
    value: str
    channel: str
    name: str = ""
    last_at: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two customers may be one. `weight` from -1 (speaks against it) to 1 (is enough by itself)."""

    sentence: str
    weight: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two customers who may be one person. `confidence` from 0 to 1, never acted upon without a person."""

    id: str
    customer_id: str
    other_id: str
    other_name: str
    other_identities: tuple[Identity, ...]
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """A conversation of a customer's history."""

    conversation_id: str
    subject: str
    channel: str
    store: str
    state: str
    issue: str
    last_at: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A person as far as known: `merged` names the customers that people said are this one, for parting them again."""

    id: str
    name: str
    identities: tuple[Identity, ...]
    language: str
    markets: tuple[str, ...]
    orders: int
    conversations: int
    first_at: int
    last_at: int
    merged: tuple[tuple[str, str], ...] = ()     # (customer id, name)
