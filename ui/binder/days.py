"""Days of claims in words: how a person writes one, and how many are left. Pure."""

from __future__ import annotations

import re
from datetime import date

from workstation.evidence.claims.model import Deadline
from workstation.kernel.clock import to_datetime
from workstation.kernel.i18n import _, language, ngettext

NEAR = 2
"""So many days before its end an open clock is a warning."""
_PLAIN = re.compile(r"(\d{4})[-./ ]?(\d{1,2})[-./ ]?(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def parsed(text: str) -> date | None:
    """2026-11-20, 2026/11/20, 20261120 and 20.11.2026; None for anything else. 11/12/2026 is two days, and so none."""
    said = text.strip()
    plain, day_first = _PLAIN.fullmatch(said), _DAY_FIRST.fullmatch(said)
    found = plain.groups() if plain else day_first.groups()[::-1] if day_first else None
    if found is None or (plain and said.isdigit() and len(said) != len("20261120")):
        return None
    try:
        return date(*map(int, found))
    except ValueError:
        return None


def iso(text: str) -> str:
    """ISO 8601, "" for what is no day."""
    found = parsed(text)
    return found.isoformat() if found is not None else ""


def local(now: int) -> date:
    """The day it is here. `now` in milliseconds UTC."""
    return to_datetime(now).astimezone().date()


def left(deadline: Deadline, today: date) -> tuple[str, str]:
    """How it stands ("pass", "warn", "fail") and the sentence about it."""
    on = date.fromisoformat(deadline.on)
    n = (on - today).days
    said = _("Appeal by {day}").format(day=_day(on)) if deadline.appeal else _("Answer by {day}").format(day=_day(on))
    if n < 0:
        much = ngettext("{n} day too late", "{n} days too late", -n).format(n=-n)
    else:
        much = _("today is the last day") if n == 0 else ngettext("{n} day left", "{n} days left", n).format(n=n)
    state = "fail" if n < 0 else "warn" if n <= NEAR else "pass"
    return state, _("{until}: {left}. {why}.").format(until=said, left=much, why=_why(deadline))


def _why(deadline: Deadline) -> str:
    if deadline.told:
        return _("The desk named this day")
    if deadline.hours:
        return _("Clock: {length}, to the hour at which the claim came in").format(length=deadline.length)
    return _("Clock: {clock}").format(clock=deadline.length)


def _day(on: date) -> str:
    from babel.dates import format_date

    return format_date(on, format="medium", locale="zh_Hans_CN" if language() == "zh_CN" else "en_GB")
