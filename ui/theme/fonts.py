"""Four sizes, two weights, figures of one width. The system's interface font first, then Noto for other scripts."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

CAPTION, BODY, TITLE, DISPLAY = 11, 13, 15, 20
"""Pixel sizes at scale 1; Qt multiplies them by the screen's scale."""

_FALLBACKS = (
    "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK JP", "Noto Sans Arabic",
    "Noto Sans Thai", "Noto Sans Devanagari",
)


@cache
def _families() -> tuple[str, ...]:
    """Asked once: the whole list of fonts is long."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    known = set(QFontDatabase.families())
    first = [system] if system in known else []
    return (*first, *(name for name in _FALLBACKS if name in known and name != system))


@cache
def font(size: int = BODY, *, bold: bool = False, tabular: bool = True) -> QFont:
    """The interface font. Figures are tabular unless asked otherwise. Do not change the returned font: copy it."""
    result = QFont(list(_families()))
    result.setPixelSize(size)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


@cache
def fixed(size: int = BODY) -> QFont:
    """A font of fixed width, for raw answers and message source."""
    result = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    result.setPixelSize(size)
    return result
