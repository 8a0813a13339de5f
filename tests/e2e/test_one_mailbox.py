"""Two desktops read the same mailbox and copy to the same hub: every mail is once on each, and what happens to a
conversation on one happens to it on the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.hub import Desktop as Copying
from tests.support.hub import HubHouse, running_hub
from tests.support.store import BUYER, NOW, OWN, Desk, desk, mail
from tests.unit.triage.test_service import Facts
from workstation.app.playbooks import playbook_collections
from workstation.app.upstream import assigning_collections, heard, inbox_collections, told
from workstation.domain.conversation import ConversationState
from workstation.inbox.assigning import Assigning
from workstation.inbox.clocks import load_rules
from workstation.inbox.model import ConversationRow, FolderCursor, IncomingMail, ListQuery
from workstation.inbox.outgoing import Timeline
from workstation.inbox.shared import SharedInbox
from workstation.inbox.triaged import Triaged
from workstation.kernel.clock import DAY, HOUR
from workstation.kernel.paths import resources
from workstation.store.database import Database
from workstation.sync.client import HttpHubs
from workstation.sync.service import SyncService
from workstation.triage.engine import Engine
from workstation.triage.service import TriageService

THREAD = {"references": ("<1@buyer.example>",)}


@dataclass
class Person:
    """One person's home with the mailbox's account, and its copying."""

    desk: Desk
    copying: Copying
    sync: SyncService
    account: str
    assigning: Assigning
    triage: TriageService

    async def rows(self, queue: str = "all") -> tuple[ConversationRow, ...]:
        return (await self.desk.inbox.page(ListQuery(queue=queue))).rows

    async def fetch(self, *mails: IncomingMail) -> int:
        cursor = FolderCursor(1, 1) if await self._has_account() else None
        return await self.desk.inbox.receive(self.account, mails, "INBOX", cursor)

    async def _has_account(self) -> bool:
        query = "SELECT 1 FROM account WHERE id = ?"
        return await self.desk.database.read(lambda c: c.exec_driver_sql(query, (self.account,)).first() is not None)

    async def copy(self) -> None:
        report = await self.sync.run()
        assert report.digest_equal is not False
        assert report.refused == 0

    async def messages(self) -> list[list[str]]:
        """The Message-IDs of every conversation that is shown."""
        views = [await self.desk.inbox.conversation(row.id) for row in await self.rows()]
        return sorted(sorted(message.message_id for message in view.messages) for view in views)


@asynccontextmanager
async def person(folder: Path, name: str, account: str = "account") -> AsyncIterator[Person]:
    rules = load_rules(resources() / "clocks" / "clocks.toml")
    async with desk(folder / name / "home") as here:
        copying = Copying(folder / name / "copying", name)
        triage = TriageService(here.database, here.clock, Engine(resources() / "triage"), Triaged(), Facts())
        shared = SharedInbox(rules, heard=heard, corrected=triage.hear, told=told)
        assigning = Assigning(here.database, here.clock, lambda: name)
        sync = SyncService(
            here.database, here.blobs, HttpHubs(copying.http, here.clock), copying.secrets, here.clock, copying.jobs,
            here.events.append, copying.card,
            (*inbox_collections(shared), *assigning_collections(assigning), *playbook_collections()),
            offers=shared,
        )
        try:
            yield Person(here, copying, sync, account, assigning, triage)
        finally:
            await sync.shutdown()
            await triage.shutdown()
            await copying.close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@asynccontextmanager
async def two(folder: Path, hub: HubHouse, other: str = "account") -> AsyncIterator[tuple[Person, Person]]:
    for name in ("ana", "bo"):
        (folder / name / "home").mkdir(parents=True)
    async with person(folder, "ana") as ana, person(folder, "bo", other) as bo:
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        yield ana, bo


def mailbox() -> tuple[IncomingMail, ...]:
    return mail(1), mail(2, **THREAD, at=NOW - 30 * 60_000), mail(3, author=replace(BUYER, email="li@buyer.example"))


ONCE = [["<1@buyer.example>", "<2@buyer.example>"], ["<3@buyer.example>"]]


@pytest.mark.parametrize("other", ["account", "an account of a home from before"])
async def test_each_mail_is_once_on_each_and_a_resolution_travels(
    tmp_path: Path, hub: HubHouse, other: str
) -> None:
    async with two(tmp_path, hub, other) as (ana, bo):
        await ana.fetch(*mailbox())
        await bo.fetch(*mailbox())
        for each in (ana, bo, ana, bo):
            await each.copy()
        assert await ana.messages() == await bo.messages() == ONCE
        same = await ana.desk.database.read(lambda c: set(c.exec_driver_sql("SELECT id FROM message").scalars()))
        if other == "account":
            assert set(hub.entities("message")) == same
        (first,) = [row for row in await ana.rows() if row.subject == "Question 1"]
        await ana.desk.inbox.resolve([first.id])
        await ana.copy()
        await bo.copy()
        assert [row.subject for row in await bo.rows("resolved")] == ["Question 1"]
        again = next(row for row in await bo.rows() if row.subject == "Question 1")
        await bo.desk.inbox.reopen([again.id])
        await bo.copy()
        await ana.copy()
        assert await ana.rows("resolved") == ()


async def test_what_was_told_before_it_was_fetched_is_recognised_and_gets_its_source(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(*mailbox())
        await ana.copy()
        await bo.copy()
        assert await bo.messages() == ONCE
        assert await bo.fetch(*mailbox()) == 0
        assert await bo.messages() == ONCE
        view = await bo.desk.inbox.conversation((await bo.rows())[0].id)
        assert await bo.desk.inbox.raw_source(view.messages[0].id) in (b"raw 1", b"raw 2", b"raw 3")
        await bo.fetch(mail(4, references=("<2@buyer.example>",)))
        await bo.copy()
        await ana.copy()
        assert await ana.messages() == await bo.messages()
        assert len(await ana.rows()) == 2


async def test_desktops_that_began_reading_at_different_mails_agree_on_the_conversation(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(*mailbox())
        await bo.fetch(mailbox()[1])
        for each in (bo, ana, bo, ana):
            await each.copy()
        assert await ana.messages() == await bo.messages() == ONCE


async def test_a_conversation_resolved_without_a_mail_that_is_here_stays_open(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        for each in (ana, bo):
            await each.fetch(mail(1))
            await each.copy()
        await bo.fetch(mail(2, **THREAD, at=NOW))
        await ana.desk.inbox.resolve([(await ana.rows())[0].id])
        await ana.copy()
        await bo.copy()
        assert [row.state for row in await bo.rows()] == [ConversationState.OPEN]
        await bo.copy()
        await ana.copy()
        assert [row.state for row in await ana.rows()] == [ConversationState.OPEN]


async def test_a_colleague_answers_what_another_desktop_told_of(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path, hub, "another id of the same mailbox") as (ana, bo):
        await ana.fetch(mail(1))
        await ana.copy()
        await bo.copy()
        await bo.desk.with_account()
        (row,) = await bo.rows()
        context = await bo.desk.database.read(lambda c: Timeline(()).reply_context(c, row.id))
        assert (context.account_id, context.sender.email) == ("account", OWN.email)
        assert (context.to[0].email, context.in_reply_to) == (BUYER.email, "<1@buyer.example>")


@pytest.mark.long
async def test_a_home_that_worked_without_a_hub_offers_all_of_it_later_in_bounded_batches(
    tmp_path: Path, hub: HubHouse
) -> None:
    for name in ("ana", "bo"):
        (tmp_path / name / "home").mkdir(parents=True)
    async with person(tmp_path, "ana") as ana, person(tmp_path, "bo") as bo:
        await ana.fetch(*[mail(n, at=NOW - DAY + n * HOUR // 100) for n in range(1, 451)])
        kept: Database = ana.desk.database
        assert await kept.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM outbox").scalar()) == 0
        await ana.desk.inbox.resolve([(await ana.rows())[0].id])
        await ana.sync.connect(hub.invite("owner"))
        await bo.sync.connect(hub.invite())
        await ana.copy()
        assert (await ana.sync.status()).pending == 0
        assert len(hub.entities("message")) == 450
        await bo.copy()
        assert len(await bo.rows("resolved")) == 1
        count = "SELECT count(*) FROM message"
        assert await bo.desk.database.read(lambda c: c.exec_driver_sql(count).scalar()) == 450
