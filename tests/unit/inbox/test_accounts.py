"""A mailbox that is removed, moved or cannot be opened costs no mail and no conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.connectors.email.presets import provider_of
from workstation.inbox.accounts import AccountsService
from workstation.inbox.model import (
    AccountSettings,
    ConnectionReport,
    FolderCursor,
    MailFolder,
    Security,
    ServerSettings,
)
from workstation.inbox.outgoing import Timeline
from workstation.inbox.ports import Intake
from workstation.kernel.errors import KeyringProblem

SETTINGS = AccountSettings(
    "Shop@seller.example", "shop", ServerSettings("imap.example", 993), ServerSettings("smtp.example", 465))


@dataclass
class Watched:
    """A mailbox that only remembers what happened to it."""

    account_id: str
    log: list[str]

    def start(self) -> None:
        self.log.append(f"start {self.account_id}")

    def fetch_now(self) -> None:
        self.log.append(f"fetch {self.account_id}")

    def woken(self) -> None:
        self.log.append(f"woken {self.account_id}")

    def stop(self) -> None:
        self.log.append(f"stop {self.account_id}")


@dataclass
class Factory:
    log: list[str] = field(default_factory=list)

    def mailbox(self, account_id: str, settings: AccountSettings, password: str, intake: Intake) -> Watched:
        self.log.append(f"make {password}")
        return Watched(account_id, self.log)

    async def test(self, settings: AccountSettings, password: str) -> ConnectionReport:
        self.log.append(f"test {password}")
        return ConnectionReport(())

    async def folders(self, settings: AccountSettings, password: str) -> tuple[MailFolder, ...]:
        self.log.append(f"folders {password}")
        return (MailFolder("INBOX", "inbox", watched=True),)

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str) -> str:
        opened("https://sign-in.example")
        return "a grant"


@dataclass
class Kept:
    """Secrets in memory; `locked` names those that cannot be read."""

    values: dict[str, bytes] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)

    def get(self, name: str) -> bytes | None:
        if name in self.locked:
            raise KeyringProblem("The keyring is locked.")
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        self.values[name] = value

    def delete(self, name: str) -> None:
        self.values.pop(name, None)


@dataclass
class Office:
    desk: Desk
    accounts: AccountsService
    factory: Factory
    secrets: Kept

    async def read_up_to(self, account_id: str, cursor: FolderCursor) -> None:
        """What a mailbox thread would have left behind."""
        await self.desk.inbox.receive(account_id, [], "INBOX", cursor)

    async def cursors(self) -> int:
        query = "SELECT count(*) FROM mail_folder"
        return int(await self.desk.database.read(lambda c: c.exec_driver_sql(query).scalar()) or 0)


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    async with desk(folder) as here:
        factory, secrets = Factory(), Kept()
        accounts = AccountsService(here.database, secrets, factory, here.inbox, here.clock, here.events.append)
        yield Office(here, accounts, factory, secrets)


async def test_a_mailbox_removed_and_connected_again_answers_its_old_conversations(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        first = await here.accounts.add(SETTINGS, "one")
        await here.desk.inbox.receive(first.id, [mail(1)])
        await here.accounts.remove(first.id)
        again = await here.accounts.add(replace(SETTINGS, address="shop@SELLER.example"), "two")
        await here.desk.inbox.receive(again.id, [mail(2, references=("<1@buyer.example>",), at=NOW)])
        found = await here.desk.database.read(lambda c: c.exec_driver_sql("SELECT id FROM conversation").all())
        context = await here.desk.database.read(lambda c: Timeline(()).reply_context(c, found[0][0]))
    assert (again.id, len(found)) == (first.id, 1)
    assert context.account_id == first.id
    assert here.secrets.values == {f"mailbox {first.id}": b"two"}


@pytest.mark.parametrize(("changes", "forgotten"), [
    ({}, False),
    ({"name": "Another name", "first_sync_days": 7}, False),
    ({"imap": ServerSettings("imap.elsewhere", 993)}, True),
    ({"user": "other"}, True),
    ({"first_sync_days": 90}, True),
    ({"first_sync_days": 0}, True),
])
async def test_another_server_or_a_deeper_first_reading_begins_at_the_beginning(
    tmp_path: Path, changes: dict[str, object], forgotten: bool
) -> None:
    async with office(tmp_path) as here:
        first = await here.accounts.add(SETTINGS, "one")
        await here.read_up_to(first.id, FolderCursor(1, 900))
        assert (await here.accounts.add(replace(SETTINGS, **changes), "one")).id == first.id  # type: ignore[arg-type]
        assert await here.cursors() == (0 if forgotten else 1)


async def test_one_locked_password_does_not_keep_the_other_mailboxes_away(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one = await here.accounts.add(SETTINGS, "one")
        two = await here.accounts.add(replace(SETTINGS, address="two@seller.example"), "two")
        await here.accounts.shutdown()
        here.factory.log.clear()
        here.secrets.locked = {f"mailbox {one.id}"}
        await here.accounts.start()
        assert here.factory.log == ["make two", f"start {two.id}"]
        assert {a.id: a.state for a in await here.accounts.list()} == {one.id: "refused", two.id: "offline"}
        assert {a.id: a.trouble for a in await here.accounts.list()} == {one.id: "keyring", two.id: ""}
        here.secrets.locked = set()
        here.factory.log.clear()
        await here.accounts.fetch_now()
    assert here.factory.log == ["make one", f"start {one.id}", f"fetch {two.id}", f"fetch {one.id}"]


async def test_the_servers_of_a_common_provider_are_known(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        accounts = AccountsService(
            here.database, Kept(), Factory(), here.inbox, here.clock, here.events.append, provider_of)
        known = await accounts.preset("Mei.Lin@GMail.com")
        unknown = [await accounts.preset(address) for address in ("shop@seller.example", "gmail.com.example", "", "@")]
    assert known is not None
    assert (known.name, known.imap) == ("Gmail", ServerSettings("imap.gmail.com", 993, Security.TLS))
    assert "app password" in known.hint
    assert unknown == [None] * 4
