"""Importing order files: once is enough, twice is no more, older never beats newer, and links follow either way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.orders import NOW, STORE, Desk, Sources, order
from workstation.app.adapters import order_numbers
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.shop import SimulatedShop
from workstation.domain.facts import OrderFacts, Provenance, SourceKind
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderRef, Refund
from workstation.kernel.clock import DAY, HOUR, MINUTE, iso
from workstation.kernel.errors import InputError, NotFound
from workstation.orders.merging import fresh, merge, same_facts
from workstation.orders.model import OrderImportReport

AMAZON = "amazon-order-id\tpurchase-date\tbuyer-email\tsku\tproduct-name\tquantity-purchased\tcurrency\titem-price\n"
SHOPIFY = (
    "Name,Email,Financial Status,Fulfillment Status,Fulfilled at,Currency,Total,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Shipping Country,Refunded Amount,Store\n"
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.database.close()


def amazon(number: int, price: str = "10.00", buyer: str = "ana@example.com") -> str:
    return f"702-{number:07d}-1234567\t2026-11-01T10:00:00+00:00\t{buyer}\tS\tLamp\t1\tBRL\t{price}\n"


def shopify(
    name: str,
    total: str = "20.00",
    email: str = "ana@example.com",
    refunded: str = "0.00",
    created: str = "2026-11-01 10:00:00 -0300",
    store: str = "",
) -> str:
    return (
        f"{name},{email},paid,fulfilled,2026-11-03 09:00:00 -0300,EUR,{total},{created},1,Lamp,20.00,L,DE,{refunded},"
        f"{store}\n"
    )


async def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    path = desk.file(AMAZON + "".join(amazon(n) for n in range(1_200)), "report.txt")
    first = await desk.orders.import_file(path)
    second = await desk.orders.import_file(path)
    assert first == OrderImportReport(seen=1_200, new=1_200)
    assert second == OrderImportReport(seen=1_200)
    (found,) = await desk.orders.find("702-0000007-1234567")
    assert (found.total, found.source, found.fetched_at) == (Money(1000, "BRL"), "amazon report report.txt", NOW - HOUR)
    assert len(found.lines) == 1


async def test_a_changed_row_updates_its_order_alone(desk: Desk) -> None:
    await desk.orders.import_file(desk.file(AMAZON + amazon(1) + amazon(2), "a.txt", age=2 * HOUR))
    report = await desk.orders.import_file(desk.file(AMAZON + amazon(1) + amazon(2, "12.00"), "a.txt", age=HOUR))
    assert report == OrderImportReport(seen=2, updated=1)
    (found,) = await desk.orders.find("702-0000002-1234567")
    assert found.total == Money(1200, "BRL")


async def test_an_older_file_changes_nothing(desk: Desk) -> None:
    await desk.orders.import_file(desk.file(SHOPIFY + shopify("#1042", refunded="20.00"), age=HOUR))
    report = await desk.orders.import_file(desk.file(SHOPIFY + shopify("#1042", refunded="0.00"), age=DAY))
    (found,) = await desk.orders.find("#1042")
    assert report == OrderImportReport(seen=1)
    assert [refund.amount for refund in found.refunds] == [Money(2000, "EUR")]


async def test_a_file_older_than_the_shops_answer_does_not_overwrite_it(tmp_path: Path) -> None:
    sources = Sources(SimulatedShop([]), SimulatedCarrier([]))
    desk = Desk(tmp_path, sources.connected)
    refunded = order(refunds=(Refund("r", Money(12990, "BRL"), NOW - DAY),), tracking_number="")
    sources.shop.put(refunded)
    await desk.write("c1", "Order #1042")
    await desk.checks.refresh("c1")
    created = iso(refunded.placed_at or 0)
    report = await desk.orders.import_file(desk.file(SHOPIFY + shopify("#1042", created=created), age=5 * MINUTE))
    (found,) = await desk.orders.find("1042")
    assert report == OrderImportReport(seen=1), "the file is five minutes older than the answer"
    assert (found.ref.store, found.total, len(found.refunds)) == (STORE, Money(12990, "BRL"), 1)
    await sources.close()
    desk.database.close()


async def test_bad_rows_are_told_and_the_rest_is_kept(desk: Desk) -> None:
    text = AMAZON + amazon(1) + amazon(2, "1.234,56") + "702-3\tshort\n" + amazon(4)
    report = await desk.orders.import_file(desk.file(text, "a.txt"))
    assert (report.seen, report.new) == (4, 2)
    assert [(bad.where, bad.why) for bad in report.bad] == [
        ("line 3", "item-price is not an amount with a decimal point: 1.234,56"),
        ("line 4", "2 columns where the header has 8"),
    ]


async def test_two_shops_number_is_not_merged_silently(desk: Desk) -> None:
    await desk.orders.import_file(desk.file(SHOPIFY + shopify("#1001")))
    other = shopify("#1001", "9.00", "otto@example.com", created="2026-10-01 10:00:00 -0300")
    report = await desk.orders.import_file(desk.file(SHOPIFY + other, "b.csv"))
    assert (report.new, report.updated, report.bad[0].where) == (0, 0, "/#1001")
    (found,) = await desk.orders.find("#1001")
    assert found.buyer_email == "ana@example.com"
    named = shopify("#1001", "9.00", "otto@example.com", created="2026-10-01 10:00:00 -0300", store="b.example")
    assert (await desk.orders.import_file(desk.file(SHOPIFY + named, "b.csv"))).new == 1
    assert [str(each.ref) for each in await desk.orders.find("#1001")] == ["/#1001", "b.example/#1001"]


async def test_progress_and_cancel_keep_whole_batches(desk: Desk) -> None:
    path = desk.file(AMAZON + "".join(amazon(n) for n in range(1_300)), "report.txt")
    told: list[int] = []

    def stop_after_two(done: int, total: int) -> None:
        told.append(done)
        if len(told) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await desk.orders.import_file(path, stop_after_two)
    assert told == [500, 1000]
    assert await desk.orders.find("702-0000999-1234567")
    assert not await desk.orders.find("702-0001000-1234567")
    assert (await desk.orders.import_file(path)).new == 300


async def test_links_say_why_and_come_either_way(desk: Desk) -> None:
    relay = "x7k2@marketplace.amazon.com.br"
    await desk.write("number", "pedido 702-0000001-1234567?", "otto@example.com")
    await desk.write("relay", "Onde está?", relay)
    await desk.orders.import_file(desk.file(AMAZON + amazon(1, buyer=relay) + amazon(2), "a.txt"))
    await desk.write("address", "Hallo?", "ana@example.com")
    reasons = {
        each: [(link.ref.order_id, link.reason, link.strong) for link in await desk.orders.links(each)]
        for each in ("number", "relay", "address")
    }
    assert reasons == {
        "number": [("702-0000001-1234567", "names the order number", True)],
        "relay": [("702-0000001-1234567", "same relay address", True)],
        "address": [("702-0000002-1234567", "same address", False)],
    }
    named = [
        await desk.database.read(partial(order_numbers, conversation_id=each)) for each in ("relay", "address")
    ]
    assert named == [("702-0000001-1234567",), ()]


@pytest.mark.parametrize(
    ("text", "address", "linked"),
    [
        ("about #10115", "otto@example.com", True),
        ("I live in 10115 Berlin", "otto@example.com", False),
        ("my order 10115", "ana@example.com", True),
        ("AB-10115 is another", "otto@example.com", False),
    ],
)
async def test_short_numbers_need_a_mark_or_the_buyer(desk: Desk, text: str, address: str, linked: bool) -> None:
    await desk.orders.import_file(desk.file(SHOPIFY + shopify("#10115")))
    await desk.write("c1", text, address)
    links = await desk.orders.links("c1")
    assert ("names the order number" in [link.reason for link in links]) is linked


async def test_a_person_may_link(desk: Desk) -> None:
    await desk.orders.import_file(desk.file(AMAZON + amazon(1), "a.txt"))
    ref = OrderRef("amazon", "", "702-0000001-1234567")
    await desk.orders.link("c9", ref)
    (link,) = await desk.orders.links("c9")
    assert (link.reason, link.strong) == ("linked by a person", True)
    with pytest.raises(NotFound):
        await desk.orders.link("c9", replace(ref, order_id="none"))


async def test_a_missing_file_is_said_plainly(desk: Desk) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        await desk.orders.import_file(desk.folder / "none.csv")


def said(at: int) -> Provenance:
    return Provenance("s", SourceKind.EXPORT, at, "a")


ORDERS = st.builds(
    lambda total, shipped, delivered, promised, tracking, known, back: order(
        total=Money(total, "EUR"),
        shipped_at=shipped,
        delivered_at=delivered,
        promised_at=promised,
        tracking_number=tracking,
        refunds_known=known,
        id="same",
        lines=(),
        refunds=(Refund("r", Money(back, "EUR"), None),) if known and back else (),
    ),
    st.integers(0, 3),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 3),
    st.sampled_from(["", "RB123456785GB"]),
    st.booleans(),
    st.integers(0, 3),
)


def merged(answers: list[tuple[int, Order]]) -> OrderFacts:
    (first_at, first), *later = answers
    facts = fresh(first, said(first_at))
    for at, value in later:
        facts = merge(facts, value, said(at))
    return facts


def told(facts: OrderFacts) -> tuple[object, ...]:
    order, said_by = facts.order, (facts.delivered, facts.promise, facts.refunds)
    return (order.delivered_at, order.promised_at, order.refunds, order.total, said_by)


@given(st.lists(st.tuples(st.integers(1, 5), ORDERS), min_size=1, max_size=5, unique_by=lambda item: item[0]))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_merging_takes_the_newest_word_on_each_part_in_any_order(answers: list[tuple[int, Order]]) -> None:
    """Oldest to newest, or newest to oldest: delivered, promise and refunds come out the same."""
    ordered = sorted(answers, key=lambda item: item[0])
    up, down = merged(ordered), merged(ordered[::-1])
    assert told(up) == told(down)
    assert same_facts(merge(up, ordered[-1][1], said(ordered[-1][0])).order, up.order)
