"""A stranger's HTML and text within what Qt lays out in a moment.

The core made it harmless; this makes it cheap. Qt lays out tables inside tables in time that doubles with each level
(twenty levels took minutes), a word of half a million letters took as long, and wide spans not much less. What goes
beyond the bounds is shown as plain lines or left to the source, and the end of the text says so.
"""

from __future__ import annotations

import re
from html import escape, unescape

from workstation.kernel.i18n import _

MOST_TEXT = 60_000          # characters laid out as HTML
MOST_TAGS = 8_000
MOST_CELLS = 1_500          # squares of a table's grid, each counting twice for every table around its own
DEEPEST_TABLE = 4
DEEPEST = 60                # other elements inside each other
LONGEST_WORD = 200          # letters without a place to break a line

_TOKEN = re.compile(r'<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"]|"[^"]*")*)>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_NUMBER = {"width": 2_000, "height": 2_000, "colspan": 20, "rowspan": 100, "border": 20, "cellpadding": 50,
           "cellspacing": 50, "start": 1_000_000}
_GRID = re.compile(r"<(/?)(table|td|th)\b([^<>]*)")
_SPAN = re.compile(r'\b(col|row)span="(\d{1,9})"')
_VOID = frozenset({"br", "img", "hr", "col", "wbr"})
_NEVER = frozenset({"link", "base", "meta", "style", "script", "title", "head", "html", "body"})
_TABLE = frozenset({"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col"})
_FLAT = {"table": "div", "tr": "div", "caption": "div"}
_WORD = re.compile(rf"[^ \t\r\n\f\u200b]{{{LONGEST_WORD}}}")


def bounded(html: str) -> str:
    """`html` as Qt can show it quickly; a last line says when something was left out."""
    return _Writer(html).written()


def broken(text: str) -> str:
    """`text` with invisible places to break in words that have none."""
    return _WORD.sub(lambda word: word.group(0) + "\u200b", text) if len(text) > LONGEST_WORD else text


class _Writer:
    """Copies tags and text until a bound is reached; what is open then is closed."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._out: list[str] = []
        self._open: list[tuple[str, str]] = []     # a tag as it came, and as it was written ("" when it was not)
        self._left = MOST_TEXT
        self._tables = 0
        self._deepest = _affordable(html)

    def written(self) -> str:
        at = 0
        whole = True
        for count, token in enumerate(_TOKEN.finditer(self._html)):
            self._text(self._html[at : token.start()])
            at = token.end()
            if self._left <= 0 or count >= MOST_TAGS:
                whole = False
                break
            self._tag(token.group(1) == "/", token.group(2).lower(), token.group(3))
        if whole:
            self._text(self._html[at:])
        self._out += [f"</{written}>" for _tag, written in reversed(self._open) if written]
        if not whole or self._left <= 0:
            self._out.append(f"<p><i>{escape(_('… The rest of this long mail is in its source.'))}</i></p>")
        return "".join(self._out)

    def _text(self, text: str) -> None:
        if text and self._left > 0:
            plain = unescape(text)
            self._out.append(escape(broken(plain[: self._left]), quote=False))
            self._left -= len(plain)

    def _tag(self, closing: bool, tag: str, attributes: str) -> None:
        if tag in _NEVER:
            return
        if closing:
            self._close(tag)
        elif tag in _VOID:
            if tag != "col" or not self._flat_here():
                self._out.append(f"<{tag}{_kept(attributes)}>")
        else:
            self._begin(tag, attributes)

    def _begin(self, tag: str, attributes: str) -> None:
        self._tables += tag == "table"
        written = tag
        if tag in _TABLE and self._flat_here():
            written = _FLAT.get(tag, "")
            if tag in ("td", "th"):
                self._out.append(" ")
        if len(self._open) >= DEEPEST:
            written = ""
        self._open.append((tag, written))
        if written:
            self._out.append(f"<{written}{_kept(attributes) if written == tag else ''}>")

    def _close(self, tag: str) -> None:
        """Only what is open can be closed, from the inside out."""
        if not any(opened == tag for opened, _written in self._open):
            return
        while self._open:
            opened, written = self._open.pop()
            self._tables -= opened == "table"
            if written:
                self._out.append(f"</{written}>")
            if opened == tag:
                return

    def _flat_here(self) -> bool:
        return self._tables > self._deepest


def _affordable(html: str) -> int:
    """How many tables inside each other are drawn as tables: the cost of a cell doubles with each."""
    cells = [0] * (DEEPEST_TABLE + 1)
    depth = 0
    for closing, tag, attributes in _GRID.findall(html):
        if tag == "table":
            depth = max(0, depth + (-1 if closing else 1))
        elif not closing:
            cells[min(depth, DEEPEST_TABLE)] += _squares(attributes) if "span" in attributes else 1
    for deepest in range(DEEPEST_TABLE, 0, -1):
        if sum(count << max(0, min(level, deepest) - 1) for level, count in enumerate(cells)) <= MOST_CELLS:
            return deepest
    return 0


def _squares(attributes: str) -> int:
    """How much of the grid a cell takes: wide and tall ones make the whole table larger."""
    size = 1
    for direction, number in _SPAN.findall(attributes):
        size *= max(1, min(int(number), _NUMBER[f"{direction}span"]))
    return size


def _kept(attributes: str) -> str:
    """The attributes, numbers no larger than a mail needs."""
    out = []
    for name, value in _ATTRIBUTE.findall(attributes):
        most = _NUMBER.get(name)
        if most is None:
            out.append(f' {name}="{value[:4_000]}"')
        elif re.fullmatch(r"\d{1,9}%?", value.strip()):
            number = value.strip()
            out.append(f' {name}="{number}"' if number.endswith("%") and int(number[:-1]) <= 100
                       else f' {name}="{min(int(number.rstrip("%")), most)}"')
    return "".join(out)
