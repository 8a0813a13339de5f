"""The script's orders in each form a seller has them: exports, the shop's own, and the carrier's parcels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from workstation.connectors.simulated.faults import Fault
from workstation.demo.script.dates import at
from workstation.demo.script.loader import scripts, with_order
from workstation.demo.script.model import Script, ScriptOrder, ScriptParcel
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef, Parcel, ParcelState, Refund, TrackingEvent
from workstation.kernel.clock import to_datetime

SALES_CHANNELS = {
    "BR": "Amazon.com.br", "GB": "Amazon.co.uk", "US": "Amazon.com", "ES": "Amazon.es", "DE": "Amazon.de",
    "JP": "Amazon.co.jp", "AE": "Amazon.ae", "FR": "Amazon.fr",
}
_TSV = (
    "amazon-order-id", "purchase-date", "shipment-date", "order-status", "sales-channel", "ship-service-level",
    "buyer-name", "buyer-email", "sku", "product-name", "quantity", "currency", "item-price", "ship-country", "carrier",
    "tracking-number", "estimated-arrival-date",
)
_CSV = (
    "Name", "Email", "Financial Status", "Fulfillment Status", "Fulfilled at", "Currency", "Total", "Shipping Method",
    "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Name",
    "Shipping Country", "Refunded Amount", "Store",
)


def orders_tsv(now: int) -> bytes:
    """The marketplace orders as Amazon's report: UTF-8, tabs, no quoting. It says nothing about refunds."""
    rows = [row for script, order in _on("amazon") for row in _tsv_rows(script, order, now)]
    return "".join("\t".join(row) + "\r\n" for row in (_TSV, *rows)).encode()


def orders_csv(now: int) -> bytes:
    """The shop's orders as Shopify exports them. Orders whose shop misbehaves are not in it: nobody knows them yet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_CSV)
    for script, order in _on("shopify"):
        if not order.trouble:
            writer.writerows(_csv_rows(script, order, now))
    return out.getvalue().encode()


def shop_orders(now: int) -> tuple[Order, ...]:
    """What the shop answers when asked, refunds included."""
    return tuple(_order(script, order, now) for script, order in _on("shopify"))


def shop_faults() -> dict[str, Fault]:
    """How the shop misbehaves, by order name."""
    return {order.id: Fault(order.trouble) for _script, order in _on("shopify") if order.trouble}


def parcels(now: int) -> tuple[Parcel, ...]:
    """What the carrier knows."""
    return tuple(_parcel(order, parcel, now) for order, parcel in _shipped())


def carrier_faults() -> dict[str, Fault]:
    """How the carrier misbehaves, by tracking number."""
    return {order.tracking: Fault(parcel.trouble) for order, parcel in _shipped() if parcel.trouble}


def store_of(order: ScriptOrder) -> str:
    """The store an order belongs to, as its source names it."""
    return SALES_CHANNELS[order.country] if order.platform == "amazon" else "lumenharbor.example"


def _on(platform: str) -> tuple[tuple[Script, ScriptOrder], ...]:
    return tuple((script, order) for script, order in with_order(scripts()) if order.platform == platform)


def _shipped() -> tuple[tuple[ScriptOrder, ScriptParcel], ...]:
    return tuple((order, order.parcel) for _script, order in with_order(scripts()) if order.parcel is not None)


def _tsv_rows(script: Script, order: ScriptOrder, now: int) -> list[Sequence[str]]:
    shipped = _iso(now, order.shipped_days)
    return [(
        order.id, _iso(now, order.placed_days), shipped, "Shipped" if shipped else "Unshipped", store_of(order),
        order.service, script.buyer, script.address, line.sku, line.title, str(line.quantity), order.currency,
        Money(Money.parse(line.price, order.currency).minor * line.quantity, order.currency).decimal, order.country,
        order.carrier, order.tracking, _iso(now, order.promised_days),
    ) for line in order.lines]


def _csv_rows(script: Script, order: ScriptOrder, now: int) -> list[Sequence[str]]:
    """The first row carries the order, further rows only repeat its name with one more item."""
    total, refunded = _total(order), sum(Money.parse(r.amount, order.currency).minor for r in order.refunds)
    paid = "paid" if not refunded else "refunded" if refunded >= total.minor else "partially_refunded"
    shipped = _iso(now, order.shipped_days)
    rows: list[Sequence[str]] = []
    for number, line in enumerate(order.lines):
        item = (str(line.quantity), line.title, line.price, line.sku)
        rows.append((
            order.id, script.address, paid, "fulfilled" if shipped else "unfulfilled", shipped, order.currency,
            total.decimal, order.service, _iso(now, order.placed_days), *item, script.buyer, order.country,
            Money(refunded, order.currency).decimal, store_of(order),
        ) if number == 0 else (order.id, script.address, *[""] * 7, *item, "", "", "", store_of(order)))
    return rows


def _order(script: Script, order: ScriptOrder, now: int) -> Order:
    return Order(
        id=order.id.lstrip("#"), ref=OrderRef(order.platform, store_of(order), order.id), buyer_name=script.buyer,
        buyer_email=script.address, placed_at=at(now, order.placed_days), total=_total(order), country=order.country,
        lines=tuple(OrderLine(line.sku, line.title, line.quantity, Money.parse(line.price, order.currency))
                    for line in order.lines),
        shipped_at=_moment(now, order.shipped_days), promised_at=_moment(now, order.promised_days),
        delivered_at=_moment(now, order.delivered_days), tracking_number=order.tracking, carrier=order.carrier,
        service=order.service, status="fulfilled" if order.shipped_days is not None else "unfulfilled", source="",
        fetched_at=now, refunds=tuple(
            Refund(f"{order.id.lstrip('#')}-{number}", Money.parse(refund.amount, order.currency), at(now, refund.days),
                   refund.reason) for number, refund in enumerate(order.refunds, 1)),
        refunds_known=True,
    )


def _parcel(order: ScriptOrder, parcel: ScriptParcel, now: int) -> Parcel:
    events = tuple(TrackingEvent(at(now, step.days), ParcelState(step.state), step.text, step.place)
                   for step in parcel.events)
    return Parcel(order.tracking, order.carrier, order.service, ParcelState(parcel.state), events,
                  _moment(now, parcel.delivered_days))


def _total(order: ScriptOrder) -> Money:
    prices = [Money.parse(line.price, order.currency).minor * line.quantity for line in order.lines]
    return Money(sum(prices), order.currency)


def _moment(now: int, days: float | None) -> int | None:
    return None if days is None else at(now, days)


def _iso(now: int, days: float | None) -> str:
    return "" if days is None else to_datetime(at(now, days)).isoformat(timespec="seconds")
