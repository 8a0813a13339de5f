"""A mailbox being watched, on a thread of its own: reads what is new, waits, and comes back after every failure.

One connection reads both folders and idles on the inbox. A second one idles on the folder of sent mail and only rings
(`bell`), so that an answer written on a phone stops the clock here at once; without it, within a minute.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, replace
from datetime import timedelta

from workstation.connectors.email.bell import SentBell
from workstation.connectors.email.fetch import Limits, RawMail, batches
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.session import TIMEOUT, ImapSession, Selected
from workstation.connectors.email.waiting import Waker, idle
from workstation.inbox.model import AccountSettings, FetchedMail, FolderCursor
from workstation.inbox.ports import Intake
from workstation.kernel.clock import Clock, SystemClock, to_datetime
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, InputError, WorkstationError
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)
INBOX = "INBOX"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the thread waits, in seconds."""

    look: float = 60.0          # at most between two looks at both folders; IDLE is issued anew each time
    without_idle: float = 30.0  # between two looks when the server has no IDLE
    first_retry: float = 1.0
    last_retry: float = 300.0
    refused: float = 900.0      # after a wrong password: long, for providers lock accounts that hammer
    answer: float = TIMEOUT     # for each answer of the server
    stop: float = 3.0           # that `stop` may take


class ImapMailbox:
    """Implements `inbox.ports.Mailbox`."""

    def __init__(
        self, account_id: str, settings: AccountSettings, password: str, intake: Intake, *,
        clock: Clock | None = None, pace: Pace | None = None, limits: Limits | None = None,
    ) -> None:
        self._account = account_id
        self._settings = settings
        self._password = password
        self._intake = intake
        self._clock = clock or SystemClock()
        self._pace = pace or Pace()
        self._limits = limits or Limits()
        self._waker = Waker()
        self._stopping = threading.Event()
        self._session: ImapSession | None = None
        self._tries = 0
        self._bell = SentBell(
            settings, password, self._waker.wake, look=self._pace.look, answer=self._pace.answer,
            retry=self._pace.look,
        )
        self._thread = threading.Thread(target=self._run, name=f"imap-{account_id[:8]}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def fetch_now(self) -> None:
        """Wake the thread and look for mail at once, whatever it waits for."""
        self._waker.wake()

    def stop(self) -> None:
        """End the thread. Whatever it waits for is broken off; nothing reaches the intake after this returns,
        unless the intake itself holds the thread for longer than `Pace.stop`."""
        self._stopping.set()
        self._bell.stop(self._pace.stop / 3)
        self._waker.wake()
        if self._thread.ident is None:
            self._waker.close()
            return
        self._thread.join(self._pace.stop / 3)
        if self._thread.is_alive() and self._session is not None:
            self._session.interrupt()
        self._thread.join(self._pace.stop / 3)

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self._attempt()
            if pause and not self._stopping.is_set():
                self._waker.wait(pause)
        self._waker.close()

    def _attempt(self) -> float:
        """One connection from beginning to end. Returns the seconds to wait before the next."""
        try:
            self._connected()
        except (AuthFailed, InputError) as problem:
            self._tell("refused", str(problem))
            return self._pace.refused
        except WorkstationError as problem:
            log.info("mailbox: %s", type(problem).__name__)
            return self._later(str(problem))
        except Exception:
            log.exception("mailbox failed")
            return self._later(_("Something unexpected went wrong with this mailbox. It is tried again."))
        return 0.0

    def _later(self, sentence: str) -> float:
        self._tell("offline", sentence)
        ceiling = min(self._pace.last_retry, self._pace.first_retry * 2.0 ** min(self._tries, 20))
        self._tries += 1
        return ceiling * (0.5 + random.random() / 2)

    def _connected(self) -> None:
        self._tell("connecting", _("Connecting to {host}.").format(host=self._settings.imap.host))
        session = ImapSession(self._settings, self._pace.answer)
        self._session = session
        try:
            session.connect()
            if self._stopping.is_set():
                return
            session.login(self._password)
            self._watch(session)
        except ConnectError:
            if not self._stopping.is_set():
                raise
        finally:
            self._session = None
            if self._stopping.is_set():
                session.drop()
            else:
                session.close()

    def _watch(self, session: ImapSession) -> None:
        sent = session.sent_folder()
        self._tell("online", _("Fetching mail."))
        can_idle = session.has("IDLE")
        if can_idle and sent:
            self._bell.watch(sent)
        while not self._stopping.is_set():
            trouble = self._look_at_sent(session, sent) if sent else ""
            self._read(session, INBOX, session.select(INBOX))
            self._tries = 0
            self._tell("online", trouble)
            self._wait(session, can_idle)

    def _wait(self, session: ImapSession, can_idle: bool) -> None:
        if self._stopping.is_set():
            return
        if can_idle:
            idle(session, self._waker, self._pace.look, self._settings.imap)
        else:
            self._waker.wait(self._pace.without_idle)

    def _look_at_sent(self, session: ImapSession, folder: str) -> str:
        """Read the folder of sent mail when it has something new. What is wrong with it, in a sentence, or "": a folder
        that the server does not open must not keep the buyers' mail away."""
        try:
            self._read_sent(session, folder)
        except BadAnswer as problem:
            log.info("sent mail: %s", type(problem).__name__)
            return _("The folder of sent mail cannot be read: {why}").format(why=problem.sentence)
        return ""

    def _read_sent(self, session: ImapSession, folder: str) -> None:
        validity, uid_next = session.status(folder)
        cursor = self._intake.cursor(self._account, folder)
        if validity != cursor.uid_validity or uid_next > cursor.last_uid + 1 or not uid_next:
            self._read(session, folder, session.select(folder), own=True)

    def _read(self, session: ImapSession, folder: str, selected: Selected, *, own: bool = False) -> None:
        """Read what is new in the open folder until nothing is: mail may arrive while we read."""
        cursor = self._intake.cursor(self._account, folder)
        if cursor.uid_validity and cursor.uid_validity != selected.uid_validity:
            self._intake.restart(self._account, folder, selected.uid_validity)
        if cursor.uid_validity != selected.uid_validity:
            cursor = self._read_first(session, folder, selected, own)
        while not self._stopping.is_set():
            uids = session.search(["UID", f"{cursor.last_uid + 1}:*"])
            uids = [uid for uid in uids if uid > cursor.last_uid]   # "n:*" names the last mail even when it is older
            if not uids:
                return
            cursor = self._take(session, folder, cursor, uids, own)

    def _read_first(self, session: ImapSession, folder: str, selected: Selected, own: bool) -> FolderCursor:
        """The first reading of a folder: as deep as the settings say. Older mail is passed over for good."""
        cursor = self._take(session, folder, FolderCursor(selected.uid_validity), self._recent(session), own)
        last = max(cursor.last_uid, selected.uid_next - 1)
        if last > cursor.last_uid and not self._stopping.is_set():
            cursor = FolderCursor(selected.uid_validity, last)
            self._intake.deliver(self._account, folder, (), cursor)
        return cursor

    def _recent(self, session: ImapSession) -> list[int]:
        days = self._settings.first_sync_days
        if days <= 0:
            return session.search(["ALL"])
        since = to_datetime(self._clock.now()) - timedelta(days=days)
        return session.search(["SINCE", since.date()])

    def _take(
        self, session: ImapSession, folder: str, cursor: FolderCursor, uids: list[int], own: bool
    ) -> FolderCursor:
        for batch in batches(session, uids, self._limits):
            mails = [self._fetched(folder, cursor.uid_validity, raw, own) for raw in batch.mails]
            if self._stopping.is_set():
                break
            cursor = FolderCursor(cursor.uid_validity, batch.last_uid)
            self._intake.deliver(self._account, folder, mails, cursor)
        return cursor

    def _fetched(self, folder: str, uid_validity: int, raw: RawMail, own: bool) -> FetchedMail:
        received_at = raw.received_at or self._clock.now()
        mail = parse(raw.raw, received_at=received_at, own=own, problems=raw.problems)
        if mail.at > received_at:   # received before it was written: a deadline would be counted late
            mail = replace(mail, at=received_at)
        return FetchedMail(self._account, folder, uid_validity, raw.uid, mail, seen=raw.seen)

    def _tell(self, state: str, sentence: str) -> None:
        if not self._stopping.is_set():
            self._intake.status(self._account, state, sentence)
