"""What matched, with marks around it: the part of a text around the first hit. Pure.

The index keeps no texts, so the words are looked for again in the fifty texts that are shown: folded as the index folds
them, one character for one, so that places in the folded text are places in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workstation.store.search.words import DENSE

BEGIN, END = "\x02", "\x03"
LENGTH = 160
"""Characters of a snippet."""
LEAD = 40
"""Characters shown before the first hit."""
LOOKED_AT = 20_000
"""Characters of a text that are searched for hits."""

_DENSE = re.compile(f"[{DENSE}]")
_PARTS = re.compile(rf"[{DENSE}]+|[^\W{DENSE}]+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Folds(dict[int, str]):
    """A character without its accent, in lower case: always exactly one, whatever Unicode makes of it."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        folded = base if len(base) == 1 else chr(code)
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLDS = _Folds()


def fold(text: str) -> str:
    """`text` without accents and in lower case, character for character."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be marked: `written` as it was typed, looked for in lower case first because folding a text costs
    ten times as much; `folded` without accents."""

    written: re.Pattern[str]
    folded: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """The first hit; its places are places in `text`."""
        lower = text.lower()
        found = self.written.search(lower) if len(lower) == len(text) else None
        return found or (None if text.isascii() else self.folded.search(fold(text)))


    def spans(self, text: str) -> list[tuple[int, int]]:
        """Every hit in a short text; of words written in two ways those that are written as they were typed."""
        lower = text.lower()
        found = [each.span() for each in self.written.finditer(lower)] if len(lower) == len(text) else []
        return found or ([] if text.isascii() else [each.span() for each in self.folded.finditer(fold(text))])


@lru_cache(maxsize=64)
def pattern(marks: tuple[tuple[str, bool], ...]) -> Wanted | None:
    """Words and phrases, with whether each goes on. None when there is nothing to look for."""
    folded = _any(_pattern(fold(text), goes_on) for text, goes_on in marks)
    written = _any(_pattern(text.lower(), goes_on) for text, goes_on in marks)
    return Wanted(written, folded) if written and folded else None


def _any(found: Iterable[str]) -> re.Pattern[str] | None:
    kept = sorted({each for each in found if each}, key=len, reverse=True)
    return re.compile("|".join(kept)) if kept else None


def _pattern(text: str, goes_on: bool) -> str:
    parts = _PARTS.findall(text)
    if not parts:
        return ""
    first, last = parts[0], parts[-1]
    begin = "" if _DENSE.match(first) else r"(?<![^\W_])"
    end = "" if goes_on or _DENSE.match(last) else r"(?![^\W_])"
    return begin + r"[\W_]{1,8}".join(map(re.escape, parts)) + end


def best(texts: Iterable[str], wanted: Wanted) -> str:
    """The snippet of the first of `texts` that has a hit; "" when none has."""
    return next((found for text in texts if (found := snippet(text, wanted))), "")


def snippet(text: str, wanted: Wanted) -> str:
    """The part of `text` around its first hit, every hit in it between BEGIN and END; "" without a hit."""
    looked_at = text[:LOOKED_AT]
    first = wanted.search(looked_at)
    if first is None:
        return ""
    start = _start(looked_at, first.start())
    part = _CONTROL.sub(" ", looked_at[start : start + max(LENGTH, first.end() - start)])
    marked = _marked(part, wanted.spans(part) or [(first.start() - start, first.end() - start)])
    return ("…" if start else "") + " ".join(marked.split()) + ("…" if start + LENGTH < len(text) else "")


def _start(text: str, hit: int) -> int:
    """Where to begin so that the hit has some words before it: at the beginning of a word."""
    if hit <= LEAD:
        return 0
    space = text.rfind(" ", hit - LEAD - 20, hit - LEAD)
    return space + 1 if space >= 0 else hit - LEAD


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    last = 0
    for begin, end in spans:
        parts += [text[last:begin], BEGIN, text[begin:end], END]
        last = end
    return "".join([*parts, text[last:]])
