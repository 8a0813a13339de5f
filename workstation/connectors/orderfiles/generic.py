"""The generic CSV of docs/order-files.md as orders, for any shop that can fill a few columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from workstation.connectors.orderfiles.cells import Row, RowProblem, country
from workstation.connectors.orderfiles.formats import Format
from workstation.domain.order import Order, OrderLine, OrderRef, Refund
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id

COLUMNS = (
    "order_id", "store", "platform", "buyer_name", "buyer_email", "placed_at", "currency", "total", "country", "sku",
    "title", "quantity", "price", "status", "shipped_at", "promised_at", "delivered_at", "tracking_number", "carrier",
    "service", "refunded_amount", "refunded_at",
)
_SHIPPING = {"status", "shipped_at", "delivered_at", "tracking_number"}


def _fits(header: Collection[str]) -> bool:
    return "order_id" in header


def _identity(row: Row) -> str:
    return f"{row.text('platform').lower()}/{row.text('store')}/{row.order_id('order_id')}"


def _build(rows: Sequence[Row], source: str, fetched_at: int) -> Order:
    first = rows[0]
    currency = first.text("currency")
    return Order(
        id=new_id(), ref=OrderRef(_platform(first), first.text("store"), first.order_id("order_id")),
        buyer_name=first.text("buyer_name"), buyer_email=first.text("buyer_email"),
        placed_at=first.moment("placed_at"), total=first.money(currency, "total"),
        country=country(first.text("country")), lines=tuple(_line(row, currency) for row in rows),
        shipped_at=first.moment("shipped_at"), promised_at=first.deadline("promised_at"),
        delivered_at=first.moment("delivered_at"), tracking_number=first.text("tracking_number"),
        carrier=first.text("carrier"), service=first.text("service"), status=first.text("status"), source=source,
        fetched_at=fetched_at, refunds=_refunds(first, currency), refunds_known="refunded_amount" in first.cells,
        shipping_known=bool(_SHIPPING & set(first.cells)),
    )


def _platform(row: Row) -> str:
    name = row.text("platform").lower() or "generic"
    if not name.isidentifier() or len(name) > 20:
        raise RowProblem(_("{column} is not a platform's name: {value}").format(column="platform", value=name[:20]))
    return name


def _line(row: Row, currency: str) -> OrderLine:
    quantity = row.number("quantity", default=1)
    return OrderLine(row.text("sku"), row.text("title"), quantity, row.money(currency, "price"))


def _refunds(row: Row, currency: str) -> tuple[Refund, ...]:
    amount = row.money(currency, "refunded_amount")
    return (Refund("file", amount, row.moment("refunded_at")),) if amount is not None and amount.minor > 0 else ()


FORMAT = Format("order file", ",", True, _fits, _identity, _build)
