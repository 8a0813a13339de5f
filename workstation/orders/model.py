"""Values of the orders feature. Imports report what was seen, new, updated and bad."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.order import Order, OrderRef, Parcel


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of an order file that could not be used. `where` is "line 17"."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class OrderImportReport:
    seen: int = 0
    new: int = 0
    updated: int = 0
    bad: tuple[BadRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderLink:
    """An order that a conversation is about, and why we think so."""

    conversation_id: str
    ref: OrderRef
    reason: str                # "names the order number", "same relay address", "same address"
    strong: bool               # the number itself was named, or the relay alias is the order's own


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered when asked: the mapped value, and the raw bytes it came from, kept for proof."""

    source: str                # "shopify · shop.example", "17track", "amazon report orders.txt"
    fetched_at: int
    raw: bytes
    content_type: str
    order: Order | None = None
    parcel: Parcel | None = None
    asked: str = ""            # "POST https://host/path", without a query; "" for a file
    status: int = 0            # of HTTP, 0 for a file


@dataclass(frozen=True, slots=True)
class ClueMaterial:
    """What a conversation offers to find its order by: who wrote, and every buyer's text of it, joined."""

    conversation_id: str
    addresses: tuple[str, ...]
    text: str
