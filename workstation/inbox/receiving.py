"""What happens when mails arrive: stored in one transaction with how far their folder was read, linked to orders, and
the conversations they reach open and unread again where that is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from workstation.domain.bounce import Bounce
from workstation.domain.clues import Named
from workstation.domain.events import ConversationsChanged, MessageArrived, OwnCopySeen
from workstation.inbox import deliveries, flags, following, offering, repo, states
from workstation.inbox.accounts import account_settings, accounts
from workstation.inbox.arrival import Arrival, Stored
from workstation.inbox.intake import put_cursor
from workstation.inbox.model import AccountSettings, ClockRule, FolderCursor, IncomingMail, Place, ServerSettings
from workstation.inbox.ports import ClueReader
from workstation.inbox.prepare import Batch, Preparer, message_id
from workstation.inbox.prepared import PreparedMail
from workstation.inbox.preparing import stand_in
from workstation.kernel.clock import MINUTE, Clock
from workstation.kernel.errors import StoreError
from workstation.store import blobs as blob_rows
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.outbox import EventQueued
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
NEWS = 10 * MINUTE
"""A message older than this when it is fetched is no news worth a notification: it is a first sync, or a catch-up."""
MANY = 500
"""So many mails at once are part of a backlog, and more will come."""
NO_ACCOUNT = AccountSettings("", "", ServerSettings("", 0), ServerSettings("", 0))

Bounced = Callable[[Unit, Sequence[Bounce]], None]
"""Learns, in the transaction that stores a mail server's report, what it says of a mail of ours."""
Results = list[tuple[PreparedMail, Stored]]


class Receiving:
    """Stores what mailboxes and imports bring."""

    def __init__(
        self, database: Database, clock: Clock, *, rules: Sequence[ClockRule], preparer: Preparer, clues: ClueReader,
        bounced: Bounced = lambda _unit, _bounces: None, heard: deliveries.Heard = deliveries.nothing_heard,
    ) -> None:
        self._bounced = bounced
        self._heard = heard
        self._database = database
        self._clock = clock
        self._rules = rules
        self._preparer = preparer
        self._clues = clues

    async def receive(
        self, account_id: str, mails: Sequence[IncomingMail | PreparedMail], folder: str = "",
        cursor: FolderCursor | None = None, places: Sequence[Place] = (), note: tuple[str, str] | None = None,
    ) -> int:
        """Store mails of one mailbox, where they lie (one place for each, or none), and how far its folder was read, in
        one transaction. Returns how many were new. `note`: a fact of the home to keep with them (name, value)."""
        if len(mails) >= MANY:
            await self._database.expect_more()
        batch = await asyncio.to_thread(self._preparer.prepare, account_id, mails)
        return await self._database.write(
            lambda unit: self._store(unit, account_id, batch, folder, cursor, places, note))

    def _store(
        self, unit: Unit, account_id: str, batch: Batch, folder: str, cursor: FolderCursor | None,
        places: Sequence[Place], note: tuple[str, str] | None,
    ) -> int:
        results, joined = self._arrive(unit.conn, account_id, batch)
        new = [(mail, stored) for mail, stored in results if stored.new]
        self._after(unit, new, [*joined, *self._caught_up(unit.conn, results)], watched=cursor is not None)
        for mail, stored in results:
            # Of a report that a colleague’s desktop read first, only the source, here now, says what it is about.
            if mail.bounces and (stored.new or stored.completed) and not mail.own:
                self._bounced(unit, [Bounce(*each) for each in mail.bounces])
            if stored.outgoing_id:
                unit.emit(OwnCopySeen(stored.outgoing_id))
        flags.arrive(unit.conn, account_id, folder, [
            flags.Arrived(place, stored.message_id, stored.conversation_id, stored.new)
            for place, (_mail, stored) in zip(places, results, strict=False)
        ])
        if cursor is not None:
            put_cursor(unit.conn, account_id, folder, cursor, self._clock.now())
        if note is not None:
            meta.put(unit.conn, *note)
        return len(new)

    def _caught_up(self, connection: Connection, results: Results) -> list[str]:
        """A colleague's reply is met in the Sent folder when the hub has told already what became of it."""
        sent = [mail.message_id for mail, stored in results
                if mail.own and not stored.outgoing_id and (stored.new or stored.ours_now)]
        return deliveries.catch_up(connection, sent, self._heard)

    # -- storing ----------------------------------------------------------------------------------------------------

    def _arrive(self, connection: Connection, account_id: str, batch: Batch) -> tuple[Results, list[str]]:
        """All at once; when one mail is more than the store bears, one by one, and that one by its source alone."""
        try:
            return self._together(connection, account_id, batch)
        except (OperationalError, StoreError):
            raise   # the disk, or another process: nothing is wrong with the mails
        except Exception as problem:  # noqa: BLE001 - its message may quote a mail: only its name is noted
            log.warning("a batch could not be stored whole: %s", type(problem).__name__)
        results: Results = []
        joined: dict[str, None] = {}
        for own_id, mail in zip(batch.ids, batch.mails, strict=True):
            stored, touched = self._alone(connection, account_id, replace(batch, mails=(mail,), ids=(own_id,)))
            results += stored
            joined |= dict.fromkeys(touched)
        return results, list(joined)

    def _alone(self, connection: Connection, account_id: str, batch: Batch) -> tuple[Results, list[str]]:
        try:
            return self._together(connection, account_id, batch)
        except (OperationalError, StoreError):
            raise
        except Exception as problem:  # noqa: BLE001 - as above
            log.warning("a mail could not be stored: %s", type(problem).__name__)
            kept = stand_in(_source(batch.mails[0]), batch.mails[0].at, batch.mails[0].own, type(problem).__name__)
            own_id = message_id(account_id, kept)
            return self._together(connection, account_id, replace(batch, mails=(kept,), ids=(own_id,)))

    def _together(self, connection: Connection, account_id: str, batch: Batch) -> tuple[Results, list[str]]:
        settings = account_settings(connection, account_id) or NO_ACCOUNT
        with connection.begin_nested():
            arrival = Arrival(connection, account_id, settings, own_addresses(connection), self._rules,
                              offering.position(connection))
            stored, joined = following.arrived(
                connection, batch.mails, arrival.store(batch), list(arrival.joined))
            results = list(zip(batch.mails, stored, strict=True))
            _record_files(connection, batch)
        return results, joined

    # -- what follows from it ---------------------------------------------------------------------------------------

    def _after(self, unit: Unit, new: Results, joined: Sequence[str], *, watched: bool) -> None:
        if joined:
            began = {stored.conversation_id for _mail, stored in new if stored.new_conversation}
            late = [(mail, stored) for mail, stored in new if stored.conversation_id not in began]
            self._wake(unit, late, watched=watched)
            self._ask_again(unit, late)
            repo.refresh(unit.conn, joined, self._rules)
        if named := _named(new):
            self._clues.learn(unit.conn, named)
        now = self._clock.now()
        for mail, stored in new:
            if watched and not mail.own and mail.at > now - NEWS:
                unit.emit(MessageArrived(stored.conversation_id, stored.message_id))
        touched = dict.fromkeys([*(stored.conversation_id for _mail, stored in new), *joined])
        if touched:
            unit.emit(ConversationsChanged(tuple(touched)))
            unit.emit(EventQueued())

    def _wake(self, unit: Unit, late: Results, *, watched: bool) -> None:
        """A buyer wrote again: the conversation is open, for every desktop, and unread on this one.

        Mail that is older than what was resolved is history that was imported and changes nothing, unless it comes from
        the server now and may have been held back on its way.
        """
        heard = [(mail, i) for mail, stored in late if not mail.own for i in _both(stored)]
        before = states.read_states(unit.conn, {i for _mail, i in heard})
        recent = self._clock.now() - repo.LATE
        wakes: set[str] = set()
        for mail, conversation_id in heard:
            state, upto = before[conversation_id]["state"], int(before[conversation_id]["resolved_upto"])
            if state != "resolved" or mail.at > upto or (watched and mail.at > recent):
                wakes.add(conversation_id)
        woken = {i: values for i, values in before.items() if i in wakes}
        states.apply(unit, woken, states.Reopened().values(), self._clock.now())
        states.set_read(unit.conn, list(woken), False)

    def _ask_again(self, unit: Unit, late: Results) -> None:
        """"No response needed" was said about what was here, not about a mail that was still on its way then."""
        asked = [(mail, i) for mail, stored in late if mail.of_a_person for i in _both(stored)]
        before = states.read_states(unit.conn, {i for _mail, i in asked})
        for mail, conversation_id in asked:
            dismissed = int(before[conversation_id]["dismissed_at"])
            if mail.at <= dismissed < mail.at + repo.LATE:
                mine = {conversation_id: before[conversation_id]}
                states.apply(unit, mine, {"dismissed_at": mail.at - 1}, self._clock.now())
                before[conversation_id]["dismissed_at"] = mail.at - 1


