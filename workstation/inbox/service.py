"""Use cases of the inbox: store what arrives, show it, and change its state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workstation.inbox import moments, queries, regretted, states
from workstation.inbox.alarms import Alarms
from workstation.inbox.assigning import Assigning
from workstation.inbox.clockbook import ClockBook
from workstation.inbox.deliveries import Heard, nothing_heard
from workstation.inbox.importing import Importing
from workstation.inbox.merging import Merging
from workstation.inbox.model import (
    AssignmentRule,
    ClockRule,
    ConversationRow,
    ConversationView,
    FolderCursor,
    ImportReport,
    IncomingMail,
    ListQuery,
    MessageCursor,
    MessagePage,
    Place,
    Queue,
    SavedView,
    TagCount,
    Undo,
)
from workstation.inbox.opening import Opening
from workstation.inbox.organising import Organising, tag_counts
from workstation.inbox.paging import Queues
from workstation.inbox.ports import ClueReader, MailArchive, MailOpener, MailReader
from workstation.inbox.prepare import Preparer
from workstation.inbox.prepared import INLINE_LIMIT, PreparedMail
from workstation.inbox.receiving import Bounced, Receiving
from workstation.inbox.savedviews import Private, SavedViews, nowhere
from workstation.inbox.searching.desk import SearchDesk
from workstation.inbox.undoing import UndoList
from workstation.inbox.viewing import Views
from workstation.kernel.clock import Clock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page
from workstation.runtime.jobs import Jobs, Progress
from workstation.store import blobs as blob_rows
from workstation.store import erased
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database


class InboxService:
    """Fulfils `api.InboxApi`."""

    def __init__(
        self, database: Database, blobs: BlobFiles, clock: Clock, jobs: Jobs, *, rules: Sequence[ClockRule],
        archive: MailArchive, preparer: Preparer, clues: ClueReader, views: Views,
        opened: Callable[[str], None] = lambda _conversation_id: None, opener: MailOpener | None = None,
        me: Callable[[], str] = str, reader: MailReader | None = None,
        bounced: Bounced = lambda _unit, _bounces: None, heard: Heard = nothing_heard,
        device: Callable[[], str] | None = None, private: Private = nowhere,
    ) -> None:
        """`me` gives the member at this desk, "" while nobody knows; `device` this computer, of which a member may have
        several. `private`: the collection for what is theirs alone. `reader` reads the mails of an import. `heard`:
        what colleagues' desktops told of replies."""
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._jobs = jobs
        self._rules = rules
        self._archive = archive
        self._reader = reader
        self._views = views
        self._opened = opened
        self._receiving = Receiving(database, clock, rules=rules, preparer=preparer, clues=clues, bounced=bounced,
                                    heard=heard)
        self._opening = Opening(database, jobs, opener)
        undo = UndoList()
        self._organising = Organising(database, clock, rules, undo, jobs)
        self._merging = Merging(database, clock, undo, self._organising.show, clues.link)
        self._saved = SavedViews(database, clock, jobs, me, private)
        self._queues = Queues(me, self._saved.condition)
        self.searching = SearchDesk(database, clock, self._queues, me, jobs)
        self._alarms = Alarms(database, clock, rules)
        self.assigning = Assigning(database, clock, me, device)

    # -- reading ------------------------------------------------------------------------------------------------

    async def queues(self) -> tuple[Queue, ...]:
        found = await self._database.read(lambda c: self._queues.counts(c, self._clock.now()))
        plain = [queue for queue in found if not queue.group]
        return (*plain, *await self._saved.queues(), *found[len(plain):])

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        if query.search.strip():
            return await self.searching.page(query)
        return await self._database.read(lambda c: self._queues.page(c, query, self._clock.now()))

    async def size(self, query: ListQuery) -> int:
        if query.search.strip():
            return -1
        return await self._database.read(lambda c: self._queues.size(c, query.queue, self._clock.now()))

    async def rank(self, query: ListQuery, conversation_id: str) -> int | None:
        if query.search.strip():
            return None
        return await self._database.read(
            lambda c: self._queues.rank(c, query.queue, conversation_id, self._clock.now()))

    async def rows(self, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
        return await self._database.read(lambda c: queries.rows_by_id(c, ids))

    async def conversation(self, conversation_id: str) -> ConversationView:
        self._opened(conversation_id)
        return await self._opening.finish(await self._database.read(lambda c: self._views.view(c, conversation_id)))

    async def messages(self, conversation_id: str, at: MessageCursor, limit: int = 50) -> MessagePage:
        page = await self._database.read(lambda c: self._views.page(c, conversation_id, at, limit))
        return replace(page, messages=await self._opening.finished(conversation_id, page.messages))

    async def raw_source(self, message_id: str) -> bytes:
        raw = await self._database.read(lambda c: queries.raw_inside(c, message_id))
        if raw is not None:
            return raw
        gone = await self._database.read(lambda c: erased.of(c, erased.MESSAGE, message_id))
        if gone is not None:
            raise NotFound(gone.sentence, _("Its place in the conversation stays; its words cannot be brought back."))
        return await self._sealed(message_id)

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        place = await self._database.read(lambda c: queries.attachment(c, attachment_id))
        return place.name, place.mime, await self._content(attachment_id, place)

    async def _content(self, attachment_id: str, place: queries.FilePlace) -> bytes:
        if place.content is not None:
            return place.content
        return await (self._sealed(attachment_id) if place.size > INLINE_LIMIT else self._opening.file(place))

    async def _sealed(self, blob_id: str) -> bytes:
        row = await self._database.read(lambda c: blob_rows.find(c, blob_id))
        return await asyncio.to_thread(self._blobs.open, row)

    # -- arriving -----------------------------------------------------------------------------------------------

    async def receive(
        self, account_id: str, mails: Sequence[IncomingMail | PreparedMail], folder: str = "",
        cursor: FolderCursor | None = None, places: Sequence[Place] = (),
    ) -> int:
        """As `Receiving.receive`."""
        return await self._receiving.receive(account_id, mails, folder, cursor, places)

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport:
        """Read .eml, mbox or Maildir. What is already there is recognised; what is bad is listed, not fatal."""

        async def work(report_to: Progress) -> ImportReport:
            return await self._import(path, progress or report_to)

        return await self._jobs.run(f"import {path}", _("Importing mail"), work)

    async def _import(self, path: Path, progress: Progress) -> ImportReport:
        return await Importing(self._database, self._archive, self._receiving, self._reader).run(path, progress)

    # -- changing -----------------------------------------------------------------------------------------------

    async def mark_read(self, ids: Sequence[str], read: bool = True) -> None:
        await self._organising.mark_read(ids, read)

    async def resolve(self, ids: Sequence[str], seen: Mapping[str, int] | None = None) -> Undo:
        """`seen`: the time of the newest message on the person's screen, by conversation. One in which a buyer wrote
        meanwhile stays as it is."""
        return await self._organising.resolve(ids, seen or {})

    async def reopen(self, ids: Sequence[str]) -> Undo:
        return await self._organising.change(ids, states.Reopened())

    async def snooze(self, ids: Sequence[str], until: int) -> Undo:
        return await self._organising.change(ids, states.Snoozed(until))

    async def no_response_needed(self, ids: Sequence[str]) -> Undo:
        return await self._organising.change(ids, states.Dismissed(self._clock.now()))

    async def assign(self, ids: Sequence[str], member_id: str) -> Undo:
        return await self._organising.change(ids, states.Assigned(member_id))

    async def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Undo:
        return await self._organising.tag(ids, add, remove)

    async def tags(self) -> tuple[TagCount, ...]:
        return await self._database.read(tag_counts)

    async def mute(self, ids: Sequence[str], muted: bool = True) -> Undo:
        return await self._organising.change(ids, states.Muted(muted))

    async def ask_review(self, ids: Sequence[str], asked: bool = True) -> Undo:
        return await self._organising.change(ids, states.ReviewAsked(asked))

    async def merge(self, ids: Sequence[str], into: str) -> Undo:
        return await self._merging.merge(ids, into)

    async def unmerge(self, conversation_id: str) -> Undo:
        return await self._merging.unmerge(conversation_id)

    async def split(self, conversation_id: str, message_ids: Sequence[str]) -> Undo:
        return await self._merging.split(conversation_id, message_ids)

    async def views(self) -> tuple[SavedView, ...]:
        return await self._saved.all()

    async def save_view(self, view: SavedView) -> SavedView:
        return await self._saved.save(view)

    async def remove_view(self, view_id: str) -> None:
        await self._saved.remove(view_id)

    async def undo(self, undo_id: str) -> None:
        await self._organising.undo(undo_id)

    async def when(self, text: str) -> int | None:
        return await asyncio.to_thread(moments.read, text, self._clock.now())

    async def clock_rules(self) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
        book = self._rules
        return tuple(book), book.problems if isinstance(book, ClockBook) else ()

    async def keep_clock_rules(self, own: Sequence[ClockRule]) -> None:
        if isinstance(self._rules, ClockBook):
            await asyncio.to_thread(self._rules.keep, own)
            await self._alarms.follow_rules()

    async def assignment_rules(self) -> tuple[AssignmentRule, ...]:
        return await self.assigning.rules()

    async def keep_assignment_rules(self, rules: Sequence[AssignmentRule]) -> tuple[AssignmentRule, ...]:
        return await self.assigning.keep(rules)

    async def take_back_assignments(self, rule_id: str, within: int) -> Undo:
        since = self._clock.now() - within
        return await self._organising.unassign(
            await self._database.read(lambda c: regretted.given(c, rule_id, since)))

    async def assignment_matches(self, query: str) -> int:
        return await self.assigning.matches(query)

    async def look_at_clocks(self) -> float:
        """As `Alarms.step`."""
        return await self._alarms.step()

    async def wake_snoozed(self) -> float:
        """As `Organising.wake_snoozed`."""
        return await self._organising.wake_snoozed()
