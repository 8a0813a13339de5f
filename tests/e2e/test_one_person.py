"""One person at two computers beside a colleague: what is theirs is theirs at both, what is private stays between the
two, and no device becomes theirs by its own word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.e2e.test_one_mailbox import hub
from tests.support.hub import Desktop as Copying
from tests.support.hub import HubHouse
from tests.support.store import Desk, desk, mail
from workstation.app.belonging import membership
from workstation.app.upstream import assigning_collections, heard, inbox_collections
from workstation.inbox import assignment_rules, sharedviews
from workstation.inbox.clocks import load_rules
from workstation.inbox.model import AssignmentRule, ListQuery, SavedView
from workstation.inbox.shared import SharedInbox
from workstation.kernel.clock import Clock
from workstation.kernel.paths import resources
from workstation.store.database import Database
from workstation.sync import mapper
from workstation.sync.client import HttpHubs
from workstation.sync.collections import MirrorCollection
from workstation.sync.service import SyncService
from workstation.team import repo
from workstation.team.membership import Membership
from workstation.team.model import Doing
from workstation.team.service import TeamService

__all__ = ["hub"]


class Ids:
    def ids(self, connection: Connection, conversation_id: str) -> tuple[str, ...]:
        return (conversation_id,)


@dataclass
class Place:
    """A computer somebody works at."""

    desk: Desk
    sync: SyncService
    member: Membership
    team: TeamService

    async def fetch(self, *numbers: int) -> None:
        for number in numbers:
            await self.desk.inbox.receive("account", [mail(number)])

    async def mine(self) -> list[str]:
        return sorted(row.subject for row in (await self.desk.inbox.page(ListQuery(queue="mine"))).rows)

    async def find(self, number: int) -> str:
        rows = (await self.desk.inbox.page(ListQuery(queue="all"))).rows
        return next(row.id for row in rows if row.subject == f"Question {number}")

    async def views(self) -> list[tuple[str, str]]:
        return [(view.title, view.query) for view in await self.desk.inbox.views()]


@asynccontextmanager
async def place(folder: Path, name: str) -> AsyncIterator[Place]:
    (folder / name / "home").mkdir(parents=True, exist_ok=True)
    made: list[Membership] = []

    def belonging(database: Database, clock: Clock) -> Membership:
        made.append(membership(database, name, clock))
        return made[0]

    async with desk(folder / name / "home", belonging=belonging) as here:
        copying = Copying(folder / name / "copying", name)
        shared = SharedInbox(load_rules(resources() / "clocks" / "clocks.toml"), heard=heard)
        sync = SyncService(
            here.database, here.blobs, HttpHubs(copying.http, here.clock), copying.secrets, here.clock, copying.jobs,
            here.events.append, copying.card,
            (*inbox_collections(shared), *assigning_collections(here.inbox.assigning),
             MirrorCollection(repo.COLLECTION, repo.apply)),
            offers=shared, belongs=made[0].told, private=sharedviews.apply,
        )
        team = TeamService(here.database, sync, Ids(), here.clock, here.events.append, name, name.title(), made[0])
        try:
            yield Place(here, sync, made[0], team)
        finally:
            await team.shutdown()
            await sync.shutdown()
            await copying.close()


async def settled(*places: Place) -> None:
    for _round in range(2):
        for each in places:
            assert (await each.sync.run()).digest_equal is not False
            assert [one.reason for one in await each.sync.failures()] == []


async def join(hub: HubHouse, ana: Place, laptop: Place) -> None:
    """Ana invites another device of hers."""
    await laptop.sync.connect(await ana.team.invite())


async def test_what_is_ones_own_is_so_at_both_computers_and_at_no_colleagues(tmp_path: Path, hub: HubHouse) -> None:
    async with place(tmp_path, "ana") as ana, place(tmp_path, "laptop") as laptop, place(tmp_path, "bo") as bo:
        await ana.sync.connect(hub.invite("owner"))
        await ana.team.introduce()
        await ana.desk.inbox.save_view(SavedView("", "Late ones", "is:open late"))
        await laptop.team.introduce()                  # it was used alone before
        await laptop.fetch(3)
        await laptop.desk.inbox.assign([await laptop.find(3)], "laptop")
        await laptop.desk.inbox.save_view(SavedView("", "LATE ones", "lang:pt"))
        await bo.sync.connect(await ana.team.invite("agent"))
        await bo.team.introduce()
        await join(hub, ana, laptop)
        assert (laptop.member(), ana.member(), bo.member()) == ("ana", "ana", "bo")
        await ana.fetch(1, 2)
        await ana.desk.inbox.assign([await ana.find(1)], "ana")
        await settled(ana, laptop, bo, ana, laptop)
        assert await ana.mine() == await laptop.mine() == ["Question 1", "Question 3"]
        assert await bo.mine() == []
        for each in (ana, laptop):
            assert await each.views() == [("Late ones", "is:open late"), ("LATE ones 2", "lang:pt")]
        assert await bo.views() == []
        assert not await bo.desk.database.read(lambda conn: conn.exec_driver_sql(
            "SELECT 1 FROM sync_entity WHERE collection LIKE 'private/%'").first())
        for each in (ana, laptop, bo):
            assert [(m.id, m.name) for m in sorted(await each.team.members(), key=lambda m: m.id)] == [
                ("ana", "Ana"), ("bo", "Bo")], "one computer more, no colleague more"


@pytest.mark.long
async def test_a_view_that_is_changed_or_removed_at_one_is_so_at_the_other(tmp_path: Path, hub: HubHouse) -> None:
    async with place(tmp_path, "ana") as ana, place(tmp_path, "laptop") as laptop:
        await ana.sync.connect(hub.invite())
        await join(hub, ana, laptop)
        one = await ana.desk.inbox.save_view(SavedView("", "One", "is:open"))
        two = await laptop.desk.inbox.save_view(SavedView("", "Two", "lang:pt"))
        await settled(ana, laptop)
        await laptop.desk.inbox.save_view(replace(one, title="First"))
        await ana.desk.inbox.remove_view(two.id)
        await settled(laptop, ana, laptop)
        assert await ana.views() == await laptop.views() == [("First", "is:open")]


@pytest.mark.long
async def test_of_one_persons_two_computers_one_decides_and_both_count_as_that_person(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with place(tmp_path, "ana") as ana, place(tmp_path, "laptop") as laptop:
        await ana.sync.connect(hub.invite())
        await laptop.desk.with_account()
        await ana.desk.with_account()
        rule = AssignmentRule("", "Mine", "is:open", ("laptop",))
        await laptop.desk.inbox.keep_assignment_rules([rule])
        await join(hub, ana, laptop)
        for each in (laptop, ana):
            await settled(ana, laptop)
            await each.desk.inbox.assigning.settle()
        await settled(ana, laptop)
        for each in (ana, laptop):
            (kept,) = await each.desk.database.read(assignment_rules.read)
            assert kept.rule.members == ("ana",)
            readers = await each.desk.database.read(lambda conn: [row[0] for row in conn.exec_driver_sql(
                "SELECT member_id FROM mailbox_reader ORDER BY 1")])
            assert readers == ["ana", "laptop"]
            await each.fetch(1)
            await each.desk.inbox.assigning.settle()
        await settled(ana, laptop)
        assert await ana.mine() == await laptop.mine() == ["Question 1"]
        assert len(hub.entities("assigned")) == 1


@pytest.mark.long
async def test_a_computer_that_goes_to_a_colleague_takes_nothing_private_along(tmp_path: Path, hub: HubHouse) -> None:
    async with place(tmp_path, "ana") as ana, place(tmp_path, "laptop") as laptop, place(tmp_path, "bo") as bo:
        await ana.sync.connect(hub.invite())
        await bo.sync.connect(hub.invite())
        await join(hub, ana, laptop)
        await ana.desk.inbox.save_view(SavedView("", "Mine", "is:open"))
        await bo.desk.inbox.save_view(SavedView("", "Bo's", "lang:de"))
        await settled(ana, laptop, bo)
        await join(hub, bo, laptop)
        await settled(laptop, bo, ana, laptop)
        assert laptop.member() == "bo"
        kept = await laptop.desk.database.read(lambda conn: {row[0] for row in conn.exec_driver_sql(
            "SELECT collection FROM sync_entity WHERE collection LIKE 'private/%'")})
        assert kept == {"private/bo"}
        assert ("Bo's", "lang:de") in await laptop.views()
        assert await ana.views() == [("Mine", "is:open")]


@pytest.mark.long
async def test_the_page_of_devices_is_told_by_the_hub_and_presence_shows_no_second_self(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with place(tmp_path, "ana") as ana, place(tmp_path, "laptop") as laptop, place(tmp_path, "bo") as bo:
        await ana.sync.connect(hub.invite("owner"))
        await join(hub, ana, laptop)
        await bo.sync.connect(hub.invite())
        for each in (ana, bo):
            await each.team.introduce()
        await settled(ana, laptop, bo, ana, laptop)
        found = await laptop.team.devices()
        assert found.owner is True
        assert [(one.id, one.member, one.mine, one.here) for one in found.devices] == [
            ("ana", "Ana", True, False), ("laptop", "Ana", True, True), ("bo", "Bo", False, False)]
        assert [one.id for one in (await bo.team.devices()).devices] == ["bo"]
        for each in (ana, laptop):
            each.team.here("c", Doing.WRITING)
            await each.team.look("c")
        bo.team.here("c", Doing.VIEWING)
        assert [(one.member_id, one.name) for one in await bo.team.look("c")] == [("ana", "Ana")]
        assert [one.member_id for one in await ana.team.look("c")] == ["bo"]


@pytest.mark.long
async def test_whose_a_device_is_is_known_after_a_restart_and_from_a_hub_that_was_brought_up_to_date(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with place(tmp_path, "ana") as ana:
        await ana.sync.connect(hub.invite())
        forgets = "DELETE FROM meta WHERE name = 'hub_member' OR name LIKE 'hub_keeps%'"
        await ana.desk.database.write(lambda unit: unit.conn.exec_driver_sql(forgets))   # a hub that knew no members
        await ana.member.load()
        await ana.desk.inbox.save_view(SavedView("", "Before", "is:open"))
        assert hub.entities("private/ana") == {}
        ana.sync._member = None
        await settled(ana)
        assert [body["title"] for body in hub.entities("private/ana").values()] == ["Before"]
        again = await ana.desk.database.read(partial(_fact, name="hub_member"))
        assert again == "ana"


async def test_a_hub_that_knows_no_members_is_told_nothing_private(
    tmp_path: Path, hub: HubHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would show it to everybody: an older one that took the place of this one."""
    async with place(tmp_path, "ana") as ana:
        await ana.sync.connect(hub.invite())
        await ana.desk.inbox.save_view(SavedView("", "Waits", "is:open"))
        monkeypatch.setattr(mapper, "member", lambda _content: "")
        await settled(ana)
        await ana.desk.inbox.save_view(SavedView("", "Later", "lang:pt"))
        await settled(ana)
        assert hub.rows("SELECT 1 FROM entity WHERE collection LIKE 'private/%'") == []
        assert ana.member() == "ana"
        monkeypatch.undo()
        await settled(ana, ana)
        assert sorted(body["title"] for body in hub.entities("private/ana").values()) == ["Later", "Waits"]


def _fact(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (name,)).scalar())
