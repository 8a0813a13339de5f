"""Days of the script as people write them: `{d-3}` in a text is the day three days ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from workstation.kernel.clock import DAY, to_datetime

_DAY = re.compile(r"\{d([+-]\d+)\}")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
_FORMS = {"de": "{:%d.%m.%Y}"}
_OFFSETS = {"pt": -3, "es": 1, "de": 1, "fr": 1, "ja": 9, "zh": 8, "ar": 3, "en": 0}


def at(now: int, days: float) -> int:
    """The moment `days` from `now`, both in milliseconds since the epoch."""
    return now + round(days * DAY)


def local(moment: int, language: str) -> datetime:
    """A moment where this language's buyers of the script live."""
    return to_datetime(moment).astimezone(timezone(timedelta(hours=_OFFSETS[language])))


def written(moment: datetime, language: str) -> str:
    """A day as a buyer writes it."""
    if language in {"ja", "zh"}:
        return f"{moment.month}月{moment.day}日"
    if language == "en":
        return f"{moment.day} {_MONTHS[moment.month - 1]}"
    return _FORMS.get(language, "{:%d/%m/%Y}").format(moment)


def fill(text: str, now: int, language: str) -> str:
    """`text` with its days filled in."""
    return _DAY.sub(lambda match: written(local(at(now, int(match[1])), language), language), text)
