"""Header fields of a mail: found in any bytes, bounded, decoded (RFC 2047), and read for what the inbox needs."""

from __future__ import annotations

import binascii
import re
from calendar import timegm
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache

from workstation.connectors.email import parameters
from workstation.connectors.email.charset import decode, decode_bare
from workstation.connectors.email.limits import (
    MAX_HEADER_BLOCK,
    MAX_HEADERS,
    MAX_PARAMETERS,
    MAX_REFERENCES,
    MAX_VALUE,
)

_FIELD = re.compile(rb"^([!-9;-~]{1,76})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
_NAME = re.compile(rb"[!-9;-~]{1,76}")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?([^?]*)\?=")
_GAP = re.compile(r"(=\?[^?\s]{1,60}\?[BbQq]\?[^?]*\?=)\s+(?==\?[^?\s]{1,60}\?[BbQq]\?)")
# C0 and C1 controls, and the characters that turn the direction of what follows (they disguise names and file types).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ID = re.compile(r"<[!#-;=?-~]{1,995}>")
_BARE_ID = re.compile(r"[!#-;=?-~]{1,900}")
_CHARSET = re.compile(rb"charset\s*=\s*\"?([\w.:-]{2,40})", re.IGNORECASE)
_USUAL_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, {1,2})?(\d{1,2}) ([A-Z][a-z]{2}) ([1-9]\d{3}) (\d\d):(\d\d):(\d\d) (?!-0000)([+-])(\d\d)(\d\d)"
    r"(?: \([A-Z]{1,5}\))?",   # "-0000" says that the zone is not known
    re.ASCII)
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_NO_YEAR = re.compile(r"[A-Za-z]{3}\.?[ -]+(?:-|0\d{3}(?!\d))")   # the library makes a zone of "-2026", 2001 of "0001"
SHARED = 300                    # bytes of a header block that is remembered: those of parts repeat
MOST_NAMES = 2_000              # of fields, remembered
SHORT = 400                     # characters of a field whose reading is remembered
_EARLIEST_S = 631_152_000       # 1990-01-01: no mail we meet is older
_AHEAD_MS = 2 * 86_400_000      # a clock may be wrong by that much, not more


@dataclass(slots=True)
class Headers:
    """The fields of one header block, by lower-case name; `cut` tells that some were left out. Not to be changed: the
    headers of small parts are the same in thousands of mails, and shared."""

    fields: dict[str, list[bytes]] = field(default_factory=dict)
    cut: bool = False
    block: bytes = b""
    _parameters: dict[str, dict[str, str]] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=dict)

    def raw(self, name: str) -> bytes:
        values = self.fields.get(name)
        return values[0] if values else b""

    def text(self, name: str) -> str:
        """The field as text on one line, without decoding encoded words; "" when absent."""
        values = self.fields.get(name)
        return self._plain(values[0]) if values else ""

    def all_text(self, name: str) -> str:
        return ", ".join(map(self._plain, self.fields.get(name, ())))

    def kind(self, name: str) -> str:
        """The field's value before its parameters, in lower case: a media type, a disposition, an encoding."""
        known = self._kinds.get(name)
        if known is None:
            known = self._kinds[name] = self.text(name).partition(";")[0].strip().lower()
        return known

    def parameter(self, name: str, wanted: str) -> str:
        """A parameter of the field (RFC 2045, RFC 2231), decoded; "" when absent."""
        found = self._parameters.get(name)
        if found is None:
            value = self.text(name)
            found = self._parameters[name] = parameters.split(value, MAX_PARAMETERS) if ";" in value else {}
        return parameters.read(found, wanted) if found else ""

    def _plain(self, value: bytes) -> str:
        """Unfold a field's bytes into text. Bare 8-bit is read as UTF-8 or as the mail's own text."""
        if b"\n" in value:
            value = _FOLD.sub(b"", value)
        if value.isascii() and b"\x1b" not in value:
            return value.decode("ascii").strip()
        label = _CHARSET.search(self.raw("content-type"))
        return decode_bare(value, label.group(1).decode("ascii") if label else "").strip()


def parse_headers(block: bytes) -> Headers:
    """Read the fields of a header block (without its empty line). Lines that are no field are passed over."""
    return _shared(block) if len(block) <= SHARED else _read(block)


def _read(block: bytes) -> Headers:
    fields = _plainly(block)
    return parse_exactly(block) if fields is None else Headers(fields, block=block)


_shared = lru_cache(maxsize=1_024)(_read)
_names: dict[bytes, str] = {}


def _plainly(block: bytes) -> dict[str, list[bytes]] | None:
    """The fields of a block in which every line is a field or goes on with one, unfolded; None for any other. A third
    of the time that `parse_exactly` takes."""
    if len(block) > MAX_VALUE or block.startswith((b" ", b"\t")):
        return None
    plain = block.replace(b"\r\n", b"\n")
    if b"\r" in plain:
        return None
    lines = plain.replace(b"\n ", b" ").replace(b"\n\t", b"\t").split(b"\n")
    fields: dict[str, list[bytes]] = {}
    for line in lines:
        wire, _colon, value = line.partition(b":")
        value = value.lstrip(b" \t")
        name = _names.get(wire) or _name(wire)
        if not name or not value:
            return None
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields if len(lines) <= MAX_HEADERS else None


def _name(wire: bytes) -> str:
    """A field's name in lower case, "" when it is none. Mails use few: they are remembered."""
    if not _NAME.fullmatch(wire):
        return ""
    name = wire.decode("ascii").lower()
    if len(_names) < MOST_NAMES:
        _names[wire] = name
    return name


