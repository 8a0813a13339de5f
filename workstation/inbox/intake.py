"""The way from a mailbox's thread into the store: every call blocks until its result is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.inbox import echoes, flags
from workstation.inbox.model import FetchedMail, FolderCursor, IncomingMail, Place, PreparedMail
from workstation.kernel.clock import DAY, HOUR, Clock
from workstation.store.core import table
from workstation.store.database import Database
from workstation.store.unit import Unit

ACCOUNT = table("account")
FOLDER = table("mail_folder")
BAD = table("mail_bad_place")
T = TypeVar("T")

FIRST_RETRY, LAST_RETRY = HOUR, 2 * DAY
"""Between two tries to read a mail that could not be read: doubling from the first to the last, in milliseconds."""
MOST_RETRIED = 20


class Receiver(Protocol):
    """Stores mail; the inbox service."""

    async def receive(
        self, account_id: str, mails: Sequence[IncomingMail | PreparedMail], folder: str, cursor: FolderCursor | None,
        places: Sequence[Place] = ...,
    ) -> int: ...


class MailIntake:
    """Fulfils `inbox.ports.Intake`, all but `status`."""

    def __init__(self, database: Database, receiver: Receiver, clock: Clock) -> None:
        self._database = database
        self._receiver = receiver
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._looked: dict[tuple[str, str], int] = {}   # folder → the change its marks were last compared at
        self._changes = 0

    def changed_here(self) -> None:
        """Conversations changed: one of them may have been read."""
        self._changes += 1

    def cursor(self, account_id: str, folder: str) -> FolderCursor:
        return self._read(lambda c: read_cursor(c, account_id, folder))

    def deliver(self, account_id: str, folder: str, mails: Sequence[FetchedMail], cursor: FolderCursor) -> None:
        places = [Place(item.uid, item.seen, item.answered) for item in mails]
        arrived: list[echoes.Mail] = [item.mail for item in mails]
        if any(mail.own for mail in arrived):
            arrived = self._under_their_own_names(account_id, arrived)
        self._wait(self._receiver.receive(account_id, arrived, folder, cursor, places))

    def _under_their_own_names(self, account_id: str, mails: list[echoes.Mail]) -> list[echoes.Mail]:
        renamed = self._read(lambda c: echoes.find(c, mails))
        if not renamed:
            return mails
        self._write(lambda unit: echoes.remember(unit, account_id, mails, renamed))
        return echoes.as_ours(mails, renamed)

    def restart(self, account_id: str, folder: str, uid_validity: int) -> None:
        def work(unit: Unit) -> None:
            unit.conn.exec_driver_sql(_DEPTH, (account_id, folder))
            flags.forget_folder(unit.conn, account_id, folder)
            put_cursor(unit.conn, account_id, folder, FolderCursor(uid_validity), self._clock.now())

        self._write(work)

    # -- marks ------------------------------------------------------------------------------------------------------

    def follow(
        self, account_id: str, folder: str, places: Sequence[Place], gone: Sequence[tuple[int, int]],
        cursor: FolderCursor,
    ) -> None:
        def work(unit: Unit) -> None:
            flags.follow(unit, account_id, folder, places)
            flags.forget(unit.conn, account_id, folder, gone)
            put_cursor(unit.conn, account_id, folder, cursor, self._clock.now())

        same = cursor == self.cursor(account_id, folder)
        if gone or not same or self._read(lambda c: flags.differs(c, account_id, folder, places)):
            self._write(work)

    def known(self, account_id: str, folder: str, most: int) -> Sequence[int]:
        return self._read(lambda c: flags.known(c, account_id, folder, most))

    def unwritten(self, account_id: str, folder: str) -> Sequence[int]:
        if self._looked.get((account_id, folder)) == self._changes:
            return ()
        changes = self._changes
        found = self._read(lambda c: flags.unwritten(c, account_id, folder))
        if not found:
            self._looked[account_id, folder] = changes
        return found

    def written(self, account_id: str, folder: str, uids: Sequence[int]) -> None:
        self._write(lambda unit: flags.written(unit.conn, account_id, folder, uids))

    # -- mails that cannot be read ----------------------------------------------------------------------------------

    def pass_over(self, account_id: str, folder: str, uid: int, why: str) -> None:
        self._write(lambda unit: pass_over(unit.conn, account_id, folder, uid, why, self._clock.now()))

    def due_again(self, account_id: str, folder: str) -> Sequence[int]:
        return self._read(lambda c: due_again(c, account_id, folder, self._clock.now()))

    def well_again(self, account_id: str, folder: str, uid: int) -> None:
        mine = (BAD.c.account_id == account_id) & (BAD.c.folder == folder) & (BAD.c.uid == uid)

        def work(unit: Unit) -> None:
            unit.conn.execute(delete(BAD).where(mine))

        self._write(work)

    def passed_over(self, account_id: str) -> int:
        query = "SELECT count(*) FROM mail_bad_place WHERE account_id = ?"
        return self._read(lambda c: int(c.exec_driver_sql(query, (account_id,)).scalar() or 0))

    # -- inner ------------------------------------------------------------------------------------------------------

    def _read(self, work: Callable[[Connection], T]) -> T:
        return self._wait(self._database.read(work))

    def _write(self, work: Callable[[Unit], None]) -> None:
        self._wait(self._database.write(work))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait on a mailbox thread for the core thread. A closing core cancels the wait."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except CancelledError as ending:
            raise InterruptedError("the core is closing") from ending


# A folder that was read before its depth was written down: as deep as its mailbox's first reading went.
_DEPTH = (
    "UPDATE mail_folder SET since_at = (SELECT CASE WHEN json_extract(settings, '$.first_sync_days') > 0 THEN "
    "max(1, created_at - 86400000 * json_extract(settings, '$.first_sync_days')) ELSE 1 END FROM account WHERE id = ?1)"
    " WHERE account_id = ?1 AND folder = ?2 AND since_at = 0"
)


def put_cursor(connection: Connection, account_id: str, folder: str, cursor: FolderCursor, now: int) -> None:
    """How far a folder was read, in the transaction that stores what was read. How deep stays when it is not said."""
    values = {"uid_validity": cursor.uid_validity, "last_uid": cursor.last_uid, "mod_sequence": cursor.mod_sequence}
    if cursor.since:
        values["since_at"] = cursor.since
    statement = upsert(FOLDER).values(account_id=account_id, folder=folder, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "folder"], set_=values))
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(last_sync_at=now))


def read_cursor(connection: Connection, account_id: str, folder: str) -> FolderCursor:
    mine = (FOLDER.c.account_id == account_id) & (FOLDER.c.folder == folder)
    row = connection.execute(select(FOLDER).where(mine)).mappings().first()
    if row is None:
        return FolderCursor()
    return FolderCursor(row["uid_validity"], row["last_uid"], row["mod_sequence"], row["since_at"])


def pass_over(connection: Connection, account_id: str, folder: str, uid: int, why: str, now: int) -> None:
    """Remember a mail that could not be read, or that it could not be read once more."""
    mine = (BAD.c.account_id == account_id) & (BAD.c.folder == folder) & (BAD.c.uid == uid)
    tries = int(connection.execute(select(BAD.c.tries).where(mine)).scalar() or 0)
    pause = min(LAST_RETRY, FIRST_RETRY << min(tries, 10))
    values = {"why": why[:300], "tries": tries + 1, "next_try_at": now + pause}
    statement = upsert(BAD).values(account_id=account_id, folder=folder, uid=uid, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "folder", "uid"], set_=values))


def due_again(connection: Connection, account_id: str, folder: str, now: int) -> list[int]:
    """Mails that were passed over and whose next try is due. A clock that was put back makes none wait for ever."""
    mine = (BAD.c.account_id == account_id) & (BAD.c.folder == folder)
    due = (BAD.c.next_try_at <= now) | (BAD.c.next_try_at > now + LAST_RETRY)
    found = connection.execute(select(BAD.c.uid).where(mine, due).order_by(BAD.c.uid).limit(MOST_RETRIED))
    return list(found.scalars())
