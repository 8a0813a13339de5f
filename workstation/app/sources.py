"""Shops and carriers the seller connected: kept as facts of the home, their tokens with the secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from workstation.api import ConnectedSource
from workstation.connectors.registry import ConnectedSources
from workstation.domain.order import OrderRef
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.secrets import Secrets
from workstation.orders.ports import Carrier, OrderSource
from workstation.store import meta
from workstation.store.database import Database

if TYPE_CHECKING:
    import httpx

    from workstation.connectors.seventeentrack.client import SeventeenTrack
    from workstation.connectors.shopify.client import ShopifyOrders

FACT = "sources"
KINDS = ("shopify", "17track")
SETTLED = 3_600.0
"""Seconds between two looks whether there is something left to read."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Fulfils `api.SourcesApi` and `orders.ports.OrderSources`. `connected` is replaced as a whole on each change."""

    database: Database
    secrets: Secrets
    http: Callable[[], httpx.AsyncClient]
    clock: Clock
    state: dict[str, ConnectedSources]

    async def load(self) -> None:
        """Read what is connected. Raises KeyringProblem."""
        listed = await self.database.read(_stored)
        tokens = [await asyncio.to_thread(self.secrets.get, _secret(source)) for source in listed]
        usable = [(source, token.decode()) for source, token in zip(listed, tokens, strict=True) if token]
        shops = [self._shop(source, token) for source, token in usable if source.kind == "shopify"]
        carriers = [self._track(token) for source, token in usable if source.kind == "17track"]
        self.state["now"] = ConnectedSources(shops, carriers)

    async def settle(self) -> float:
        """For `Jobs.keep_trying`: read them once the keyring gives their tokens. Raises KeyringProblem."""
        if "now" not in self.state:
            await self.load()
        return SETTLED

    async def list(self) -> tuple[ConnectedSource, ...]:
        return await self.database.read(_stored)

    async def connect(self, kind: str, store: str, token: str) -> None:
        """Raises InputError for an unknown kind or a store's address that is none."""
        if kind not in KINDS or not token.strip():
            raise InputError(_("{kind} cannot be connected.").format(kind=kind),
                             _("Choose one of: {kinds}, and give its token.").format(kinds=", ".join(KINDS)))
        from workstation.connectors.shopify.settings import ShopifySettings

        source = ConnectedSource(kind, ShopifySettings(store=store).checked().store if kind == "shopify" else "")
        await asyncio.to_thread(self.secrets.set, _secret(source), token.strip().encode())
        await self.database.write(lambda unit: _store(unit.conn, source))
        await self.load()

    async def remove(self, kind: str, store: str) -> None:
        """Raises NotFound when it is not connected. The token goes last: without it nothing is asked either way."""
        source = ConnectedSource(kind, store)
        if source not in await self.list():
            raise NotFound(_("{name} is not connected.").format(name=f"{kind} {store}".strip()),
                           _("workstation source list shows what is."))
        await self.database.write(lambda unit: _forget(unit.conn, source))
        await asyncio.to_thread(self.secrets.delete, _secret(source))
        await self.load()

    def shop(self, ref: OrderRef) -> OrderSource | None:
        return self.state["now"].shop(ref) if "now" in self.state else None

    def carrier(self, carrier: str) -> Carrier | None:
        return self.state["now"].carrier(carrier) if "now" in self.state else None

    def _shop(self, source: ConnectedSource, token: str) -> ShopifyOrders:
        from workstation.connectors.shopify.client import ShopifyOrders
        from workstation.connectors.shopify.settings import ShopifySettings

        return ShopifyOrders(self.http(), self.clock, ShopifySettings(store=source.store), token)

    def _track(self, token: str) -> SeventeenTrack:
        from workstation.connectors.seventeentrack.client import SeventeenTrack
        from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings

        return SeventeenTrack(self.http(), self.clock, SeventeenTrackSettings(), token)


def _stored(connection: Connection) -> tuple[ConnectedSource, ...]:
    return tuple(ConnectedSource(**item) for item in json.loads(meta.get(connection, FACT, "[]")))


def _store(connection: Connection, source: ConnectedSource) -> None:
    _keep(connection, tuple(dict.fromkeys((*_stored(connection), source))))


def _forget(connection: Connection, source: ConnectedSource) -> None:
    _keep(connection, tuple(each for each in _stored(connection) if each != source))


def _keep(connection: Connection, listed: tuple[ConnectedSource, ...]) -> None:
    meta.put(connection, FACT, json.dumps([{"kind": each.kind, "store": each.store} for each in listed]))


def _secret(source: ConnectedSource) -> str:
    return f"source {source.kind} {source.store}"
