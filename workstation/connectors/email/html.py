"""HTML of strangers made harmless, and readable text made from it.

Nothing that survives can be fetched or run: no script, style, form, frame or picture from outside. Pictures stay
when they came inside the mail (`cid:`) or are small and written out (`data:`). Links stay, as text with an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import islice

import nh3

from workstation.connectors.email.limits import (
    MAX_BRACKETS,
    MAX_DATA_IMAGE,
    MAX_HTML,
    MAX_OPEN,
    MAX_PICTURES,
    MAX_TAGS,
)

_TAGS = frozenset(
    "a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 "
    "h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr "
    "tt u ul var".split()
)
_DROPPED_WITH_CONTENT = frozenset(
    "script style title noscript template svg math iframe object embed applet audio video canvas frameset select "
    "textarea".split()
)
_COMMON = frozenset({"dir", "lang", "title"})
_ATTRIBUTES = {
    "a": {"href"}, "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"}, "th": {"colspan", "rowspan", "align", "valign"},
    "table": {"border", "cellpadding", "cellspacing", "align"}, "tr": {"align", "valign"}, "ol": {"start", "type"},
    "p": {"align"}, "div": {"align"}, "blockquote": {"type"},
}
_IMAGE_DATA = re.compile(r"data:image/(?:png|jpeg|jpg|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_CID = re.compile(r"cid:[^\s<>\"']{1,500}", re.IGNORECASE)
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Pictures, and whatever a style or an old attribute would fetch; matched in lower case.
_PICTURE = re.compile(
    r"<(?:img|image|input)\b([^<>]{0,4000})|\bbackground\s{0,9}=\s{0,9}[\"']?(?:https?:)?//"
    r"|url\(\s{0,9}[\"']?(?:https?:)?//")
_FETCHED = re.compile(r"\b(?:src|srcset|href)\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//")
_UNSEEN = re.compile(
    r"\b(?:width|height)\s{0,9}[=:]\s{0,9}[\"']?[01](?:px)?(?![\d.%])|display\s{0,9}:\s{0,9}none"
    r"|visibility\s{0,9}:\s{0,9}hidden")
_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEED_NO_END = frozenset(
    "p li td th tr dt dd tbody thead tfoot colgroup col br hr img input meta link area base wbr option".split())
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BREAKS = {"br": 1, "div": 1, "tr": 1, "li": 1, "dt": 1, "dd": 1, "hr": 1, "caption": 1, "table": 1, "center": 1,
           "p": 2, "ul": 1, "ol": 1, "pre": 1, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2}
_MAX_QUOTE = 9


@dataclass(frozen=True, slots=True)
class Remote:
    """Pictures that would be fetched: how many, and how many of them nobody would see."""

    count: int = 0
    hidden: int = 0

    def plus(self, other: Remote) -> Remote:
        return Remote(self.count + other.count, self.hidden + other.hidden)


def remote(html: str) -> Remote:
    """Counts what the sender's HTML would fetch as a picture; at most MAX_PICTURES are looked at."""
    lowered = html[:MAX_HTML].lower()
    if not any(word in lowered for word in ("<im", "<input", "url(", "background")):
        return Remote()
    count = hidden = 0
    for picture in islice(_PICTURE.finditer(lowered), MAX_PICTURES):
        tag = picture.group(1)
        if tag is None:
            count += 1
        elif _FETCHED.search(tag):
            count += 1
            hidden += bool(_UNSEEN.search(tag))
    return Remote(count, hidden)


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if _is_inside(value) else None
    return _target(value) if name == "href" else value


def _target(value: str) -> str | None:
    """A link's address; None for one that leads into the mail or, without a host of its own, nowhere."""
    if value.startswith(("//", "\\\\")):
        return f"https:{value}"
    scheme = value.partition(":")[0].lower()
    return value if scheme in _LINK_SCHEMES and ":" in value else None


def _is_inside(source: str) -> bool:
    """Whether a picture needs no network."""
    return bool(_CID.fullmatch(source)) or (len(source) <= MAX_DATA_IMAGE and bool(_IMAGE_DATA.fullmatch(source)))


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(_ATTRIBUTES.get(tag, ())) | set(_COMMON) for tag in _TAGS},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def clean(html: str) -> tuple[str, bool]:
    """Harmless HTML, and whether the mail's was cut because it was too long or had too many tags."""
    kept = _bounded(html[:MAX_HTML])
    return _cleaner().clean(kept.replace("\x00", "")).strip(), len(kept) < len(html)


def _bounded(html: str) -> str:
    """Cut where tags become too many or open too deep; both make the parser take seconds."""
    for sign, most in (("<", MAX_BRACKETS), ("&", MAX_BRACKETS)):
        if html.count(sign) > most:
            html = html[: _at(html, sign, most)]
    if html.count("<") <= MAX_OPEN:
        return html
    depth = 0
    for count, tag in enumerate(_NESTING.finditer(html)):
        if tag.group(2).lower() not in _NEED_NO_END:
            depth = max(0, depth + (-1 if tag.group(1) else 1))
        if count > MAX_TAGS or depth > MAX_OPEN:
            return html[: tag.start()]
    return html


def _at(html: str, sign: str, number: int) -> int:
    """Where the sign stands for the time with this number, counted from none."""
    found = next(islice(re.finditer(sign, html), number, None), None)
    return len(html) if found is None else found.start()


class _Lines:
    """Collects text with its line breaks; quoted depth becomes a "> " before each line."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._line: list[str] = []
        self._quote = 0
        self._blank = 0

    def words(self, text: str, keep_space: bool) -> None:
        text = unescape(text).replace("\xa0", " ")
        if keep_space:
            first, *rest = text.split("\n")
            self._line.append(first)
            for line in rest:
                self.end_line(1)
                self._line.append(line)
        else:
            self._line.append(_SPACE.sub(" ", text))

    def end_line(self, breaks: int, forced: bool = False) -> None:
        line = "".join(self._line).strip()
        self._line = []
        if line or forced:
            self._out.append("> " * min(self._quote, _MAX_QUOTE) + line)
            self._blank = 0
        if breaks > 1 and self._out and not self._blank:
            self._out.append("> " * min(self._quote, _MAX_QUOTE))
            self._blank = 1

    def quote(self, by: int) -> None:
        self.end_line(1)
        self._quote = max(0, self._quote + by)

    def text(self) -> str:
        self.end_line(1)
        return "\n".join(line.rstrip() for line in self._out).strip("\n")


def to_text(cleaned: str) -> str:
    """Plain text of HTML that `clean` made. Quoted blocks get "> " before their lines, list items a dash."""
    lines = _Lines()
    preformatted = 0
    position = 0
    for token in _TOKEN.finditer(cleaned):
        lines.words(cleaned[position : token.start()], preformatted > 0)
        position = token.end()
        closing, tag = token.group(1) == "/", token.group(2)
        if tag == "blockquote":
            lines.quote(-1 if closing else 1)
        elif tag in _BREAKS:
            lines.end_line(_BREAKS[tag], forced=tag == "br")
        preformatted = max(0, preformatted + (-1 if closing else 1)) if tag == "pre" else preformatted
        _prefix(lines, tag, closing)
    lines.words(cleaned[position:], preformatted > 0)
    return lines.text()


def _prefix(lines: _Lines, tag: str, closing: bool) -> None:
    if tag == "li" and not closing:
        lines.words("- ", False)
    elif tag in ("td", "th") and closing:
        lines.words(" ", False)
