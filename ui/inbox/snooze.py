"""When a snoozed conversation comes back: the usual choices in the person's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from workstation.kernel.clock import HOUR, from_datetime, to_datetime
from workstation.kernel.i18n import N_


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the snooze menu; `until` in milliseconds, UTC."""

    text: str
    until: int


def choices(now: int) -> tuple[Choice, ...]:
    """In 3 hours, this afternoon (until 14:00 has passed), tomorrow 8:00, Saturday, Monday."""
    local = to_datetime(now).astimezone()
    afternoon = _at(local, 0, 15)
    listed = [Choice(N_("In 3 hours"), now + 3 * HOUR)]
    if local.hour < 14:
        listed.append(Choice(N_("This afternoon"), from_datetime(afternoon)))
    listed.append(Choice(N_("Tomorrow"), from_datetime(_at(local, 1, 8))))
    for text, weekday in ((N_("Saturday"), 5), (N_("Monday"), 0)):
        days = (weekday - local.weekday()) % 7 or 7
        if days > 1:
            listed.append(Choice(text, from_datetime(_at(local, days, 8))))
    return tuple(sorted(listed, key=lambda choice: choice.until))


def _at(local: datetime, days: int, hour: int) -> datetime:
    """That many days on at that hour of the local day, also across a change of the clocks."""
    naive = datetime.combine(local.date() + timedelta(days=days), time(hour))
    return naive.astimezone()
