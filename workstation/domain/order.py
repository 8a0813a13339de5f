"""Orders, parcels and refunds in the trade's words. Times are milliseconds since the epoch, UTC; None is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.money import Money


class ParcelState(StrEnum):
    """How far a parcel has come, as its carrier says."""

    LABEL = "label"            # announced, not yet handed over
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"    # refused, failed attempt, damaged, held
    RETURNED = "returned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order as its platform names it. The id alone is not unique: two stores may use the same."""

    platform: str              # "amazon", "shopify", "generic", …
    store: str
    order_id: str

    def __str__(self) -> str:
        return f"{self.store}/{self.order_id}"


@dataclass(frozen=True, slots=True)
class OrderLine:
    sku: str
    title: str
    quantity: int
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for an order."""

    id: str
    amount: Money
    at: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    at: int
    state: ParcelState
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment: its tracking number, carrier, service and what happened to it, newest event last."""

    tracking_number: str
    carrier: str
    service: str = ""
    state: ParcelState = ParcelState.UNKNOWN
    events: tuple[TrackingEvent, ...] = ()
    delivered_at: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as last seen at its source. `fetched_at` says when that was, `source` where."""

    id: str
    ref: OrderRef
    buyer_name: str
    buyer_email: str           # may be a marketplace's relay alias
    placed_at: int | None
    total: Money | None
    country: str               # ISO 3166 alpha-2 of the delivery address, "" when unknown
    lines: tuple[OrderLine, ...]
    shipped_at: int | None
    promised_at: int | None    # latest delivery promised to the buyer
    delivered_at: int | None
    tracking_number: str
    carrier: str
    service: str
    status: str                # the platform's own word
    source: str
    fetched_at: int
    refunds: tuple[Refund, ...] = ()
    refunds_known: bool = False  # False: the source says nothing about refunds, so "none" would be a guess
    shipping_known: bool = True  # False: the source says nothing about shipping, so "not shipped" would be a guess