def _both(stored: Stored) -> tuple[str, ...]:
    """Where a mail is shown, and where its thread leads, which may be parted from that again."""
    return tuple(dict.fromkeys((stored.conversation_id, stored.home or stored.conversation_id)))


def own_addresses(connection: Connection) -> frozenset[str]:
    return frozenset(account.settings.address.lower() for account in accounts(connection))


def _named(new: Results) -> list[Named]:
    """What the new mails name, by conversation; those of a backlog are looked at later."""
    found: dict[str, tuple[list[object], list[str]]] = {}
    for mail, stored in new:
        if not mail.looked:
            continue
        mentions, addresses = found.setdefault(stored.home or stored.conversation_id, ([], []))
        mentions += mail.mentions
        address = mail.customer[0] if stored.new_conversation or not mail.own else ""
        addresses += [address.lower()] if address else []
    return [
        Named(i, tuple(dict.fromkeys(mentions)), tuple(dict.fromkeys(addresses)))  # type: ignore[arg-type]
        for i, (mentions, addresses) in found.items()
    ]


def _source(mail: PreparedMail) -> bytes:
    from isal import isal_zlib

    if mail.raw is not None:
        return mail.raw
    return isal_zlib.decompress(mail.packed) if mail.packed is not None else b""


def _record_files(connection: Connection, batch: Batch) -> None:
    """Large files of new mails. Those of known ones have no row and are swept at the next start."""
    if not batch.files:
        return
    attached = "SELECT id FROM attachment WHERE id = ? UNION ALL SELECT id FROM message WHERE id = ?"
    for file in batch.files:
        wanted = connection.exec_driver_sql(attached, (file.id, file.id)).first() is not None
        if wanted and connection.exec_driver_sql("SELECT 1 FROM blob WHERE id = ?", (file.id,)).first() is None:
            blob_rows.record(connection, file)
