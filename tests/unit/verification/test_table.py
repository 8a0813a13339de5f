"""The verdict table, row by row: what the file, the shop and the carrier say on the left, the verdict on the right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.orders import NOW, Desk, Sources, order, parcel
from workstation.connectors.simulated.faults import Fault
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderRef, Parcel, ParcelState, Refund
from workstation.kernel.clock import DAY, HOUR, iso
from workstation.kernel.i18n import use_language
from workstation.verification.model import Panel, Verdict

NUMBER = "RB123456785GB"


@dataclass(frozen=True)
class Shop:
    """What a refresh finds: an order at the shop, a parcel at the carrier, and how either misbehaves."""

    order: Order | None = None
    parcel: Parcel | None = None
    shop_fault: Fault | None = None
    carrier_fault: Fault | None = None


def refund(minor: int, currency: str = "BRL") -> Refund:
    return Refund("r1", Money(minor, currency), NOW - DAY)


UNSHIPPED = order(shipped_at=None, tracking_number="", status="unfulfilled")
DELIVERED = parcel(ParcelState.DELIVERED, 3)

ASKED: list[tuple[str, str, Shop, str]] = [
    ("this buyer's order", "order", Shop(order(), parcel()), "pass"),
    ("another buyer's order", "order", Shop(order(buyer_email="otto@example.com"), parcel()), "fail"),
    ("the buyer's address is not known", "order", Shop(order(buyer_email="")), "unknown"),
    ("the shop has no such order", "order", Shop(None), "unknown"),
    ("the shop says nothing", "order", Shop(order(), shop_fault=Fault.TIMEOUT), "unknown"),
    ("the shop changed shape", "order", Shop(order(), shop_fault=Fault.SHAPE), "unknown"),
    ("the shop fails", "order", Shop(order(), shop_fault=Fault.ERROR), "unknown"),
    ("shipped", "delivery", Shop(order(), parcel()), "pass"),
    ("delivered", "delivery", Shop(order(), DELIVERED), "pass"),
    ("not yet shipped", "delivery", Shop(UNSHIPPED), "warn"),
    ("the shop says nothing of shipping", "delivery", Shop(order(), shop_fault=Fault.TIMEOUT), "unknown"),
    ("moving", "tracking", Shop(order(), parcel(days_ago=2)), "pass"),
    ("delivered is the end of tracking", "tracking", Shop(order(), DELIVERED), "pass"),
    ("eight days still on a seven-day service", "tracking", Shop(order(), parcel(days_ago=8)), "warn"),
    (
        "eight days still on a fourteen-day service",
        "tracking",
        Shop(order(service="Economy"), parcel(days_ago=8, service="Economy")),
        "pass",
    ),
    (
        "four days still on a three-day service",
        "tracking",
        Shop(order(), parcel(days_ago=4, service="Express Saver")),
        "warn",
    ),
    ("a failed attempt", "tracking", Shop(order(), parcel(ParcelState.EXCEPTION)), "warn"),
    ("on its way back", "tracking", Shop(order(), parcel(ParcelState.RETURNED)), "warn"),
    ("announced only", "tracking", Shop(order(), parcel(ParcelState.LABEL)), "warn"),
    ("the carrier has no news", "tracking", Shop(order(), parcel(ParcelState.UNKNOWN, events=())), "unknown"),
    ("the carrier does not know it", "tracking", Shop(order(), None), "unknown"),
    ("the carrier says nothing", "tracking", Shop(order(), parcel(), carrier_fault=Fault.TIMEOUT), "unknown"),
    ("the carrier changed shape", "tracking", Shop(order(), parcel(), carrier_fault=Fault.SHAPE), "unknown"),
    ("the carrier fails", "tracking", Shop(order(), parcel(), carrier_fault=Fault.ERROR), "unknown"),
    ("no tracking number", "tracking", Shop(UNSHIPPED), "unknown"),
    ("the shop promises nothing", "promise", Shop(order(), parcel()), "unknown"),
    ("open by law in Brazil", "return_window", Shop(order(), DELIVERED), "pass"),
    ("closed by law in Brazil", "return_window", Shop(order(), parcel(ParcelState.DELIVERED, 9)), "fail"),
    ("fourteen days in Germany", "return_window", Shop(order(country="DE"), parcel(ParcelState.DELIVERED, 9)), "pass"),
    ("no rule for this country", "return_window", Shop(order(country="US"), DELIVERED), "unknown"),
    ("still on its way", "return_window", Shop(order(), parcel()), "pass"),
    (
        "the carrier says nothing of delivery",
        "return_window",
        Shop(order(), parcel(), carrier_fault=Fault.TIMEOUT),
        "unknown",
    ),
    ("no refund", "refund", Shop(order(), parcel()), "pass"),
    ("partial refund", "refund", Shop(order(refunds=(refund(5000),))), "warn"),
    ("full refund", "refund", Shop(order(refunds=(refund(12990),))), "fail"),
    ("two refunds that add up", "refund", Shop(order(refunds=(refund(6000), refund(6990)))), "fail"),
    ("refund in another currency", "refund", Shop(order(refunds=(refund(5000, "USD"),))), "unknown"),
    ("the shop says nothing of refunds", "refund", Shop(order(), shop_fault=Fault.TIMEOUT), "unknown"),
    ("the shop changed shape of refunds", "refund", Shop(order(), shop_fault=Fault.SHAPE), "unknown"),
]


async def ask(desk: Desk, sources: Sources, shop: Shop) -> Panel:
    """A buyer names #1042, and the agent refreshes the checks."""
    if shop.order is not None:
        sources.shop.put(shop.order)
    if shop.parcel is not None:
        sources.carrier.put(shop.parcel)
    sources.shop.faults = {"1042": shop.shop_fault} if shop.shop_fault else {}
    sources.carrier.faults = {NUMBER: shop.carrier_fault} if shop.carrier_fault else {}
    await desk.write("c1", "Cadê o pedido #1042?")
    return await desk.checks.refresh("c1")


