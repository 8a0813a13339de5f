"""The quiet line of the last checks: at the moment the sources were asked, worst first, and as it was then."""

from __future__ import annotations

from tests.support.orders import NOW, Desk, Sources, order, parcel
from workstation.app.adapters import CheckedLines
from workstation.connectors.simulated.faults import Fault
from workstation.domain.order import ParcelState
from workstation.inbox.model import SystemLine
from workstation.inbox.ports import EVER
from workstation.kernel.clock import DAY, MINUTE


async def lines(desk: Desk, conversation_id: str = "c1", since: int = 0, until: int = EVER) -> list[SystemLine]:
    said = CheckedLines(desk.checks)
    return list(await desk.database.read(lambda c: said.lines(c, conversation_id, since, until)))


async def test_nothing_is_said_before_a_source_was_asked(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    await connected.write("c1", "Hello?")
    assert await lines(connected) == []
    await connected.write("c1", "Order #1042 please")
    assert await lines(connected) == [], "named, and not yet asked about"


async def test_what_did_not_pass_is_told_where_it_was_asked(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    sources.carrier.put(parcel(days_ago=9))
    await connected.write("c1", "Order #1042 please")
    await connected.checks.refresh("c1")
    (line,) = await lines(connected)
    panel = await connected.checks.panel("c1")
    stale = next(check for check in panel.checks if check.id == "tracking")
    assert (line.at, line.kind) == (NOW, "check")
    assert line.text.startswith("Checked: ")
    assert stale.fact in line.text
    assert (await connected.checks.raw_answer(line.ref)).body, "a click opens what the source said"
    assert await lines(connected, since=NOW + 1) == await lines(connected, until=NOW) == []
    connected.clock.advance(30 * DAY)
    assert await lines(connected) == [line], "what time did to it since is the panel's to say"


async def test_a_check_that_changed_is_told_anew(connected: Desk, sources: Sources) -> None:
    sources.shop.put(order())
    sources.carrier.put(parcel())
    await connected.write("c1", "Order #1042 please")
    await connected.checks.refresh("c1")
    (before,) = await lines(connected)
    sources.shop.faults = {"1042": Fault.TIMEOUT}
    sources.carrier.put(parcel(ParcelState.DELIVERED))
    for clock in (connected.clock, sources.clock):
        clock.advance(MINUTE)
    await connected.checks.refresh("c1")
    (after,) = await lines(connected)
    assert after.at == NOW + MINUTE
    assert after.text != before.text


async def test_an_order_no_shop_knows_is_told_too(connected: Desk, sources: Sources) -> None:
    await connected.write("c1", "Order #1042 please")
    await connected.checks.refresh("c1")
    (line,) = await lines(connected)
    assert "#1042" in line.text
    assert line.ref == ""
