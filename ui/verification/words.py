"""What the case column says: names of checks, facts of an order and its parcel, raw answers made readable."""

from __future__ import annotations

import json

from ui.conversation import words
from ui.conversation.texts import isolated
from workstation.domain.order import Order, Parcel, ParcelState
from workstation.domain.wording import money
from workstation.kernel.i18n import N_, _, ngettext
from workstation.verification.model import RawAnswer

NAMES = {
    "order": N_("Order"), "delivery": N_("Delivery"), "tracking": N_("Tracking"), "promise": N_("Promised date"),
    "return_window": N_("Return window"), "refund": N_("Refund"),
}
_PARCEL = {
    ParcelState.LABEL: N_("announced"), ParcelState.IN_TRANSIT: N_("in transit"), ParcelState.CUSTOMS: N_("in customs"),
    ParcelState.OUT_FOR_DELIVERY: N_("out for delivery"), ParcelState.DELIVERED: N_("delivered"),
    ParcelState.EXCEPTION: N_("exception"), ParcelState.RETURNED: N_("returned"), ParcelState.UNKNOWN: N_("unknown"),
}
LONGEST = 200_000
"""Characters of a raw answer that are shown."""


def check_name(check_id: str) -> str:
    return _(NAMES[check_id]) if check_id in NAMES else check_id


def parcel_state(state: ParcelState) -> str:
    return _(_PARCEL[state])


def is_simulated(source: str, simulated: tuple[str, ...]) -> bool:
    """Whether this source is one of those the core says are simulated, or says so itself."""
    low = source.lower()
    return "simulated" in low or any(name and name.lower() in low for name in simulated)


def readable(answer: RawAnswer) -> str:
    """The stored answer as text: JSON indented, the rest as it came."""
    text = answer.body[:LONGEST].decode("utf-8", errors="replace")
    if "json" in answer.content_type:
        try:
            return json.dumps(json.loads(answer.body), indent=2, ensure_ascii=False)[:LONGEST]
        except (ValueError, RecursionError):
            return text
    return text


def order_facts(order: Order, parcel: Parcel | None = None) -> list[tuple[str, str]]:
    """Name and value of what is known; what is unknown says so."""
    unknown = _("unknown")
    not_shipped = _("not yet") if order.shipping_known else unknown
    pieces = sum(line.quantity for line in order.lines)
    items = ngettext("{n} item", "{n} items", pieces).format(n=pieces)
    return [
        (_("Buyer"), isolated(order.buyer_name) or unknown),
        (_("Total"), f"{money(order.total) if order.total else unknown} · {items}"),
        (_("Placed"), words.day(order.placed_at) or unknown),
        (_("Shipped"), words.day(order.shipped_at) or not_shipped),
        (_("Promised"), words.day(order.promised_at) or unknown),
        (_("Delivered"), _delivered(order, parcel) or unknown),
        (_("Refunds"), _refunds(order)),
        *((_("Item"), _line(line.quantity, line.title)) for line in order.lines[:5]),
    ]


def parcel_facts(parcel: Parcel) -> list[tuple[str, str]]:
    """The parcel and its newest events."""
    name = " · ".join(part for part in (parcel.carrier, parcel.service) if part)
    newest = sorted(parcel.events, key=lambda event: event.at, reverse=True)[:4]
    return [
        (_("Parcel"), f"{parcel.tracking_number} · {parcel_state(parcel.state)}"),
        (_("Carrier"), name or _("unknown")),
        *((words.day(event.at), isolated(", ".join(filter(None, (event.text, event.place))))) for event in newest),
    ]


def _refunds(order: Order) -> str:
    if order.refunds:
        given = [(money(refund.amount), words.day(refund.at) or _("day unknown")) for refund in order.refunds]
        return ", ".join(f"{amount} ({day})" for amount, day in given)
    return _("none") if order.refunds_known else _("unknown: the source does not say")


def _delivered(order: Order, parcel: Parcel | None) -> str:
    """The day, as the order or else its parcel says; "" when neither knows."""
    known = words.day(order.delivered_at) or (words.day(parcel.delivered_at) if parcel else "")
    if known or parcel is None or parcel.state is ParcelState.UNKNOWN:
        return known
    return _("yes, the day is unknown") if parcel.state is ParcelState.DELIVERED else _("not yet")


def _line(quantity: int, title: str) -> str:
    return f"{quantity} × {isolated(title)}"
