"""Orders, the sources that can be asked, and the checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workstation.api.common import Progress
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.orders.model import OrderImportReport, OrderLink
from workstation.verification.model import Panel, RawAnswer


class OrdersApi(Protocol):
    async def import_file(self, path: Path, progress: Progress | None = None) -> OrderImportReport: ...

    async def find(self, order_id: str) -> tuple[Order, ...]:
        """Orders with this id ("702-…" or "store/702-…"), one for each store that has it."""

    async def beginning(self, typed: str, limit: int = 5) -> tuple[tuple[OrderRef, str], ...]:
        """Orders whose number begins so, with their buyers' names; for finding one as it is typed."""

    async def links(self, conversation_id: str) -> tuple[OrderLink, ...]: ...

    async def parcel(self, ref: OrderRef) -> Parcel | None: ...

    async def link(self, conversation_id: str, ref: OrderRef) -> None:
        """A person says this conversation is about that order."""


@dataclass(frozen=True, slots=True)
class ConnectedSource:
    """A shop or carrier that may be asked: "shopify" with its store's address, or "17track"."""

    kind: str
    store: str = ""


class SourcesApi(Protocol):
    async def list(self) -> tuple[ConnectedSource, ...]: ...

    async def connect(self, kind: str, store: str, token: str) -> None:
        """Let a shop or carrier be asked from now on. The token goes to the keyring."""

    async def remove(self, kind: str, store: str) -> None:
        """Ask it no more and forget its token; what it answered stays. Raises NotFound."""


class VerificationApi(Protocol):
    async def panel(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """The checks as they stand, from what is stored; never waits for a network."""

    async def refresh(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """Ask the sources again, then the panel."""

    async def freshen(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """As `refresh`, unless these sources were asked in the last five minutes."""

    async def check_order(self, order_id: str, at: int | None = None) -> Panel:
        """The panel of one order. Raises Ambiguous with `store/id` candidates, NotFound never: that is a verdict."""

    async def raw_answer(self, answer_id: str) -> RawAnswer: ...
