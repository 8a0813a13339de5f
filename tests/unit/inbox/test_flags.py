"""Read there is read here, read here is read there; what leaves the server stays here; what cannot be read is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, insert

from tests.support.store import NOW, mail
from tests.unit.inbox.test_accounts import SETTINGS, Office, office
from workstation.domain.events import ConversationsChanged
from workstation.inbox import flags
from workstation.inbox.intake import FIRST_RETRY, LAST_RETRY
from workstation.inbox.model import AccountSettings, FetchedMail, FolderCursor, ListQuery, Place, ServerSettings
from workstation.inbox.repo import MESSAGE
from workstation.inbox.serverkeys import KeptServerKeys
from workstation.inbox.slumber import watch
from workstation.kernel.clock import DAY, FixedClock
from workstation.kernel.errors import InputError, NotFound
from workstation.store.unit import Unit

T = TypeVar("T")
_ALL = ListQuery(queue="all")


async def in_thread(work: Callable[[], T]) -> T:
    """As a mailbox's thread asks."""
    return await asyncio.to_thread(work)


async def connected(here: Office) -> str:
    return (await here.accounts.add(SETTINGS, "one")).id


def put(unit: Unit, conversation_id: str, direction: str, moments: Iterable[int]) -> None:
    """Messages that nobody fetched."""
    unit.conn.execute(insert(MESSAGE), [
        {"id": f"{direction}{at}", "conversation_id": conversation_id, "direction": direction, "at": at}
        for at in moments])


def fetched(account_id: str, uid: int, *, seen: bool = False, **words: object) -> FetchedMail:
    return FetchedMail(account_id, "INBOX", 7, uid, mail(uid, **words), seen)


async def deliver(here: Office, account_id: str, *mails: FetchedMail) -> None:
    cursor = FolderCursor(7, max(one.uid for one in mails), 5, 1)
    await in_thread(lambda: here.accounts.deliver(account_id, "INBOX", mails, cursor))


async def follow(
    here: Office, account_id: str, *places: Place, gone: Sequence[tuple[int, int]] = (), at: int = 6
) -> None:
    cursor = FolderCursor(7, 9, at)
    await in_thread(lambda: here.accounts.follow(account_id, "INBOX", places, gone, cursor))


async def unread(here: Office) -> list[bool]:
    query = "SELECT unread FROM conversation ORDER BY subject"
    return [bool(value) for (value,) in await here.desk.database.read(lambda c: c.exec_driver_sql(query).all())]


async def unwritten(here: Office, account_id: str) -> Sequence[int]:
    return await in_thread(lambda: here.accounts.unwritten(account_id, "INBOX"))


async def read_here(here: Office) -> None:
    ids = [row.id for row in (await here.desk.inbox.page(_ALL)).rows]
    await here.desk.inbox.mark_read(ids)
    here.accounts.changed_here()


