"""The four checks that follow the parcel: delivery, tracking, promise, return window. Pure; the table is in checks."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.order import Order, Parcel, ParcelState
from workstation.domain.wording import day
from workstation.kernel.clock import DAY
from workstation.kernel.i18n import _
from workstation.verification.evidence import Evidence, Subject, conclude, failure, trouble, unknown, usable, weigh
from workstation.verification.model import Check, Verdict
from workstation.verification.wording import days

_MOVING = (ParcelState.IN_TRANSIT, ParcelState.CUSTOMS, ParcelState.OUT_FOR_DELIVERY)
_HANDED_OVER = (*_MOVING, ParcelState.DELIVERED, ParcelState.EXCEPTION, ParcelState.RETURNED)
_SHIPPED_WORDS = ("shipped", "fulfilled", "delivered", "partial")
"""How the platforms' own status words begin once a parcel has left: Amazon's "Shipped - …", Shopify's "fulfilled"."""
_CANCELLED_WORDS = ("cancelled", "canceled", "voided")


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A delivery date and who said it."""

    at: int
    on: Evidence


def check_delivery(subject: Subject) -> Check:
    """Whether the order has left, or arrived."""
    change = _("Refresh to ask the shop and the carrier.")
    delivered = _delivered(subject)
    if delivered is not None:
        return conclude("delivery", Verdict.PASS, _("Delivered on {date}").format(date=day(delivered.at)),
                        _("The source gives a delivery date."), change, (delivered.on,))
    tracking, shipping = weigh(subject, "tracking"), weigh(subject, "shipping")
    for evidence in usable(tracking):
        if subject.facts and subject.facts.parcel and subject.facts.parcel.state in _HANDED_OVER:
            return conclude("delivery", Verdict.PASS, _("Shipped: the carrier has it"),
                            _("The carrier reports events of this parcel."), change, (evidence,))
    for evidence in usable(shipping):
        if subject.facts is not None:
            return _by_order(subject.facts.order, evidence, change)
    return unknown("delivery", _("Not known whether it was shipped"), _reason(subject, "shipping"), change,
                   shipping or tracking)


def check_tracking(subject: Subject) -> Check:
    """Whether the parcel moves, as measured by its service."""
    change = _("Refresh to ask the carrier.")
    evidence = weigh(subject, "tracking")
    parcel = subject.facts.parcel if subject.facts else None
    if evidence is None or parcel is None or evidence.problem:
        fact = _("Tracking is not known") if _number(subject) else _("There is no tracking number")
        return unknown("tracking", fact, _reason(subject, "tracking"), change, evidence)
    if parcel.state is ParcelState.DELIVERED:
        return conclude("tracking", Verdict.PASS, _("Tracking ends with the delivery"),
                        _("The carrier reports it delivered."), change, (evidence,))
    if parcel.state is ParcelState.UNKNOWN or not parcel.events:
        return unknown("tracking", _("The carrier has no news of this parcel"),
                       _("The carrier answered without an event."), change, evidence)
    return _movement(subject, parcel, evidence, change)


def check_promise(subject: Subject) -> Check:
    """Whether the promised date was kept or can still be."""
    change = _("Refresh to ask the carrier; a new promise changes the date.")
    evidence = weigh(subject, "promise")
    promised = subject.facts.order.promised_at if subject.facts else None
    if evidence is None or promised is None or evidence.problem:
        return unknown("promise", _("No promised date is known"), _reason(subject, "promise"), change, evidence)
    delivered = _delivered(subject)
    if delivered is not None:
        return _kept(delivered, promised, evidence, change)
    if subject.now <= promised:
        return conclude("promise", Verdict.PASS, _("Promised by {date}, not passed").format(date=day(promised)),
                        _("The promised date is still ahead."), change, (evidence,), until=promised)
    return _overdue(subject, promised, evidence, change)


def check_return_window(subject: Subject) -> Check:
    """Whether the buyer may still send it back, by the longest rule that is known for the order."""
    change = _("A delivery date, or a rule for this store in the policy pack.")
    order = subject.facts.order if subject.facts else None
    rule = subject.rules.return_rule(order.ref.platform, order.ref.store, order.country) if order else None
    if order is None or rule is None:
        why = _("No return rule is known for {platform} in {country}.").format(
            platform=order.ref.platform, country=order.country or "?") if order else _reason(subject, "delivered")
        return unknown("return_window", _("Return window is not known"), why, change)
    why = _basis(rule.basis).format(days=days(rule.days), source=_(rule.source))
    delivered = _delivered(subject)
    if delivered is not None:
        closes = rule.closes_at(delivered.at)
        if subject.now > closes:
            return conclude("return_window", Verdict.FAIL, _("Return window closed on {date}").format(date=day(closes)),
                            why, change, (delivered.on,))
        return conclude("return_window", Verdict.PASS, _("Return window open until {date}").format(date=day(closes)),
                        why, change, (delivered.on,), until=closes)
    waiting = _undelivered(subject)
    if waiting is not None:
        fact = _("Return window starts with the delivery")
        return conclude("return_window", Verdict.PASS, fact, why, change, (waiting,))
    return unknown("return_window", _("Return window is not known without a delivery date"),
                   _reason(subject, "delivered"), change, weigh(subject, "delivered") or weigh(subject, "tracking"))


def _delivered(subject: Subject) -> _Delivery | None:
    """The delivery date from whoever may be relied on, the carrier before the shop."""
    if subject.facts is None:
        return None
    parcel, order = subject.facts.parcel, subject.facts.order
    for evidence in usable(weigh(subject, "tracking")):
        if parcel is not None and parcel.state is ParcelState.DELIVERED and parcel.delivered_at is not None:
            return _Delivery(parcel.delivered_at, evidence)
    for evidence in usable(weigh(subject, "delivered")):
        if order.delivered_at is not None:
            return _Delivery(order.delivered_at, evidence)
    return None


def _undelivered(subject: Subject) -> Evidence | None:
    """Reliable evidence that it has not arrived: the carrier still has it, or the shop has not sent it."""
    if subject.facts is None or weigh(subject, "delivered") is not None:
        return None
    parcel = subject.facts.parcel
    for evidence in usable(weigh(subject, "tracking")):
        if parcel is not None and parcel.state not in (ParcelState.DELIVERED, ParcelState.UNKNOWN):
            return evidence
    for evidence in usable(weigh(subject, "shipping")):
        if not _left(subject.facts.order) and parcel is None:
            return evidence
    return None


def _by_order(order: Order, evidence: Evidence, change: str) -> Check:
    if _left(order):
        fact = _("Shipped on {date}").format(date=day(order.shipped_at)) if order.shipped_at else _("Shipped")
        return conclude("delivery", Verdict.PASS, fact, _("The shop says it was sent."), change, (evidence,))
    cancelled = order.status.casefold().startswith(_CANCELLED_WORDS)
    fact = _("Cancelled, never shipped") if cancelled else _("Not yet shipped")
    return conclude("delivery", Verdict.WARN, fact, _("The shop has no shipment for it."), change, (evidence,))


def _left(order: Order) -> bool:
    return order.shipped_at is not None or order.status.casefold().startswith(_SHIPPED_WORDS)


def _movement(subject: Subject, parcel: Parcel, evidence: Evidence, change: str) -> Check:
    last = parcel.events[-1]
    still, limit = max(0, subject.now - last.at), subject.rules.stale_days(_service(subject, parcel))
    if parcel.state not in _MOVING:
        return conclude("tracking", Verdict.WARN, _STUCK[parcel.state]().format(date=day(last.at)),
                        _("The carrier's last event is: {text}").format(text=last.text[:200]), change, (evidence,))
    why = _("For this service {days} without news is stale.").format(days=days(limit))
    if still > limit * DAY:
        fact = _("Tracking stale: nothing new for {days}").format(days=days(still // DAY))
        return conclude("tracking", Verdict.WARN, fact, why, change, (evidence,))
    return conclude("tracking", Verdict.PASS, _("Moving: last event on {date}").format(date=day(last.at)), why, change,
                    (evidence,), until=last.at + limit * DAY)


def _kept(delivered: _Delivery, promised: int, evidence: Evidence, change: str) -> Check:
    on = (delivered.on, evidence)
    if delivered.at <= promised:
        return conclude("promise", Verdict.PASS, _("Delivered in time, on {date}").format(date=day(delivered.at)),
                        _("It was promised by {date}.").format(date=day(promised)), change, on)
    return conclude("promise", Verdict.FAIL, _("Delivered late, on {date}").format(date=day(delivered.at)),
                    _("It was promised by {date}.").format(date=day(promised)), change, on)


def _overdue(subject: Subject, promised: int, evidence: Evidence, change: str) -> Check:
    """The date has passed and no delivery is known: late, unless whoever would know of it cannot be relied on."""
    waiting = _undelivered(subject)
    silent = subject.facts is not None and subject.facts.tracking is None and subject.facts.delivered is None
    nobody_failed = not (subject.facts and failure(subject.facts.carrier_attempt))
    on = (waiting,) if waiting else usable(weigh(subject, "shipping")) if silent and nobody_failed else ()
    if on:
        return conclude("promise", Verdict.FAIL, _("Promised by {date}, passed").format(date=day(promised)),
                        _("No delivery is known and the date is behind us."), change, (evidence, *on))
    why = trouble(weigh(subject, "tracking"), weigh(subject, "delivered"), weigh(subject, "shipping"))
    why = why or (failure(subject.facts.carrier_attempt) if subject.facts else "")
    return unknown("promise", _("Promised by {date}; not known whether it arrived").format(date=day(promised)),
                   why or _("No source says whether it was delivered."), change, evidence)


def _service(subject: Subject, parcel: Parcel) -> str:
    return parcel.service or (subject.facts.order.service if subject.facts else "")


def _number(subject: Subject) -> str:
    return subject.facts.order.tracking_number if subject.facts else ""


def _reason(subject: Subject, part: str) -> str:
    """Why nothing reliable is known about a part."""
    if subject.facts is None:
        return failure(subject.attempt) or _("No order to check.")
    problem = trouble(weigh(subject, part), weigh(subject, "tracking") if part != "promise" else None)
    tried = failure(subject.facts.carrier_attempt if part == "tracking" else subject.facts.shop_attempt)
    nobody = _("The carrier was not asked yet.") if part == "tracking" and _number(subject) else _(
        "No source says anything about this.")
    return problem or tried or nobody


def _basis(basis: str) -> str:
    return {
        "law": _("By law the buyer has {days}: {source}"),
        "platform": _("The platform gives {days}: {source}"),
        "store": _("The store gives {days}: {source}"),
    }[basis]


_STUCK = {
    ParcelState.LABEL: lambda: _("Announced on {date}, not handed over yet"),
    ParcelState.EXCEPTION: lambda: _("The carrier reports a problem on {date}"),
    ParcelState.RETURNED: lambda: _("On its way back since {date}"),
}
