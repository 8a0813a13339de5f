"""One visit to a folder: follow its marks, write ours back, read what is new, and try again what could not be read."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from datetime import timedelta

from workstation.connectors.email.courier import Courier
from workstation.connectors.email.fetch import Batch, Limits, RawMail, batches
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.marks import Marks
from workstation.connectors.email.opened import Selected
from workstation.connectors.email.session import ImapSession
from workstation.inbox.model import AccountSettings, FetchedMail, FolderCursor, MailFolder, PreparedMail
from workstation.inbox.ports import Intake, MailReader
from workstation.kernel.clock import DAY, Clock, to_datetime
from workstation.kernel.errors import ConnectError, WorkstationError
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)
AHEAD = 2
"""Batches that are fetched before the one that is waited for: two processes read them."""
PART = 250
"""Mails that one process reads at a time, so that both have work until the last batch."""
Begun = Sequence[Future[list[PreparedMail]]]
"""Mails being read, in their order."""
WINDOW = 100_000
"""UIDs asked for in one search: the answer is one line, and a line of the protocol's library has a million bytes."""
EVERYTHING = 1
"""`FolderCursor.since` of a folder that is read from its beginning."""
BORNE = 2
"""Connections that may be lost while the same mails are fetched; then they are fetched one by one, and as often again
before the one that breaks the connection is passed over."""