def parse_exactly(block: bytes) -> Headers:
    """What `parse_headers` means, for any bytes; folded fields keep their line breaks."""
    headers = Headers(cut=len(block) > MAX_HEADER_BLOCK, block=block)
    found = _FIELD.findall(block[:MAX_HEADER_BLOCK])
    headers.cut |= len(found) > MAX_HEADERS
    fields = headers.fields
    for name, value in found[:MAX_HEADERS]:
        fields.setdefault(name.decode("ascii").lower(), []).append(value[:MAX_VALUE])
    return headers


def decode_words(text: str) -> str:
    """RFC 2047: encoded words to text, on one line and without characters that are not seen."""
    return _short_words(text) if len(text) <= SHORT else visible(as_written(text))


@lru_cache(maxsize=4_096)
def _short_words(text: str) -> str:
    """Names and subjects come again and again."""
    return visible(as_written(text))


def as_written(text: str) -> str:
    """RFC 2047: encoded words to text. Adjacent words of one charset are joined before decoding, because senders
    cut characters in two. What cannot be decoded stays as written."""
    if "=?" not in text:
        return text
    joined = _GAP.sub(r"\1", text[:MAX_VALUE])
    out: list[str] = []
    position, run, charset = 0, b"", ""
    for match in _WORD.finditer(joined):
        content = _word_bytes(match.group(2), match.group(3))
        label = match.group(1).split("*")[0].lower()
        if run and (match.start() != position or label != charset):
            out.append(decode(run, charset)[0])
            run = b""
        out.append(joined[position : match.start()])
        if content is None:
            out.append(match.group(0))
        else:
            run, charset = run + content, label
        position = match.end()
    out.append(decode(run, charset)[0] if run else "")
    out.append(joined[position:])
    return "".join(out)


def _word_bytes(encoding: str, payload: str) -> bytes | None:
    try:
        content = payload.encode("ascii")
        if encoding in "Qq":
            return binascii.a2b_qp(content, header=True)
        return binascii.a2b_base64(content + b"=" * (-len(content) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None


def visible(text: str) -> str:
    """One line without control characters and without characters that turn the reading direction."""
    return _UNSEEN.sub(" ", text).strip() if _UNSEEN.search(text) else text.strip()


def message_ids(text: str) -> tuple[str, ...]:
    """Message-IDs in a References or In-Reply-To field, in order, each once, the last hundred."""
    return tuple(dict.fromkeys(_ID.findall(text)))[-MAX_REFERENCES:]


def message_id(text: str) -> str:
    """The mail's own id with its angle brackets, "" when there is none. A bare id gets brackets."""
    found = _ID.search(text)
    if found:
        return found.group(0)
    bare = text.strip().strip("<>")
    return f"<{bare}>" if _BARE_ID.fullmatch(bare) else ""


def date_ms(text: str, received_at: int) -> int | None:
    """The Date field in milliseconds UTC; None when it is missing or absurd (before 1990, or days ahead of receipt)."""
    try:
        seconds = _seconds(text[:200])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    if seconds is None or seconds < _EARLIEST_S or seconds * 1_000 > received_at + _AHEAD_MS:
        return None
    return int(seconds * 1_000)


def _seconds(text: str) -> float | None:
    """Seconds since the epoch; None when it is no date. The usual form is read without the library, whose answer is
    the same and takes four times as long."""
    usual = _usual(text)
    if usual is not None:
        return usual
    parsed = None if _NO_YEAR.search(text) else parsedate_tz(text)
    return mktime_tz(parsed) if parsed else None


def _usual(text: str) -> int | None:
    """Seconds since the epoch of a date in the usual form, None for any other."""
    found = _USUAL_DATE.fullmatch(text)
    if found is None:
        return None
    day, named, year, hour, minute, second, sign, hours, minutes = found.groups()
    month = _MONTHS.get(named)
    if month is None:
        return None
    away = 3_600 * int(hours) + 60 * int(minutes)
    local = _day(int(year), month, int(day)) + 3_600 * int(hour) + 60 * int(minute) + int(second)
    return local + away if sign == "-" else local - away


def server_date_ms(text: str) -> int | None:
    """IMAP's INTERNALDATE ("17-Jul-1996 02:44:25 -0700", RFC 3501, 9) in milliseconds UTC; None when it is no date."""
    text = text.strip()
    try:
        if text[:2].isdecimal() and text[2:3] == text[6:7] == "-":
            usual = _usual(f"{text[:2]} {text[3:6]} {text[7:]}")
            if usual is not None:
                return usual * 1_000
        parsed = parsedate_tz(text)
        return int(mktime_tz(parsed) * 1_000) if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


@lru_cache(maxsize=1_024)
def _day(year: int, month: int, day: int) -> int:
    """Where a day begins, in seconds since the epoch."""
    return timegm((year, month, day, 0, 0, 0))


def is_automatic(headers: Headers) -> bool:
    """RFC 3834: answers and notices no person wrote, and the older fields that say the same."""
    submitted = headers.text("auto-submitted").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if headers.text("precedence").lower() in ("bulk", "junk", "auto_reply"):
        return True
    suppress = headers.text("x-auto-response-suppress").lower()
    if suppress and suppress != "none":
        return True
    marks = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients")
    return headers.text("return-path") == "<>" or any(mark in headers.fields for mark in marks)
