"""The sixteen that ship, and what is refused of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.domain.states import Channel
from workstation.kernel import i18n
from workstation.kernel.errors import InputError
from workstation.kernel.paths import resources
from workstation.playbooks import book as reading
from workstation.playbooks.book import Book, read
from workstation.playbooks.model import CHECKS, PROOFS
from workstation.triage.model import Issue
from workstation.verification import model as verification

SHIPPED = resources() / "playbooks"
OWN = """
version = 1
edition = 2
id = "late"
issue = "late"
title = { en = "Late, our way" }
when = { en = "It is late." }
[[step]]
id = "ring"
title = { en = "Ring the depot" }
how = { en = "Ask for Mr Lee." }
[[escalation]]
when = { en = "Nobody answers" }
to = "operations"
[[never]]
en = "No promise."
"""

TWICE = '[[step]]\nid = "ring"\ntitle = { en = "A" }\nhow = { en = "B" }\n[[escalation]]'


@pytest.fixture(scope="module")
def shipped() -> Book:
    return Book(SHIPPED)


def test_there_is_one_for_each_issue_and_it_names_what_exists(shipped: Book) -> None:
    assert [each.part.issue for each in shipped] == [str(issue) for issue in Issue if issue]
    assert all(each.part.id == each.part.issue == path.stem
               for each, path in zip(sorted(shipped, key=lambda one: one.part.id), sorted(SHIPPED.glob("*.toml")),
                                     strict=True))
    assert CHECKS == verification.CHECKS
    steps = [step for each in shipped for step in each.part.step]
    assert {step.check for step in steps if step.check} <= set(verification.CHECKS)
    assert {step.proof for step in steps if step.proof} == set(PROOFS)
    assert {str(name) for each in shipped for note in each.part.channel for name in note.on} <= set(Channel)


def test_each_is_whole_and_short(shipped: Book) -> None:
    for each in shipped:
        part = each.part
        assert 4 <= len(part.step) <= 8, part.id
        assert any(step.proof for step in part.step), f"{part.id} asks for no proof"
        assert any(step.say for step in part.step) or part.id == "dispute", f"{part.id} has no wording"
        assert all(step.say for step in part.step if step.proof == "photo" and part.id != "dispute"), part.id
        assert all(len(step.title.en) <= 70 and len(step.how.en) <= 120 for step in part.step), part.id


def test_all_of_it_is_said_in_chinese_too(shipped: Book) -> None:
    def words(model: object) -> list[reading.Words]:
        found = [model] if isinstance(model, reading.Words) else []
        for value in dict(model).values() if isinstance(model, reading._Part) else ():
            for one in value if isinstance(value, list) else [value]:
                found += words(one)
        return found

    told = [each for playbook in shipped for each in words(playbook.part)]
    assert len(told) > 280
    assert [each.en for each in told if not each.zh or not any("\u4e00" <= c <= "\u9fff" for c in each.zh)] == []
    late = shipped.get("late")
    assert late is not None
    try:
        i18n.use_language("zh_CN")
        assert late.title.title == "迟到"
    finally:
        i18n.use_language("en")
    assert late.title.title == "Late"


def test_ones_own_replaces_ours_and_a_bad_one_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "late.toml").write_text(OWN)
    (tmp_path / "lost.toml").write_text("version = 1\nid = \"lost\"\n")
    (tmp_path / "vip.toml").write_text(OWN.replace('id = "late"', 'id = "vip"').replace("our way", "of regulars"))
    made = Book(SHIPPED, tmp_path)
    late, lost = made.about("late"), made.about("lost")
    assert late is not None
    assert late.own
    assert str(late.part.step[0].title) == "Ring the depot"
    assert lost is not None
    assert not lost.own, "ours stays where theirs is not understood"
    assert made.get("vip") is not None
    (problem,) = made.problems
    assert problem.startswith("The playbook in lost.toml cannot be used: edition: ")


@pytest.mark.parametrize(("old", "new", "place"), [
    ('id = "late"', 'id = "other"', "its id is not the file's name"),
    ('issue = "late"', 'issue = "sunshine"', "issue: "),
    ("edition = 2", "edition = 0", "edition: "),
    ('id = "ring"', 'id = "ring"\ncheck = "weather"', "step.1.check: "),
    ('id = "ring"', 'id = "ring"\nproof = "oath"', "step.1.proof: "),
    ('id = "ring"', 'id = "ring"\nproof = "photo"\ncheck = "order"', "step.1: Value error, a step has a check or"),
    ('id = "ring"', 'id = "ring"\nverdicts = ["pass"]', "step.1: Value error, verdicts belong to a check"),
    ('to = "operations"', 'to = "my brother"', "escalation.1.to: "),
    ('title = { en = "Ring the depot" }', 'title = { en = "Ring\\u202e the depot" }', "step.1.title.en: "),
    ("[[never]]", '[[channel]]\non = ["fax"]\ntext = { en = "By fax." }\n[[never]]', "fax is no channel"),
    ("[[escalation]]", TWICE, "named twice"),
    ("version = 1", "version = 2", "version: "),
    ("version = 1", "version = 1\nsecret = 1", "secret: "),
    ("version = 1", "version = ", "Invalid value"),
    ('en = "No promise."', 'en = "' + "x" * 401 + '"', "never.1.en: "),
])
def test_what_is_not_understood_is_refused_with_its_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    path = tmp_path / "late.toml"
    path.write_text(OWN.replace(old, new, 1))
    with pytest.raises(InputError) as refused:
        read(path)
    assert place in str(refused.value)
    assert len(str(refused.value)) < 500


def test_a_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "late.toml"
    path.write_text(OWN + "#" * reading.LARGEST)
    with pytest.raises(InputError, match="larger than"):
        read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError):
        read(path)
    path.write_text("a = " + "[" * 5_000 + "]" * 5_000)
    with pytest.raises(InputError):
        read(path)
    step = '[[step]]\nid = "s{n}"\ntitle = {{ en = "A" }}\nhow = {{ en = "B" }}\n'
    many = "".join(step.format(n=n) for n in range(reading.MOST_STEPS))
    path.write_text(OWN.replace("[[escalation]]", many + "[[escalation]]"))
    with pytest.raises(InputError, match="step: "):
        read(path)
