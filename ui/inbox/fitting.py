"""Text of a row measured and shortened once, and remembered: the same words come by again and again in scrolling."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from ui import direction
from ui.theme import fonts

HIT, END = "\x02", "\x03"


@lru_cache(maxsize=4_096)
def fit(text: str, size: int, bold: bool, width: int, *, trim: bool = True) -> tuple[str, bool]:
    """`text` on one line of `width` pixels, and whether it is written from the right. `trim` False keeps the blanks at
    its ends: it goes on with other words."""
    line = " ".join(text[:400].split()) if trim else text[:400].replace("\n", " ")
    metrics = QFontMetrics(fonts.font(size, bold=bold))
    shown = direction.readable(line)
    return metrics.elidedText(shown, Qt.TextElideMode.ElideRight, width), right_to_left(line)


def right_to_left(text: str) -> bool:
    """By the first letter that has a direction (Unicode Bidirectional Algorithm, rule P2)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)


@lru_cache(maxsize=2_048)
def _measured(text: str, size: int, bold: bool) -> int:
    return QFontMetrics(fonts.font(size, bold=bold)).horizontalAdvance(text)


def text_width(text: str, font: QFont) -> int:
    return _measured(text, font.pixelSize(), font.weight() > QFont.Weight.Normal)


@lru_cache(maxsize=512)
def marked(found: str) -> tuple[tuple[str, bool], ...]:
    """A snippet in parts: what matched, and what stands around it."""
    parts: list[tuple[str, bool]] = []
    for number, piece in enumerate(found.split(HIT)):
        hit, _end, rest = piece.partition(END) if number else ("", "", piece)
        parts += [(hit, True)] if hit else []
        parts += [(rest, False)] if rest else []
    return tuple(parts)


def forget() -> None:
    """Fonts changed: measure again."""
    fit.cache_clear()
    _measured.cache_clear()
