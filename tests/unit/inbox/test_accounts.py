"""A mailbox that is removed, moved or cannot be opened costs no mail and no conversation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.connectors.email.presets import provider_of
from workstation.inbox.accounts import AccountsService, account_settings
from workstation.inbox.model import (
    AccountSettings,
    ConnectionReport,
    ConnectionStep,
    FolderCursor,
    MailFolder,
    Place,
    Security,
    ServerSettings,
)
from workstation.inbox.outgoing import Timeline
from workstation.inbox.ports import Intake
from workstation.kernel.errors import InputError, KeyringProblem
from workstation.store.unit import Unit

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

    async def test(
        self, settings: AccountSettings, password: str, taken: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
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
    full: bool = False

    def get(self, name: str) -> bytes | None:
        if name in self.locked:
            raise KeyringProblem("The keyring is locked.")
        return self.values.get(name)

    def set(self, name: str, value: bytes) -> None:
        if self.full:
            raise KeyringProblem("The keyring keeps nothing.")
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


class Slow(Watched):
    """It takes a while to stop, and meanwhile others are asked for things."""

    leaving: threading.Event
    may_leave: threading.Event

    def stop(self) -> None:
        self.leaving.set()
        assert self.may_leave.wait(5)
        super().stop()


async def test_two_who_ask_at_once_never_get_a_mailbox_read_by_two_threads(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        added = await here.accounts.add(SETTINGS, "one")
        slow = Slow(added.id, here.factory.log)
        slow.leaving, slow.may_leave = threading.Event(), threading.Event()
        here.accounts._mailboxes[added.id] = slow
        here.factory.log.clear()
        changing = asyncio.ensure_future(here.accounts.update(added.id, replace(SETTINGS, name="Ana"), "two"))
        assert await asyncio.to_thread(slow.leaving.wait, 5)
        fetching = asyncio.ensure_future(here.accounts.fetch_now())
        await asyncio.wait([fetching], timeout=0.3)
        slow.may_leave.set()
        await asyncio.gather(changing, fetching)
        await here.accounts.shutdown()
    begun, ended = ([line for line in here.factory.log if line.startswith(word)] for word in ("start", "stop"))
    assert len(begun) == 1
    assert len(ended) == 2


async def test_a_mailbox_is_left_alone_before_its_settings_change(tmp_path: Path) -> None:
    """What the old server's thread stores last would otherwise be the new server's position."""
    async with office(tmp_path) as here:
        added = await here.accounts.add(SETTINGS, "one")
        kept: list[AccountSettings] = []

        def stop() -> None:
            read = here.desk.database.read(lambda c: account_settings(c, added.id))
            found = asyncio.run_coroutine_threadsafe(read, loop).result(5)
            kept.extend([found] if found is not None else [])

        loop = asyncio.get_running_loop()
        here.accounts._mailboxes[added.id].stop = stop  # type: ignore[method-assign]
        elsewhere = replace(SETTINGS, imap=ServerSettings("imap.elsewhere", 993))
        await here.accounts.add(elsewhere, "two")
        here.accounts._mailboxes[added.id].stop = stop  # type: ignore[method-assign]
        await here.accounts.update(added.id, SETTINGS, "three")
    assert [one.imap.host for one in kept] == ["imap.example", "imap.elsewhere"]


@pytest.mark.parametrize("how", ["add", "update"])
async def test_a_keyring_that_locks_in_the_middle_never_leaves_the_old_password_to_a_new_server(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as here:
        added = await here.accounts.add(SETTINGS, "the old one")

        def locked(_name: str, _value: bytes) -> None:
            raise KeyringProblem("The keyring is locked.")

        monkeypatch.setattr(here.secrets, "set", locked)
        elsewhere = replace(SETTINGS, imap=ServerSettings("imap.elsewhere", 993))
        with pytest.raises(KeyringProblem):
            await (here.accounts.add(elsewhere, "new") if how == "add"
                   else here.accounts.update(added.id, elsewhere, "new"))
        _settings, password = await here.accounts.resolve(added.id)
        assert password == ""


async def test_a_change_that_fails_leaves_the_mailbox_watched(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one = await here.accounts.add(SETTINGS, "one")
        await here.accounts.add(replace(SETTINGS, address="two@seller.example"), "two")
        here.factory.log.clear()
        with pytest.raises(InputError):
            await here.accounts.update(one.id, replace(SETTINGS, address="two@seller.example"), "new")
        assert here.factory.log == [f"stop {one.id}", "make one", f"start {one.id}"]
        assert (await here.accounts.resolve(one.id))[1] == "one"


@pytest.mark.parametrize(("state", "nudged"), [("online", True), ("refused", False), ("offline", False)])
async def test_reading_mail_here_does_not_wake_a_mailbox_that_was_refused(
    tmp_path: Path, state: str, nudged: bool
) -> None:
    """Each wake-up would be one more login with a wrong password, and providers lock accounts that hammer."""
    async with office(tmp_path) as here:
        added = await here.accounts.add(SETTINGS, "one")
        await here.desk.inbox.receive(added.id, [mail(1)], "INBOX", FolderCursor(1, 1), [Place(1, False, False)])
        await here.desk.database.write(_read_it)
        here.accounts._tell(added.id, state, "", "")
        here.factory.log.clear()
        await here.accounts._write_marks()
        assert here.factory.log == ([f"fetch {added.id}"] if nudged else [])


def _read_it(unit: Unit) -> None:
    unit.conn.exec_driver_sql("UPDATE conversation SET unread = 0")


async def test_a_renewed_sign_in_never_takes_the_place_of_what_was_entered_meanwhile(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        added = await here.accounts.add(SETTINGS, "old grant")
        await asyncio.to_thread(here.accounts.keep_grant, SETTINGS, "newer grant", "old grant".__eq__)
        assert (await here.accounts.resolve(added.id))[1] == "newer grant"
        await here.accounts.update(added.id, SETTINGS, "a password of its own")
        await asyncio.to_thread(here.accounts.keep_grant, SETTINGS, "newest grant", "newer grant".__eq__)
        assert (await here.accounts.resolve(added.id))[1] == "a password of its own"


async def test_a_keyring_that_keeps_nothing_leaves_no_mailbox_without_a_password(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.secrets.full = True
        with pytest.raises(KeyringProblem):
            await here.accounts.add(SETTINGS, "one")
        assert await here.accounts.list() == ()
        assert here.factory.log == []


async def test_a_store_that_cannot_be_written_leaves_no_password_behind(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        def fail(unit: Unit) -> None:
            unit.conn.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON account BEGIN SELECT raise(FAIL, 'full'); END")

        await here.desk.database.write(fail)
        with pytest.raises(Exception, match="full"):
            await here.accounts.add(SETTINGS, "one")
        assert here.secrets.values == {}


@pytest.mark.parametrize("again", [True, False])
async def test_a_new_password_that_cannot_be_kept_changes_nothing(tmp_path: Path, again: bool) -> None:
    async with office(tmp_path) as here:
        account = await here.accounts.add(SETTINGS, "one")
        here.secrets.full = True
        changed = replace(SETTINGS, name="Another name")
        with pytest.raises(KeyringProblem):
            await (here.accounts.add(changed, "two") if again else here.accounts.update(account.id, changed, "two"))
        (kept,) = await here.accounts.list()
        assert kept.settings == SETTINGS
        assert here.secrets.values == {f"mailbox {account.id}": b"one"}
        assert here.factory.log[-2:] == ["make one", f"start {account.id}"]
