"""A recorded answer of the Admin GraphQL API (written by us after its documentation) and what may be wrong with one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.shopify.mapper import read_order
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine
from workstation.kernel.clock import iso
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, Refused


def amount(value: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": value, "currencyCode": "EUR"}}


RECORDED: dict[str, Any] = {
    "id": "gid://shopify/Order/820982911946154508",
    "name": "#1042",
    "email": "ana@example.com",
    "createdAt": "2026-11-01T10:00:00Z",
    "cancelledAt": None,
    "displayFinancialStatus": "PARTIALLY_REFUNDED",
    "displayFulfillmentStatus": "FULFILLED",
    "totalPriceSet": amount("129.90"),
    "billingAddress": None,
    "shippingAddress": {"name": "Ana Souza", "countryCodeV2": "PT"},
    "shippingLine": {"title": "Express"},
    "lineItems": {"nodes": [{"sku": None, "title": "Lamp", "quantity": 2, "originalUnitPriceSet": amount("64.95")}]},
    "fulfillments": [
        {
            "createdAt": "2026-11-03T09:00:00Z",
            "deliveredAt": "2026-11-08T15:30:00Z",
            "trackingInfo": [{"company": "CTT", "number": "RB123456785GB"}],
        }
    ],
    "refunds": [
        {
            "id": "gid://shopify/Refund/1",
            "createdAt": "2026-11-09T00:00:00Z",
            "note": "scratched",
            "totalRefundedSet": amount("10.0"),
        }
    ],
}


def read(*nodes: dict[str, Any], name: str = "#1042", **top: Any) -> Order | None:
    body = {"data": {"orders": {"nodes": list(nodes)}}, **top}
    return read_order(json.dumps(body).encode(), name, "lumen.myshopify.com", "shopify", 7)


def test_the_recorded_answer() -> None:
    order = read(RECORDED)
    assert order is not None
    assert (order.ref.order_id, order.buyer_email, order.buyer_name, order.country) == (
        "#1042",
        "ana@example.com",
        "Ana Souza",
        "PT",
    )
    assert (order.total, order.lines) == (Money(12990, "EUR"), (OrderLine("", "Lamp", 2, Money(6495, "EUR")),))
    assert [iso(at or 0) for at in (order.placed_at, order.shipped_at, order.delivered_at)] == [
        "2026-11-01T10:00:00.000Z",
        "2026-11-03T09:00:00.000Z",
        "2026-11-08T15:30:00.000Z",
    ]
    assert (order.tracking_number, order.carrier, order.service, order.status) == (
        "RB123456785GB",
        "CTT",
        "Express",
        "fulfilled",
    )
    assert (order.refunds[0].amount, order.refunds[0].reason, order.refunds_known) == (
        Money(1000, "EUR"),
        "scratched",
        True,
    )
    assert order.promised_at is None, "an estimate is not a promise"


def test_a_longer_name_is_another_order() -> None:
    assert read({**RECORDED, "name": "#10421"}) is None
    assert read() is None


def test_one_undelivered_parcel_means_not_delivered() -> None:
    waiting = {**RECORDED["fulfillments"][0], "deliveredAt": None}
    order = read({**RECORDED, "fulfillments": [*RECORDED["fulfillments"], waiting]})
    assert order is not None
    assert order.delivered_at is None


@pytest.mark.parametrize(
    "name",
    ["name", "createdAt", "displayFulfillmentStatus", "totalPriceSet", "lineItems", "fulfillments", "refunds", "email"],
)
def test_a_missing_field_is_a_changed_shape(name: str) -> None:
    with pytest.raises(BadAnswer, match=name):
        read({key: value for key, value in RECORDED.items() if key != name})


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([{"message": "denied", "extensions": {"code": "ACCESS_DENIED"}}], AuthFailed),
        ([{"message": "slow", "extensions": {"code": "THROTTLED"}}], Refused),
        ([{"message": "Field 'x' doesn't exist"}], BadAnswer),
        ("[API] Invalid API key or access token", AuthFailed),
    ],
)
def test_failures_inside_a_good_status(errors: object, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read(RECORDED, errors=errors)


def changed(value: Any, path: tuple[str | int, ...], to: Any) -> Any:
    if not path:
        return to
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = changed(value[path[0]], path[1:], to)  # type: ignore[index]
    return copy


PLACES: tuple[tuple[str | int, ...], ...] = (
    ("name",),
    ("createdAt",),
    ("totalPriceSet", "shopMoney", "amount"),
    ("totalPriceSet", "shopMoney", "currencyCode"),
    ("lineItems", "nodes", 0, "quantity"),
    ("fulfillments", 0, "trackingInfo"),
    ("refunds", 0, "createdAt"),
    ("refunds",),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
)


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=100)
def test_any_change_is_read_or_refused(place: tuple[str | int, ...], value: Any) -> None:
    try:
        order = read(changed(RECORDED, place, value))
    except ConnectError:
        return
    assert order is None or order.ref.order_id


@given(st.binary(max_size=60))
@settings(max_examples=50)
def test_bytes_that_are_no_answer_are_refused(body: bytes) -> None:
    with pytest.raises(ConnectError):
        read_order(body, "#1042", "s", "shopify", 7)
