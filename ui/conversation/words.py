"""Times, ages, sizes and languages as a person reads them. Local time; the zone is always one tooltip away."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, QTimeZone

from workstation.kernel.i18n import _, language, ngettext

_LOCALES = {"zh_CN": "zh_CN"}


def locale() -> QLocale:
    """Dates and numbers in the interface's language (English with a 24-hour clock)."""
    return QLocale(_LOCALES.get(language(), "en_GB"))


def local_time(ms: int, now: int) -> str:
    """ "10:02" today, "20 Nov 10:02" this year, "20 Nov 2025" before. Both in milliseconds UTC."""
    moment, today = QDateTime.fromMSecsSinceEpoch(ms), QDateTime.fromMSecsSinceEpoch(now)
    if moment.date() == today.date():
        return moment.toString("HH:mm")
    pattern = _("d MMM HH:mm") if moment.date().year() == today.date().year() else _("d MMM yyyy")
    return locale().toString(moment, pattern)


def full_time(ms: int) -> str:
    """The moment to the second, with the zone it is told in: "Saturday, 21 November 2026 10:02:07 (UTC+08:00)"."""
    moment = QDateTime.fromMSecsSinceEpoch(ms)
    zone = moment.timeZone().displayName(moment, QTimeZone.NameType.OffsetName, QLocale.c())
    return f"{locale().toString(moment, _('dddd, d MMMM yyyy HH:mm:ss'))} ({zone})"


def day(ms: int | None) -> str:
    """A day in words, "" when unknown."""
    return "" if ms is None else locale().toString(QDateTime.fromMSecsSinceEpoch(ms), _("d MMM yyyy"))


def age(seconds: int | None) -> str:
    """How old something is, in its largest unit: "now", "5 min", "3 h", "9 d"; "" when unknown."""
    if seconds is None:
        return ""
    if seconds < 60:
        return _("now")
    if seconds < 3_600:
        return _("{n} min").format(n=seconds // 60)
    if seconds < 86_400:
        return _("{n} h").format(n=seconds // 3_600)
    return _("{n} d").format(n=seconds // 86_400)


def file_size(size: int) -> str:
    """Bytes in a readable unit: "1.2 MB"."""
    if size < 1_000:
        return ngettext("{n} byte", "{n} bytes", size).format(n=size)
    return locale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def language_name(code: str) -> str:
    """ "pt" → "Portuguese", in the interface's language; the code itself when nobody knows it."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code).get_display_name(language())
    except (UnknownLocaleError, ValueError, TypeError):
        return code
    return str(name) if name else code


def pair(source: str, target: str) -> str:
    """A direction of translation, short: "pt → en"."""
    return f"{source} → {target}"


def pair_names(source: str, target: str) -> str:
    """A direction of translation in full: "Portuguese → English"."""
    return f"{language_name(source)} → {language_name(target)}"
