"""The connectors there are, one line each, and which of the order sources are connected."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from workstation.connectors.base import Capability, Metadata
from workstation.domain.order import OrderRef
from workstation.orders.ports import Carrier, OrderSource

CONNECTORS: tuple[str, ...] = (
    "workstation.connectors.email",
    "workstation.connectors.orderfiles",
    "workstation.connectors.screen",
    "workstation.connectors.seventeentrack",
    "workstation.connectors.shopify",
    "workstation.connectors.simulated.authority",
    "workstation.connectors.simulated.carrier",
    "workstation.connectors.simulated.shop",
    "workstation.connectors.timestamp",
)
"""Modules with a METADATA. A new connector adds one line here."""


def metadata() -> tuple[Metadata, ...]:
    """What every connector says about itself, in the order of the table."""
    return tuple(_metadata(module) for module in CONNECTORS)


def with_capability(capability: Capability) -> tuple[Metadata, ...]:
    return tuple(each for each in metadata() if capability in each.capabilities)


class ConnectedSources:
    """Fulfils `orders.ports.OrderSources` for the shops and carriers that were connected."""

    def __init__(self, shops: Sequence[OrderSource] = (), carriers: Sequence[Carrier] = ()) -> None:
        self._shops = tuple(shops)
        self._carriers = tuple(carriers)

    def shop(self, ref: OrderRef) -> OrderSource | None:
        """The source of this very store; for an order without a store the platform's only one."""
        own = [shop for shop in self._shops if shop.platform == ref.platform]
        exact = [shop for shop in own if shop.store == ref.store]
        if exact:
            return exact[0]
        return own[0] if not ref.store and len(own) == 1 else None

    def carrier(self, carrier: str) -> Carrier | None:
        """The tracking service of that name, or the first one: those we have follow parcels of every carrier."""
        named = [each for each in self._carriers if each.name.casefold() == carrier.casefold()]
        return next(iter(named or self._carriers), None)


def _metadata(module: str) -> Metadata:
    found = import_module(module).METADATA
    if not isinstance(found, Metadata):
        raise TypeError(f"{module}.METADATA is not a connectors.base.Metadata")
    return found
