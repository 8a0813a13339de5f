"""Buyers' text as harmless rich text: everything escaped, each paragraph in its own direction, links made visible,
and what must survive translation underlined with dots."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import escape
from urllib.parse import quote, urlsplit

from ui import direction
from ui.conversation.bounded import broken
from workstation.kernel.i18n import _

_LINK = re.compile(r"https?://[^\s<>\"'「」（）]{1,2000}", re.IGNORECASE)
_DOTS = "text-underline-style: dotted"
_OPENABLE = ("http", "https", "mailto")
LONGEST = 60_000
"""Characters of one message the timeline shows; the raw source has the rest."""
MOST_LINES = 2_000
LONG = 3_000
"""Characters of a message that are shown without being asked for the rest."""
LONG_LINES = 45


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction of its own runs right to left (UAX 9, rule P2)."""
    for letter in text[:2_000]:
        direction = unicodedata.bidirectional(letter)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def rich(text: str, survivors: Iterable[str] = ()) -> str:
    """`text` as HTML for a label: a block for each line, right-to-left where the line is, nothing loadable."""
    marks = _marks(survivors)
    default = is_rtl(text)
    every = text[:LONGEST].splitlines() or [""]
    lines = every[:MOST_LINES]
    shown = [_line(line, marks, is_rtl(line) if line.strip() else default) for line in lines]
    if len(every) > MOST_LINES or len(text) > LONGEST:
        shown.append(_line(_("… The rest of this long mail is in its source."), (), False))
    return "".join(shown)


def shortened(text: str) -> str:
    """The beginning of a long text, to the end of a line or a word; a text that is only a little longer stays whole."""
    if len(text) <= LONG * 5 // 4 and text.count("\n") <= LONG_LINES * 5 // 4:
        return text
    lines = text[:LONG].split("\n", LONG_LINES)
    beginning = "\n".join(lines[:LONG_LINES])
    if len(lines) <= LONG_LINES and len(text) > LONG:
        beginning = re.sub(r"\s\S{0,80}$", "", beginning)
    return beginning.rstrip() + " …"


def isolated(text: str) -> str:
    """`text` in its own direction inside a line that runs left to right (UAX 9: LRM, FSI … PDI)."""
    return f"\u200e\u2068{direction.readable(text)}\u2069" if text else ""


def safe_target(address: str) -> str:
    """The address when it may be handed to the system (http, https, mailto), in plain ASCII; "" otherwise."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname.encode("idna").decode("ascii") if parts.hostname else ""
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme.lower() not in _OPENABLE or (parts.scheme.lower() != "mailto" and not host):
        return ""
    if any(unicodedata.category(letter) in ("Cc", "Cf") for letter in address):
        return ""
    if host and host != parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        parts = parts._replace(netloc=f"{host}{port}")
    return parts.geturl()


def safe_name(name: str) -> str:
    """A file name without folders, control characters or reserved signs; never empty, never hidden."""
    last = re.split(r"[\\/]", name)[-1]
    clean = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf") and c not in '<>:"|?*')
    return clean.strip(" .")[:150] or "file"


def kept_items(items: Iterable[str], text: str) -> tuple[str, ...]:
    """Those of `items` that stand in `text` exactly."""
    return tuple(item for item in items if item in text)


def _line(line: str, marks: tuple[str, ...], rtl: bool) -> str:
    attributes = ' dir="rtl" align="right"' if rtl else ""
    body = "".join(_pieces(line, marks, direction.has_rtl(line))) or "&nbsp;"
    return f'<p{attributes} style="margin:0; white-space:pre-wrap">{body}</p>'


def _pieces(line: str, marks: tuple[str, ...], mixed: bool) -> Iterator[str]:
    at = 0
    for link in _LINK.finditer(line):
        yield _marked(line[at:link.start()], marks, mixed)
        address = link.group(0).rstrip(".,;:!?)")
        shown = direction.isolate(broken(address)) if mixed else broken(address)
        yield f'<a href="{escape(quote(address, safe=_KEPT), quote=True)}">{escape(shown)}</a>'
        at = link.start() + len(address)
    yield _marked(line[at:], marks, mixed)


_KEPT = "%/:?#[]@!$&'()*+,;=~-._"


def _marked(text: str, marks: tuple[str, ...], mixed: bool) -> str:
    """`mixed`: the line has Arabic or Hebrew, so numbers are kept from left to right."""
    plain, kept = (direction.numbers_isolated, direction.isolate) if mixed else (str, str)
    parts = _split(text, marks)
    return "".join(
        f'<span style="{_DOTS}">{escape(kept(part))}</span>' if number % 2 else escape(plain(broken(part)))
        for number, part in enumerate(parts)
    )


def _marks(survivors: Iterable[str]) -> tuple[str, ...]:
    """What is underlined, the longest first; no pattern, whose making takes as long as the rest of a message."""
    return tuple(sorted({item for item in survivors if item.strip()}, key=len, reverse=True)[:200])


def _split(text: str, marks: tuple[str, ...]) -> list[str]:
    """`text` in parts; every second one is a mark. Of marks that overlap the first counts, then the longest."""
    parts, at = [], 0
    for begin, length in sorted((begin, -len(mark)) for mark in marks for begin in _places(text, mark)):
        if begin >= at:
            parts += [text[at:begin], text[begin : begin - length]]
            at = begin - length
    return [*parts, text[at:]]


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)
