"""How well and how fast triage reads the labelled messages, beside keywords alone on the same messages.

The keywords are the product's own lists in all languages, counted as a simple rule would: the issue named most often
wins, nothing denied is noticed, nothing is learned.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.support.triage import f1, labelled, learned, macro_f1
from workstation.kernel.paths import resources
from workstation.triage.classify import shipped
from workstation.triage.phrases import shipped as phrases
from workstation.triage.text import looked_at

RUNS = 5


def measure(runs: int) -> dict[str, Any]:
    """Macro-F1 overall, by language and by issue; milliseconds of processor time for a message; both sides."""
    started = time.process_time()
    classifier, listed = shipped(resources() / "triage"), labelled()
    loading = time.process_time() - started
    found = phrases(resources() / "triage" / "words")

    def keywords(text: str) -> str:
        named = Counter(hit.value for hit in found.find(looked_at(text)) if hit.group == "issue")
        return named.most_common(1)[0][0] if named else ""

    sides: dict[str, Callable[[str], str]] = {"product": lambda text: classifier.read(text).issue, "keywords": keywords}
    figures: dict[str, Any] = {"messages": len(listed), "learned_from": len(learned()), "load_s": round(loading, 3)}
    for name, side in sides.items():
        figures[name] = _side(side, runs)
    readings = [(each, classifier.read(each.text)) for each in listed]
    figures["risk"] = {str(risk) or "none": round(value, 3) for risk, value in f1(
        (each.risk, reading.risk) for each, reading in readings).items()}
    figures["urgency"] = {value: round(score, 3) for value, score in f1(
        (str(int(each.urgency)), str(int(reading.urgency))) for each, reading in readings).items()}
    return figures


def _side(side: Callable[[str], str], runs: int) -> dict[str, Any]:
    listed = labelled()
    answers = [side(each.text) for each in listed]
    started = time.process_time()
    for _run in range(runs):
        for each in listed:
            side(each.text)
    spent = time.process_time() - started
    pairs = [(str(each.issue), str(answer)) for each, answer in zip(listed, answers, strict=True)]
    languages = sorted({each.language for each in listed})
    return {
        "macro_f1": round(macro_f1(pairs), 3),
        "by_language": {language: round(macro_f1(
            pair for pair, each in zip(pairs, listed, strict=True) if each.language == language), 3)
            for language in languages},
        "by_issue": {issue or "none": round(value, 3) for issue, value in f1(pairs).items()},
        "ms_a_message": round(1000 * spent / (runs * len(listed)), 3),
    }
