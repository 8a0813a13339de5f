"""How well messages are read that nothing was learned from: floors a few points under what was reached.

The labelled set was written by somebody who had not seen the sentences (tests/data/triage/blind/README.md); what is
proved here is that none of it, and nothing nearly like it, came among the sentences since.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter, defaultdict
from types import ModuleType

import pytest

from tests.support.source import ROOT
from tests.support.triage import Labelled, labelled, learned, macro_f1
from workstation.kernel.paths import resources
from workstation.triage.classify import Reading, shipped
from workstation.triage.linear import load
from workstation.triage.model import Issue, Risk
from workstation.triage.text import MOST, folded, looked_at

FLOOR, FLOOR_OF_RISK, FLOOR_OF_URGENCY = 0.82, 0.83, 0.755
FLOOR_OF_LANGUAGE = {
    "ar": 0.72, "de": 0.81, "en": 0.78, "es": 0.77, "fr": 0.81, "ja": 0.84, "pt": 0.87, "zh": 0.85}
LIKE = 0.75
"""Share of runs of four letters that two texts have in common above which they are nearly the same."""

Read = list[tuple[Labelled, Reading]]


@pytest.fixture(scope="module")
def read() -> Read:
    classifier = shipped(resources() / "triage")
    return [(each, classifier.read(each.text)) for each in labelled()]


def test_the_labelled_set_is_large_and_balanced(read: Read) -> None:
    languages = Counter(each.language for each, _found in read)
    assert len(read) >= 600
    assert len([language for language, count in languages.items() if count >= 80]) >= 8
    for language in languages:
        assert {each.issue for each, _found in read if each.language == language} == set(Issue)
    assert {each.risk for each, _found in read} == set(Risk)
    assert {each.urgency for each, _found in read} == {0, 1, 2}


def test_issues_are_found(read: Read) -> None:
    assert macro_f1((each.issue, found.issue) for each, found in read) >= FLOOR


@pytest.mark.parametrize("language", sorted(FLOOR_OF_LANGUAGE))
def test_issues_are_found_in_every_language(read: Read, language: str) -> None:
    pairs = [(each.issue, found.issue) for each, found in read if each.language == language]
    assert len(pairs) >= 30
    assert macro_f1(pairs) >= FLOOR_OF_LANGUAGE[language]


def test_risk_and_urgency_are_found(read: Read) -> None:
    assert macro_f1((each.risk, found.risk) for each, found in read) >= FLOOR_OF_RISK
    urgencies = [(str(int(each.urgency)), str(int(found.urgency))) for each, found in read]
    assert macro_f1(urgencies) >= FLOOR_OF_URGENCY


def test_no_labelled_message_is_among_what_is_learned() -> None:
    known = {_plain(text) for text in learned()}
    assert [each.text for each in labelled() if _plain(each.text) in known] == []


def test_no_labelled_message_is_nearly_one_that_is_learned() -> None:
    having: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, text in enumerate(learned()):
        runs = _runs(text)
        sizes.append(len(runs))
        for run in runs:
            having[run].append(number)
    like = []
    for each in labelled():
        runs = _runs(each.text)
        shared = Counter(number for run in runs for number in having.get(run, ()))
        like += [each.text for number, count in shared.most_common(3)
                 if len(each.text) > 12 and count / (len(runs) + sizes[number] - count) > LIKE]
    assert like == []


def test_the_weights_were_made_from_these_sentences() -> None:
    folder = resources() / "triage"
    assert load(folder / "weights.bin").made_from == _program().digest(folder), "run python .ci/triage.py"


@pytest.mark.parametrize("text", [
    "x" * 1_000_000, "where is my parcel\n" * 10_000, "a b " * 300_000, "> quoted\n" * 10_000, "货" * 500_000,
    "\ud800\udc00\x00\u202e" * 1_000, "!?" * 100_000, "not " * 200_000, "damaged " * 200_000, "",
])
def test_hostile_text_is_bounded(text: str) -> None:
    assert len(looked_at(text)) <= 2 * MOST
    assert shipped(resources() / "triage").read(text) == shipped(resources() / "triage").read(text[:2 * MOST])


@pytest.mark.parametrize(("text", "wanted"), [
    ("It is not damaged, but it is late: where is my parcel?", Issue.LATE),
    ("Não está quebrado, mas o produto veio errado.", Issue.WRONG),
    ("壊れてはいませんが、まだ届いていません。", Issue.LATE),
])
def test_what_is_denied_is_not_found(text: str, wanted: Issue) -> None:
    assert shipped(resources() / "triage").read(text).issue == wanted


def test_the_costliest_comes_first_and_the_others_are_told() -> None:
    found = shipped(resources() / "triage").read(
        "The cup arrived broken and one lid is missing from the box. I have opened a PayPal dispute about it.")
    assert found.issue is Issue.DISPUTE
    assert found.others
    assert found.risk is Risk.CHARGEBACK


def _plain(text: str) -> str:
    return "".join(letter for letter in folded(text) if letter.isalnum())


def _runs(text: str) -> set[str]:
    plain = _plain(text)
    return {plain[start:start + 4] for start in range(max(1, len(plain) - 3))}


def _program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("triage_program", ROOT / ".ci" / "triage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module   # its frozen values look their module up
    spec.loader.exec_module(module)
    return module
