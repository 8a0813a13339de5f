"""Two desktops, one hub: what one person corrects of a conversation is so at the other's desk and teaches there."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_assigned_together import copied
from tests.e2e.test_one_mailbox import Person, hub, person, two
from tests.e2e.test_organised_together import ELSEWHERE, question
from tests.support.hub import HubHouse
from tests.support.store import NOW, mail
from workstation.app.adapters import ConflictLines
from workstation.domain.events import ConversationsChanged
from workstation.inbox.model import IncomingMail
from workstation.kernel.clock import MINUTE
from workstation.triage.corrections import Corrections
from workstation.triage.model import Finding

__all__ = ["hub"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long", default=False)
        seeds = range(10) if long else range(1)
        metafunc.parametrize(("seed", "steps", "other"), [
            pytest.param(n, 60, other, marks=pytest.mark.long, id=f"{n} {other}")
            for n in seeds for other in ("account", ELSEWHERE)])


GLITTER = (
    "The glitter varnish from batch seven flakes off the guitar after a week.",
    "Glitter varnish flakes off the guitar, same batch seven, after one week.",
    "After a week the glitter varnish of batch seven flakes off my guitar.",
)


def mails(*numbers: int) -> list[IncomingMail]:
    return [mail(n, text=GLITTER[n - 1], at=NOW + n * MINUTE) for n in numbers]


async def finding(each: Person, number: int, kind: str = "issue") -> Finding:
    found = (await each.triage.of(await question(each, number))).of(kind)
    assert found is not None
    return found


async def said(each: Person, number: int, kind: str = "issue") -> tuple[str, str]:
    """What a finding is and by whom; the list says the same."""
    found = await finding(each, number, kind)
    (row,) = [row for row in await each.rows() if row.subject == f"Question {number}"]
    assert str(getattr(row, kind)) == found.value or found.by == "learned"
    return found.value, found.by


async def correct(each: Person, number: int, kind: str, value: str) -> str:
    return (await each.triage.correct(await question(each, number), kind, value)).id


async def read_all(each: Person) -> None:
    """Everything that changed is read, as by the background."""
    for event in each.desk.of(ConversationsChanged):
        assert isinstance(event, ConversationsChanged)
        each.triage.on_changed(event)
    while await each.triage.pending() or each.triage._first:
        await each.triage.step()


@pytest.mark.parametrize("other", ["account", pytest.param(ELSEWHERE, marks=pytest.mark.long)])
async def test_a_correction_and_its_undo_show_at_the_other_desk(tmp_path: Path, hub: HubHouse, other: str) -> None:
    async with two(tmp_path, hub, other) as (ana, bo):
        for each in (ana, bo):
            await each.fetch(*mails(1))
            await each.copy()
        await copied(ana, bo)
        for each in (ana, bo):
            await read_all(each)
        before = await said(bo, 1)
        assert before != ("refund", "person")
        undo = await correct(ana, 1, "issue", "refund")
        await correct(ana, 1, "urgency", "2")
        await correct(bo, 1, "risk", "fraud")
        await copied(ana, bo)
        for each in (ana, bo):
            assert await said(each, 1) == ("refund", "person")
            assert await said(each, 1, "urgency") == ("2", "person")
            assert await said(each, 1, "risk") == ("fraud", "person")
        await ana.triage.undo(undo)
        await copied(ana, bo)
        for each in (ana, bo):
            await read_all(each)
            assert await said(each, 1) == before
            assert await said(each, 1, "urgency") == ("2", "person"), "only that one was taken back"


@pytest.mark.long
async def test_of_two_who_correct_at_once_the_first_counts_and_the_timeline_says_so(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        for each in (ana, bo):
            await each.fetch(*mails(1))
        await copied(ana, bo)
        undo = await correct(ana, 1, "issue", "refund")
        await correct(bo, 1, "issue", "defective")
        await copied(bo, ana)
        for each in (ana, bo):
            assert await said(each, 1) == ("defective", "person")
            lines = await each.desk.database.read(
                partial(ConflictLines().lines, conversation_id=await question(each, 1)))
            assert [line.text for line in lines] == [
                "Two people corrected what this is about at once; what was said first counts."]
        await ana.triage.undo(undo)
        await copied(ana, bo)
        assert await said(ana, 1) == await said(bo, 1) == ("defective", "person"), "that is Bo's word, not Ana's"


@pytest.mark.parametrize("met", ["after", pytest.param("before", marks=pytest.mark.long)])
async def test_what_one_desk_is_taught_the_other_learns(tmp_path: Path, hub: HubHouse, met: str) -> None:
    """Also where the words come later than the correction: Bo joins when Ana has worked for a while without a hub."""
    for name in ("ana", "bo"):
        (tmp_path / name / "home").mkdir(parents=True)
    async with person(tmp_path, "ana") as ana, person(tmp_path, "bo") as bo:
        if met == "before":
            await ana.sync.connect(hub.invite("owner"))
        await ana.fetch(*mails(1, 2))
        for number in (1, 2):
            await correct(ana, number, "issue", "refund")
        if met == "after":
            await ana.sync.connect(hub.invite("owner"))
        await ana.copy()
        await bo.sync.connect(hub.invite())
        await bo.copy()
        await bo.fetch(*mails(3))
        await read_all(bo)
        taught = await finding(bo, 3)
        assert (taught.value, taught.by, taught.reasons) == (
            "refund", "learned", ("2 similar messages were corrected to this",))
        assert "batch" not in str(hub.entities("conversation")), "words of buyers stay where they are"


@pytest.mark.long
async def test_what_nobody_can_say_is_passed_over(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(*mails(1))
        await read_all(ana)
        one = await question(ana, 1)
        before = await said(ana, 1)
        hear = Corrections(ana.desk.clock, bo.triage._inbox).hear
        for odd in ({"issue": "sunshine"}, {"issue": 7}, {"mood": "bad"}, {"urgency": "7"}, {"issue": ["late"]}):
            assert not await ana.desk.database.write(lambda unit, odd=odd: hear(unit, one, odd, True))  # type: ignore[misc]
        assert not await ana.desk.database.write(lambda unit: hear(unit, "nowhere", {"issue": "late"}, True))
        assert await said(ana, 1) == before
        await correct(ana, 1, "issue", "refund")
        assert not await ana.desk.database.write(lambda unit: hear(unit, one, {"risk": None}, False))
        assert await said(ana, 1) == ("refund", "person")
        assert await ana.desk.database.write(lambda unit: hear(unit, one, {}, True)), "the hub was put back"
        await read_all(ana)
        assert await said(ana, 1) == before


async def test_corrections_of_two_in_any_order_end_alike(
    tmp_path: Path, hub: HubHouse, seed: int, steps: int, other: str
) -> None:
    chance = random.Random(seed)
    async with two(tmp_path, hub, other) as (ana, bo):
        undos: dict[str, list[str]] = {"ana": [], "bo": []}
        for each in (ana, bo):
            await each.fetch(*mails(*chance.sample((1, 2, 3), 3)))
        for _step in range(steps):
            name, each = chance.choice((("ana", ana), ("bo", bo)))
            choice = chance.random()
            if choice < 0.5:
                kind, values = chance.choice((("issue", ("late", "lost", "")), ("risk", ("fraud", "")),
                                              ("urgency", ("0", "1", "2"))))
                undos[name].append(await correct(each, chance.randrange(1, 4), kind, chance.choice(values)))
            elif choice < 0.7 and undos[name]:
                await each.triage.undo(undos[name].pop())
            else:
                await each.copy()
        for _round in range(2):
            await copied(ana, bo)
        for each in (ana, bo):
            await read_all(each)
        for number in (1, 2, 3):
            for kind in ("issue", "risk", "urgency"):
                assert await said(ana, number, kind) == await said(bo, number, kind), (number, kind)
