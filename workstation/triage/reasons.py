"""Why, in plain sentences of the interface's language."""

from __future__ import annotations

from collections.abc import Sequence

from workstation.kernel.clock import DAY
from workstation.kernel.i18n import N_, _, ngettext
from workstation.triage.model import Issue
from workstation.triage.ports import CaseFacts

NAMES = {
    Issue.LATE: N_("late"), Issue.LOST: N_("lost"), Issue.CUSTOMS: N_("customs hold"), Issue.REFUSED: N_("refused"),
    Issue.DAMAGED: N_("damaged"), Issue.DEFECTIVE: N_("defective"), Issue.WRONG: N_("wrong item"),
    Issue.MISSING: N_("missing item"), Issue.RETURN: N_("return"), Issue.EXCHANGE: N_("exchange"),
    Issue.REFUND: N_("refund status"), Issue.ADDRESS: N_("address change"), Issue.CANCEL: N_("cancellation"),
    Issue.QUESTION: N_("product question"), Issue.REVIEW: N_("negative review"), Issue.DISPUTE: N_("dispute"),
}


def says(words: Sequence[str]) -> tuple[str, ...]:
    """The buyer's own words, quoted."""
    return tuple(_("says “{words}”").format(words=each) for each in words)


def worded() -> str:
    return _("worded like other messages about this")


def also(others: Sequence[Issue]) -> tuple[str, ...]:
    names = ", ".join(_(NAMES[issue]) for issue in others)
    return (_("also about: {issues}").format(issues=names),) if names else ()


def earlier() -> str:
    return _("from an earlier message of the buyer")


def learned(count: int) -> str:
    return ngettext(
        "{n} similar message was corrected to this", "{n} similar messages were corrected to this", count
    ).format(n=count)


def person() -> str:
    return _("set by a person")


def unanswered(count: int, days: int) -> str:
    if days <= 1:
        return ngettext("{n} message within a day without an answer", "{n} messages within a day without an answer",
                        count).format(n=count)
    return _("messages without an answer: {n} in {days} days").format(n=count, days=days)


def delivered(facts: CaseFacts, now: int) -> str:
    days = max(0, now - (facts.delivered_at or now)) // DAY
    if not days:
        return _("the carrier says it was delivered")
    return ngettext("the carrier says it was delivered {n} day ago", "the carrier says it was delivered {n} days ago",
                    days).format(n=days)


def at_customs() -> str:
    return _("the carrier says it is at customs")


def going_back() -> str:
    return _("the carrier says it is going back")


def overdue(days: int) -> str:
    return ngettext(
        "promised delivery passed {n} day ago", "promised delivery passed {n} days ago", days).format(n=days)


def refunded(count: int) -> str:
    return ngettext("the order was refunded {n} time", "the order was refunded {n} times", count).format(n=count)


def not_shipped() -> str:
    return _("not shipped yet: it can still be changed")


def goes_to(country: str) -> str:
    return _("the order goes to {country}").format(country=country)


def of_mailbox() -> str:
    return _("set for this mailbox")


def of_language() -> str:
    return _("hardly any other market writes in this language")


def of_words() -> str:
    return _("told from the words of the messages")


def not_told() -> str:
    return _("not told: nothing in the messages is clear enough")
