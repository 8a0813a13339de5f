"""Rows of the order tables as domain values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from workstation.domain.clues import match_key
from workstation.domain.facts import Provenance, SourceKind
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef, Parcel, ParcelState, Refund, TrackingEvent

Values = dict[str, Any]


def to_money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def to_line(row: RowMapping) -> OrderLine:
    return OrderLine(row["sku"], row["title"], row["quantity"], to_money(row["price_minor"], row["currency"]))


def to_refund(row: RowMapping) -> Refund:
    return Refund(row["refund_id"], Money(row["minor"], row["currency"]), row["at"], row["reason"])


def to_provenance(row: RowMapping) -> Provenance:
    return Provenance(row["source"], SourceKind(row["kind"]), row["fetched_at"], row["answer_id"])


def to_event(row: RowMapping) -> TrackingEvent:
    return TrackingEvent(row["at"], ParcelState(row["state"]), row["text"], row["place"])


def to_parcel(row: RowMapping, events: tuple[TrackingEvent, ...]) -> Parcel:
    return Parcel(row["tracking_number"], row["carrier"], row["service"], ParcelState(row["state"]), events,
                  row["delivered_at"])


def to_order(
    row: RowMapping, lines: tuple[OrderLine, ...], refunds: tuple[Refund, ...], identity: Provenance | None,
) -> Order:
    plain = ("id", "buyer_name", "buyer_email", "placed_at", "country", "shipped_at", "promised_at", "delivered_at",
             "tracking_number", "carrier", "service", "status", "refunds_known", "shipping_known")
    values: Mapping[str, Any] = {name: row[name] for name in plain}
    return Order(
        **values, ref=OrderRef(row["platform"], row["store"], row["order_id"]), lines=lines, refunds=refunds,
        total=to_money(row["total_minor"], row["currency"]), source=identity.source if identity else "",
        fetched_at=identity.fetched_at if identity else 0,
    )


def order_values(order: Order) -> Values:
    same = ("id", "buyer_name", "buyer_email", "placed_at", "country", "shipped_at", "promised_at", "delivered_at",
            "tracking_number", "carrier", "service", "status", "refunds_known", "shipping_known")
    return {name: getattr(order, name) for name in same} | {
        "platform": order.ref.platform, "store": order.ref.store, "order_id": order.ref.order_id,
        "match_key": match_key(order.ref.order_id), "tracking_key": match_key(order.tracking_number),
        "buyer_key": order.buyer_email.strip().lower(),
        "total_minor": order.total.minor if order.total else None,
        "currency": order.total.currency if order.total else "",
    }


def line_values(order: Order) -> list[Values]:
    return [
        {"order_id": order.id, "position": at, "sku": line.sku, "title": line.title, "quantity": line.quantity,
         "price_minor": line.price.minor if line.price else None, "currency": line.price.currency if line.price else ""}
        for at, line in enumerate(order.lines)
    ]


def refund_values(order: Order) -> list[Values]:
    return [
        {"order_id": order.id, "position": at, "refund_id": refund.id, "minor": refund.amount.minor,
         "currency": refund.amount.currency, "at": refund.at, "reason": refund.reason}
        for at, refund in enumerate(order.refunds)
    ]


def provenance_values(said: Provenance) -> Values:
    return {"source": said.source, "kind": said.kind.value, "fetched_at": said.fetched_at, "answer_id": said.answer_id}
