"""How what a source says joins what is stored: part by part, the newer answer wins, silence never erases. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from workstation.domain.facts import OrderFacts, Provenance
from workstation.domain.order import Order

PARTS = ("identity", "shipping", "delivered", "promise", "refunds")
_IDENTITY = ("buyer_name", "buyer_email", "placed_at", "total", "country", "lines", "status")
_SHIPPING = ("shipped_at", "tracking_number", "carrier", "service")


def said_parts(order: Order) -> tuple[str, ...]:
    """The parts an answer says something about."""
    says = {
        "identity": True,
        "shipping": order.shipping_known,
        "delivered": order.delivered_at is not None,
        "promise": order.promised_at is not None,
        "refunds": order.refunds_known,
    }
    return tuple(part for part in PARTS if says[part])


def fresh(order: Order, said: Provenance) -> OrderFacts:
    """The facts of an order seen for the first time."""
    known: dict[str, Any] = dict.fromkeys(said_parts(order), said)
    return OrderFacts(order=order, **known)


def merge(stored: OrderFacts, order: Order, said: Provenance) -> OrderFacts:
    """`stored` after an answer. A part changes only when the answer speaks of it and is not older than what we have."""
    winning = [part for part in said_parts(order) if _newer(getattr(stored, part), said)]
    changes: dict[str, Any] = {}
    for part in winning:
        changes.update(_CHANGES[part](order))
    if "identity" in winning:
        changes.update(source=said.source, fetched_at=said.fetched_at)
    known: dict[str, Any] = dict.fromkeys(winning, said)
    return replace(stored, order=replace(stored.order, **changes), **known)


def same_facts(one: Order, other: Order) -> bool:
    """Whether two orders say the same, whoever said it and whenever."""
    return replace(one, source="", fetched_at=0) == replace(other, source="", fetched_at=0)


def same_order(one: Order, other: Order) -> bool:
    """Whether two orders of one number are one order: bought at the same moment or by the same address.

    Files without a store column cannot tell two shops' #1001 apart; this does.
    """
    if one.ref.store and one.ref.store == other.ref.store:
        return True
    times = (one.placed_at, other.placed_at)
    buyers = (one.buyer_email.lower(), other.buyer_email.lower())
    return None in times or times[0] == times[1] or (buyers[0] != "" and buyers[0] == buyers[1])


def _newer(known: Provenance | None, said: Provenance) -> bool:
    return known is None or said.fetched_at >= known.fetched_at


def _filled(names: tuple[str, ...], order: Order) -> Mapping[str, Any]:
    values = {name: getattr(order, name) for name in names}
    return {name: value for name, value in values.items() if value not in (None, "", ())}


def _shipping(order: Order) -> Mapping[str, Any]:
    return {**_filled(_SHIPPING, order), "shipping_known": True}


_CHANGES: Mapping[str, Callable[[Order], Mapping[str, Any]]] = {
    "identity": lambda order: _filled(_IDENTITY, order),
    "shipping": _shipping,
    "delivered": lambda order: {"delivered_at": order.delivered_at},
    "promise": lambda order: {"promised_at": order.promised_at},
    "refunds": lambda order: {"refunds": order.refunds, "refunds_known": True},
}