async def test_read_on_the_phone_is_read_here_and_unread_there_is_unread_here(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        first, second = fetched(account_id, 1, subject="A"), fetched(account_id, 2, subject="B", seen=True)
        await deliver(here, account_id, first, second)
        assert await unread(here) == [True, False]
        await follow(here, account_id, Place(1, seen=True), Place(2, seen=True), Place(99, seen=True))
        assert await unread(here) == [False, False]
        assert here.desk.of(ConversationsChanged)
        await follow(here, account_id, Place(2, seen=False))
        assert await unread(here) == [False, True]
        assert await unwritten(here, account_id) == ()


async def test_a_conversation_is_read_when_its_last_unread_mail_is(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        answer = fetched(account_id, 2, subject="Re: A", references=("<1@buyer.example>",))
        await deliver(here, account_id, fetched(account_id, 1, subject="A"), answer)
        await follow(here, account_id, Place(1, seen=True))
        assert await unread(here) == [True]
        await follow(here, account_id, Place(2, seen=True))
        assert await unread(here) == [False]


async def test_read_here_waits_to_be_written_until_it_is_and_is_never_undone_by_an_old_mark(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        first, second = fetched(account_id, 1, subject="A"), fetched(account_id, 2, subject="B", seen=True)
        await deliver(here, account_id, first, second)
        await read_here(here)
        assert await unwritten(here, account_id) == (1,)
        await follow(here, account_id, Place(1, seen=False), Place(2, seen=True))   # as it was there all along
        assert await unread(here) == [False, False]
        assert await here.desk.database.read(flags.waiting_accounts) == [account_id]
        await in_thread(lambda: here.accounts.written(account_id, "INBOX", [1]))
        assert await unwritten(here, account_id) == ()
        assert await here.desk.database.read(flags.waiting_accounts) == []


async def test_what_leaves_the_server_stays_here_and_only_its_place_is_forgotten(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await deliver(here, account_id, *(fetched(account_id, uid, subject=f"S{uid}") for uid in (1, 2, 3)))
        await follow(here, account_id, gone=((2, 3),))
        assert await in_thread(lambda: here.accounts.known(account_id, "INBOX", 10)) == [1]
        assert len(await unread(here)) == 3
        await read_here(here)
        assert await unwritten(here, account_id) == (1,)


async def test_a_rebuilt_folder_forgets_numbers_and_keeps_its_depth(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await deliver(here, account_id, fetched(account_id, 1))
        await in_thread(lambda: here.accounts.pass_over(account_id, "INBOX", 9, "why"))
        await in_thread(lambda: here.accounts.restart(account_id, "INBOX", 8))
        assert await in_thread(lambda: here.accounts.cursor(account_id, "INBOX")) == FolderCursor(8, 0, 0, 1)
        assert await in_thread(lambda: here.accounts.known(account_id, "INBOX", 10)) == []
        assert await in_thread(lambda: here.accounts.passed_over(account_id)) == 0


async def test_a_folder_read_by_an_earlier_version_is_as_deep_as_its_first_reading(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await here.read_up_to(account_id, FolderCursor(7, 5))
        await in_thread(lambda: here.accounts.restart(account_id, "INBOX", 8))
        cursor = await in_thread(lambda: here.accounts.cursor(account_id, "INBOX"))
    assert cursor == FolderCursor(8, 0, 0, NOW - SETTINGS.first_sync_days * DAY)


async def test_a_mail_that_cannot_be_read_is_due_again_later_and_later(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)

        async def due() -> Sequence[int]:
            return await in_thread(lambda: here.accounts.due_again(account_id, "INBOX"))

        pauses = []
        for _try in range(9):
            await in_thread(lambda: here.accounts.pass_over(account_id, "INBOX", 4, "why"))
            assert await due() == []
            begun = here.desk.clock.now()
            while not await due():
                here.desk.clock.advance(FIRST_RETRY)
            pauses.append(here.desk.clock.now() - begun)
        assert pauses[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
        assert pauses[-1] == LAST_RETRY
        assert await in_thread(lambda: here.accounts.passed_over(account_id)) == 1
        await in_thread(lambda: here.accounts.well_again(account_id, "INBOX", 4))
        assert await in_thread(lambda: here.accounts.passed_over(account_id)) == 0


async def test_an_answer_from_elsewhere_that_is_not_in_sent_mail_is_told_where_it_belongs(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await deliver(here, account_id, fetched(account_id, 1, at=NOW - DAY))
        (row,) = (await here.desk.inbox.page(_ALL)).rows
        lines = flags.AnsweredElsewhere()
        assert await here.desk.database.read(lambda c: lines.lines(c, row.id)) == []
        await follow(here, account_id, Place(1, answered=True))
        (line,) = await here.desk.database.read(lambda c: lines.lines(c, row.id))
        assert line.at == NOW - DAY + 1
        assert "another mail program" in line.text
        (still,) = (await here.desk.inbox.page(_ALL)).rows
        assert still.unanswered


async def test_what_is_answered_here_later_needs_no_such_line(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await deliver(here, account_id, fetched(account_id, 1, at=NOW - DAY))
        await follow(here, account_id, Place(1, answered=True))
        (row,) = (await here.desk.inbox.page(_ALL)).rows
        await here.desk.database.write(lambda unit: put(unit, row.id, "out", [NOW - DAY + 5]))
        said = flags.AnsweredElsewhere()
        assert await here.desk.database.read(lambda c: said.lines(c, row.id)) == []
        await here.desk.database.write(lambda unit: unit.conn.exec_driver_sql("UPDATE message SET at = at - 9 "
                                                                              "WHERE direction = 'out'"))
        assert len(await here.desk.database.read(lambda c: said.lines(c, row.id))) == 1


async def test_the_end_of_a_long_conversation_without_an_answer_is_read_as_fast_as_a_short_one(tmp_path: Path) -> None:
    def steps(connection: Connection, conversation_id: str, since: int) -> int:
        """How often SQLite looked up from its work, every hundred instructions."""
        looks = count()
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: next(looks) * 0, 100)
        flags.AnsweredElsewhere().lines(connection, conversation_id, since)
        driver.set_progress_handler(None, 0)
        return next(looks)

    async with office(tmp_path) as here:
        account_id = await connected(here)
        await deliver(here, account_id, fetched(account_id, 1, at=NOW))
        (row,) = (await here.desk.inbox.page(_ALL)).rows
        await here.desk.database.write(lambda unit: put(unit, row.id, "in", range(NOW, NOW + 5_000)))
        assert await here.desk.database.read(lambda c: steps(c, row.id, NOW + 4_960)) < 100
        assert await here.desk.database.read(lambda c: steps(c, row.id, 0)) > 100, "the measure tells long from short"


async def test_a_changed_mailbox_keeps_its_password_only_for_the_same_servers(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        changed = await here.accounts.update(account_id, replace(SETTINGS, name="Help", folders=("Orders",)))
        assert changed.settings.folders == ("Orders",)
        assert (await here.accounts.list())[0].settings == changed.settings
        await here.accounts.test(changed.settings, None, account_id)
        assert here.factory.log[-2:] == [f"start {account_id}", "test one"]
        elsewhere = replace(SETTINGS, imap=ServerSettings("imap.evil.example", 993))
        asked: list[Callable[[], Awaitable[object]]] = [
            lambda: here.accounts.test(elsewhere, None, account_id),
            lambda: here.accounts.folders(elsewhere, None, account_id),
            lambda: here.accounts.update(account_id, elsewhere),
        ]
        for ask in asked:
            with pytest.raises(InputError, match="Enter the password again"):
                await ask()
        await here.accounts.update(account_id, elsewhere, "two")
        assert here.secrets.values[f"mailbox {account_id}"] == b"two"
        with pytest.raises(NotFound):
            await here.accounts.update("nobody", SETTINGS)


async def test_two_mailboxes_never_get_one_address(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await connected(here)
        other = await here.accounts.add(replace(SETTINGS, address="second@seller.example"), "two")
        with pytest.raises(InputError, match="has this address already"):
            await here.accounts.update(other.id, replace(SETTINGS, address="shop@seller.EXAMPLE"), "x")


async def test_a_renewed_sign_in_is_kept_where_the_password_is(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        await in_thread(lambda: here.accounts.keep_grant(SETTINGS, "newer", bool))
        stranger: AccountSettings = replace(SETTINGS, address="not@connected.example")
        await in_thread(lambda: here.accounts.keep_grant(stranger, "nowhere", bool))
    assert here.secrets.values == {f"mailbox {account_id}": b"newer"}


async def test_the_key_of_a_server_is_remembered(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        keys = KeptServerKeys(here.desk.database, here.desk.clock)
        assert await in_thread(lambda: keys.known("Mail.example", 993)) == ""
        await in_thread(lambda: keys.remember("mail.EXAMPLE", 993, "ab"))
        await in_thread(lambda: keys.remember("mail.example", 993, "cd"))
        assert await in_thread(lambda: keys.known("mail.example", 993)) == "cd"
        assert await in_thread(lambda: keys.known("mail.example", 143)) == ""


async def test_a_jump_of_the_clock_wakes_every_mailbox_and_a_tick_does_not(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        account_id = await connected(here)
        here.accounts.woken()
        assert here.factory.log[-1] == f"woken {account_id}"
    clock = FixedClock(NOW)
    jumps: list[int] = []
    watching = asyncio.ensure_future(watch(clock, lambda: jumps.append(clock.now()), tick=0.001))
    await asyncio.sleep(0.02)
    clock.advance(5_000)
    await asyncio.sleep(0.02)
    assert jumps == []
    clock.advance(60_000)
    await asyncio.sleep(0.02)
    watching.cancel()
    assert jumps == [NOW + 65_000]
