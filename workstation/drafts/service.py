"""Use cases of drafts: keep what is written, hold a reply for undo, hand it to the sender."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace

from sqlalchemy import Connection

from workstation.domain.conversation import Attachment, Delivery, Reply, ReplyContext
from workstation.domain.events import ConversationsChanged, DeliveryChanged, DraftSaved
from workstation.drafts import repo
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.drafts.ports import Approvals, Composer, Conversations
from workstation.drafts.rules import blockers, judged, outgoing_text
from workstation.drafts.sender import Sender
from workstation.kernel.clock import SECOND, Clock
from workstation.kernel.errors import InputError, NotFound, SendBlocked
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store import blobs as blob_rows
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit

MOST_FILE = 25 * 1024 * 1024


class DraftsService:
    """Fulfils `api.DraftsApi`."""

    def __init__(
        self, database: Database, blobs: BlobFiles, clock: Clock, *, conversations: Conversations, compose: Composer,
        sender: Sender, agent_language: Callable[[], str], undo_seconds: Callable[[], int],
        kin: Callable[[Connection, str], tuple[str, ...]] = lambda _connection, conversation_id: (conversation_id,),
        approvals: Approvals | None = None,
    ) -> None:
        """`kin`: a conversation and those that were merged into it. Their drafts stay theirs, and are offered in it."""
        self._approvals = approvals
        self._kin = kin
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._conversations = conversations
        self._compose = compose
        self._sender = sender
        self._agent_language = agent_language
        self._undo_seconds = undo_seconds

    async def load(self, conversation_id: str, mode: Mode) -> Draft:
        """The stored draft, or an empty one ready for this conversation's languages."""
        return await self._database.read(lambda c: self._load(c, conversation_id, mode))

    def _load(self, connection: Connection, conversation_id: str, mode: Mode) -> Draft:
        stored = repo.load(connection, conversation_id, mode) or repo.offered(
            connection, conversation_id, mode, self._kin(connection, conversation_id))
        if stored is not None:
            return stored
        revision = repo.last_revision(connection, conversation_id, mode)
        language = ("" if mode is Mode.NOTE
                    else self._conversations.reply_context(connection, conversation_id).language)
        return Draft(
            conversation_id=conversation_id, mode=mode, source_language=self._agent_language(),
            target_language=language, revision=revision,
        )

    async def save(self, draft: Draft) -> Draft:
        """Keep the draft, with what a translation by hand lost. Raises InputError when a newer one is stored: nothing
        is overwritten unseen."""
        draft = await asyncio.to_thread(judged, draft)

        def work(unit: Unit) -> Draft:
            stored = repo.load(unit.conn, draft.conversation_id, draft.mode)
            latest = stored.revision if stored else repo.last_revision(unit.conn, draft.conversation_id, draft.mode)
            if draft.revision < latest:
                raise InputError(_("A newer draft is already kept."), _("Open its history to see both."))
            if stored is not None and replace(draft, revision=stored.revision, saved_at=stored.saved_at) == stored:
                return stored
            kept = repo.save(unit.conn, draft, self._clock.now())
            unit.emit(DraftSaved(draft.conversation_id, kept.revision))
            return kept

        return await self._database.write(work)

    async def history(self, conversation_id: str, mode: Mode) -> tuple[Draft, ...]:
        return await self._database.read(
            lambda c: repo.history(c, conversation_id, mode, self._kin(c, conversation_id)))

    async def attach(
        self, conversation_id: str, name: str, mime: str, content: bytes, record_id: str = ""
    ) -> DraftFile:
        """Keep a file for the conversation's reply. Raises InputError over 25 MB, DiskFull."""
        if len(content) > MOST_FILE:
            raise InputError(_("The file is larger than 25 MB; it was not attached."), _("Send a smaller one."))
        file = DraftFile(new_id(), name, mime, len(content), record_id)
        sealed = await asyncio.to_thread(self._blobs.seal, file.id, content)

        def work(unit: Unit) -> None:
            blob_rows.record(unit.conn, sealed)
            repo.add_file(unit.conn, conversation_id, file)

        await self._database.write(work)
        return file

    async def detach(self, conversation_id: str, file_id: str) -> None:
        """Take a file off the reply's draft. The file stays for undo and history until the case is erased."""
        draft = await self.load(conversation_id, Mode.REPLY)
        await self.save(replace(draft, files=tuple(file for file in draft.files if file.id != file_id)))

    async def blockers(self, draft: Draft) -> tuple[str, ...]:
        known = await asyncio.to_thread(judged, draft)
        return blockers(known, await self._context(draft.conversation_id))

    async def send(self, draft: Draft) -> Outgoing:
        """Save, then hold for the undo time, then send. A note is added at once. Raises SendBlocked."""
        kept = await self.save(draft)
        context = replace(await self._context(kept.conversation_id), cc=kept.cc)
        reasons = blockers(kept, context)
        if reasons:
            raise SendBlocked(_("This reply was not sent."), " ".join(reasons), reasons)
        if kept.mode is Mode.NOTE:
            return await self._add_note(kept)
        outgoing = await self._hold(kept, context)
        self._sender.wake()
        return outgoing

    async def undo_send(self, outgoing_id: str) -> Draft:
        """Take a held, queued or refused reply back: the exact draft returns. Raises NotFound when it is on its way."""

        def work(unit: Unit) -> Draft:
            row = repo.take_back(unit.conn, outgoing_id)
            if row is None:
                raise NotFound(_("This reply is already on its way."), _("Write to the buyer again if it was wrong."))
            self._conversations.withdraw(unit.conn, outgoing_id)
            draft = repo.unpack(row["draft"])
            latest = repo.last_revision(unit.conn, draft.conversation_id, draft.mode)
            kept = repo.save(unit.conn, replace(draft, revision=latest), self._clock.now())
            unit.emit(ConversationsChanged((draft.conversation_id,)))
            unit.emit(DraftSaved(draft.conversation_id, kept.revision))
            return kept

        return await self._database.write(work)

    async def outgoing(self) -> tuple[Outgoing, ...]:
        return await self._database.read(repo.unfinished)

    async def retry(self, outgoing_id: str) -> None:
        await self._sender.retry(outgoing_id)

    async def look_for(self, outgoing_id: str) -> Outgoing:
        return await self._sender.look_for(outgoing_id)

    async def _context(self, conversation_id: str) -> ReplyContext:
        return await self._database.read(lambda c: self._conversations.reply_context(c, conversation_id))

    async def _add_note(self, draft: Draft) -> Outgoing:
        now = self._clock.now()

        def work(unit: Unit) -> None:
            _use_up(unit, draft, now)
            self._conversations.add_note(unit, draft.conversation_id, draft.body, now)
            unit.emit(ConversationsChanged((draft.conversation_id,)))

        await self._database.write(work)
        return Outgoing(new_id(), draft.conversation_id, "", "", Delivery.DONE, now, 0, "")

    async def _hold(self, draft: Draft, context: ReplyContext) -> Outgoing:
        now = self._clock.now()
        outgoing_id = new_id()
        message_id = _message_id(outgoing_id, context)
        files = [await self._content(file) for file in draft.files]
        raw = await asyncio.to_thread(self._compose, context, outgoing_text(draft), files, message_id, now)
        reply = _reply(draft, context, outgoing_id, message_id, now)
        values = {
            "id": outgoing_id, "conversation_id": draft.conversation_id, "account_id": context.account_id,
            "message_id": message_id, "in_reply_to": context.in_reply_to, "sender": context.sender.email,
            "recipients": json.dumps(_recipients(context)), "state": Delivery.HELD, "raw": raw,
            "release_at": now + min(self._undo_seconds() * SECOND, repo.LONGEST_HOLD), "draft": repo.pack(draft),
        }

        def work(unit: Unit) -> Outgoing:
            _use_up(unit, draft, now)
            repo.add_outgoing(unit.conn, values)
            if self._approvals is not None and (allowed := _allowed(draft)):
                self._approvals(unit, draft.conversation_id, raw, now, allowed, {"lost": "\n".join(draft.lost)})
            self._conversations.add_reply(unit.conn, reply)
            unit.emit(ConversationsChanged((draft.conversation_id,)))
            unit.emit(DeliveryChanged(draft.conversation_id, outgoing_id, Delivery.HELD))
            row = repo.outgoing(unit.conn, outgoing_id)
            if row is None:
                raise RuntimeError("the reply was not stored")
            return repo.to_outgoing(row)

        return await self._database.write(work)

    async def _content(self, file: DraftFile) -> tuple[str, str, bytes]:
        row = await self._database.read(lambda c: blob_rows.find(c, file.id))
        return file.name, file.mime, await asyncio.to_thread(self._blobs.open, row)


