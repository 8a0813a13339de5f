"""What one message is about, how soon it needs a person and what may go wrong: found here, offline, in any language.

Phrases say it outright and are what a person is shown; meanings and a linear model tell what no phrase says. Below
LEAST the answer is "not told". Nothing here knows a conversation, an order or the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workstation.triage import concepts, phrases
from workstation.triage.linear import Linear, load
from workstation.triage.model import Issue, Risk, Urgency
from workstation.triage.phrases import Hit, said
from workstation.triage.text import hashed, looked_at, parts, sentences

LEAST = 0.15
"""Least probability that is an answer; found on sentences that were left out of learning."""
OTHER, SURE = 0.4, 0.85
"""Least probability, in its own sentence, of a further issue that a phrase names as well; and of one that comes first
because it costs more."""
LONG = 160
"""Characters from which the sentences are weighed one by one, too."""

COSTLIEST = (
    Issue.DISPUTE, Issue.LOST, Issue.DAMAGED, Issue.DEFECTIVE, Issue.WRONG, Issue.MISSING, Issue.CUSTOMS, Issue.REFUSED,
    Issue.REFUND, Issue.REVIEW, Issue.LATE, Issue.RETURN, Issue.EXCHANGE, Issue.CANCEL, Issue.ADDRESS, Issue.QUESTION,
)
GRAVEST = (Risk.SAFETY, Risk.LEGAL, Risk.CHARGEBACK, Risk.FRAUD, Risk.REVIEW)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says. `words`: the phrases that say the issue; `others`: further issues, the costliest first."""

    issue: Issue = Issue.NONE
    confidence: float = 0.0
    words: tuple[str, ...] = ()
    others: tuple[Issue, ...] = ()
    risk: Risk = Risk.NONE
    risk_words: tuple[str, ...] = ()
    urgency: Urgency = Urgency.USUAL
    urgency_words: tuple[str, ...] = ()


@cache
def shipped(folder: Path) -> Classifier:
    """The classifier of a folder, loaded once."""
    return Classifier(folder)


class Classifier:
    """Reads messages; loaded once (a fifth of a second), then well under a millisecond for each. Any thread."""

    def __init__(self, folder: Path) -> None:
        self._phrases = phrases.shipped(folder / "words")
        self._concepts = concepts.shipped(folder / "concepts.toml")
        self._linear = Linear(load(folder / "weights.bin"))

    def read(self, text: str) -> Reading:
        """Bounded whatever the text; "" and what holds no letters is not told."""
        own = looked_at(text)
        if not any(map(str.isalpha, own)):
            return Reading()
        hits = self._phrases.find(own)
        issue, confidence, others = _chosen(self._linear.classes, self._shares(own, hits), hits)
        risk, risk_words = _risk(hits, issue)
        urgency, urgency_words = _urgency(hits, issue, risk)
        return Reading(
            issue, confidence, _said(hits, "issue", issue), others, risk, risk_words, urgency, urgency_words)

    def _shares(self, own: str, hits: Sequence[Hit]) -> tuple[list[float], list[float]]:
        """The probability of each class for the whole text, and the highest that any of its sentences gives it; a short
        text's sentences are weighed only where a phrase names something else than the likeliest."""
        whole = self._score(own, hits)
        alone = sentences(own)
        if len(alone) < 2 or (len(own) <= LONG and not _named(hits) - {self._likeliest(whole)}):
            return whole, whole
        each = [self._score(part, self._phrases.find(part)) for part in alone[:6]]
        best = [max(shares) for shares in zip(*each, strict=True)]
        if len(own) <= LONG:
            return whole, best
        firm = [min(shares[0] for shares in each), *best[1:]]
        total = sum(firm)
        return [0.6 * one + 0.4 * other / total for one, other in zip(whole, firm, strict=True)], best

    def _likeliest(self, shares: Sequence[float]) -> str:
        return self._linear.classes[max(range(len(shares)), key=shares.__getitem__)]

    def _score(self, own: str, hits: Sequence[Hit]) -> list[float]:
        means = hashed(self._concepts.names(own))
        return self._linear.scores((*parts(own), means), said(hits))


def _chosen(
    classes: Sequence[str], shares: tuple[Sequence[float], Sequence[float]], hits: Sequence[Hit]
) -> tuple[Issue, float, tuple[Issue, ...]]:
    """The likeliest issue, or a costlier one that a sentence surely is about and a phrase names; and what else is."""
    names = [Issue(name) for name in classes]
    by, best = (dict(zip(names, each, strict=True)) for each in shares)
    first = max(by, key=by.__getitem__)
    if by[first] < LEAST or first is Issue.NONE:
        return Issue.NONE, by[first] if first is Issue.NONE else 1 - by[first], ()
    spoken = _named(hits)
    also = [issue for issue in COSTLIEST if issue != first and issue in spoken and best[issue] >= OTHER]
    costlier = [each for each in also if COSTLIEST.index(each) < COSTLIEST.index(first) and best[each] >= SURE]
    chosen = (costlier or [first])[0]
    others = [issue for issue in COSTLIEST if issue != chosen and (issue in also or issue == first)]
    return chosen, max(by[chosen], best[chosen] if costlier else 0.0), tuple(others[:3])


def _named(hits: Sequence[Hit]) -> set[str]:
    return {hit.value for hit in hits if hit.group == "issue" and not hit.denied}


def _risk(hits: Sequence[Hit], issue: Issue) -> tuple[Risk, tuple[str, ...]]:
    for risk in GRAVEST:
        if words := _said(hits, "risk", risk):
            return risk, words
    if issue is Issue.REVIEW and _said(hits, "calm", Risk.REVIEW):
        return Risk.NONE, ()
    return {Issue.DISPUTE: Risk.CHARGEBACK, Issue.REVIEW: Risk.REVIEW}.get(issue, Risk.NONE), ()


def _urgency(hits: Sequence[Hit], issue: Issue, risk: Risk) -> tuple[Urgency, tuple[str, ...]]:
    if words := _said(hits, "urgency", "now"):
        return Urgency.NOW, words
    if risk is Risk.SAFETY:
        return Urgency.NOW, ()
    words = _said(hits, "urgency", "soon")
    soon = words or risk or issue in (Issue.CANCEL, Issue.ADDRESS, Issue.DISPUTE)
    return (Urgency.SOON, words) if soon else (Urgency.USUAL, ())


def _said(hits: Sequence[Hit], group: str, value: str) -> tuple[str, ...]:
    return tuple(hit.words for hit in hits if hit.group == group and hit.value == value and not hit.denied)[:3]
