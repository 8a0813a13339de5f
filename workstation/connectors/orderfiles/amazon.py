"""Amazon's order reports as orders: order report, unshipped orders, all orders, and fulfilled shipments.

Column names from Seller Central's pages on these reports. `promise-date` of the unshipped report is the date to *ship*
by, so it is not read as a delivery promise; `latest-delivery-date` and `estimated-arrival-date` are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workstation.connectors.orderfiles.cells import Row, RowProblem, country
from workstation.connectors.orderfiles.formats import Format
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id

_CHARGES = ("item-price", "item-tax", "shipping-price", "shipping-tax", "gift-wrap-price", "gift-wrap-tax")
_DISCOUNTS = ("item-promotion-discount", "ship-promotion-discount")
_SHIPPING = ("order-status", "item-status", "shipment-date", "ship-date", "quantity-shipped", "tracking-number")


def _fits(header: Collection[str]) -> bool:
    return ("amazon-order-id" in header or "order-id" in header) and {"purchase-date", "sku"} <= set(header)


def _identity(row: Row) -> str:
    return row.order_id("amazon-order-id", "order-id")


def _build(rows: Sequence[Row], source: str, fetched_at: int) -> Order:
    first = rows[0]
    shipped = [at for row in rows if (at := row.moment("shipment-date", "ship-date")) is not None]
    promised = [at for row in rows if (at := _promised(row)) is not None]
    return Order(
        id=new_id(), ref=OrderRef("amazon", first.text("sales-channel"), _identity(first)),
        buyer_name=first.text("buyer-name", "recipient-name"), buyer_email=first.text("buyer-email"),
        placed_at=first.moment("purchase-date"), total=_total(rows), country=country(first.text("ship-country")),
        lines=tuple(_line(row) for row in rows), shipped_at=min(shipped, default=None),
        promised_at=max(promised, default=None), delivered_at=first.moment("delivered-date"),
        tracking_number=first.text("tracking-number", "tracking-id"), carrier=first.text("carrier", "carrier-name"),
        service=first.text("ship-service-level"), status=_status(rows), source=source, fetched_at=fetched_at,
        shipping_known=any(name in first.cells for name in _SHIPPING),
    )


def _promised(row: Row) -> int | None:
    return row.deadline("latest-delivery-date", "estimated-arrival-date")


def _line(row: Row) -> OrderLine:
    quantity = row.number("quantity-purchased", "quantity", "quantity-shipped", default=1)
    price = row.money(row.text("currency"), "item-price")
    divisible = price is not None and quantity > 0 and price.minor % quantity == 0
    each = Money(price.minor // quantity, price.currency) if price and divisible else None
    return OrderLine(row.text("sku"), row.text("product-name"), quantity, each)


def _total(rows: Sequence[Row]) -> Money | None:
    """What the buyer pays: item prices are for the whole quantity; discounts are given without sign or below zero."""
    amounts = [row.money(row.text("currency"), name) for row in rows for name in _CHARGES]
    discounts = [row.money(row.text("currency"), name) for row in rows for name in _DISCOUNTS]
    paid = [amount for amount in amounts if amount is not None]
    if not paid:
        return None
    minus = [Money(-abs(amount.minor), amount.currency) for amount in discounts if amount is not None]
    try:
        return sum([*paid[1:], *minus], start=paid[0])
    except ValueError as problem:
        raise RowProblem(_("its rows have different currencies")) from problem


def _status(rows: Sequence[Row]) -> str:
    """The report's own word, or what its quantities say."""
    word = rows[0].text("order-status", "item-status")
    if word or "quantity-shipped" not in rows[0].cells:
        return word
    whole = all(row.number("quantity-shipped") >= row.number("quantity-purchased", default=1) for row in rows)
    return "Shipped" if whole else "Unshipped"


FORMAT = Format("amazon report", "\t", False, _fits, _identity, _build)