def _allowed(draft: Draft) -> tuple[str, ...]:
    """What of this reply leaves because a person said so: with items that its translation lost, in words of their own.
    """
    lost = ("lost",) if draft.lost and draft.accepted_lost else ()
    return (*lost, "translation") if draft.edited and outgoing_text(draft) != draft.body else lost


def _use_up(unit: Unit, draft: Draft, at: int) -> None:
    """One draft is one reply, however often it is asked for. Raises SendBlocked the second time."""
    if not repo.used_up(unit.conn, draft, at):
        reason = _("This draft was sent already, or changed meanwhile.")
        raise SendBlocked(_("This reply was not sent."), reason, (reason,))


def _message_id(outgoing_id: str, context: ReplyContext) -> str:
    """Fixed when the reply is queued, so that it can be looked for later. The domain is the sender's own, in ASCII:
    anything else would be encoded on the way and never be found again."""
    domain = context.sender.email.rpartition("@")[2]
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    tidy = re.sub(r"[^A-Za-z0-9.-]", "", domain).strip(".-")
    return f"<{outgoing_id}@{tidy or 'workstation.invalid'}>"


def _recipients(context: ReplyContext) -> list[str]:
    people = [person.email for person in (*context.to, *context.cc)]
    copy = [context.sender.email] if context.self_bcc else []
    return list(dict.fromkeys([*people, *copy]))


def _reply(draft: Draft, context: ReplyContext, outgoing_id: str, message_id: str, at: int) -> Reply:
    text = outgoing_text(draft)
    translated = text != draft.body
    return Reply(
        conversation_id=draft.conversation_id, outgoing_id=outgoing_id, message_id=message_id, sender=context.sender,
        to=context.to, cc=context.cc, subject=context.subject, text=text, at=at,
        language=draft.target_language or draft.source_language, original=draft.body if translated else "",
        original_language=draft.source_language if translated else "",
        files=tuple(Attachment(**{k: v for k, v in asdict(file).items() if k != "record_id"}) for file in draft.files),
    )
