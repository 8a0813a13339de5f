"""Orders, conversations and sources for tests: a real store, real files, real loopback servers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
from sqlalchemy import Connection

import workstation.orders.tables
import workstation.store.tables  # noqa: F401
from tests.support.fresh import fresh
from workstation.connectors.http import make_client
from workstation.connectors.orderfiles.reader import OrderFiles
from workstation.connectors.registry import ConnectedSources
from workstation.connectors.seventeentrack.client import SeventeenTrack
from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings
from workstation.connectors.shopify.client import ShopifyOrders
from workstation.connectors.shopify.settings import ShopifySettings
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.shop import SimulatedShop
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef, Parcel, ParcelState, TrackingEvent
from workstation.kernel.clock import DAY, HOUR, FixedClock
from workstation.kernel.events import Event
from workstation.kernel.ids import new_id
from workstation.orders.model import ClueMaterial
from workstation.orders.ports import OrderSources
from workstation.orders.service import ClueLinker, OrdersService
from workstation.policy.service import PolicyService
from workstation.store.database import Database
from workstation.verification.service import VerificationService

NOW = 1_795_262_400_000  # 2026-11-21T12:00:00Z
STORE = "lumen.myshopify.com"


class Conversations:
    """Stands where the inbox stands: conversations as (addresses, text)."""

    def __init__(self) -> None:
        self.said: dict[str, tuple[tuple[str, ...], str]] = {}

    def clue_material(self, connection: Connection, conversation_ids: Sequence[str]) -> Sequence[ClueMaterial]:
        return [ClueMaterial(each, *self.said[each]) for each in conversation_ids]

    def addresses(self, connection: Connection, conversation_id: str) -> tuple[str, ...]:
        return self.said[conversation_id][0]


class Desk:
    """Orders and verification as `app` wires them, over a store in `folder`."""

    def __init__(self, folder: Path, sources: OrderSources | None = None, seconds: float = 1.0) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.clock = FixedClock(NOW)
        self.conversations = Conversations()
        fresh(folder / "orders.db", bytes(range(32)))
        self.database = Database(folder / "orders.db", bytes(range(32)), self.events.append)
        self.linker = ClueLinker(self.conversations)
        self.orders = OrdersService(self.database, self.clock, OrderFiles(), sources or ConnectedSources(), seconds)
        self.checks = VerificationService(self.database, self.clock, self.orders, PolicyService(), self.conversations)

    async def write(self, conversation_id: str, text: str, address: str = "ana@example.com") -> None:
        """A buyer's message arrives."""
        self.conversations.said[conversation_id] = ((address,), text)
        await self.database.write(lambda unit: self.linker.link(unit.conn, [conversation_id]))

    def file(self, text: str, name: str = "orders.csv", age: int = HOUR, encoding: str = "utf-8") -> Path:
        """An order file that was downloaded `age` ms ago."""
        import os

        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        os.utime(path, ((NOW - age) / 1000, (NOW - age) / 1000))
        return path


class Sources:
    """A simulated shop and carrier on loopback with the real connectors before them."""

    def __init__(self, shop: SimulatedShop, carrier: SimulatedCarrier) -> None:
        self.shop, self.carrier = shop, carrier
        shop.start()
        carrier.start()
        self.client: httpx.AsyncClient = make_client()
        self.clock = FixedClock(NOW)
        self.shopify = ShopifyOrders(
            self.client, self.clock, ShopifySettings(STORE, origin=shop.origin, simulated=True), "key-1"
        )
        track = SeventeenTrackSettings(origin=carrier.origin, pause=0.0, simulated=True)
        self.seventeentrack = SeventeenTrack(self.client, self.clock, track, "key-2")
        self.connected = ConnectedSources([self.shopify], [self.seventeentrack])

    async def close(self) -> None:
        await self.client.aclose()
        self.shop.stop()
        self.carrier.stop()


def order(number: str = "#1042", **changes: object) -> Order:
    """An order of one lamp, shipped a week ago; change what the test is about."""
    from dataclasses import replace

    plain = Order(
        id=new_id(),
        ref=OrderRef("shopify", STORE, number),
        buyer_name="Ana Souza",
        buyer_email="ana@example.com",
        placed_at=NOW - 10 * DAY,
        total=Money(12990, "BRL"),
        country="BR",
        lines=(OrderLine("LAMP-1", "Reading lamp", 1, Money(12990, "BRL")),),
        shipped_at=NOW - 7 * DAY,
        promised_at=None,
        delivered_at=None,
        tracking_number="RB123456785GB",
        carrier="Royal Mail",
        service="Standard",
        status="fulfilled",
        source="",
        fetched_at=0,
        refunds_known=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def parcel(state: ParcelState = ParcelState.IN_TRANSIT, days_ago: float = 1, **changes: object) -> Parcel:
    """A parcel whose last event was `days_ago`."""
    from dataclasses import replace

    at = NOW - round(days_ago * DAY)
    events = (
        TrackingEvent(NOW - 30 * DAY, ParcelState.LABEL, "Announced"),
        TrackingEvent(at, state, "Scanned", "Lisboa"),
    )
    delivered = at if state is ParcelState.DELIVERED else None
    plain = Parcel("RB123456785GB", "Royal Mail", "Standard", state, events, delivered)
    return replace(plain, **changes)  # type: ignore[arg-type]
