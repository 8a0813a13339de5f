"""Two people at two desktops and one real hub: who sees whom, how soon, and what happens when the hub is away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.support.hub import Desktop, HubHouse, running_hub, until
from workstation.domain.events import MembersChanged, PresenceChanged
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import InputError, Offline
from workstation.sync.collections import MirrorCollection
from workstation.team import repo
from workstation.team.model import LIFETIME_MS, Doing
from workstation.team.ports import Other, Seats
from workstation.team.service import TeamService

CASE = "conversation-1"


@dataclass
class Twins:
    """What another desktop calls the conversation."""

    names: tuple[str, ...] = ()

    def ids(self, connection: Connection, conversation_id: str) -> Sequence[str]:
        return (conversation_id, *self.names)


@dataclass
class Person:
    desktop: Desktop
    team: TeamService

    def changes(self) -> int:
        return sum(isinstance(event, PresenceChanged) for event in self.desktop.events)

    async def sees(self, conversation: str = CASE) -> list[tuple[str, Doing]]:
        return [(one.name, one.doing) for one in await self.team.presence(conversation)]


@asynccontextmanager
async def person(root: Path, name: str, hub: HubHouse, twins: tuple[str, ...] = ()) -> AsyncIterator[Person]:
    desktop = Desktop(root / name, name, collections=(MirrorCollection(repo.COLLECTION, repo.apply),))
    await desktop.sync.connect(hub.invite())
    team = TeamService(desktop.database, desktop.sync, Twins(twins), desktop.clock, desktop.publish, name, name.title())
    await team.introduce()
    try:
        yield Person(desktop, team)
    finally:
        await team.shutdown()
        await desktop.close()


async def meet(*people: Person) -> None:
    for one in (*people, *people):
        await one.desktop.sync.run()


async def test_each_sees_the_other_by_name_and_what_they_do(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with person(tmp_path, "ana", hub) as ana, person(tmp_path, "bo", hub) as bo:
            await meet(ana, bo)
            ana.team.here(CASE, Doing.VIEWING)
            await ana.team.look(CASE)                          # said: who comes after her sees her at once
            bo.team.here(CASE, Doing.WRITING)
            await until(lambda: bo.changes() > 0)
            assert await bo.sees() == [("Ana", Doing.VIEWING)]
            assert [(one.name, one.doing) for one in await ana.team.look(CASE)] == [("Bo", Doing.WRITING)]
            assert await ana.sees("another conversation") == []
            before = ana.changes()
            bo.team.here(CASE, None)
            for _try in range(100):   # the hub hears of it in a moment
                if not await ana.team.look(CASE):
                    break
            assert await ana.sees() == []
            assert ana.changes() > before


async def test_moving_on_leaves_the_former_place_and_twins_are_one_place(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with person(tmp_path, "ana", hub) as ana, person(tmp_path, "bo", hub, twins=(CASE,)) as bo:
            await meet(ana, bo)
            ana.team.here(CASE, Doing.VIEWING)
            await ana.team.look(CASE)
            bo.team.here("bo-calls-it-so", Doing.VIEWING)
            await until(lambda: bo.changes() > 0)
            assert await bo.sees("bo-calls-it-so") == [("Ana", Doing.VIEWING)]
            ana.team.here("conversation-2", Doing.VIEWING)
            ana.team.here(CASE, None)                          # the view that goes says so late
            for _try in range(100):
                if not await bo.team.look("bo-calls-it-so"):
                    break
            assert await bo.sees("bo-calls-it-so") == []
            assert hub.rows("SELECT DISTINCT conversation_id FROM presence WHERE device_id = 'ana'") == [
                ("conversation-2",)]


async def test_a_name_is_told_once_changed_by_its_owner_and_read_by_colleagues(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with person(tmp_path, "ana", hub) as ana, person(tmp_path, "bo", hub) as bo:
            await ana.team.rename("  Ana\tSouza ")
            await meet(ana, bo)
            assert [(m.name, m.me) for m in await bo.team.members()] == [("Bo", True), ("Ana Souza", False)]
            assert any(isinstance(event, MembersChanged) for event in bo.desktop.events)
            await bo.team.introduce()
            assert await bo.desktop.outbox() == []
            for wrong in ("", " ", "x" * 61, "a\x07b"):
                with pytest.raises(InputError):
                    await bo.team.rename(wrong)


async def test_nobody_names_a_colleague(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with person(tmp_path, "ana", hub) as ana, person(tmp_path, "bo", hub) as bo:
            await meet(ana, bo)
            await bo.desktop.append(repo.COLLECTION, "ana", "put", {"name": "Eve"})
            await meet(bo, ana)
            assert hub.entities(repo.COLLECTION)["ana"] == {"name": "Ana"}
            assert "names itself" in (await bo.desktop.outbox())[0][1]


@dataclass
class Seen:
    device: str
    name: str
    doing: str
    left: int
    member: str = ""


class Wire:
    """A hub that answers what the test says, or is away."""

    def __init__(self) -> None:
        self.others: list[Seen] = []
        self.away = False
        self.said: list[tuple[tuple[str, ...], str]] = []

    async def present(self, conversation_ids: Sequence[str], doing: str) -> Sequence[Other]:
        self.said.append((tuple(conversation_ids), doing))
        if self.away:
            raise Offline("No network.", "Wait.")
        return self.others

    async def seats(self) -> Seats:
        raise Offline("No network.", "Wait.")

    async def invite(self, who: str, role: str = "") -> str:
        raise Offline("No network.", "Wait.")


async def test_who_stays_silent_lapses_by_our_own_clock_though_the_hub_is_away(tmp_path: Path) -> None:
    desktop, wire, clock = Desktop(tmp_path, "ana"), Wire(), FixedClock(1_000_000)
    team = TeamService(desktop.database, wire, Twins(), clock, desktop.publish, "ana", "Ana")
    wire.others = [Seen("bo", "Bo", "writing", 10**12), Seen("cy", "Cy", "dancing", 5_000)]
    try:
        team.here(CASE, Doing.VIEWING)
        await until(lambda: any(isinstance(event, PresenceChanged) for event in desktop.events))
        shown = await team.presence(CASE)
        assert [(one.name, one.doing, one.until) for one in shown] == [
            ("Bo", Doing.WRITING, 1_000_000 + LIFETIME_MS), ("Cy", Doing.VIEWING, 1_005_000)]
        wire.away = True
        clock.advance(6_000)
        assert [one.name for one in await team.look(CASE)] == ["Bo"]
        clock.advance(LIFETIME_MS)
        assert await team.look(CASE) == ()
        assert sum(isinstance(event, PresenceChanged) for event in desktop.events) == 3
    finally:
        await team.shutdown()
        await desktop.close()


async def test_the_end_of_the_program_says_that_the_person_left(tmp_path: Path) -> None:
    desktop, wire = Desktop(tmp_path, "ana"), Wire()
    team = TeamService(desktop.database, wire, Twins(("twin",)), desktop.clock, desktop.publish, "ana", "Ana")
    team.here(CASE, Doing.WRITING)
    await until(lambda: bool(wire.said))
    await team.shutdown()
    await desktop.close()
    assert wire.said == [((CASE, "twin"), "writing"), ((CASE, "twin"), "")]
