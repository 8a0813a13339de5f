"""What claims hear of an order: values with their source, old ones as old, and unknown where nobody says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.support.orders import NOW, Desk, order, parcel
from workstation.app.claims import ClaimFacts
from workstation.domain.facts import OrderFacts, Provenance, SourceKind
from workstation.domain.money import Money
from workstation.domain.order import OrderRef, ParcelState, Refund, TrackingEvent
from workstation.evidence.claims.model import Fact
from workstation.evidence.claims.vocabulary import FACTS
from workstation.kernel.clock import DAY, HOUR, FixedClock
from workstation.policy.service import PolicyService

SHOP = Provenance("shopify · lumen", SourceKind.API, NOW - HOUR // 10, "a1")
CARRIER = Provenance("17track", SourceKind.CARRIER, NOW - HOUR, "a2")
WHOLE = OrderFacts(order(), SHOP, SHOP, SHOP, SHOP, SHOP, parcel(ParcelState.DELIVERED), CARRIER)


@dataclass
class Linked:
    ref: OrderRef
    strong: bool = True


@dataclass
class Orders:
    found: OrderFacts | None
    strong: bool = True

    def linked(self, connection: Connection, conversation_id: str) -> Sequence[Linked]:
        return [Linked(self.found.order.ref, self.strong)] if self.found else []

    def facts(self, connection: Connection, ref: OrderRef) -> OrderFacts | None:
        return self.found


async def known(folder: Path, orders: Orders) -> dict[str, Fact]:
    desk = Desk(folder)
    claims = ClaimFacts(orders, FixedClock(NOW), PolicyService().lasts_ms, lambda: "en")
    try:
        return {fact.id: fact for fact in await desk.database.read(lambda c: claims.facts(c, "conv"))}
    finally:
        desk.database.close()


async def test_a_delivered_order_is_told_with_who_says_what(tmp_path: Path) -> None:
    found = await known(tmp_path, Orders(WHOLE))
    values = {name: fact.value for name, fact in found.items()}
    assert set(found) <= set(FACTS)
    assert values["amount"] == "BRL 129.90"
    assert values["items"] == "1 × Reading lamp"
    assert (values["tracking_number"], values["carrier"]) == ("RB123456785GB", "Royal Mail")
    assert (values["delivered_on"], values["delivered_place"]) == ("2026-11-20", "Lisboa")
    assert values["delivery_status"] == "Delivered"
    assert (found["amount"].source, found["delivered_on"].source) == ("shopify · lumen", "17track")
    assert not any(fact.stale for fact in found.values())
    assert found["refunds"].value == ""
    assert "nothing was refunded" in found["refunds"].why
    assert found["promised_on"].value == ""


async def test_what_nobody_says_any_more_is_old(tmp_path: Path) -> None:
    old, older = replace(SHOP, fetched_at=NOW - 2 * DAY), replace(CARRIER, fetched_at=NOW - 3 * DAY)
    late = replace(WHOLE, shipping=old, tracking=older)
    found = await known(tmp_path, Orders(late))
    assert {name for name, fact in found.items() if fact.stale} == {
        "carrier", "service", "tracking_number", "shipped_on", "delivered_on", "delivery_status", "delivered_place"}


@pytest.mark.parametrize(("orders", "unknown"), [
    (Orders(None), set(FACTS)), (Orders(WHOLE, strong=False), set(FACTS)),
    (Orders(replace(WHOLE, refunds=None, shipping=None)),
     {"refunds", "carrier", "service", "tracking_number", "shipped_on", "promised_on"}),
    (Orders(replace(WHOLE, parcel=parcel(ParcelState.IN_TRANSIT))),
     {"refunds", "promised_on", "delivered_on", "delivered_place"}),
])
async def test_without_a_source_a_value_is_unknown(tmp_path: Path, orders: Orders, unknown: set[str]) -> None:
    found = await known(tmp_path, orders)
    assert {name for name in FACTS if name not in found or not found[name].value} == unknown
    assert all(fact.why for name, fact in found.items() if name in unknown - {"promised_on"})
    assert all(fact.why == "No source says it." for fact in found.values() if not fact.source)


async def test_refunds_and_the_last_place_of_delivery(tmp_path: Path) -> None:
    refunds = (Refund("r1", Money(500, "BRL"), NOW - DAY), Refund("r2", Money(9, "BRL"), None))
    refunded = replace(order(), refunds=refunds)
    events = (TrackingEvent(NOW - DAY, ParcelState.DELIVERED, "Delivered", "10115 Berlin"),
              TrackingEvent(NOW, ParcelState.DELIVERED, "Confirmed"))
    told = replace(WHOLE, order=refunded, parcel=parcel(ParcelState.DELIVERED, events=events))
    found = await known(tmp_path, Orders(told))
    assert found["refunds"].value == "BRL 5.00 on 2026-11-20; BRL 0.09 on an unknown day"
    assert found["delivered_place"].value == "10115 Berlin"
