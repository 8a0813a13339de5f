"""Which claims desk and reason a case is probably about, from its channel and what it is about. A person chooses."""

from __future__ import annotations

from collections.abc import Sequence

from workstation.evidence.claims.model import Desk, Reason

_CHANNELS = {
    "amazon": ("amazon",), "ebay": ("ebay",), "shopify": ("shopify",), "shopee": ("shopee",),
    "tiktok": ("tiktok",), "email": ("paypal", "stripe"),
}
"""Parts of desk ids, best first."""
_WORDS = {
    "late": ("not_received", "inr", "delivery", "13.1"), "lost": ("not_received", "inr", "delivery", "13.1"),
    "customs": ("not_received", "delivery", "13.1"), "missing": ("not_received", "item_as_described", "13.3"),
    "damaged": ("described", "snad", "13.3"), "defective": ("described", "snad", "13.3"),
    "wrong": ("described", "snad", "13.3"), "return": ("return", "credit", "13.6"),
    "refund": ("credit", "refund", "13.6"), "cancel": ("cancel", "13.7", "subscription"),
}
"""Parts of reason ids and titles, best first."""


def propose(desks: Sequence[Desk], channel: str, issue: str) -> tuple[str, str]:
    """The ids of a desk and a reason; ("", "") for a channel that has no claims desk of its own."""
    for part in _CHANNELS.get(channel, ()):
        for desk in desks:
            if part in desk.id:
                return desk.id, _reason(desk.reasons, issue)
    return "", ""


def _reason(reasons: Sequence[Reason], issue: str) -> str:
    for word in _WORDS.get(issue, ()):
        for reason in reasons:
            if word in f"{reason.id} {reason.title}".lower():
                return reason.id
    return reasons[0].id if reasons else ""
