"""A moment in words, as a person types it to snooze: "in 3 hours", "friday 14:30", "明天上午9点".

English is read by the package `dateparser`, imported when the first moment is read. It knows few Chinese forms, so the
usual ones are put into English before.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from workstation.kernel.clock import from_datetime, to_datetime

LONGEST = 80
MORNING = 8
"""The hour that is meant by a day without one."""
FURTHEST = timedelta(days=366)

_DIGITS = {digit: str(n) for n, digit in enumerate("零一二三四五六七八九十")} | {"两": "2", "半": "30"}
_WEEKDAYS = dict(zip("一二三四五六日天", ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
                                       "sunday"), strict=True))
_UNITS = {"分钟": "minutes", "小时": "hours", "个小时": "hours", "天": "days", "周": "weeks", "个星期": "weeks",
          "个月": "months"}
_DAYS = (("大后天", "in 3 days"), ("后天", "in 2 days"), ("明天", "tomorrow"), ("今天", "today"),
         ("月底", "end of month"))
_SHORT = (("今晚", "今天晚上"), ("明晚", "明天晚上"), ("今早", "今天早上"), ("明早", "明天早上"))
_LATER = re.compile(r"([一二三四五六七八九十两\d]+) ?(分钟|个?小时|天|周|个星期|个月)[以之]?后")
_NEXT = re.compile(r"(?:下(?:个)?)?(?:周|星期|礼拜)([一二三四五六日天])")
_DATE = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_HOUR = re.compile(r"(早上|上午|中午|下午|晚上)? ?([零一二三四五六七八九十两\d]{1,3}) ?[点时]"
                   r"(半|[一三]刻|[零一二三四五六七八九十\d]{1,3}分?)?")
_QUARTERS = {"一刻": "15", "三刻": "45"}
_MIDNIGHT = re.compile(r"(|.* )24:([0-5]\d)")
"""An evening's twelve o'clock is the next day's first moment."""
_SPAN = re.compile(r"(?:in )?(?:\d{1,4} ?(?:h|hours?|m|mins?|minutes?)\b ?)+")
"""So much time from now, whatever the wall clock does meanwhile."""
_PART = (("早上", "8:00"), ("上午", "9:00"), ("中午", "12:00"), ("下午", "15:00"), ("晚上", "20:00"))
_TIME = re.compile(
    r"\d[:.h]\d|\d ?(?:am|pm|h\b|hours?\b|min)|noon|midnight|morning|afternoon|evening|tonight|now", re.IGNORECASE)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")


def read(text: str, now: int, zone: tzinfo | None = None) -> int | None:
    """The moment meant, in milliseconds UTC; None when it cannot be told, is past, or is more than a year away.

    `zone`: the person's own, the system's without one. A day without an hour begins at eight.
    """
    here = to_datetime(now).astimezone(zone)
    typed = _english(text.strip()[:LONGEST], here)
    if not typed:
        return None
    if _SPAN.fullmatch(typed):
        found = _parse(typed, here.astimezone(UTC))
        moment = found.replace(tzinfo=UTC) if found is not None else None
    else:
        late = _MIDNIGHT.fullmatch(typed)
        found = _parse(late[1].strip() or "today" if late else typed, here)
        if found is not None and late:
            found = found.replace(hour=0, minute=int(late[2])) + timedelta(days=1)
        moment = _placed(found, here, zone) if found is not None else None
    if moment is None:
        return None
    return from_datetime(moment) if here < moment <= here + FURTHEST else None


def _placed(found: datetime, here: datetime, zone: tzinfo | None) -> datetime:
    return found.replace(tzinfo=here.tzinfo) if zone is not None else found.astimezone()


def _parse(typed: str, here: datetime) -> datetime | None:
    if typed == "end of month":
        first = (here.replace(day=1) + timedelta(days=32)).replace(day=1)
        return (first - timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0, tzinfo=None)
    import dateparser

    naive = here.replace(tzinfo=None, microsecond=0)
    found: datetime | None = dateparser.parse(typed, languages=["en"], settings={
        "PREFER_DATES_FROM": "future", "RELATIVE_BASE": naive, "DATE_ORDER": "DMY", "RETURN_AS_TIMEZONE_AWARE": False})
    if found is None or _TIME.search(typed):
        return found
    return found.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _english(text: str, here: datetime) -> str:
    """Chinese forms in English; what is English stays."""
    if text.isascii():
        return _plain(text)
    for short, whole in _SHORT:
        text = text.replace(short, whole)
    later = _LATER.fullmatch(text.strip())
    if later:
        return f"in {_number(later[1])} {_UNITS[later[2]]}"
    hour, rest = _hour(text)
    day = next((english for chinese, english in _DAYS if chinese in rest), "")
    weekday, date = _NEXT.search(rest), _DATE.search(rest)
    if weekday and weekday[0].startswith("下"):   # of next week, which begins with Monday
        day = f"in {7 - here.weekday() + list(_WEEKDAYS.values()).index(_WEEKDAYS[weekday[1]])} days"
    elif weekday:
        day = _WEEKDAYS[weekday[1]]
    elif date:
        day = f"{date[2]} {_MONTHS[int(date[1]) - 1]}" if 1 <= int(date[1]) <= 12 else ""
    if "下" in rest and weekday is None and "周" in rest:
        day = "in 1 week"
    return f"{day} {hour}".strip()


def _plain(text: str) -> str:
    """"next friday" is "friday" to the parser, and "eod" and "eow" are the office's words."""
    text = re.sub(r"^(\d{1,2})\.(\d{1,2})\.$", r"\1/\2", text)   # a German or Russian day, which reads as a time
    words = re.sub(r"^(?:next|on|until|till|at)\s+(?!week|month|year)", "", text.lower())
    return {"eod": "today 17:00", "eow": "friday 17:00", "end of week": "friday 17:00"}.get(words, words)


def _hour(text: str) -> tuple[str, str]:
    """The time of day in a Chinese moment, and the moment without it."""
    found = _HOUR.search(text)
    if found is None:
        part = next(((clock, name) for name, clock in _PART if name in text), None)
        return (part[0], text.replace(part[1], "")) if part else ("", text)
    hour = int(_number(found[2]))
    if (found[1] in ("下午", "晚上") and hour < 12) or (found[1] == "晚上" and hour == 12):
        hour += 12
    said = (found[3] or "").rstrip("分")
    minute = _QUARTERS.get(said) or _number(said) if said else "00"
    return f"{hour}:{minute:0>2}", text.replace(found[0], "")


def _number(text: str) -> str:
    """Digits, or a Chinese number up to ninety-nine."""
    if text.isascii():
        return text
    if "十" in text and text != "十":
        tens, _sep, ones = text.partition("十")
        return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))
    return "10" if text == "十" else _DIGITS.get(text, "0")
