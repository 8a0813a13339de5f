"""Text of a row measured and shortened once, and remembered: the same words come by again and again in scrolling."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QStaticText

from ui import direction
from ui.theme import fonts

HIT, END = "\x02", "\x03"
BEHIND = 4
"""A fourth of a line's room stays free for what follows the first hit."""


@lru_cache(maxsize=4_096)
def fit(text: str, size: int, bold: bool, width: int, *, trim: bool = True) -> tuple[str, bool]:
    """`text` on one line of `width` pixels, and whether it is written from the right. `trim` False keeps the blanks at
    its ends: it goes on with other words."""
    whole = " ".join(text[:400].split()) if trim else text[:400].replace("\n", " ")
    shown = direction.readable(whole)
    return _metrics(size, bold).elidedText(shown, Qt.TextElideMode.ElideRight, width), right_to_left(whole)


def right_to_left(text: str) -> bool:
    """By the first letter that has a direction (Unicode Bidirectional Algorithm, rule P2)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


class Line(NamedTuple):
    """Words laid out once: what is drawn, how wide and high it is, and from which side it is read."""

    words: QStaticText
    text: str
    width: int
    height: float
    right_to_left: bool


@lru_cache(maxsize=4_096)
def line(text: str, size: int, bold: bool, width: int = 0, trim: bool = True) -> Line:
    """`text` as one line, shortened to `width` pixels; 0 is as long as it is."""
    shown, from_right = fit(text, size, bold, width, trim=trim) if width else (text, False)
    words = QStaticText(shown)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    words.prepare(font=fonts.font(size, bold=bold))
    return Line(words, shown, text_width(shown, size, bold), words.size().height(), from_right)


@lru_cache(maxsize=16)
def _metrics(size: int, bold: bool) -> QFontMetrics:
    return QFontMetrics(fonts.font(size, bold=bold))


@lru_cache(maxsize=4_096)
def text_width(text: str, size: int, bold: bool = False) -> int:
    return _metrics(size, bold).horizontalAdvance(text)


@lru_cache(maxsize=64)
def colour(name: str) -> QColor:
    return QColor(name)


@lru_cache(maxsize=512)
def marked(found: str) -> tuple[tuple[str, bool], ...]:
    """A snippet in parts: what matched, and what stands around it."""
    parts: list[tuple[str, bool]] = []
    for number, piece in enumerate(found.split(HIT)):
        hit, _end, rest = piece.partition(END) if number else ("", "", piece)
        parts += [(hit, True)] if hit else []
        parts += [(rest, False)] if rest else []
    return tuple(parts)


@lru_cache(maxsize=512)
def in_sight(found: str, size: int, room: int) -> tuple[tuple[str, bool], ...]:
    """As `marked`, with what stands before the first hit shortened from its beginning, so that the hit is within
    `room` pixels and has a few words behind it."""
    parts = marked(found)
    if len(parts) < 2 or parts[0][1]:
        return parts
    lead, hit = parts[0][0].replace("\n", " "), parts[1][0]
    left = max(0, room - text_width(hit, size, True) - room // BEHIND)
    if text_width(lead, size) <= left:
        return parts
    shown = _metrics(size, False).elidedText(lead, Qt.TextElideMode.ElideLeft, left)
    return ((shown, False), *parts[1:]) if shown else parts[1:]


def forget() -> None:
    """Fonts changed: measure again."""
    for cached in (fit, line, _metrics, text_width, in_sight):
        cached.cache_clear()
