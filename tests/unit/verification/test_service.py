"""The panel from the store, the refresh from the sources, and what each remembers of the other."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.orders import NOW, STORE, Desk, Sources, order, parcel
from tests.unit.verification.test_table import Line
from workstation.connectors.simulated.faults import Fault
from workstation.domain.events import ChecksChanged, ConversationsChanged, OrdersChanged
from workstation.domain.order import OrderRef, ParcelState
from workstation.kernel.clock import DAY, MINUTE
from workstation.kernel.errors import Ambiguous, NotFound
from workstation.verification.model import Panel, Verdict


def verdicts(panel: Panel) -> dict[str, str]:
    return {check.id: str(check.verdict) for check in panel.checks}


async def test_the_panel_never_asks_a_source(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    await connected.write("c1", "Order #1042 please")
    panel = await connected.checks.panel("c1")
    assert verdicts(panel)["order"] == "unknown"
    assert "#1042" in panel.checks[0].fact
    assert sources.shop.requests == sources.carrier.requests == 0


async def test_a_named_order_is_fetched_linked_and_announced(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    sources.carrier.put(parcel())
    await connected.write("c1", "Order #1042 please")
    panel = await connected.checks.refresh("c1")
    assert panel.order == OrderRef("shopify", STORE, "#1042")
    assert panel.reason == "names the order number"
    assert panel.title == "Order #1042 · 1 item · BRL 129.90".replace("BRL 1", "BRL\u00a01")
    assert sources.carrier.requests == 3, "asked, registered, asked again"
    kinds = {type(event) for event in connected.events}
    assert kinds == {OrdersChanged, ConversationsChanged, ChecksChanged}
    assert ChecksChanged("c1") in connected.events


async def test_a_failure_is_remembered_and_overcome(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    await connected.write("c1", "Order #1042 please")
    assert verdicts(await connected.checks.refresh("c1"))["refund"] == "pass"
    sources.shop.faults = {"1042": Fault.TIMEOUT}
    connected.clock.advance(MINUTE)
    await connected.checks.refresh("c1")
    refund = (await connected.checks.panel("c1")).checks[5]
    assert refund.verdict is Verdict.UNKNOWN
    assert "did not answer in time" in refund.why
    assert refund.answer_id, "the answer it gave before can still be read"
    sources.shop.faults = {}
    sources.clock.advance(2 * MINUTE)
    connected.clock.advance(MINUTE)
    assert verdicts(await connected.checks.refresh("c1"))["refund"] == "pass"


async def test_an_order_that_vanished_is_unknown(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    await connected.write("c1", "Order #1042 please")
    await connected.checks.refresh("c1")
    sources.shop.faults = {"1042": Fault.ABSENT}
    panel = await connected.checks.refresh("c1")
    assert verdicts(panel)["order"] == "unknown"
    assert "knows no such number" in panel.checks[0].why


async def test_offline_keeps_fresh_facts(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    sources.carrier.put(parcel())
    await connected.write("c1", "Order #1042 please")
    before = verdicts(await connected.checks.refresh("c1"))
    sources.shop.cut()
    sources.carrier.cut()
    assert verdicts(await connected.checks.refresh("c1")) == before
    connected.clock.advance(16 * MINUTE)
    late = verdicts(await connected.checks.refresh("c1"))
    assert (late["refund"], late["tracking"]) == ("unknown", "pass")
    sources.shop.restore()
    sources.carrier.restore()
    sources.clock.advance(16 * MINUTE)
    assert verdicts(await connected.checks.refresh("c1")) == before


async def test_shop_and_carrier_are_asked_together(tmp_path: Path, sources: Sources) -> None:
    desk = Desk(tmp_path, sources.connected, seconds=1.0)
    sources.shop.put(order())
    sources.carrier.put(parcel())
    await desk.write("c1", "Order #1042 please")
    await desk.checks.refresh("c1")
    sources.shop.faults, sources.carrier.faults = {"1042": Fault.TIMEOUT}, {"RB123456785GB": Fault.TIMEOUT}
    started = time.monotonic()
    panel = await desk.checks.refresh("c1")
    assert time.monotonic() - started < 1.9, "a second each, one after the other, would be two"
    assert panel.count(Verdict.UNKNOWN) == 6
    desk.database.close()


async def test_a_number_two_stores_use_is_ambiguous(desk: Desk) -> None:
    other = Line(buyer="otto@example.com").text().replace("casa", "loja")
    await desk.orders.import_file(desk.file(Line().text()))
    await desk.orders.import_file(desk.file(other, "other.csv"))
    with pytest.raises(Ambiguous) as caught:
        await desk.checks.check_order("702-1234567-1234567")
    assert caught.value.candidates == ("casa/702-1234567-1234567", "loja/702-1234567-1234567")
    panel = await desk.checks.check_order("loja/702-1234567-1234567")
    assert str(panel.order) == "loja/702-1234567-1234567"


async def test_an_order_nobody_knows_is_a_verdict(desk: Desk) -> None:
    panel = await desk.checks.check_order("999-0000000-0000000")
    assert {check.verdict for check in panel.checks} == {Verdict.UNKNOWN}
    assert panel.order is None
    assert "was not found" in panel.checks[0].fact


async def test_at_another_date_what_came_later_had_not_happened(desk: Desk) -> None:
    await desk.write("c1", "Where is 702-1234567-1234567?")
    await desk.orders.import_file(desk.file(Line(promised=-4, delivered=-5, shipped=-8).text()))
    then = await desk.checks.check_order("702-1234567-1234567", at=NOW - 6 * DAY)
    assert [check.fact for check in then.checks if check.id == "delivery"] == ["Shipped on 13 Nov 2026"]
    assert verdicts(then)["promise"] == "pass"
    earlier = await desk.checks.check_order("702-1234567-1234567", at=NOW - 9 * DAY)
    assert verdicts(earlier)["delivery"] == "warn"
    late = await desk.checks.check_order("702-1234567-1234567", at=NOW + 30 * DAY)
    assert {check.verdict for check in late.checks} == {Verdict.UNKNOWN}


async def test_the_sure_order_is_shown_and_the_others_named(desk: Desk) -> None:
    await desk.write("c1", "About 702-1234567-1234567 and 111-1111111-1111111")
    mine = Line().text() + Line().text().splitlines()[1].replace("702-1234567-1234567", "A-77") + "\n"
    await desk.orders.import_file(desk.file(mine))
    panel = await desk.checks.panel("c1")
    assert str(panel.order) == "casa/702-1234567-1234567"
    assert [ref.order_id for ref in panel.others] == ["A-77", "111-1111111-1111111"]
    other = await desk.checks.panel("c1", panel.others[0])
    assert (other.reason, verdicts(other)["order"]) == ("same address", "pass")


async def test_raw_answers_are_the_rows_themselves(desk: Desk) -> None:
    await desk.write("c1", "Where is 702-1234567-1234567?")
    await desk.orders.import_file(desk.file(Line().text()))
    check = (await desk.checks.panel("c1")).checks[0]
    raw = await desk.checks.raw_answer(check.answer_id)
    assert raw.body.decode() == Line().text()
    assert raw.content_type == "text/csv; charset=utf-8"
    assert raw.source == check.source
    with pytest.raises(NotFound):
        await desk.checks.raw_answer("no such id")


async def test_in_chinese(desk: Desk) -> None:
    from workstation.domain.money import Money
    from workstation.domain.wording import day, money
    from workstation.kernel import i18n
    from workstation.verification.wording import span

    i18n.use_language("zh_CN")
    assert day(NOW) == "2026年11月21日"
    assert money(Money(1980, "JPY")) == "JPY\u00a01,980"
    assert span(90 * MINUTE) == "2小时"


async def test_a_delivered_parcel_beats_a_shop_that_fails(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    sources.carrier.put(parcel(ParcelState.DELIVERED, 2))
    await connected.write("c1", "Order #1042 please")
    await connected.checks.refresh("c1")
    sources.shop.faults = {"1042": Fault.ERROR}
    panel = await connected.checks.refresh("c1")
    assert verdicts(panel) == {
        "order": "unknown",
        "delivery": "pass",
        "tracking": "pass",
        "promise": "unknown",
        "return_window": "pass",
        "refund": "unknown",
    }
