"""Writes resources/triage/weights.bin from the sentences of resources/triage/learn: `python .ci/triage.py`.

Softmax regression with a quadratic penalty, solved over the sentences' similarities (there are fewer sentences than
features), in fixed order, so that the same sentences give the same bytes. With --tune it prints what is reached on
sentences that were left out, fold by fold; the labelled test set is never read here.
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workstation.triage.concepts import Concepts  # noqa: E402
from workstation.triage.linear import Weights, store  # noqa: E402
from workstation.triage.model import Issue  # noqa: E402
from workstation.triage.phrases import Phrases, said  # noqa: E402
from workstation.triage.text import BUCKETS, KINDS, hashed, looked_at, parts  # noqa: E402

FOLDER = ROOT / "resources" / "triage"
CLASSES = tuple(str(issue) for issue in Issue)
PENALTY, STEPS, RATE = 1e-5, 150, 20.0
WEIGHTS = {"b": 0.5, "1": 0.5}
"""Of the kinds of feature that count for less than one; found by --tune, as everything else here."""
WEIGHT_OF_SAID = 0.55
FOLDS = 5
Matrix = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Sentence:
    language: str
    issue: str
    place: int
    text: str


def sentences(folder: Path) -> list[Sentence]:
    """Every sentence of the learning side, in a fixed order. With each longer text made of it and a greeting."""
    found = []
    for path in sorted((folder / "learn").glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        for issue, texts in told["issue"].items():
            name = "" if issue == "none" else issue
            found += [Sentence(told["language"], name, n, text if isinstance(text, str) else text[0])
                      for n, text in enumerate(texts)]
    return found


def digest(folder: Path) -> str:
    """SHA-256 over everything the weights depend on but this program."""
    sha = hashlib.sha256()
    for path in [folder / "concepts.toml", *sorted((folder / "learn").glob("*.toml")),
                 *sorted((folder / "words").glob("*.toml"))]:
        sha.update(path.read_bytes())
    return sha.hexdigest()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of feature in every sentence, and what each bucket counts: its weight by how rare it is, nothing if only
    one sentence has it."""

    rows: list[list[int]]
    worth: Matrix


@dataclass(frozen=True, slots=True)
class Read:
    kinds: list[Kind]
    said: Matrix
    names: list[str]
    classes: NDArray[np.int64]


def read(listed: Sequence[Sentence], folder: Path) -> Read:
    phrases = Phrases(folder / "words")
    texts = [looked_at(each.text) for each in listed]
    concepts = Concepts(folder / "concepts.toml")
    spoken = [said(phrases.find(text)) for text in texts]
    names = sorted(set().union(*spoken))
    matrix = np.array([[WEIGHT_OF_SAID if name in each else 0.0 for name in names] for each in spoken])
    index = np.array([CLASSES.index(each.issue) for each in listed])
    made = [(*parts(text), hashed(concepts.names(text))) for text in texts]
    kinds = [kind_of([sorted(each[n]) for each in made], WEIGHTS.get(letter, 1.0))
             for n, letter in enumerate(f"{KINDS}=")]
    return Read(kinds, matrix, names, index)


def kind_of(rows: list[list[int]], weight: float) -> Kind:
    having = np.zeros(BUCKETS)
    for row in rows:
        having[row] += 1
    rare = np.log(len(rows) / np.maximum(having, 1)) / 4
    return Kind(rows, np.where(having > 1, weight * rare ** 2, 0.0))


def similarities(kind: Kind) -> Matrix:
    """Inner products of the sentences' features, each sentence of length one before it is weighed."""
    used = {int(bucket): n for n, bucket in enumerate(np.flatnonzero(kind.worth))}
    dense = np.zeros((len(kind.rows), len(used)), dtype=np.float32)
    for n, row in enumerate(kind.rows):
        kept = [bucket for bucket in row if bucket in used]
        dense[n, [used[bucket] for bucket in kept]] = np.sqrt(kind.worth[kept] / max(1, len(row)))
    return np.asarray(dense @ dense.T, dtype=np.float64)


def kernel_of(material: Read) -> Matrix:
    alike = sum((similarities(kind) for kind in material.kinds), material.said @ material.said.T)
    return np.asarray(alike, dtype=np.float32)


def solve(kernel: Matrix, classes: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """How much each sentence speaks for each class, and each class's bias. Nesterov's accelerated descent."""
    wanted = np.eye(len(CLASSES), dtype=np.float32)[classes]
    shares = ahead = np.zeros_like(wanted)
    bias = np.zeros(len(CLASSES), dtype=np.float32)
    pace = 1.0
    for _step in range(STEPS):
        logits = kernel @ ahead + bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        wrong = powers / powers.sum(axis=1, keepdims=True) - wanted
        before, shares = shares, ahead - RATE * (wrong / len(classes) + PENALTY * ahead)
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = shares + np.float32((pace - 1) / faster) * (shares - before)
        pace = faster
        bias -= np.float32(0.2) * wrong.mean(axis=0)
    return shares, bias


def even(bias: Matrix, classes: NDArray[np.int64]) -> Matrix:
    """The biases without what says only of which class more sentences were written: each is as likely beforehand."""
    shares = np.bincount(classes, minlength=len(CLASSES)) / len(classes)
    return np.asarray(bias - np.log(np.maximum(shares, 1e-9) * len(CLASSES)))


def train(listed: Sequence[Sentence], folder: Path) -> Weights:
    material = read(listed, folder)
    shares, bias = solve(kernel_of(material), material.classes)
    rows = np.zeros((BUCKETS, len(CLASSES)))
    for kind in material.kinds:
        for row, share in zip(kind.rows, shares, strict=True):
            rows[row] += np.outer(kind.worth[row], share) / np.sqrt(max(1, len(row)))
    scale = float(np.abs(rows).max() / 127)
    spoken = material.said.T @ shares * WEIGHT_OF_SAID
    told = {name: tuple(round(float(v), 4) for v in spoken[n]) for n, name in enumerate(material.names)}
    return Weights(
        CLASSES, scale, tuple(round(float(v), 4) for v in even(bias, material.classes)), told,
        np.rint(rows / scale).astype(np.int8).tobytes(), digest(folder))


def tune(listed: Sequence[Sentence], folder: Path) -> float:
    """Share of right answers on sentences whose situation, in every language, was left out."""
    material = read(listed, folder)
    kernel = kernel_of(material)
    fold = np.array([each.place % FOLDS for each in listed])
    right = np.zeros(len(listed), dtype=bool)
    for number in range(FOLDS):
        learn, left = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        shares, bias = solve(kernel[np.ix_(learn, learn)], material.classes[learn])
        guess = (kernel[np.ix_(left, learn)] @ shares + even(bias, material.classes[learn])).argmax(axis=1)
        right[left] = guess == material.classes[left]
    return float(right.mean())


def main() -> int:
    listed = sentences(FOLDER)
    if "--tune" in sys.argv:
        sys.stdout.write(f"{len(listed)} sentences, left out and right: {tune(listed, FOLDER):.3f}\n")
        return 0
    store(FOLDER / "weights.bin", train(listed, FOLDER))
    return 0


if __name__ == "__main__":
    sys.exit(main())
