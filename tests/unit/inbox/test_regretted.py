"""A person takes back what a rule assigned: what is still as the rule left it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import NOW, OWN, Desk, desk, mail
from tests.unit.inbox.test_assigning import PORTUGUESE, REST, from_buyer, one, owners, receive
from workstation.inbox import regretted
from workstation.kernel.clock import HOUR, MINUTE
from workstation.kernel.errors import NotFound
from workstation.team import repo as members

OFTEN = "Onde está o meu pacote?"


async def ruled(here: Desk, *numbers: int) -> str:
    """Conversations that "The rest" gives to Bo, beside one that another rule gives to him; the rule's id."""
    kept = await here.inbox.keep_assignment_rules([PORTUGUESE, replace(REST, members=("bo",))])
    await receive(here, *(from_buyer(n) for n in numbers), from_buyer(99, text=OFTEN))
    await here.inbox.assigning.settle()
    assert set((await owners(here)).values()) == {"bo"}
    return kept[1].id


async def test_what_is_as_the_rule_left_it_is_nobodys_again_and_stays_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        rule = await ruled(here, 1, 2, 3, 4, 5)
        await here.database.write(lambda unit: members.put(unit.conn, "ana", "Ana"))
        await here.inbox.assign([await one(here, 2)], "ana")
        await here.inbox.resolve([await one(here, 3)])
        reply = mail(40, own=True, author=OWN, in_reply_to="<4@buyer.example>", references=("<4@buyer.example>",),
                     at=NOW + MINUTE)
        await here.inbox.receive("account", [reply])
        here.clock.advance(MINUTE)
        undo = await here.inbox.take_back_assignments(rule, HOUR)
        assert undo.sentence == "2 conversations unassigned"
        assert await owners(here) == {1: "", 2: "ana", 3: "bo", 4: "bo", 5: "", 99: "bo"}
        more = from_buyer(1, in_reply_to="<1@buyer.example>", message_id="<11@buyer.example>", text="Hello?")
        await receive(here, more)
        await here.inbox.assigning.settle()
        assert (await owners(here))[1] == "", "no rule assigns it anew"
        assert (await here.inbox.take_back_assignments(rule, HOUR)).ids == ()


async def test_taking_back_can_be_taken_back_where_nobody_took_it_meanwhile(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        rule = await ruled(here, 1, 2)
        undo = await here.inbox.take_back_assignments(rule, HOUR)
        await here.inbox.assign([await one(here, 2)], "cy")
        await here.inbox.undo(undo.id)
        assert await owners(here) == {1: "bo", 2: "cy", 99: "bo"}


async def test_what_was_assigned_before_stays_also_when_the_rule_has_others_now(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        rule = await ruled(here, 1)
        here.clock.advance(HOUR)
        await receive(here, from_buyer(2))
        await here.inbox.assigning.settle()
        kept = await here.inbox.assignment_rules()
        await here.inbox.keep_assignment_rules([kept[0], replace(kept[1], members=("cy",))])
        await here.database.write(lambda unit: members.put(unit.conn, "bo", "Bo"))
        here.clock.advance(HOUR - 1)
        await here.inbox.take_back_assignments(rule, HOUR)
        assert await owners(here) == {1: "bo", 2: "", 99: "bo"}
        with pytest.raises(NotFound):
            await here.inbox.take_back_assignments("no rule", HOUR)


async def test_it_walks_through_no_table(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        plan = await here.database.read(lambda c: [row[3] for row in c.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {regretted._GIVEN}", ("[]", "", 0))])
        looked = [line for line in plan if line.startswith(("SCAN", "SEARCH")) and "json_each" not in line]
        assert [line.split(" USING ")[0] for line in looked if not line.startswith("SCAN member")] == [
            "SEARCH c", "SEARCH a", "SEARCH m"], plan
