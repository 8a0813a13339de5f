"""What orders need from outside. An absent thing is None; anything that went wrong is a ConnectError, never a guess."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.order import OrderRef
from workstation.orders.model import Answer, BadRow, ClueMaterial


class OrderSource(Protocol):
    """A shop or marketplace that can be asked about one order."""

    platform: str
    store: str

    async def fetch(self, order_id: str) -> Answer | None:
        """The order with its refunds; None when the source says there is no such order.

        Raises Offline, TimedOut, AuthFailed, BadAnswer (it changed shape).
        """


class Carrier(Protocol):
    """A tracking service that can be asked about one parcel."""

    name: str

    async def track(self, tracking_number: str, carrier: str) -> Answer | None: ...


class OrderFile(Protocol):
    """Reads an order export: Amazon's report, Shopify's CSV or the generic CSV, told apart by their header."""

    def read(self, path: Path, fetched_at: int) -> Iterator[Answer | BadRow]:
        """Orders with the rows they were read from, in file order; an order with a bad row is left out whole.

        Raises InputError when the file is none of them (encoding, delimiter, columns).
        """


class OrderSources(Protocol):
    """Which sources are connected."""

    def shop(self, ref: OrderRef) -> OrderSource | None: ...

    def carrier(self, carrier: str) -> Carrier | None: ...


class ConversationTexts(Protocol):
    """Reads what conversations say, inside the caller's transaction. The inbox fulfils it."""

    def clue_material(self, connection: Connection, conversation_ids: Sequence[str]) -> Sequence[ClueMaterial]: ...
