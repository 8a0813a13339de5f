"""Times in words: how long ago, how long left, and when. Everything is milliseconds since the epoch, UTC."""

from __future__ import annotations

from datetime import datetime

from workstation.kernel.clock import DAY, HOUR, MINUTE, SystemClock, to_datetime
from workstation.kernel.i18n import _, language, ngettext


def span(ms: int) -> str:
    """A length of time in at most two units: "3d 4h", "1h 12m", "12m", "0m"."""
    days, rest = divmod(max(0, ms), DAY)
    hours, minutes = divmod(rest // MINUTE, 60)
    if days:
        return _("{days}d {hours}h").format(days=days, hours=hours) if hours else _("{days}d").format(days=days)
    if hours:
        return _("{hours}h {minutes:02d}m").format(hours=hours, minutes=minutes)
    return _("{minutes}m").format(minutes=minutes)


def time_left(due_at: int, now: int) -> str:
    """What a clock has left: "1h 12m"; "late 5m" after it broke."""
    return span(due_at - now) if due_at >= now else _("late {span}").format(span=span(now - due_at))


def age(at: int | None, now: int) -> str:
    """How long ago, in one unit: "just now", "5 min", "3 h", "9 d"; "never" for None."""
    if at is None:
        return _("never")
    passed = max(0, now - at)
    if passed < MINUTE:
        return _("just now")
    if passed < HOUR:
        return _("{n} min").format(n=passed // MINUTE)
    if passed < DAY:
        return _("{n} h").format(n=passed // HOUR)
    return _("{n} d").format(n=passed // DAY)


def ago(at: int, now: int) -> str:
    """How long ago as a phrase for a sentence: "9 days ago"."""
    passed = max(0, now - at)
    if passed < MINUTE:
        return _("just now")
    if passed < HOUR:
        n = passed // MINUTE
        return ngettext("{n} minute ago", "{n} minutes ago", n).format(n=n)
    if passed < DAY:
        n = passed // HOUR
        return ngettext("{n} hour ago", "{n} hours ago", n).format(n=n)
    n = passed // DAY
    return ngettext("{n} day ago", "{n} days ago", n).format(n=n)


def clock(at: int) -> str:
    """The local time of day: "10:02"."""
    return f"{_local(at):%H:%M}"


def when(at: int, now: int) -> str:
    """As short as it is clear: the time today, the day and month this year, the date otherwise."""
    moment, today = _local(at), _local(now)
    if moment.date() == today.date():
        return clock(at)
    from babel.dates import format_date, format_skeleton

    if moment.year == today.year:
        return format_skeleton("MMMd", moment, locale=_locale())
    return format_date(moment.date(), format="medium", locale=_locale())


def soon(at: int, now: int) -> str:
    """A time to come: "02:14" within a day, "Mon 08:00" within a week, the date later."""
    if at - now < DAY:
        return clock(at)
    from babel.dates import format_skeleton

    local = _local(at)
    day = format_skeleton("E" if at - now < 7 * DAY else "MMMd", local, locale=_locale())
    return f"{day} {local:%H:%M}"


def moment(at: int) -> str:
    """The whole of it for a tooltip or a heading: "Sat 21 Nov 2026, 10:02"."""
    from babel.dates import format_date

    local = _local(at)
    return f"{format_date(local.date(), format='full', locale=_locale())}, {local:%H:%M}"


def day(at: int) -> str:
    """A date: "21 Nov 2026"."""
    from babel.dates import format_date

    return format_date(_local(at).date(), format="medium", locale=_locale())


def number(value: int) -> str:
    """A count with the language's grouping: "12,345"."""
    from babel.numbers import format_decimal

    return format_decimal(value, locale=_locale())


def short_number(value: int) -> str:
    """A count where there is little room: "135K", in Chinese "13万"."""
    from babel.numbers import format_compact_decimal

    return format_compact_decimal(value, locale=_locale())


def size(count: int) -> str:
    """A file's size: "640 B", "12 KB", "3.4 MB", "1.2 GB"."""
    if count < 1_000:
        return _("{n} B").format(n=count)
    if count < 1_000_000:
        return _("{n} KB").format(n=round(count / 1_000))
    if count < 999_950_000:
        return _("{n:.1f} MB").format(n=count / 1_000_000)
    return _("{n:.1f} GB").format(n=count / 1_000_000_000)


def warm() -> None:
    """Read the language's names of days and months, and how it writes numbers. Call it on a thread of its own: it
    takes a moment the first time, and what is shown later finds it done."""
    at = SystemClock().now()
    for words in (when(at - 40 * DAY, at), when(at - 400 * DAY, at), soon(at + 3 * DAY, at), moment(at)):
        if not words:
            raise LookupError("the locale's data is missing")
    number(12_345)


def _local(at: int) -> datetime:
    return to_datetime(at).astimezone()


def _locale() -> str:
    return "zh_Hans_CN" if language() == "zh_CN" else "en_GB"
