"""Which orders a conversation is about, from what it names and who wrote it. Pure rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workstation.domain.clues import is_relay_alias, match_key
from workstation.domain.order import Order

_PLAIN_DIGITS = 8
"""Shorter runs of digits without "#" may be a postal code or a price; they need the buyer's address beside them."""


def reason(order: Order, mentions: Mapping[str, str], addresses: Collection[str]) -> str:
    """Why a conversation is about `order`: "number", "tracking", "relay", "address", or "" when nothing says so.

    `mentions` maps match keys to their kind, `addresses` are in lower case.
    """
    buyer = order.buyer_email.strip().lower()
    wrote = buyer != "" and buyer in addresses
    if _names(match_key(order.ref.order_id), mentions, wrote):
        return "number"
    if order.tracking_number and _names(match_key(order.tracking_number), mentions, wrote):
        return "tracking"
    if wrote:
        return "relay" if is_relay_alias(buyer) else "address"
    return ""


def _names(key: str, mentions: Mapping[str, str], wrote: bool) -> bool:
    kind = mentions.get(key, "")
    certain = kind in ("order", "tracking") or not key.isdigit() or len(key) >= _PLAIN_DIGITS
    return kind != "" and (certain or wrote)