@pytest.mark.parametrize(("check", "shop", "verdict"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
async def test_asked_over_http(tmp_path: Path, sources: Sources, check: str, shop: Shop, verdict: str) -> None:
    silent = Fault.TIMEOUT in (shop.shop_fault, shop.carrier_fault)
    connected = Desk(tmp_path, sources.connected, seconds=0.3 if silent else 10.0)
    panel = await ask(connected, sources, shop)
    found = next(each for each in panel.checks if each.id == check)
    assert found.verdict == verdict, found
    assert found.fact
    assert found.why
    assert found.change
    if found.verdict is not Verdict.UNKNOWN:
        assert "simulated" in found.source
        assert found.fetched_at == NOW
        assert (found.expires_at or 0) > NOW
        assert NUMBER in (await connected.checks.raw_answer(found.answer_id)).body.decode() or check != "tracking"
    connected.database.close()


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh_CN")
    yield
    use_language("en")


@pytest.mark.usefixtures("chinese")
async def test_whose_rule_it_is_is_said_in_the_agents_language(tmp_path: Path, sources: Sources) -> None:
    connected = Desk(tmp_path, sources.connected)
    panel = await ask(connected, sources, Shop(order(country="DE"), DELIVERED))
    why = next(each.why for each in panel.checks if each.id == "return_window")
    assert "欧盟指令 2011/83/EU" in why, why
    connected.database.close()


HEADER = (
    "order_id,store,platform,buyer_email,placed_at,currency,total,country,sku,title,quantity,shipped_at,"
    "promised_at,delivered_at,tracking_number,refunded_amount"
)


@dataclass(frozen=True)
class Line:
    """A row of a generic order file; times are days from now."""

    buyer: str = "ana@example.com"
    platform: str = "amazon"
    country: str = "BR"
    shipped: float | None = -7
    promised: float | None = None
    delivered: float | None = None
    refunded: str = "0.00"
    columns: tuple[str, ...] = field(default=())  # columns the file does not have

    def text(self) -> str:
        cells = [
            "702-1234567-1234567",
            "casa",
            self.platform,
            self.buyer,
            iso(NOW - 20 * DAY),
            "BRL",
            "129.90",
            self.country,
            "LAMP-1",
            "Reading lamp",
            "1",
            _at(self.shipped),
            _at(self.promised),
            _at(self.delivered),
            "",
            self.refunded,
        ]
        names = HEADER.split(",")
        kept = [at for at, name in enumerate(names) if name not in self.columns]
        return "\n".join(",".join(row[at] for at in kept) for row in (names, cells)) + "\n"


def _at(days: float | None) -> str:
    return "" if days is None else iso(NOW + round(days * DAY))


IMPORTED: list[tuple[str, str, Line, str]] = [
    ("this buyer's", "order", Line(), "pass"),
    ("another's", "order", Line(buyer="otto@example.com"), "fail"),
    ("shipped", "delivery", Line(), "pass"),
    ("delivered", "delivery", Line(delivered=-1), "pass"),
    ("not yet shipped", "delivery", Line(shipped=None), "warn"),
    (
        "a file without shipping columns",
        "delivery",
        Line(columns=("shipped_at", "delivered_at", "tracking_number")),
        "unknown",
    ),
    ("nobody asked a carrier", "tracking", Line(), "unknown"),
    ("promise ahead", "promise", Line(promised=2), "pass"),
    ("delivered in time", "promise", Line(promised=-1, delivered=-2), "pass"),
    ("delivered late", "promise", Line(promised=-3, delivered=-2), "fail"),
    ("promise passed", "promise", Line(promised=-1), "fail"),
    ("no promise", "promise", Line(), "unknown"),
    ("window open", "return_window", Line(delivered=-29), "pass"),
    ("window closed", "return_window", Line(delivered=-32), "fail"),
    ("no delivery date", "return_window", Line(), "unknown"),
    ("no refund", "refund", Line(), "pass"),
    ("partial", "refund", Line(refunded="29.90"), "warn"),
    ("full", "refund", Line(refunded="129.90"), "fail"),
    ("a file without refunds", "refund", Line(columns=("refunded_amount",)), "unknown"),
]


@pytest.mark.parametrize(("check", "line", "verdict"), [row[1:] for row in IMPORTED], ids=[row[0] for row in IMPORTED])
async def test_imported_from_a_file(desk: Desk, check: str, line: Line, verdict: str) -> None:
    await desk.write("c1", "Where is 702-1234567-1234567?")
    report = await desk.orders.import_file(desk.file(line.text()))
    assert (report.new, report.bad) == (1, ())
    panel = await desk.checks.panel("c1")
    found = next(each for each in panel.checks if each.id == check)
    assert found.verdict == verdict, found
    if found.source:
        assert found.source == "order file orders.csv"
        assert found.age_s(NOW) == 3600


async def test_every_verdict_expires(desk: Desk) -> None:
    await desk.write("c1", "Where is 702-1234567-1234567?")
    await desk.orders.import_file(desk.file(Line(promised=2, delivered=-1).text()))
    before = await desk.checks.panel("c1")
    assert {check.id: str(check.verdict) for check in before.checks} == {
        "order": "pass",
        "delivery": "pass",
        "tracking": "unknown",
        "promise": "pass",
        "return_window": "pass",
        "refund": "pass",
    }
    desk.clock.advance(23 * HOUR + 1)
    after = await desk.checks.panel("c1")
    assert {check.verdict for check in after.checks} == {Verdict.UNKNOWN}
    assert all("too long" in check.why for check in after.checks if check.id != "tracking")
    assert after.worst is Verdict.UNKNOWN


async def test_no_conversation_is_unknown(desk: Desk) -> None:
    await desk.orders.import_file(desk.file(Line().text()))
    panel = await desk.checks.check_order("702-1234567-1234567")
    assert panel.order == OrderRef("amazon", "casa", "702-1234567-1234567")
    assert panel.checks[0].verdict is Verdict.UNKNOWN
    assert "no conversation" in panel.checks[0].fact
