"""Numbers, addresses and links inside Arabic or Hebrew: on the screen each runs from left to right, as it is read.

Unicode's rules turn `702-7654321-7654321` around after an Arabic word, since a hyphen between Arabic numbers has no
direction. The marks that stop this are put in for drawing only: what is stored, sent or copied never has them.
"""

from __future__ import annotations

import re

FROM_LEFT, END = "\u2066", "\u2069"
"""LEFT-TO-RIGHT ISOLATE and POP DIRECTIONAL ISOLATE (UAX 9, 2.4)."""

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RUN = re.compile(
    r"https?://[!-~]+"
    r"|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}"
    r"|(?:[A-Z]{0,3}[$€£¥]\s?|[#№+])?(?<![A-Za-z0-9])(?:[A-Za-z]{1,20}[-_]?){0,2}[0-9][A-Za-z0-9]*"
    r"(?:[-./:,_ ]?[A-Za-z0-9]+)*"
    r"(?:\s?[$€£¥%])?")
_MADE = re.compile(f"[{FROM_LEFT}{END}\u200b]")
LONGEST_RUN = 2_000


def has_rtl(text: str) -> bool:
    """Whether any letter of `text` is written from right to left."""
    return not text.isascii() and _RTL.search(text) is not None


def isolate(run: str) -> str:
    """`run` kept from left to right whatever stands around it; one with letters from the right stays as it is."""
    return run if has_rtl(run) else f"{FROM_LEFT}{run}{END}"


def readable(text: str) -> str:
    """`text` for drawing: every number, amount, address and link of a line with Arabic or Hebrew is isolated."""
    return _RUN.sub(lambda found: isolate(found.group()), text) if has_rtl(text) else text


def numbers_isolated(text: str) -> str:
    """A piece of a line that is known to have Arabic or Hebrew in it."""
    return _RUN.sub(lambda found: isolate(found.group()), text)


def without_marks(text: str) -> str:
    """What was drawn, as it was written: for the clipboard."""
    return _MADE.sub("", text)
