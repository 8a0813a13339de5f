"""Times and languages as a conversation tells them. Local time; the zone is always one tooltip away."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from PySide6.QtCore import QDateTime, QLocale, QTimeZone

from ui.widgets import timetext
from workstation.domain import wording
from workstation.kernel.i18n import _, language


def local_time(ms: int, now: int) -> str:
    """ "10:02" today, "20 Nov 10:02" this year, "20 Nov 2025" before. Both in milliseconds UTC."""
    short = timetext.when(ms, now)
    moment = QDateTime.fromMSecsSinceEpoch(ms)
    this_year = moment.date().year() == QDateTime.fromMSecsSinceEpoch(now).date().year()
    return f"{short} {timetext.clock(ms)}" if this_year and short != timetext.clock(ms) else short


def day_line(ms: int, now: int) -> str:
    """A day between messages: "Today", "Yesterday", "Friday 20 November", with the year when it is another one."""
    moment, today = QDateTime.fromMSecsSinceEpoch(ms).date(), QDateTime.fromMSecsSinceEpoch(now).date()
    if moment == today:
        return _("Today")
    if moment.daysTo(today) == 1:
        return _("Yesterday")
    from babel.dates import format_skeleton

    skeleton = "yMMMMEEEEd" if moment.year() != today.year() else "MMMMEEEEd"
    return str(format_skeleton(skeleton, datetime.fromtimestamp(ms / 1_000).astimezone(), locale=wording.reader()))


def full_time(ms: int) -> str:
    """The moment, with the zone it is told in: "Saturday, 21 November 2026, 10:02 (UTC+08:00)"."""
    moment = QDateTime.fromMSecsSinceEpoch(ms)
    zone = moment.timeZone().displayName(moment, QTimeZone.NameType.OffsetName, QLocale.c())
    return f"{timetext.moment(ms)} ({zone})"


def day(ms: int | None) -> str:
    """A day in words with its year, "" when unknown."""
    return "" if ms is None else wording.day(ms)


def language_name(code: str) -> str:
    """ "pt" → "Portuguese", in the interface's language; the code itself when nobody knows it."""
    return _language_name(code, language())


@lru_cache(maxsize=256)
def _language_name(code: str, shown_in: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code.replace("-", "_")).get_display_name(shown_in)
    except (UnknownLocaleError, ValueError, TypeError):
        return code
    return str(name) if name else code


def pair(source: str, target: str) -> str:
    """A direction of translation, short: "pt → en"."""
    return f"{source} → {target}"


def pair_names(source: str, target: str) -> str:
    """A direction of translation in full: "Portuguese → English"."""
    return f"{language_name(source)} → {language_name(target)}"
