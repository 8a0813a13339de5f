"""Use cases of the inbox: store what arrives, show it, and change its state."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged, MessageArrived, OwnCopySeen
from workstation.inbox import flags, queries, repo, states
from workstation.inbox.accounts import account_settings, accounts
from workstation.inbox.clocks import ClockRule
from workstation.inbox.intake import put_cursor
from workstation.inbox.model import (
    Account,
    AccountSettings,
    BadItem,
    ConversationRow,
    ConversationView,
    FolderCursor,
    ImportReport,
    IncomingMail,
    ListQuery,
    Place,
    Queue,
    ServerSettings,
    Undo,
)
from workstation.inbox.ports import ClueReader, MailArchive
from workstation.inbox.prepare import Batch, Preparer
from workstation.inbox.queries import Views
from workstation.inbox.shared import event, one
from workstation.kernel.clock import MINUTE, Clock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page
from workstation.runtime.jobs import Jobs, Progress
from workstation.store import blobs as blob_rows
from workstation.store import outbox
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit

IMPORT_BATCH = 200
IMPORT_BYTES = 32 * 1024 * 1024
"""At most so many mails, and about so many bytes of them, are in memory at once."""
NEWS = 10 * MINUTE
"""A message older than this when it is fetched is no news worth a notification: it is a first sync, or a catch-up."""
NO_ACCOUNT = AccountSettings("", "", ServerSettings("", 0), ServerSettings("", 0))


class InboxService:
    """Fulfils `api.InboxApi`."""

    def __init__(
        self, database: Database, blobs: BlobFiles, clock: Clock, jobs: Jobs, *, rules: Sequence[ClockRule],
        archive: MailArchive, preparer: Preparer, clues: ClueReader, views: Views,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._jobs = jobs
        self._rules = rules
        self._archive = archive
        self._preparer = preparer
        self._clues = clues
        self._views = views
        self._undo = states.UndoList()

    # -- reading ------------------------------------------------------------------------------------------------

    async def queues(self) -> tuple[Queue, ...]:
        return await self._database.read(lambda c: queries.queues(c, self._clock.now()))

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        if query.search.strip():
            return await self._database.read(lambda c: queries.search_page(c, query, self._clock.now()))
        return await self._database.read(lambda c: queries.page(c, query, self._clock.now()))

    async def rows(self, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
        return await self._database.read(lambda c: queries.rows_by_id(c, ids))

    async def conversation(self, conversation_id: str) -> ConversationView:
        return await self._database.read(lambda c: self._views.view(c, conversation_id))

    async def raw_source(self, message_id: str) -> bytes:
        raw = await self._database.read(lambda c: queries.raw_inside(c, message_id))
        return raw if raw is not None else await self._sealed(message_id)

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        name, mime, content = await self._database.read(lambda c: queries.attachment(c, attachment_id))
        return name, mime, content if content is not None else await self._sealed(attachment_id)

    async def _sealed(self, blob_id: str) -> bytes:
        row = await self._database.read(lambda c: blob_rows.find(c, blob_id))
        return await asyncio.to_thread(self._blobs.open, row)

    # -- arriving -----------------------------------------------------------------------------------------------

    async def receive(
        self, account_id: str, mails: Sequence[IncomingMail], folder: str = "", cursor: FolderCursor | None = None,
        places: Sequence[Place] = (),
    ) -> int:
        """Store mails of one mailbox, where they lie (one place for each, or none), and how far its folder was read, in
        one transaction. Returns how many were new."""
        own = await self._database.read(own_addresses)
        batch = await asyncio.to_thread(self._preparer.prepare, mails, own)
        return await self._database.write(lambda unit: self._store(unit, account_id, batch, folder, cursor, places))

    def _store(
        self, unit: Unit, account_id: str, batch: Batch, folder: str = "", cursor: FolderCursor | None = None,
        places: Sequence[Place] = (),
    ) -> int:
        settings = account_settings(unit.conn, account_id) or NO_ACCOUNT
        stored = [(item, repo.store_mail(unit.conn, account_id, settings, item)) for item in batch.mails]
        new = [(item, result) for item, result in stored if result.new]
        known = [(item, result) for item, result in stored if not result.new]
        _record_files(unit, batch, [item for item, _result in new])
        self._after_arrival(unit, new, watched=cursor is not None)
        for _item, result in known:
            self._recognise(unit, result)
        self._show_again(unit, [result.conversation_id for _item, result in known if result.ours_now])
        flags.arrive(unit.conn, account_id, folder, [
            flags.Arrived(place, result.message_id, result.conversation_id, result.new)
            for place, (_item, result) in zip(places, stored, strict=False)
        ])
        if cursor is not None:
            put_cursor(unit.conn, account_id, folder, cursor, self._clock.now())
        return len(new)

    def _after_arrival(
        self, unit: Unit, new: Sequence[tuple[repo.PreparedMail, repo.Stored]], *, watched: bool
    ) -> None:
        if not new:
            return
        touched = list(dict.fromkeys(result.conversation_id for _item, result in new))
        joined = [(item, result) for item, result in new if not result.new_conversation]
        self._wake(unit, [result.conversation_id for item, result in joined if not item.mail.own])
        self._ask_again(unit, joined)
        self._clues.link(unit.conn, touched)
        repo.refresh(unit.conn, touched, self._rules)
        for item, result in new:
            at = self._clock.now()
            if result.new_conversation:
                states.announce_conversation(unit, result.conversation_id, at)
            body = event(one(unit.conn, repo.MESSAGE.c.id == result.message_id))
            outbox.append(unit, "message", result.message_id, "append", body, at)
            if watched and not item.mail.own and item.mail.at > at - NEWS:
                unit.emit(MessageArrived(result.conversation_id, result.message_id))
        unit.emit(ConversationsChanged(tuple(touched)))

    def _wake(self, unit: Unit, conversation_ids: Sequence[str]) -> None:
        """A buyer wrote again: the conversation is open, for every desktop, and unread on this one."""
        if not conversation_ids:
            return
        before = states.read_states(unit.conn, conversation_ids)
        states.apply(unit, before, states.Reopened().values(), self._clock.now())
        states.set_read(unit.conn, list(before), False)

    def _ask_again(self, unit: Unit, new: Sequence[tuple[repo.PreparedMail, repo.Stored]]) -> None:
        """"No response needed" was said about what was here, not about a mail that was still on its way then."""
        for item, result in new:
            before = states.read_states(unit.conn, [result.conversation_id])
            dismissed = int(before[result.conversation_id]["dismissed_at"])
            of_a_person = not (item.mail.own or item.mail.automatic)
            if of_a_person and item.mail.at <= dismissed < item.mail.at + repo.LATE:
                states.apply(unit, before, {"dismissed_at": item.mail.at - 1}, self._clock.now())

    def _show_again(self, unit: Unit, conversation_ids: Sequence[str]) -> None:
        if conversation_ids:
            repo.refresh(unit.conn, conversation_ids, self._rules)
            unit.emit(ConversationsChanged(tuple(conversation_ids)))

    def _recognise(self, unit: Unit, result: repo.Stored) -> None:
        outgoing_id = queries.outgoing_of(unit.conn, result.message_id)
        if outgoing_id:
            unit.emit(OwnCopySeen(outgoing_id))

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport:
        """Read .eml, mbox or Maildir. What is already there is recognised; what is bad is listed, not fatal."""

        async def work(report_to: Progress) -> ImportReport:
            return await self._import(path, progress or report_to)

        return await self._jobs.run(f"import {path}", _("Importing mail"), work)

    async def _import(self, path: Path, progress: Progress) -> ImportReport:
        items = self._archive.read(path)
        owners = await self._database.read(accounts)
        seen = new = 0
        bad: list[BadItem] = []
        while chunk := await asyncio.to_thread(_next_chunk, items):
            mails = [item for item in chunk if isinstance(item, IncomingMail)]
            bad += [item for item in chunk if isinstance(item, BadItem)]
            seen += len(chunk)
            for account_id, group in _by_owner(mails, owners).items():
                new += await self.receive(account_id, group)
            progress(seen, 0)
        return ImportReport(seen=seen, new=new, updated=0, bad=tuple(bad))

    # -- changing -----------------------------------------------------------------------------------------------

    async def mark_read(self, ids: Sequence[str], read: bool = True) -> None:
        def work(unit: Unit) -> None:
            states.set_read(unit.conn, ids, read)
            unit.emit(ConversationsChanged(tuple(ids)))

        await self._database.write(work)

    async def resolve(self, ids: Sequence[str]) -> Undo:
        return await self._change(ids, states.Resolved(self._clock.now()))

    async def reopen(self, ids: Sequence[str]) -> Undo:
        return await self._change(ids, states.Reopened())

    async def snooze(self, ids: Sequence[str], until: int) -> Undo:
        return await self._change(ids, states.Snoozed(until))

    async def no_response_needed(self, ids: Sequence[str]) -> Undo:
        return await self._change(ids, states.Dismissed(self._clock.now()))

    async def undo(self, undo_id: str) -> None:
        before = self._undo.take(undo_id)
        if before is None:
            raise NotFound(_("There is nothing to undo."), "")
        await self._database.write(lambda unit: self._put_back(unit, before))

    async def _change(self, ids: Sequence[str], change: states.Change) -> Undo:
        before = await self._database.write(lambda unit: self._apply(unit, ids, change))
        return self._undo.remember(change.sentence(len(ids)), before)

    def _apply(self, unit: Unit, ids: Sequence[str], change: states.Change) -> states.Before:
        before = states.read_states(unit.conn, ids)
        states.apply(unit, before, change.values(), self._clock.now())
        repo.refresh(unit.conn, ids, self._rules)
        unit.emit(ConversationsChanged(tuple(ids)))
        return before

    def _put_back(self, unit: Unit, before: states.Before) -> None:
        for conversation_id, values in before.items():
            now = states.read_states(unit.conn, [conversation_id])
            states.apply(unit, now, values, self._clock.now())
        repo.refresh(unit.conn, before, self._rules)
        unit.emit(ConversationsChanged(tuple(before)))

    async def wake_snoozed(self) -> float:
        """Reopen what was snoozed until now. Returns the seconds until it should be called again."""

        def work(unit: Unit) -> None:
            due = states.snoozed_before(unit.conn, self._clock.now())
            if due:
                self._apply(unit, due, states.Reopened())

        await self._database.write(work)
        return 20.0


def _next_chunk(items: Iterator[IncomingMail | BadItem]) -> list[IncomingMail | BadItem]:
    chunk: list[IncomingMail | BadItem] = []
    size = 0
    for item in islice(items, IMPORT_BATCH):
        chunk.append(item)
        size += len(item.raw) if isinstance(item, IncomingMail) else 0
        if size >= IMPORT_BYTES:
            break
    return chunk


def _record_files(unit: Unit, batch: Batch, new: Sequence[repo.PreparedMail]) -> None:
    """Large files of new mails. Those of known ones have no row and are swept at the next start."""
    belong = {i for item in new for i in (item.id, *item.attachment_ids)}
    for file in batch.files:
        if file.id in belong:
            blob_rows.record(unit.conn, file)


def own_addresses(connection: Connection) -> frozenset[str]:
    return frozenset(account.settings.address.lower() for account in accounts(connection))


def _by_owner(mails: Iterable[IncomingMail], owners: Sequence[Account]) -> dict[str, list[IncomingMail]]:
    """Mails by the mailbox they were sent to or from; "" for those of no connected mailbox."""
    by_address = {account.settings.address.lower(): account.id for account in owners}
    grouped: dict[str, list[IncomingMail]] = {}
    for mail in mails:
        people = (mail.author, *mail.to, *mail.cc)
        owner = next((by_address[p.email.lower()] for p in people if p.email.lower() in by_address), "")
        grouped.setdefault(owner, []).append(mail)
    return grouped

