"""What persons corrected, applied to new messages that say nearly the same: nearest examples, weighed by how rare the
words they share are and by how long ago the correction was made."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workstation.kernel.clock import DAY
from workstation.triage.repo import Correction

ALIKE = 0.5
"""Least likeness (0 to 1) of two messages of which one teaches about the other."""
ENOUGH = 0.55
"""Least weight of the examples for one value; one that is nearly the same is enough, else it takes two."""
HALF_LIFE = 180 * DAY


@dataclass(frozen=True, slots=True)
class Lesson:
    """What corrections of `count` similar messages say."""

    value: str
    count: int
    confidence: float


class Learner:
    """Built anew when a correction is made or taken back: a few milliseconds for two thousand."""

    def __init__(self, examples: Sequence[Correction], common: Mapping[int, float], now: int) -> None:
        """`common`: how many of a hundred messages have a word, by its number; what is not in it is rare."""
        self._examples = [each for each in examples if each.words]
        self._having: dict[int, list[int]] = defaultdict(list)
        counts = Counter(word for each in self._examples for word in set(each.words))
        most = max(4.0, len(self._examples) / 4)
        self._rarity = {
            word: math.log(100 / max(common.get(word, 0.1), 0.1)) * min(1.0, most / count)
            for word, count in counts.items()}
        for number, each in enumerate(self._examples):
            for word in each.words:
                self._having[word].append(number)
        self._lengths = [math.sqrt(sum(self._rarity[word] ** 2 for word in each.words)) for each in self._examples]
        self._fresh = [0.5 ** (max(0, now - each.at) / HALF_LIFE) for each in self._examples]
        self._common = common

    def lesson(self, kind: str, words: frozenset[int], besides: str = "") -> Lesson | None:
        """What was said of similar messages, None when nothing or not alike. `besides`: not of this conversation."""
        votes: dict[str, list[float]] = defaultdict(list)
        for number, likeness in self._alike(words).items():
            each = self._examples[number]
            if each.kind == kind and each.conversation_id != besides:
                votes[each.value].append(likeness * self._fresh[number])
        if not votes:
            return None
        value, weights = max(votes.items(), key=lambda pair: sum(pair[1]))
        against = sum(map(sum, votes.values())) - sum(weights)
        if sum(weights) < ENOUGH or sum(weights) < 2 * against:
            return None
        return Lesson(value, len(weights), min(0.95, sum(weights) / (sum(weights) + against + 0.2)))

    def _alike(self, words: frozenset[int]) -> dict[int, float]:
        shared: dict[int, float] = defaultdict(float)
        for word in words:
            for number in self._having.get(word, ()):
                shared[number] += self._rarity[word] ** 2
        own = math.sqrt(sum(self._weight(word) ** 2 for word in words)) or 1.0
        likeness = {number: value / (own * (self._lengths[number] or 1.0)) for number, value in shared.items()}
        return {number: value for number, value in likeness.items() if value >= ALIKE}

    def _weight(self, word: int) -> float:
        return self._rarity.get(word) or math.log(100 / max(self._common.get(word, 0.1), 0.1))
