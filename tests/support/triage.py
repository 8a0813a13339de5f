"""The labelled messages of tests/data/triage, and how well they are read."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.support.source import ROOT
from workstation.triage.model import Issue, Risk, Urgency

LABELLED = ROOT / "tests" / "data" / "triage"
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
    return tuple(each for told in files for each in _of(told))


def learned() -> tuple[str, ...]:
    """Every sentence the classifier learns from."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted(LEARNED.glob("*.toml"))]
    return tuple(text for told in files for texts in told["issue"].values() for text in texts)


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


def _of(told: Mapping[str, object]) -> Sequence[Labelled]:
    made = []
    for name, listed in told.items():
        if name == "language" or not isinstance(listed, list):
            continue
        for item in listed:
            text, risk, urgency = (item, "", 0) if isinstance(item, str) else item
            issue = Issue("" if name == "none" else name)
            made.append(Labelled(str(told["language"]), text, issue, Risk(risk), Urgency(urgency)))
    return made
