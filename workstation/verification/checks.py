"""The six checks: from facts to a verdict with its reason. Pure.

    check          pass                            warn             fail            unknown
    order          found and this buyer's                           another's       not found, no conversation
    delivery       shipped or delivered            not yet shipped
    tracking       moving or delivered             stale, stuck
    promise        not passed, delivered in time                    passed
    return_window  open                                             closed          no rule known
    refund         none                            partial          full
and unknown whenever the source is missing, expired, timed out or changed.
"""

from __future__ import annotations

from collections.abc import Callable

from workstation.domain.clues import is_relay_alias
from workstation.domain.order import Order
from workstation.domain.wording import money
from workstation.kernel.i18n import _
from workstation.verification import parcel_checks
from workstation.verification.evidence import Evidence, Subject, conclude, failure, unknown, weigh
from workstation.verification.model import CHECKS, Check, Verdict


def run(subject: Subject) -> tuple[Check, ...]:
    """All checks in the order of CHECKS."""
    return tuple(_RULES[check_id](subject) for check_id in CHECKS)


def check_order(subject: Subject) -> Check:
    """Whether the order exists and belongs to whoever writes."""
    if subject.facts is None:
        return _not_found(subject)
    evidence = weigh(subject, "identity")
    change = _("Import a newer order file, or refresh to ask the shop.")
    if evidence is None or evidence.problem:
        why = evidence.problem if evidence else _("No source vouches for this order.")
        fact = _("Order {number} is not confirmed").format(number=subject.number)
        return unknown("order", fact, why, change, evidence)
    if subject.buyers is None:
        fact = _("Order {number} is there; no conversation to compare its buyer with").format(number=subject.number)
        return unknown("order", fact, _("Whose order it is can only be told from who asks."),
                       _("Link it to the buyer's conversation."), evidence)
    return _whose(subject, subject.facts.order.buyer_email.strip().lower(), evidence, change)


def check_refund(subject: Subject) -> Check:
    """Whether money was given back already."""
    change = _("Refresh to ask the shop, or import an order file that lists refunds.")
    evidence = weigh(subject, "refunds")
    if evidence is None or subject.facts is None:
        return unknown("refund", _("Refunds are not known"), _no_source(subject), change)
    if evidence.problem:
        return unknown("refund", _("Refunds are not known"), evidence.problem, change, evidence)
    if subject.facts.order.refunds:
        return _amounts(subject.facts.order, evidence, change)
    return conclude("refund", Verdict.PASS, _("No refund so far"), _("The source lists refunds and has none."), change,
                    (evidence,))


def _whose(subject: Subject, buyer: str, evidence: Evidence, change: str) -> Check:
    if not buyer or not subject.buyers:
        fact = _("Order {number} is there; its buyer's address is not known").format(number=subject.number)
        why = _("The source or the conversation does not say who the buyer is.")
        return unknown("order", fact, why, change, evidence)
    if buyer in subject.buyers:
        relay = _("It was bought with this very relay address.")
        plain = _("It was bought with the address that writes.")
        return conclude("order", Verdict.PASS, _("Order {number} is this buyer's").format(number=subject.number),
                        relay if is_relay_alias(buyer) else plain, change, (evidence,))
    return conclude("order", Verdict.FAIL, _("Order {number} is another buyer's").format(number=subject.number),
                    _("It was bought with another address than the one that writes."),
                    _("Ask the buyer to write from the address used for the order."), (evidence,))


def _amounts(order: Order, evidence: Evidence, change: str) -> Check:
    amounts = [refund.amount for refund in order.refunds]
    if len({each.currency for each in (*amounts, *([order.total] if order.total else ()))}) > 1:
        return unknown("refund", _("Refunded in another currency than paid"), _("The amounts cannot be compared."),
                       _("Look at the order in the shop."), evidence)
    paid_back = sum(amounts[1:], start=amounts[0])
    if order.total is not None and paid_back.minor >= order.total.minor:
        return conclude("refund", Verdict.FAIL, _("Fully refunded: {amount}").format(amount=money(paid_back)),
                        _("Refunds add up to the whole order."), change, (evidence,))
    return conclude("refund", Verdict.WARN, _("Partly refunded: {amount}").format(amount=money(paid_back)),
                    _("Refunds add up to less than the order, or its total is not known."), change, (evidence,))


def _not_found(subject: Subject) -> Check:
    change = _("Import an order file that has it, or connect its shop.")
    if not subject.number:
        why = _("Nothing in it names an order or shares a buyer's address.")
        return unknown("order", _("No order is linked to this conversation"), why, _("Link an order by its number."))
    failed = failure(subject.attempt)
    if failed:
        fact = _("Order {number}: its shop could not be asked").format(number=subject.number)
        return unknown("order", fact, failed, _("Refresh to ask again, or import an order file that has it."))
    why = _("No order with this number is stored.")
    return unknown("order", _("Order {number} was not found").format(number=subject.number), why, change)


def _no_source(subject: Subject) -> str:
    """Why there is no evidence at all: the shop failed, or nobody ever said anything about it."""
    if subject.facts is None:
        return failure(subject.attempt) or _("No order to check.")
    return failure(subject.facts.shop_attempt) or _("No source says anything about this.")


_RULES: dict[str, Callable[[Subject], Check]] = {
    "order": check_order,
    "delivery": parcel_checks.check_delivery,
    "tracking": parcel_checks.check_tracking,
    "promise": parcel_checks.check_promise,
    "return_window": parcel_checks.check_return_window,
    "refund": check_refund,
}
