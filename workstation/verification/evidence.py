"""What a check may lean on: a part of an order, who said it, until when it counts, and why it may not count. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workstation.domain.facts import Attempt, OrderFacts, Outcome, Provenance, SourceKind
from workstation.domain.order import Parcel, ParcelState
from workstation.kernel.i18n import _
from workstation.verification.model import Check, Verdict
from workstation.verification.ports import Rules
from workstation.verification.wording import moment, span


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything the checks of one order may look at."""

    now: int
    rules: Rules
    number: str                          # the order number in question, "" when there is none
    facts: OrderFacts | None
    buyers: tuple[str, ...] | None       # who wrote, in lower case; None without a conversation
    attempt: Attempt | None = None       # how the shop last answered about an order that is not stored


@dataclass(frozen=True, slots=True)
class Evidence:
    """One part of the facts. `problem` says why it must not be relied on, "" when it may."""

    said: Provenance
    expires_at: int
    problem: str = ""


def weigh(subject: Subject, part: str) -> Evidence | None:
    """The evidence for a part ("identity", …, "tracking"); None when nobody said anything about it."""
    said: Provenance | None = getattr(subject.facts, part) if subject.facts else None
    if said is None or subject.facts is None:
        return None
    expires_at = said.fetched_at + subject.rules.lasts_ms(said.kind, part)
    tried = subject.facts.carrier_attempt if part == "tracking" else subject.facts.shop_attempt
    return Evidence(said, expires_at, _problem(subject, part, said, expires_at, tried))


def usable(*many: Evidence | None) -> tuple[Evidence, ...]:
    return tuple(evidence for evidence in many if evidence is not None and not evidence.problem)


def trouble(*many: Evidence | None) -> str:
    """The first reason why evidence may not be relied on, "" when there is none."""
    return next((evidence.problem for evidence in many if evidence is not None and evidence.problem), "")


def failure(tried: Attempt | None) -> str:
    """Why the last question to a source brought nothing, "" when it brought something or was never put."""
    if tried is None or tried.outcome is Outcome.ANSWERED:
        return ""
    return _("{source}: {why} ({time})").format(source=tried.source, why=tried.sentence, time=moment(tried.at))


def conclude(
    check_id: str, verdict: Verdict, fact: str, why: str, change: str, on: Sequence[Evidence] = (),
    until: int | None = None,
) -> Check:
    """A check resting on `on`, the deciding evidence first; it lasts as long as all of it, at most until `until`."""
    ends = [evidence.expires_at for evidence in on] + ([until] if until is not None else [])
    said = on[0].said if on else None
    return Check(
        check_id, verdict, fact, why, change, said.source if said else "", said.fetched_at if said else None,
        min(ends) if on else None, said.answer_id if said else "",
    )


def unknown(check_id: str, fact: str, why: str, change: str, on: Evidence | None = None) -> Check:
    """No verdict, and why. The evidence that does not count is still shown with its age and its raw answer."""
    return conclude(check_id, Verdict.UNKNOWN, fact, why, change, (on,) if on else ())


def as_of(facts: OrderFacts, at: int) -> OrderFacts:
    """The facts as they stood at `at`: what happened later had not happened yet."""
    order = facts.order
    earlier = replace(
        order, shipped_at=_before(order.shipped_at, at), delivered_at=_before(order.delivered_at, at),
        refunds=tuple(refund for refund in order.refunds if refund.at is None or refund.at <= at),
    )
    delivered = facts.delivered if earlier.delivered_at is not None else None
    return replace(facts, order=earlier, delivered=delivered, parcel=_parcel_as_of(facts.parcel, at))


def _problem(subject: Subject, part: str, said: Provenance, expires_at: int, tried: Attempt | None) -> str:
    if _failed_since(part, said, tried, subject.now):
        return failure(tried)
    if subject.now > expires_at:
        age = span(subject.now - said.fetched_at)
        return _("{source} was last asked {age} ago, too long to rely on").format(source=said.source, age=age)
    return ""


def _failed_since(part: str, said: Provenance, tried: Attempt | None, now: int) -> bool:
    """Whether the source was asked after it said this and failed. A promise read from a file is not asked of a shop.

    Being offline says nothing about the source, so facts keep until they expire.
    """
    if tried is None or tried.outcome in (Outcome.ANSWERED, Outcome.OFFLINE):
        return False
    asked = part != "promise" or said.kind is SourceKind.API
    return asked and said.fetched_at <= tried.at <= now


def _before(value: int | None, at: int) -> int | None:
    return value if value is not None and value <= at else None


def _parcel_as_of(parcel: Parcel | None, at: int) -> Parcel | None:
    if parcel is None or all(event.at <= at for event in parcel.events):
        return parcel
    events = tuple(event for event in parcel.events if event.at <= at)
    state = events[-1].state if events else ParcelState.UNKNOWN
    return replace(parcel, events=events, state=state, delivered_at=_before(parcel.delivered_at, at))
