"""Words of many languages as the one thing they mean: what is learned from English holds for Japanese, too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

from workstation.triage.text import bare, folded, sentences, weight

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_JOINED = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_ASKED = re.compile("[?？؟]|か。|吗|呢")
_LONGEST_JOINED = 8
_MOST_AT_ONCE = 24
_REACH = 4
"""How many words after a "not" it still speaks of."""


class Concepts:
    def __init__(self, path: Path) -> None:
        self._words: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        self._signs: dict[str, list[str]] = {}
        for concept, listed in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for word in dict.fromkeys(folded(listed).split()):
                kind = self._signs if _JOINED.search(word) else self._stems if word.endswith("*") else self._words
                for form in dict.fromkeys((word.rstrip("*"), bare(word.rstrip("*")))):
                    if concept not in kind.setdefault(form, []):
                        kind[form].append(concept)

    def names(self, text: str) -> frozenset[str]:
        """Features of a looked-at text: each concept, each pair within a sentence, what is denied, and how much is
        told: thanks and greetings are short and mean little."""
        told = sentences(text)
        found = {f"=size {min(len(told), 4)} {min(weight(text) // 24, 6)}"}
        for sentence in told:
            here = sorted(dict.fromkeys(self._of(sentence)))[:_MOST_AT_ONCE * 2]
            found.add(f"=told {min(len(here), 5)}")
            found.update(f"={name}" for name in here)
            found.update(f"={one}+{other}" for one, other in combinations(here[:_MOST_AT_ONCE], 2))
        return frozenset(found)

    def _of(self, sentence: str) -> Iterator[str]:
        denied = 0
        if _ASKED.search(sentence):
            yield "?"
        for word in _WORD.findall(sentence):
            concepts = list(self._in_signs(word) if _JOINED.search(word) else self._in_word(word))
            if not concepts and (stem := bare(word)) != word:
                concepts = list(self._in_word(stem))
            for concept in concepts:
                yield f"!{concept}" if denied and concept not in ("not", "still") else concept
            denied = _REACH if "not" in concepts and not _JOINED.search(word) else max(0, denied - 1)

    def _in_word(self, word: str) -> Iterator[str]:
        yield from self._words.get(word, ())
        for length in range(2, min(len(word), 14) + 1):
            yield from self._stems.get(word[:length], ())
        if word.endswith("n't") or (word.startswith("n'") and len(word) > 3):
            yield "not"
        elif "'" in word:
            yield from self._words.get(word.rpartition("'")[2], ())

    def _in_signs(self, word: str) -> Iterator[str]:
        word = word[:400]
        for start in range(len(word)):
            for length in range(1, _LONGEST_JOINED + 1):
                yield from self._signs.get(word[start:start + length], ())


@cache
def shipped(path: Path) -> Concepts:
    """The concepts of a file, read once."""
    return Concepts(path)
