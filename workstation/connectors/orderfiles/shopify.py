"""Shopify's orders export as orders. Column names from the Shopify Help Center's page on exporting orders.

An order's further line items are rows of their own that repeat its name and leave the order's columns empty. The export
names no store: a column `Store` may be added. `Fulfilled at` is when the shop sent the order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workstation.connectors.orderfiles.cells import Row, country
from workstation.connectors.orderfiles.formats import Format
from workstation.domain.order import Order, OrderLine, OrderRef, Refund
from workstation.kernel.ids import new_id


def _fits(header: Collection[str]) -> bool:
    return "name" in header and bool({"financial status", "fulfillment status", "lineitem name"} & set(header))


def _identity(row: Row) -> str:
    return f"{row.text('store')}/{row.order_id('name')}"


def _build(rows: Sequence[Row], source: str, fetched_at: int) -> Order:
    first = rows[0]
    currency = first.text("currency")
    return Order(
        id=new_id(), ref=OrderRef("shopify", first.text("store"), first.order_id("name")),
        buyer_name=first.text("billing name", "shipping name"), buyer_email=first.text("email"),
        placed_at=first.moment("created at"), total=first.money(currency, "total"),
        country=country(first.text("shipping country", "billing country")),
        lines=tuple(_line(row, currency) for row in rows), shipped_at=first.moment("fulfilled at"),
        promised_at=None, delivered_at=None, tracking_number="", carrier="", service=first.text("shipping method"),
        status=_status(first), source=source, fetched_at=fetched_at, refunds=_refunds(first, currency),
        refunds_known="refunded amount" in first.cells,
        shipping_known="fulfillment status" in first.cells or "fulfilled at" in first.cells,
    )


def _status(row: Row) -> str:
    return "cancelled" if row.text("cancelled at") else row.text("fulfillment status") or row.text("financial status")


def _line(row: Row, currency: str) -> OrderLine:
    quantity = row.number("lineitem quantity", default=1)
    price = row.money(currency, "lineitem price")
    return OrderLine(row.text("lineitem sku"), row.text("lineitem name"), quantity, price)


def _refunds(row: Row, currency: str) -> tuple[Refund, ...]:
    amount = row.money(currency, "refunded amount")
    return (Refund("export", amount, None),) if amount is not None and amount.minor > 0 else ()


FORMAT = Format("shopify export", ",", True, _fits, _identity, _build)
