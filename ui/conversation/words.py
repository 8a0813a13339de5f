"""Times and languages as a conversation tells them. Local time; the zone is always one tooltip away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from ui.widgets import timetext
from workstation.domain import wording
from workstation.domain.conversation import Address, Direction
from workstation.kernel.i18n import _, language


def local_time(ms: int, now: int) -> str:
    """ "10:02" today, "20 Nov 10:02" this year, "20 Nov 2025" before. Both in milliseconds UTC."""
    day, today = local_day(ms), local_day(now)
    if day == today:
        return timetext.clock(ms)
    short = _short_day(day, today, language())
    return f"{short} {timetext.clock(ms)}" if today.year == day.year else short


@lru_cache(maxsize=1_024)
def _short_day(day: date, today: date, _shown_in: str) -> str:
    """A day's words take Babel a quarter of a millisecond, and a conversation says the same few again and again."""
    return timetext.when(_noon(day), _noon(today))


def _noon(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, 12).astimezone().timestamp() * 1_000)


def local_day(ms: int) -> date:
    """The day of a moment (ms UTC) where the person is; no zone changes within a quarter of an hour."""
    return _day(ms // 900_000)


@lru_cache(maxsize=4_096)
def _day(quarter: int) -> date:
    return datetime.fromtimestamp(quarter * 900).astimezone().date()


def day_line(ms: int, now: int) -> str:
    """A day between messages: "Today", "Yesterday", "Friday 20 November", with the year when it is another one."""
    day, today = local_day(ms), local_day(now)
    if day == today:
        return _("Today")
    if (today - day).days == 1:
        return _("Yesterday")
    from babel.dates import format_skeleton

    skeleton = "yMMMMEEEEd" if day.year != today.year else "MMMMEEEEd"
    return str(format_skeleton(skeleton, datetime.fromtimestamp(ms / 1_000).astimezone(), locale=wording.reader()))


def full_time(ms: int) -> str:
    """The moment, with the zone it is told in: "Saturday, 21 November 2026, 10:02 (UTC+08:00)"."""
    minutes = (datetime.fromtimestamp(ms / 1_000).astimezone().utcoffset() or timedelta()) // timedelta(minutes=1)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    zone = f"UTC{sign}{hours:02}:{rest:02}"
    return f"{_full_day(local_day(ms), language())}, {timetext.clock(ms)} ({zone})"


@lru_cache(maxsize=512)
def _full_day(day: date, _shown_in: str) -> str:
    from babel.dates import format_date

    return str(format_date(day, format="full", locale=wording.reader()))


def day(ms: int | None) -> str:
    """A day in words with its year, "" when unknown."""
    return "" if ms is None else wording.day(ms)


def who(author: Address, direction: Direction) -> str:
    """Who wrote, also where nobody is named: a note of a desk without a name, a mail without a sender."""
    return author.shown or (_("Unknown sender") if direction is Direction.IN else _("Your team"))


def pair(source: str, target: str) -> str:
    """A direction of translation, short: "pt → en"."""
    return f"{source} → {target}"


def pair_names(source: str, target: str) -> str:
    """A direction of translation in full: "Portuguese → English"."""
    return f"{wording.language_name(source)} → {wording.language_name(target)}"
