"""A linear model over hashed features, small enough for a file and fast without a library.

The weights of one bucket for all classes lie side by side in one large whole number, so that adding up a message is a
sum of a few hundred numbers. `.ci/triage.py` writes the file from resources/triage/learn.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LANE = 24
"""Bits for one class: a weight of 8 bits, shifted to be positive, added up at most 65,536 times."""
SHIFT = 128


@dataclass(frozen=True, slots=True)
class Weights:
    """`rows`: for each bucket the weights of all classes, one signed byte each. A score is byte times `scale`."""

    classes: tuple[str, ...]
    scale: float
    bias: tuple[float, ...]
    said: Mapping[str, tuple[float, ...]]     # of what phrases say ("late") and deny ("!late")
    rows: bytes
    made_from: str                            # SHA-256 of the sentences and the words


class Linear:
    def __init__(self, weights: Weights) -> None:
        self.classes = weights.classes
        self._weights = weights
        width = len(weights.classes)
        rows = [weights.rows[start:start + width] for start in range(0, len(weights.rows), width)]
        packed = {row: _packed(row) for row in set(rows)}
        self._rows = [packed[row] for row in rows]

    def scores(self, parts: Collection[Collection[int]], said: Collection[str]) -> list[float]:
        """The probability of each class. Each part is the buckets of one kind of feature; they count by 1/√n, so that
        long and short texts weigh alike. `said`: names as `phrases.said` gives them."""
        logits = list(self._weights.bias)
        for buckets in filter(None, parts):
            factor = self._weights.scale / math.sqrt(len(buckets))
            logits = [logit + factor * value for logit, value in zip(logits, self._sums(buckets), strict=True)]
        for name in said:
            if extra := self._weights.said.get(name):
                logits = [logit + more for logit, more in zip(logits, extra, strict=True)]
        return softmax(logits)

    def _sums(self, buckets: Collection[int]) -> list[int]:
        rows, mask, below = self._rows, (1 << LANE) - 1, SHIFT * len(buckets)
        total = sum([rows[bucket] for bucket in buckets])
        return [((total >> (LANE * n)) & mask) - below for n in range(len(self.classes))]


_LANES = tuple(
    (((byte + 128) % 256 - 128) + SHIFT).to_bytes(LANE // 8, "little") for byte in range(256))


def softmax(logits: Sequence[float]) -> list[float]:
    most = max(logits)
    powers = [math.exp(logit - most) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


def _packed(row: bytes) -> int:
    lanes = b"".join([_LANES[byte] for byte in row])
    return int.from_bytes(lanes, "little")


def load(path: Path) -> Weights:
    """Read a file written by `store`."""
    head, _sep, body = path.read_bytes().partition(b"\n")
    told = json.loads(head)
    said = {name: tuple(values) for name, values in told["said"].items()}
    return Weights(
        tuple(told["classes"]), told["scale"], tuple(told["bias"]), said, zlib.decompress(body), told["made_from"])


def store(path: Path, weights: Weights) -> None:
    head = {"classes": weights.classes, "scale": weights.scale, "bias": weights.bias, "said": weights.said,
            "made_from": weights.made_from}
    path.write_bytes(json.dumps(head, sort_keys=True).encode() + b"\n" + zlib.compress(weights.rows, 9))
