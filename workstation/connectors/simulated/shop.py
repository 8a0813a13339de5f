"""A simulated Shopify store: orders given as data, answered over HTTP by the Admin GraphQL contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from workstation.connectors.base import Capability, Metadata
from workstation.connectors.simulated.faults import Fault
from workstation.connectors.simulated.server import Question, Response, Simulated
from workstation.domain.clues import match_key
from workstation.domain.money import Money
from workstation.domain.order import Order
from workstation.kernel.clock import iso

METADATA = Metadata(
    name="simulated.shop", title="Simulated shop", capabilities=(Capability.ORDER_SOURCE,),
    documentation="the Shopify Admin GraphQL contract, on loopback", simulated=True,
)
_NAME = re.compile(r'name:"([^"]+)"')


class SimulatedShop(Simulated):
    """Speaks Shopify's contract for `orders`. `faults` maps order names to how they misbehave."""

    def __init__(self, orders: Iterable[Order], faults: Mapping[str, Fault] | None = None, token: str = "") -> None:
        self._orders = {match_key(order.ref.order_id): order for order in orders}
        self._token = token
        self.faults = {match_key(name): fault for name, fault in (faults or {}).items()}
        super().__init__()

    def put(self, order: Order) -> None:
        """Add an order, or change one: the next answer tells it."""
        self._orders[match_key(order.ref.order_id)] = order

    def _answer(self, question: Question) -> Response:
        if self._token and question.headers.get("x-shopify-access-token") != self._token:
            return Response(401, {"errors": "[API] Invalid API key or access token"})
        match = _NAME.search(str(question.body.get("variables", {}).get("query", "")))
        key = match_key(match.group(1)) if match else ""
        fault = self.faults.get(key)
        if fault is Fault.TIMEOUT:
            return Response(hang=True)
        if fault is Fault.ERROR:
            return Response(500, {"errors": "Internal Server Error"})
        order = None if fault is Fault.ABSENT else self._orders.get(key)
        nodes = [_node(order)] if order else []
        if fault is Fault.SHAPE:
            nodes = [{("title" if name == "name" else name): value for name, value in node.items()} for node in nodes]
            return Response(200, {"data": {"orders": {"nodes": nodes or [{}]}}})
        return Response(200, {"data": {"orders": {"nodes": nodes}}})


def _node(order: Order) -> dict[str, Any]:
    total = order.total or Money(0, "USD")
    return {
        "id": f"gid://shopify/Order/{order.id}", "name": order.ref.order_id, "email": order.buyer_email or None,
        "createdAt": _time(order.placed_at) or "2026-01-01T00:00:00Z", "cancelledAt": None,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED" if order.shipped_at else "UNFULFILLED",
        "totalPriceSet": _bag(total), "billingAddress": {"name": order.buyer_name},
        "shippingAddress": {"name": order.buyer_name, "countryCodeV2": order.country or None},
        "shippingLine": {"title": order.service} if order.service else None,
        "lineItems": {"nodes": [
            {"sku": line.sku, "title": line.title, "quantity": line.quantity,
             "originalUnitPriceSet": _bag(line.price or Money(0, total.currency))} for line in order.lines]},
        "fulfillments": [_fulfillment(order)] if order.shipped_at else [],
        "refunds": [
            {"id": refund.id, "createdAt": _time(refund.at), "note": refund.reason or None,
             "totalRefundedSet": _bag(refund.amount)} for refund in order.refunds],
    }


def _fulfillment(order: Order) -> dict[str, Any]:
    tracking = [{"company": order.carrier or None, "number": order.tracking_number}] if order.tracking_number else []
    return {"createdAt": _time(order.shipped_at), "deliveredAt": _time(order.delivered_at), "trackingInfo": tracking}


def _bag(money: Money) -> dict[str, Any]:
    return {"shopMoney": {"amount": money.decimal, "currencyCode": money.currency}}


def _time(at: int | None) -> str | None:
    return None if at is None else iso(at)
