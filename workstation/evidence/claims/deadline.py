"""Until when a claim is to be answered: from the day it came in, or as the desk itself says. Pure.

Only the day is known, not the hour, so a clock of hours ends on the day on which it ends at the latest; the sentence
says that it is the hour at which the claim came in. Where a desk has several clocks, the first to end counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from workstation.evidence.claims import shown
from workstation.evidence.claims.desks import Clock
from workstation.evidence.claims.model import Claim, Deadline, Fact
from workstation.evidence.claims.vocabulary import CLAIM_FACTS
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MOST_REFERENCE = 100
_HOURS = 24
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def checked(claim: Claim) -> Claim:
    """The claim with its values as they are kept. Raises InputError for what is no date, or too long."""
    reference = " ".join(claim.reference.split())
    if len(reference) > MOST_REFERENCE:
        raise InputError(_("The claim's reference is too long."),
                         _("Use at most {n} characters.").format(n=MOST_REFERENCE))
    opened, due = _day(claim.opened_on), _day(claim.due_on)
    if opened and due and due < opened:
        raise InputError(_("The answer would be due before the claim was opened."), _("Correct one of the two dates."))
    return Claim(opened, reference, due)


def _day(text: str) -> str:
    """ISO 8601; "" when it is not known."""
    said = text.strip()
    try:
        found = date.fromisoformat(said) if said else None
    except ValueError:
        found = date.min
    if found is not None and not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise InputError(_("{text} is not a date.").format(text=said[:40]), _("Write it as 2026-11-20."))
    return found.isoformat() if found is not None else ""


def deadlines(claim: Claim, clocks: Sequence[Clock]) -> tuple[Deadline, ...]:
    """The one that counts first: what the desk said itself, else the first clock to end, an appeal's behind the
    answer's. Empty when nothing is known."""
    counted = sorted(_counted(claim, clocks), key=lambda one: (one.appeal, one.on))
    if not claim.due_on:
        return tuple(counted)
    return Deadline(claim.due_on, told=True), *counted


def _counted(claim: Claim, clocks: Sequence[Clock]) -> Iterator[Deadline]:
    if not claim.opened_on:
        return
    opened = date.fromisoformat(claim.opened_on)
    for clock in clocks:
        days = -(-clock.hours // _HOURS) if clock.hours is not None else clock.days
        if days is not None:
            on = (opened + timedelta(days=days)).isoformat()
            yield Deadline(on, shown.clock([clock]), clock.what == "appeal", hours=clock.hours is not None)


def facts(claim: Claim, clocks: Sequence[Clock]) -> tuple[Fact, ...]:
    """The claim's own values, for the form and to copy."""
    found = deadlines(claim, clocks)
    values = {"claim_reference": claim.reference, "claim_opened_on": claim.opened_on,
              "answer_by": found[0].on if found else ""}
    source, why = _("written by a person"), _("Nobody wrote it yet.")
    made = [Fact(name, _(title), values[name], source if values[name] else "", why="" if values[name] else why)
            for name, title in CLAIM_FACTS.items()]
    if found and not found[0].told:
        made[-1] = replace(made[-1], source=_("reckoned from the day the claim was opened: {length}").format(
            length=found[0].length))
    return tuple(made)
