"""Two desktops, one mailbox, one hub: the rules are the team's, one desktop decides, and both end alike."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_one_mailbox import Person, hub, person
from tests.support.hub import HubHouse
from tests.support.store import BUYER, NOW, mail
from workstation.app.adapters import ConflictLines
from workstation.inbox.assigning import STEP_IN, AssignedLines, Assigning
from workstation.inbox.model import AssignmentRule, IncomingMail
from workstation.kernel.clock import HOUR

__all__ = ["hub"]

TURNS = AssignmentRule("", "In turn", "is:open", ("ana", "bo"))


@asynccontextmanager
async def reader(folder: Path, name: str) -> AsyncIterator[tuple[Person, Assigning]]:
    """A person whose desktop reads the mailbox, with the rules."""
    (folder / name / "home").mkdir(parents=True)
    async with person(folder, name) as each:
        await each.desk.with_account()
        yield each, each.assigning


def mails(*numbers: int) -> list[IncomingMail]:
    return [mail(n, author=replace(BUYER, email=f"b{n}@example.test"), at=NOW + n * 1_000) for n in numbers]


async def owners(each: Person) -> dict[str, str]:
    return {row.subject: row.assignee for row in await each.rows()}


async def copied(*people: Person) -> None:
    for _round in range(2):
        for each in people:
            await each.copy()


@pytest.mark.parametrize("first", ["ana", pytest.param("bo", marks=pytest.mark.long)])
async def test_one_desktop_decides_and_both_end_alike(tmp_path: Path, hub: HubHouse, first: str) -> None:
    async with reader(tmp_path, "ana") as (ana, of_ana), reader(tmp_path, "bo") as (bo, of_bo):
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        await of_bo.keep([TURNS])
        await of_bo.settle()
        await copied(bo, ana)
        await of_ana.settle()
        await copied(ana, bo)
        desks = ((ana, of_ana), (bo, of_bo)) if first == "ana" else ((bo, of_bo), (ana, of_ana))
        for each, assigning in desks:
            await each.fetch(*mails(1, 2, 3, 4))
            await assigning.settle()
        assert set((await owners(bo)).values()) == {""}, "not its turn"
        await copied(bo, ana)
        for each, assigning in desks:
            each.desk.clock.advance(STEP_IN)
            await assigning.settle()
        await copied(ana, bo)
        there = await owners(ana)
        assert there == await owners(bo)
        assert sorted(there.values()) == ["ana", "ana", "bo", "bo"]
        for each in (ana, bo):
            for row in await each.rows():
                said = await each.desk.database.read(partial(AssignedLines().lines, conversation_id=row.id))
                assert [line.text for line in said] == [f"Assigned to {row.assignee} by the rule “In turn”"]
                assert not await each.desk.database.read(partial(ConflictLines().lines, conversation_id=row.id))


async def test_what_a_colleague_unassigned_stays_nobodys(tmp_path: Path, hub: HubHouse) -> None:
    async with reader(tmp_path, "ana") as (ana, of_ana), reader(tmp_path, "bo") as (bo, of_bo):
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        await ana.fetch(*mails(1))
        await bo.fetch(*mails(1))
        await copied(ana, bo)
        (row,) = await bo.rows()
        await bo.desk.inbox.assign([row.id], "bo")
        await bo.desk.inbox.assign([row.id], "")
        await copied(bo, ana)
        await of_ana.keep([TURNS])
        again = mail(9, in_reply_to="<1@buyer.example>", references=("<1@buyer.example>",), at=NOW + 60_000,
                     author=replace(BUYER, email="b1@example.test"))
        await ana.fetch(again)
        await of_ana.settle()
        assert set((await owners(ana)).values()) == {""}
        assert of_bo is not of_ana


async def test_a_rule_that_is_removed_is_removed_for_the_team(tmp_path: Path, hub: HubHouse) -> None:
    async with reader(tmp_path, "ana") as (ana, of_ana), reader(tmp_path, "bo") as (bo, of_bo):
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        kept = await of_ana.keep([TURNS, replace(TURNS, title="Others", query="lang:pt")])
        await copied(ana, bo)
        assert await of_bo.rules() == kept
        await of_bo.keep(kept[1:])
        await copied(bo, ana)
        assert await of_ana.rules() == kept[1:]


async def test_whoever_sees_it_takes_back_what_the_rule_did_at_another_desk(tmp_path: Path, hub: HubHouse) -> None:
    async with reader(tmp_path, "ana") as (ana, of_ana), reader(tmp_path, "bo") as (bo, of_bo):
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        (rule,) = await of_ana.keep([TURNS])
        await of_ana.settle()
        for each in (ana, bo):
            await each.fetch(*mails(1, 2, 3))
        await of_ana.settle()
        await copied(ana, bo)
        assert "" not in (await owners(bo)).values()
        await ana.desk.inbox.assign([next(row.id for row in await ana.rows() if row.subject == "Question 3")], "cy")
        undo = await bo.desk.inbox.take_back_assignments(rule.id, HOUR)
        await copied(ana, bo)
        for each, assigning in ((ana, of_ana), (bo, of_bo)):
            await assigning.settle()
            assert await owners(each) == {"Question 1": "", "Question 2": "", "Question 3": "cy"}
        assert len(undo.ids) == 3