class FolderReader:
    """Reads the folders of one mailbox, always from the mailbox's own thread."""

    def __init__(
        self, account_id: str, settings: AccountSettings, intake: Intake, clock: Clock, limits: Limits,
        stopping: threading.Event, mails: MailReader | None = None,
    ) -> None:
        self._account = account_id
        self._settings = settings
        self._intake = intake
        self._clock = clock
        self._limits = limits
        self._stopping = stopping
        self._mails = mails
        self._marks = Marks(account_id, settings, intake)
        self._lost: dict[tuple[str, int, int], int] = {}   # folder, UIDVALIDITY, first UID → connections it cost

    def needs_visit(self, session: ImapSession, folder: MailFolder) -> bool:
        """Whether a folder that is not open has something new, or waits for something of ours."""
        validity, uid_next, counted = session.status(folder.name)
        cursor = self._intake.cursor(self._account, folder.name)
        news = validity != cursor.uid_validity or uid_next > cursor.last_uid + 1 or not uid_next
        changed = counted != cursor.mod_sequence if counted else self._marks.worth_a_look(folder.name)
        waiting = self._settings.mark_seen and bool(self._intake.unwritten(self._account, folder.name))
        return news or changed or waiting or bool(self._intake.due_again(self._account, folder.name))

    def visit(self, session: ImapSession, folder: MailFolder) -> None:
        """Open a folder and bring what is known here up to date with it. It stays open, for reading only."""
        name = folder.name
        cursor = self._intake.cursor(self._account, name)
        self._marks.write_back(session, name, cursor)
        opened = session.select(name, cursor)
        if cursor.uid_validity != opened.uid_validity:   # 0 too: places may be left of an earlier reading
            self._intake.restart(self._account, name, opened.uid_validity)
            cursor = self._intake.cursor(self._account, name)
        own = folder.role == "sent"
        if cursor.uid_validity != opened.uid_validity or not cursor.last_uid:
            cursor = self._read_first(session, name, opened, cursor, own)
        else:
            cursor = self._marks.follow(session, name, cursor, opened)
        self._read_on(session, name, opened, cursor, own)
        self._try_again(session, name, own)

    # -- what is new ------------------------------------------------------------------------------------------------

    def _read_first(
        self, session: ImapSession, folder: str, opened: Selected, known: FolderCursor, own: bool
    ) -> FolderCursor:
        """The first reading: as deep as the settings say, and after a folder was rebuilt at least as deep as before.
        Older mail is passed over for good."""
        since = self._depth(known.since)
        fresh = FolderCursor(opened.uid_validity, 0, opened.mod_sequence, since)
        cursor = self._take(session, folder, fresh, self._older(session, opened, since), own)
        last = max(cursor.last_uid, opened.uid_next - 1)
        if last > cursor.last_uid and not self._stopping.is_set():
            cursor = replace(cursor, last_uid=last)
            self._intake.deliver(self._account, folder, (), cursor)
        return cursor

    def _depth(self, before: int) -> int:
        days = self._settings.first_sync_days
        wanted = max(EVERYTHING, self._clock.now() - days * DAY) if days > 0 else EVERYTHING
        return min(before, wanted) if before else wanted

    def _older(self, session: ImapSession, opened: Selected, since: int) -> list[int]:
        if since <= EVERYTHING:
            return self._search(session, opened, 1, ())
        day = to_datetime(since).date()   # a server counts days in a zone of its own
        return self._search(session, opened, 1, ("SINCE", day - timedelta(days=1)))

    def _read_on(self, session: ImapSession, folder: str, opened: Selected, cursor: FolderCursor, own: bool) -> None:
        """Read until nothing is new: mail may arrive while we read."""
        while not self._stopping.is_set():
            uids = self._search(session, opened, cursor.last_uid + 1, ())
            uids = [uid for uid in uids if uid > cursor.last_uid]   # "n:*" names the last mail even when it is older
            if not uids:
                return
            cursor = self._take(session, folder, cursor, uids, own)

    def _search(self, session: ImapSession, opened: Selected, low: int, more: tuple[object, ...]) -> list[int]:
        if opened.exists <= WINDOW or not opened.uid_next:
            return session.search(["UID", f"{low}:*", *more])
        found: list[int] = []
        for start in range(low, opened.uid_next, WINDOW):
            found += session.search(["UID", f"{start}:{start + WINDOW - 1}", *more])
        return found

    def _take(
        self, session: ImapSession, folder: str, cursor: FolderCursor, uids: list[int], own: bool
    ) -> FolderCursor:
        cursor, uids = self._without_breaker(folder, cursor, uids)
        with Courier(self._intake, self._account, folder, cursor) as courier:
            try:
                for part, limits in self._parts(folder, cursor, uids):
                    for batch, begun in self._ahead(batches(session, part, limits), own):
                        mails, bad = self._parsed(folder, cursor.uid_validity, batch.mails, own, begun)
                        if self._stopping.is_set():
                            return cursor
                        cursor = replace(cursor, last_uid=batch.last_uid)
                        courier.hand(mails, (*batch.bad, *bad), cursor)
            except ConnectError:
                self._remember_loss(folder, cursor, uids)
                raise
        return cursor

    def _ahead(self, found: Iterator[Batch], own: bool) -> Iterator[tuple[Batch, Begun | None]]:
        """Each batch with the reading of its mails, which goes on elsewhere while the next ones are fetched."""
        begun: deque[tuple[Batch, Begun | None]] = deque()
        try:
            for batch in found:
                begun.append((batch, self._begin(batch.mails, own)))
                if len(begun) > AHEAD:
                    yield begun.popleft()
        except ConnectError:
            yield from begun   # they are complete, whatever became of the next one
            raise
        yield from begun

    def _begin(self, raws: Sequence[RawMail], own: bool) -> Begun | None:
        if self._mails is None:
            return None
        now = self._clock.now()
        asked = [(raw.raw, raw.received_at or now, own, raw.problems) for raw in raws]
        return [self._mails.submit(asked[start : start + PART]) for start in range(0, len(asked), PART)]

    def _without_breaker(self, folder: str, cursor: FolderCursor, uids: list[int]) -> tuple[FolderCursor, list[int]]:
        """Pass over a mail that cost the connection each time, even alone: the mails behind it must not wait for it."""
        if not uids or self._losses(folder, cursor, uids[0]) <= 2 * BORNE:
            return cursor, uids
        self._lost.clear()
        cursor = replace(cursor, last_uid=uids[0])
        why = _("The connection was lost each time it was fetched.")
        self._intake.pass_over(self._account, folder, uids[0], why)
        self._intake.deliver(self._account, folder, (), cursor)
        return cursor, uids[1:]

    def _parts(self, folder: str, cursor: FolderCursor, uids: list[int]) -> Iterator[tuple[list[int], Limits]]:
        """The UIDs, those near where connections were lost one by one."""
        near = self._limits.uids if uids and self._losses(folder, cursor, uids[0]) >= BORNE else 0
        yield uids[:near], replace(self._limits, uids=1)
        yield uids[near:], self._limits

    def _losses(self, folder: str, cursor: FolderCursor, uid: int) -> int:
        return self._lost.get((folder, cursor.uid_validity, uid), 0)

    def _remember_loss(self, folder: str, cursor: FolderCursor, uids: Sequence[int]) -> None:
        first = next((uid for uid in uids if uid > cursor.last_uid), 0)
        key = (folder, cursor.uid_validity, first)
        self._lost = {old: n for old, n in self._lost.items() if old[0] != folder or old == key}
        self._lost[key] = self._lost.get(key, 0) + 1

    def _parsed(
        self, folder: str, uid_validity: int, raws: Sequence[RawMail], own: bool, begun: Begun | None = None
    ) -> tuple[list[FetchedMail], list[tuple[int, str]]]:
        if begun is not None:
            return self._read_elsewhere(folder, uid_validity, raws, begun), []
        mails: list[FetchedMail] = []
        bad: list[tuple[int, str]] = []
        for raw in raws:
            try:
                mails.append(self._fetched(folder, uid_validity, raw, own))
            except Exception:
                log.exception("a mail could not be read")
                bad.append((raw.uid, _("It could not be read.")))
        return mails, bad

    def _read_elsewhere(
        self, folder: str, uid_validity: int, raws: Sequence[RawMail], begun: Begun
    ) -> list[FetchedMail]:
        try:
            found = [mail for part in begun for mail in part.result()]
        except CancelledError as closing:
            raise InterruptedError("the core is closing") from closing
        return [
            FetchedMail(self._account, folder, uid_validity, raw.uid, mail, raw.seen, raw.answered)
            for raw, mail in zip(raws, found, strict=True)
        ]

    def _fetched(self, folder: str, uid_validity: int, raw: RawMail, own: bool) -> FetchedMail:
        received_at = raw.received_at or self._clock.now()
        mail = parse(raw.raw, received_at=received_at, own=own, problems=raw.problems)
        if mail.at > received_at:   # received before it was written: a deadline would be counted late
            mail = replace(mail, at=received_at)
        return FetchedMail(self._account, folder, uid_validity, raw.uid, mail, raw.seen, raw.answered)

    # -- what could not be read -------------------------------------------------------------------------------------

    def _try_again(self, session: ImapSession, folder: str, own: bool) -> None:
        for uid in self._intake.due_again(self._account, folder):
            if self._stopping.is_set():
                return
            # Said first: whatever breaks over it must not make it due again at once.
            self._intake.pass_over(self._account, folder, uid, _("It could not be read when it was last tried."))
            if session.search(["UID", str(uid)]) != [uid] or self._had(session, folder, uid, own):
                self._intake.well_again(self._account, folder, uid)

    def _had(self, session: ImapSession, folder: str, uid: int, own: bool) -> bool:
        """Fetch and store a single mail behind the cursor."""
        cursor = self._intake.cursor(self._account, folder)
        for batch in batches(session, [uid], self._limits):
            mails, bad = self._parsed(folder, cursor.uid_validity, batch.mails, own)
            if batch.bad or bad:
                return False
            try:
                self._intake.deliver(self._account, folder, mails, cursor)
            except (WorkstationError, InterruptedError):
                raise
            except Exception:
                log.exception("a mail was not stored")
                return False
        return True
