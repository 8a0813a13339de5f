"""Shopify's GraphQL answer as an order. Field names and null rules are those of the Admin API's Order and its parts."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from workstation.connectors.shapes import changed, parse
from workstation.domain.clues import match_key
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef, Refund
from workstation.kernel.actions import Action
from workstation.kernel.clock import from_datetime
from workstation.kernel.errors import AuthFailed, BadAnswer, Refused
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id


class _Wire(BaseModel):
    """Fields we read must be there and of their type; fields we do not read may come and go."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Amount(_Wire):
    amount: str = Field(pattern=r"^-?\d{1,12}(\.\d{1,6})?$")
    currencyCode: str = Field(pattern=r"^[A-Z]{3}$")


class _MoneyBag(_Wire):
    shopMoney: _Amount


class _Address(_Wire):
    name: str | None
    countryCodeV2: str | None = None


class _Line(_Wire):
    sku: str | None
    title: str
    quantity: int = Field(ge=0)
    originalUnitPriceSet: _MoneyBag


class _Lines(_Wire):
    nodes: list[_Line]


class _Tracking(_Wire):
    company: str | None
    number: str | None


class _Fulfillment(_Wire):
    createdAt: AwareDatetime
    deliveredAt: AwareDatetime | None
    trackingInfo: list[_Tracking]


class _Refund(_Wire):
    id: str
    createdAt: AwareDatetime | None
    note: str | None
    totalRefundedSet: _MoneyBag


class _ShippingLine(_Wire):
    title: str


class _Order(_Wire):
    name: str = Field(min_length=1, max_length=64)
    email: str | None
    createdAt: AwareDatetime
    cancelledAt: AwareDatetime | None
    displayFulfillmentStatus: str
    totalPriceSet: _MoneyBag
    billingAddress: _Address | None
    shippingAddress: _Address | None
    shippingLine: _ShippingLine | None
    lineItems: _Lines
    fulfillments: list[_Fulfillment]
    refunds: list[_Refund]


class _Orders(_Wire):
    nodes: list[_Order]


class _Data(_Wire):
    orders: _Orders


class _Error(_Wire):
    message: str
    extensions: dict[str, object] = Field(default_factory=dict)


class _Reply(_Wire):
    data: _Data | None = None
    errors: list[_Error] | str | None = None


def read_order(body: bytes, order_id: str, store: str, source: str, fetched_at: int) -> Order | None:
    """The order named `order_id` in the answer; None when the shop has none of that name.

    The search is by words, so a longer name may come along and is left aside. Raises BadAnswer, AuthFailed, Refused.
    """
    reply = parse(_Reply, body, source)
    if reply.errors:
        raise _refusal(reply.errors, source)
    if reply.data is None:
        raise changed(source, "data")
    wanted = match_key(order_id)
    found = [node for node in reply.data.orders.nodes if match_key(node.name) == wanted]
    return _order(found[0], store, source, fetched_at) if found else None


def _order(node: _Order, store: str, source: str, fetched_at: int) -> Order:
    shipped = [item.createdAt for item in node.fulfillments]
    delivered = [item.deliveredAt for item in node.fulfillments]
    number, carrier = _tracking(node)
    return Order(
        id=new_id(), ref=OrderRef("shopify", store, node.name), buyer_name=_name(node), buyer_email=node.email or "",
        placed_at=from_datetime(node.createdAt), total=_money(node.totalPriceSet, source),
        country=_country(node), lines=tuple(_line(item, source) for item in node.lineItems.nodes),
        shipped_at=_moment(min(shipped, default=None)), promised_at=None,
        delivered_at=_moment(max((at for at in delivered if at), default=None)) if all(delivered) else None,
        tracking_number=number, carrier=carrier,
        service=node.shippingLine.title if node.shippingLine else "",
        status="cancelled" if node.cancelledAt else node.displayFulfillmentStatus.lower(), source=source,
        fetched_at=fetched_at, refunds=tuple(_refund(item, source) for item in node.refunds), refunds_known=True,
    )


def _name(node: _Order) -> str:
    names = (address.name for address in (node.billingAddress, node.shippingAddress) if address)
    return next((name for name in names if name), "")


def _country(node: _Order) -> str:
    address = node.shippingAddress or node.billingAddress
    return (address.countryCodeV2 or "") if address else ""


def _tracking(node: _Order) -> tuple[str, str]:
    """The first tracking number and its carrier; a second parcel of the same order is not followed yet."""
    found = (each for item in node.fulfillments for each in item.trackingInfo)
    return next(((each.number, each.company or "") for each in found if each.number), ("", ""))


def _line(node: _Line, source: str) -> OrderLine:
    return OrderLine(node.sku or "", node.title, node.quantity, _money(node.originalUnitPriceSet, source))


def _refund(node: _Refund, source: str) -> Refund:
    at = from_datetime(node.createdAt) if node.createdAt else None
    return Refund(node.id, _money(node.totalRefundedSet, source), at, node.note or "")


def _money(bag: _MoneyBag, source: str) -> Money:
    try:
        return Money.parse(bag.shopMoney.amount, bag.shopMoney.currencyCode)
    except ValueError as problem:
        raise changed(source, "shopMoney") from problem


def _moment(at: datetime | None) -> int | None:
    return None if at is None else from_datetime(at)


def _refusal(errors: list[_Error] | str, source: str) -> AuthFailed | Refused | BadAnswer:
    """GraphQL failures come with status 200; their codes are in `extensions.code`."""
    codes = {str(error.extensions.get("code", "")) for error in errors} if isinstance(errors, list) else set()
    if isinstance(errors, str) or "ACCESS_DENIED" in codes:
        return AuthFailed(_("{source} refused our access key.").format(source=source),
                          _("Give the key the right read_orders."), action=Action.CONNECT_SOURCE)
    if "THROTTLED" in codes:
        return Refused(_("{source} says we ask too often.").format(source=source), _("Try again in a minute."))
    return BadAnswer(_("{source} did not understand the question.").format(source=source), _("Update Workstation."))
