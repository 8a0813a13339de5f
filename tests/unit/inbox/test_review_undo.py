"""Taking back takes back what the command did: not less when it is asked twice, not more when others went on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.store import NOW, desk
from tests.unit.inbox.test_merging import answer
from tests.unit.inbox.test_organising import received, row
from workstation.kernel.clock import DAY, MINUTE
from workstation.kernel.errors import NotFound


async def test_undo_pressed_twice_at_once_takes_each_part_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.inbox.organising.PIECE", 2)
    async with desk(tmp_path) as here:
        ids = await received(here, 5)
        undo = await here.inbox.assign(ids, "bo")
        said = await asyncio.gather(
            here.inbox.undo(undo.id), here.inbox.undo(undo.id), return_exceptions=True)
        assert [(await row(here, i)).assignee for i in ids] == [""] * 5
        assert [type(each) for each in said] == [type(None), NotFound]


async def test_taking_back_a_merge_leaves_what_was_done_to_the_target_since(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        await here.inbox.tag([two], ["late"])
        await here.inbox.assign([two], "bo")
        merged = await here.inbox.merge([two], one)
        await here.inbox.tag([one], ["vip"])
        await here.inbox.assign([one], "cy")
        await here.inbox.undo(merged.id)
        assert ((await row(here, one)).tags, (await row(here, one)).assignee) == (("vip",), "cy")
        assert ((await row(here, two)).tags, (await row(here, two)).assignee) == (("late",), "bo")


async def test_taking_back_a_resolve_does_not_hide_a_mail_that_came_since(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        (one,) = await received(here, 1)
        await here.inbox.snooze([one], NOW + DAY)
        resolved = await here.inbox.resolve([one])
        await here.inbox.receive("account", [answer(2, 1, at=NOW + MINUTE)])
        assert (await row(here, one)).state == "open"
        await here.inbox.undo(resolved.id)
        assert (await row(here, one)).state == "open"


async def test_taking_back_an_assignment_leaves_one_that_was_made_since(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        first = await here.inbox.assign([one, two], "bo")
        await here.inbox.assign([one], "cy")
        await here.inbox.undo(first.id)
        assert [(await row(here, i)).assignee for i in (one, two)] == ["cy", ""]
