"""What every source of orders and every carrier must do, whichever it is: one suite over the registry.

A connector joins by giving a peer that speaks its contract on loopback; without one its name is missing below and the
last test fails.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.support.orders import NOW, STORE, order, parcel
from workstation.connectors import registry
from workstation.connectors.base import Capability
from workstation.connectors.http import make_client
from workstation.connectors.seventeentrack.client import SeventeenTrack
from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings
from workstation.connectors.shopify.client import ShopifyOrders
from workstation.connectors.shopify.settings import ShopifySettings
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.faults import Fault
from workstation.connectors.simulated.shop import SimulatedShop
from workstation.domain.order import OrderRef
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import AuthFailed, BadAnswer, InputError, Offline, TimedOut
from workstation.orders.model import Answer

Peer = SimulatedShop | SimulatedCarrier


@dataclass
class Case:
    """A connector, the peer it talks to, and the number both know."""

    peer: Peer
    number: str
    ask: Callable[[str], Awaitable[Answer | None]]


def _shopify(client: httpx.AsyncClient, token: str) -> Case:
    shop = SimulatedShop([order()], token="good")
    shop.start()
    settings = ShopifySettings(STORE, origin=shop.origin, simulated=True)
    return Case(shop, "#1042", ShopifyOrders(client, FixedClock(NOW), settings, token).fetch)


def _seventeentrack(client: httpx.AsyncClient, token: str) -> Case:
    carrier = SimulatedCarrier([parcel()], token="good")
    carrier.start()
    settings = SeventeenTrackSettings(origin=carrier.origin, pause=0.0, simulated=True)
    track = SeventeenTrack(client, FixedClock(NOW), settings, token).track
    return Case(carrier, "RB123456785GB", lambda number: track(number, "Royal Mail"))


PEERS: dict[str, Callable[[httpx.AsyncClient, str], Case]] = {"shopify": _shopify, "seventeentrack": _seventeentrack}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    client = make_client()
    yield client
    await client.aclose()


@pytest.fixture(params=sorted(PEERS))
async def case(request: pytest.FixtureRequest, client: httpx.AsyncClient) -> AsyncIterator[Case]:
    case = PEERS[request.param](client, "good")
    yield case
    case.peer.stop()


async def test_it_answers_with_the_raw_bytes_and_its_name(case: Case) -> None:
    answer = await case.ask(case.number)
    assert answer is not None
    assert answer.fetched_at == NOW
    assert "simulated" in answer.source
    assert json.loads(answer.raw)
    assert answer.content_type.startswith("application/json")
    assert (answer.order or answer.parcel) is not None
    named = answer.order.ref.order_id if answer.order else answer.parcel.tracking_number if answer.parcel else ""
    assert named == case.number
    assert case.number in answer.raw.decode()


async def test_absent_is_none(case: Case) -> None:
    assert await case.ask("#9999") is None
    case.peer.faults = {case.number.lstrip("#"): Fault.ABSENT}
    assert await case.ask(case.number) is None


@pytest.mark.parametrize("number", ["", " ", "x" * 500, '#1042" OR name:*', "#1042\r\nX: y", "电"])
async def test_odd_numbers_are_absent_never_an_accident(case: Case, number: str) -> None:
    assert await case.ask(number) is None


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.TIMEOUT, TimedOut), (Fault.SHAPE, BadAnswer), (Fault.ERROR, BadAnswer)]
)
async def test_failures_are_never_an_answer(
    case: Case, client: httpx.AsyncClient, fault: Fault, kind: type[Exception]
) -> None:
    await case.ask(case.number)
    case.peer.faults = {case.number.lstrip("#"): fault}
    if fault is Fault.TIMEOUT:
        client.timeout = httpx.Timeout(0.3)
    with pytest.raises(kind):
        await case.ask(case.number)


async def test_cut_is_offline_and_restored_is_back(case: Case, client: httpx.AsyncClient) -> None:
    case.peer.cut()
    with pytest.raises(Offline):
        await case.ask(case.number)
    case.peer.restore()
    assert await case.ask(case.number) is not None


@pytest.mark.parametrize("name", sorted(PEERS))
async def test_a_wrong_key_is_said_so(name: str, client: httpx.AsyncClient) -> None:
    case = PEERS[name](client, "wrong")
    with pytest.raises(AuthFailed):
        await case.ask(case.number)
    case.peer.stop()


def test_every_asked_connector_has_a_peer_here() -> None:
    asked = [*registry.with_capability(Capability.ORDER_SOURCE), *registry.with_capability(Capability.CARRIER)]
    assert {each.name for each in asked if not each.simulated} == set(PEERS)
    assert all(each.documentation and each.title for each in registry.metadata())
    assert len({each.name for each in registry.metadata()}) == len(registry.CONNECTORS)


def test_sources_are_chosen_by_store() -> None:
    client, clock = make_client(), FixedClock(NOW)
    shops = [ShopifyOrders(client, clock, ShopifySettings(f"{name}.myshopify.com"), "k") for name in ("one", "two")]
    two = registry.ConnectedSources(shops)
    assert two.shop(OrderRef("shopify", "two.myshopify.com", "#1")) is shops[1]
    assert two.shop(OrderRef("shopify", "", "#1")) is None, "which of the two is not ours to guess"
    assert two.shop(OrderRef("amazon", "", "#1")) is None
    assert registry.ConnectedSources(shops[:1]).shop(OrderRef("shopify", "", "#1")) is shops[0]
    assert two.carrier("DHL") is None


@pytest.mark.parametrize(
    "settings",
    [
        ShopifySettings("shop.example"),
        ShopifySettings("x/../y.myshopify.com"),
        ShopifySettings("a.myshopify.com", origin="http://192.0.2.1:80"),
    ],
)
def test_addresses_that_are_no_shop_are_refused(settings: ShopifySettings) -> None:
    with pytest.raises(InputError):
        settings.checked()
