"""What a message says outright: phrases of resources/triage/words, found in one pass, minus those it denies.

A phrase becomes a small pattern anchored where its first letters stand, so that two thousand phrases cost no more than
a look into a table for each word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workstation.triage.text import folded

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_CLAUSE = re.compile(r"[,.;:!?、。，；！？\n]| but | aber | mas | pero | mais | sondern | sino ")
_DENIED_AFTER = re.compile(
    r"^[^。、,，.!?]{0,6}?(?:ありません|てい(?:ません|ない)|てはい(?:ません|ない)|ておりません|ではなく|"
    r"じゃなく|わけでは|ではない)")
_KEY = 3
GROUPS = ("issue", "risk", "urgency", "calm")
"""What phrases are about. "calm": what takes a risk away again, such as a rating that is a good one."""
AFFIRM = frozenset({"damaged", "defective", "wrong", "missing", "lost", "customs", "refused", "cancel", "return",
                    "exchange", "dispute"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found. `group`: "issue", "risk", "urgency" or "calm". `denied`: "it is not damaged"."""

    group: str
    value: str
    words: str
    start: int
    denied: bool = False


class _Phrase:
    """Its pattern is made when a message first comes near it: two thousand at once take half a second."""

    __slots__ = ("_compiled", "_pattern", "group", "spaced", "value")

    def __init__(self, group: str, value: str, pattern: str, spaced: bool) -> None:
        self.group, self.value, self.spaced = group, value, spaced
        self._pattern = pattern
        self._compiled: re.Pattern[str] | None = None

    def match(self, text: str, at: int) -> re.Match[str] | None:
        if self._compiled is None:
            self._compiled = re.compile(self._pattern)
        return self._compiled.match(text, at)


def said(hits: Sequence[Hit]) -> frozenset[str]:
    """Hits as the linear model counts them: "issue:late", and "!issue:late" for what is denied."""
    counted = (hit for hit in hits if hit.group in ("issue", "risk"))
    return frozenset(f"{'!' if hit.denied else ''}{hit.group}:{hit.value}" for hit in counted)


class Phrases:
    """Every phrase of a folder of word lists."""

    def __init__(self, folder: Path) -> None:
        self._starts: dict[str, list[_Phrase]] = {}
        deny: list[str] = []
        for path in sorted(folder.glob("*.toml")):
            listed = tomllib.loads(path.read_text(encoding="utf-8"))
            deny += folded(str(listed.get("negators", ""))).split()
            for group in GROUPS:
                self._add(group, listed.get(group, {}))
        spaced = sorted({word for word in deny if not _CJK.search(word)}, key=len, reverse=True)
        joined = sorted({word for word in deny if _CJK.search(word)}, key=len, reverse=True)
        self._denied = re.compile(
            rf"(?:(?<!\w)(?:{'|'.join(map(re.escape, spaced))})(?:\W+\w+){{0,2}}\W+|(?:{'|'.join(joined)})\w{{0,2}})$")

    def find(self, text: str) -> list[Hit]:
        """What a looked-at text says, in the order of the text; of each value only what is said first."""
        found: dict[tuple[str, str, bool], Hit] = {}
        for at, begins in _places(text):
            for phrase in self._starts.get(begins, ()):
                match = phrase.match(text, at)
                if match is None or (phrase.spaced and at and text[at - 1].isalnum()):
                    continue
                denied = self._is_denied(text, at, match.end(), phrase)
                hit = Hit(phrase.group, phrase.value, " ".join(match.group(0).split()), at, denied)
                found.setdefault((hit.group, hit.value, denied), hit)
        return list(found.values())

    def _add(self, group: str, listed: Mapping[str, list[str]]) -> None:
        for value, phrases in listed.items():
            for words in phrases:
                plain = folded(words)
                spaced = not _CJK.search(plain)
                key = plain[:1] if _CJK.match(plain) else _WORD.findall(plain)[0][:_KEY]
                phrase = _Phrase(group, value, _pattern(plain, spaced), spaced)
                self._starts.setdefault(key, []).append(phrase)

    def _is_denied(self, text: str, start: int, end: int, phrase: _Phrase) -> bool:
        if phrase.group == "issue" and phrase.value not in AFFIRM:
            return False
        before = text[max(0, start - 40):start]
        cut = max((match.end() for match in _CLAUSE.finditer(before)), default=0)
        if self._denied.search(before[cut:]) is not None:
            return True
        return not phrase.spaced and _DENIED_AFTER.match(text[end:end + 14]) is not None


def _places(text: str) -> Iterator[tuple[int, str]]:
    """Where a phrase may begin, and the letters that say which."""
    for match in _WORD.finditer(text):
        word, at = match.group(0), match.start()
        yield at, word[:_KEY]
        for offset, letter in enumerate(word):
            if letter >= "\u3005":
                yield at + offset, letter
            elif offset and word[offset - 1] >= "\u3005":
                yield at + offset, word[offset:offset + _KEY]


def _pattern(words: str, spaced: bool) -> str:
    parts = [re.escape(part) for part in words.replace("*", " * ").split()]
    if not spaced:
        return r".{0,6}?".join(re.escape(part) for part in words.split(".."))
    pattern = ""
    for part in parts:
        if part == r"\*":
            pattern += r"\w*"
        elif part == r"\.\.":
            pattern += r"(?:\W+\w+){0,3}?"
        else:
            pattern += (r"\W{1,3}" if pattern else "") + part
    return pattern + r"(?!\w)"


@cache
def shipped(folder: Path) -> Phrases:
    """The phrases of a folder, read once."""
    return Phrases(folder)
