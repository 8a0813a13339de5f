"""What matched, with marks around it: the part of a text around the first hit. Pure.

The index keeps no texts, so the words are looked for again in the fifty texts that are shown: folded as the index folds
them, one character for one, so that places in the folded text are places in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from workstation.store.search.words import DENSE

BEGIN, END = "\x02", "\x03"
LENGTH = 160
"""Characters of a snippet."""
LEAD = 40
"""Characters shown before the first hit."""
LOOKED_AT = 20_000
"""Characters of a text that are searched for hits."""

_APART = 8
"""Characters that may stand between two words of a phrase."""
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
_MICRO = 0xB5


@cache
def _western() -> bytes:
    """Latin-1 folded. Only the micro sign becomes a letter that is not in it."""
    return "".join(chr(code) if code == _MICRO else _FOLDS[code] for code in range(256)).encode("latin-1")


def fold(text: str) -> str:
    """`text` without accents and in lower case, character for character. Of a text in Latin-1 byte by byte, which takes
    a tenth of the time."""
    if text.isascii():
        return text.lower()
    try:
        western = text.encode("latin-1")
    except UnicodeEncodeError:
        return text.translate(_FOLDS)
    return text.translate(_FOLDS) if _MICRO in western else western.translate(_western()).decode("latin-1")


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or phrase to be marked, in folded text. Its longest part is looked for first, as text: twenty times as
    fast as the pattern, and that of a phrase of short words is met at few places. `begins`: its first part; `ahead`:
    at most so many characters lie between both; `bounded`: no letter stands before it."""

    begins: str
    longest: str
    ahead: int
    bounded: bool
    whole: re.Pattern[str]

    def hit(self, text: str, at: int, until: int) -> Span | None:
        """The first hit whose first part is between two places; its places are places in `text`."""
        if self.longest is not self.begins:
            return self._around(text, at, until)
        begins, found = self.begins, text.find(self.begins, at, until)
        while found >= 0:
            if not (self.bounded and found and text[found - 1].isalnum()):
                match = self.whole.match(text, found)
                if match is not None:
                    return match.span()
            found = text.find(begins, found + 1, until)
        return None

    def _around(self, text: str, at: int, until: int) -> Span | None:
        """The same, of what is around the longest part. Two of these places may be near each other, so none is passed
        over that was not looked at."""
        anchor, begin = text.find(self.longest, at), at
        while anchor >= 0:
            found = text.find(self.begins, max(begin, anchor - self.ahead), min(until, anchor))
            while found >= 0:
                match = self.whole.match(text, found)
                if match is not None:
                    return match.span()
                begin = found + 1
                found = text.find(self.begins, begin, min(until, anchor))
            if anchor - self.ahead >= until:
                return None
            anchor = text.find(self.longest, anchor + 1)
        return None

    def count(self, text: str) -> int:
        """How often it is in `text`, which is folded."""
        often, span = 0, self.hit(text, 0, len(text))
        while span is not None:
            often, span = often + 1, self.hit(text, span[1], len(text))
        return often


Marks = tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be marked: `written` as it was typed, looked for in lower case first because folding a text costs
    ten times as much; `folded` without accents."""

    written: Marks
    folded: Marks

    def search(self, text: str) -> tuple[str, Marks, Span] | None:
        """The first hit, with the folded text in which it is looked for (its places are places in `text`) and the marks
        that look for it; of words written in two ways those that are written as they were typed."""
        lower = text.lower()
        if len(lower) == len(text):
            span = _hit(self.written, lower, 0, len(lower))
            if span is not None:
                return lower, self.written, span
        if text.isascii():
            return None
        folded = fold(text)
        span = _hit(self.folded, folded, 0, len(folded))
        return None if span is None else (folded, self.folded, span)


def _hit(marks: Marks, text: str, at: int, until: int) -> Span | None:
    """The first hit of any; of two at the same place the longer one."""
    best: Span | None = None
    for mark in marks:
        # Of another only what begins no later counts.
        span = mark.hit(text, at, until if best is None else min(until, best[0] + len(mark.begins)))
        if span is not None and (best is None or span[0] < best[0] or span[1] > best[1]):
            best = span
    return best


@lru_cache(maxsize=64)
def pattern(marks: tuple[tuple[str, bool], ...]) -> Wanted | None:
    """Words and phrases, with whether each goes on. None when there is nothing to look for."""
    folded = _marks((fold(text), goes_on) for text, goes_on in marks)
    written = _marks((text.lower(), goes_on) for text, goes_on in marks)
    return Wanted(written, folded) if written and folded else None


def _marks(wanted: Iterable[tuple[str, bool]]) -> Marks:
    found = dict(sorted(wanted))   # of one that is there twice the one that goes on
    return tuple(_mark(parts, goes_on) for text, goes_on in found.items() if (parts := _PARTS.findall(text)))


def _mark(parts: Sequence[str], goes_on: bool) -> Mark:
    longest = max(parts, key=len)
    before = parts[: parts.index(longest)]
    ahead = sum(map(len, before)) + _APART * len(before)
    bounded = _DENSE.match(parts[0]) is None
    return Mark(parts[0], longest, ahead, bounded, re.compile(_pattern(parts, goes_on)))


def _pattern(parts: Sequence[str], goes_on: bool) -> str:
    first, last = parts[0], parts[-1]
    begin = "" if _DENSE.match(first) else r"(?<![^\W_])"
    end = "" if goes_on or _DENSE.match(last) else r"(?![^\W_])"
    return begin + rf"[\W_]{{1,{_APART}}}".join(map(re.escape, parts)) + end


def best(texts: Iterable[str], wanted: Wanted) -> str:
    """The snippet of the first of `texts` that has a hit; "" when none has."""
    for text in texts:
        found = snippet(text, wanted) if text else ""
        if found:
            return found
    return ""


def snippet(text: str, wanted: Wanted) -> str:
    """The part of `text` around its first hit, every hit in it between BEGIN and END; "" without a hit."""
    looked_at = text if len(text) <= LOOKED_AT else text[:LOOKED_AT]
    found = wanted.search(looked_at)
    if found is None:
        return ""
    folded, marks, span = found
    start = _start(looked_at, span[0])
    end = start + LENGTH
    spans = [span]
    following = _hit(marks, folded, span[1], end)
    while following is not None:
        spans.append(following)
        following = _hit(marks, folded, following[1], end)
    shown = _plain(looked_at[start : max(end, spans[-1][1])])
    parts, last = ["…"] if start else [], 0
    for begin, after in spans:
        parts += (shown[last : begin - start], BEGIN, shown[begin - start : after - start], END)
        last = after - start
    parts.append(shown[last:LENGTH])
    return " ".join("".join(parts).split()) + ("…" if end < len(text) else "")


def _plain(text: str) -> str:
    """Without characters that nobody sees, which could pass for marks; character for character."""
    return text if text.isprintable() else _CONTROL.sub(" ", text)


def _start(text: str, hit: int) -> int:
    """Where to begin so that the hit has some words before it: at the beginning of a word."""
    if hit <= LEAD:
        return 0
    space = text.rfind(" ", hit - LEAD - 20, hit - LEAD)
    return space + 1 if space >= 0 else hit - LEAD
