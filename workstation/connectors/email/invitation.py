"""What an invitation says, for one line in the conversation. It is read, never answered and never entered anywhere.

RFC 5545 (iCalendar) and RFC 5546 (METHOD), as far as a summary, a time and an organiser go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workstation.connectors.email.charset import decode
from workstation.connectors.email.headers import visible
from workstation.connectors.email.limits import MAX_CALENDAR
from workstation.kernel.i18n import _

_LINE = re.compile(r"^([A-Z-]{1,40})((?:;[^;:\r\n\"]{0,500}(?:\"[^\"\r\n]{0,500}\")?){0,10}):(.*)$", re.MULTILINE)
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{2}(Z?))?")
_ZONE = re.compile(r";TZID=\"?([^;:\"]{1,60})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True, slots=True)
class Invitation:
    """`method` in upper case ("REQUEST", "CANCEL", "REPLY", …); `time` as the sender wrote it, with its zone."""

    method: str
    summary: str
    time: str
    organizer: str


def read(content: bytes, charset: str) -> Invitation | None:
    """The first event; None when there is none."""
    text = re.sub(r"\r?\n[ \t]", "", decode(content[:MAX_CALENDAR], charset)[0])
    method = re.search(r"^METHOD:([A-Za-z-]{1,20})", text, re.MULTILINE)
    _before, begun, event = text.partition("BEGIN:VEVENT")
    if not begun:
        return None
    fields: dict[str, tuple[str, str]] = {}
    for found in _LINE.finditer(event.partition("END:VEVENT")[0]):
        fields.setdefault(found.group(1), (found.group(2), found.group(3)))
    organizer = fields.get("ORGANIZER", ("", ""))[1].strip()
    return Invitation(
        method.group(1).upper() if method else "", _words(fields.get("SUMMARY", ("", ""))[1]),
        _time(*fields.get("DTSTART", ("", ""))), visible(re.sub(r"(?i)^mailto:", "", organizer))[:200])


def sentence(invitation: Invitation) -> str:
    """The invitation as a line for people."""
    what = {
        "CANCEL": _("The sender cancelled the appointment “{what}”, {when}, of {who}."),
        "REPLY": _("An answer to the invitation “{what}”, {when}, of {who}."),
    }.get(invitation.method, _("Invitation: “{what}”, {when}, from {who}. Nothing was answered or entered."))
    return what.format(
        what=invitation.summary or _("no title"), when=invitation.time or _("no time"),
        who=invitation.organizer or _("nobody named"))


def _words(value: str) -> str:
    return visible(_ESCAPED.sub(lambda found: " " if found.group(1) in "nN" else found.group(1), value))[:200]


def _time(parameters: str, value: str) -> str:
    found = _TIME.match(value.strip())
    if not found:
        return ""
    year, month, day, hour, minute, utc = found.groups()
    zone = _ZONE.search(parameters)
    where = "UTC" if utc else visible(zone.group(1)) if zone else ""
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}" if hour else "") + (f" ({where})" if hour and where else "")
