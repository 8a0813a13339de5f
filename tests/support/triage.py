"""The labelled messages of tests/data/triage/blind, and how well they are read."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.support.source import ROOT
from workstation.triage.model import Issue, Risk, Urgency

LABELLED = ROOT / "tests" / "data" / "triage" / "blind"
LEARNED = ROOT / "resources" / "triage" / "learn"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and what a person says of it."""

    language: str
    text: str
    issue: Issue
    risk: Risk
    urgency: Urgency


def labelled() -> tuple[Labelled, ...]:
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(LABELLED.glob("*.toml"))]
    return tuple(_of(each) for told in files for each in told["message"])


def learned() -> tuple[str, ...]:
    """Every sentence the classifier learns from."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(LEARNED.glob("*.toml"))]
    listed = [each for told in files for texts in told["issue"].values() for each in texts]
    return tuple(each if isinstance(each, str) else each[0] for each in listed)


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """The mean F1 over the classes that occur, of (wanted, found)."""
    scores = f1(pairs)
    return sum(scores.values()) / len(scores) if scores else 0.0


def f1(pairs: Iterable[tuple[str, str]]) -> Mapping[str, float]:
    """F1 of each class that is wanted or found."""
    listed = list(pairs)
    right = Counter(wanted for wanted, found in listed if wanted == found)
    wanted, found = Counter(one for one, _two in listed), Counter(two for _one, two in listed)
    return {name: 2 * right[name] / (wanted[name] + found[name]) for name in sorted({*wanted, *found})}


def _of(told: Mapping[str, object]) -> Labelled:
    return Labelled(
        str(told["language"]), str(told["text"]), Issue(str(told["issue"])), Risk(str(told["risk"])),
        Urgency(int(str(told["urgency"]))))
