"""A mailbox being watched, on a thread of its own: reads what is new, waits, and comes back after every failure.

One connection reads all folders and idles on the inbox; the others are looked at once a minute. A second one idles on
the folder of sent mail and only rings (`bell`), so that an answer written on a phone stops the clock here at once.
"""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass

from workstation.connectors.email.bell import SentBell
from workstation.connectors.email.fetch import Limits
from workstation.connectors.email.folders import watched
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.reader import FolderReader
from workstation.connectors.email.session import TIMEOUT, ImapSession
from workstation.connectors.email.waiting import Waker, idle
from workstation.inbox.model import AccountSettings, MailFolder
from workstation.inbox.ports import Intake
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import (
    AuthFailed,
    BadAnswer,
    BadCertificate,
    ConnectError,
    InputError,
    WorkstationError,
)
from workstation.kernel.i18n import _, ngettext

log = logging.getLogger(__name__)


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
        clock: Clock | None = None, pace: Pace | None = None, limits: Limits | None = None, means: Means = NO_MEANS,
    ) -> None:
        self._account = account_id
        self._settings = settings
        self._password = password
        self._intake = intake
        self._means = means
        self._pace = pace or Pace()
        self._waker = Waker()
        self._stopping = threading.Event()
        self._awake = threading.Event()    # set when the connection was broken off because the computer slept
        self._reader = FolderReader(
            account_id, settings, intake, clock or SystemClock(), limits or Limits(), self._stopping,
            means.reader)
        self._session: ImapSession | None = None
        self._tries = 0
        self._bell = SentBell(
            settings, password, self._waker.wake, look=self._pace.look, answer=self._pace.answer,
            retry=self._pace.look, refused=self._pace.refused, means=means,
        )
        self._thread = threading.Thread(target=self._run, name=f"imap-{account_id[:8]}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def woken(self) -> None:
        """The computer slept: what looks like a connection is none. From any thread; made anew at once."""
        self._awake.set()
        self._tries = 0
        self._bell.woken()
        session = self._session
        if session is not None:
            session.interrupt()
        self._waker.wake()

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
        self._awake.clear()
        try:
            self._connected()
        except (AuthFailed, InputError) as problem:
            self._tell("refused", str(problem))
            return self._pace.refused
        except WorkstationError as problem:
            if self._awake.is_set():
                return 0.0
            log.info("mailbox: %s", type(problem).__name__)
            return self._later(str(problem), "certificate" if isinstance(problem, BadCertificate) else "")
        except InterruptedError:
            log.info("mailbox: the core is closing")
            return self._pace.last_retry
        except Exception:
            log.exception("mailbox failed")
            return self._later(_("Something unexpected went wrong with this mailbox. It is tried again."))
        return 0.0

    def _later(self, sentence: str, trouble: str = "") -> float:
        self._tell("offline", sentence, trouble)
        ceiling = min(self._pace.last_retry, self._pace.first_retry * 2.0 ** min(self._tries, 20))
        self._tries += 1
        return ceiling * (0.5 + random.random() / 2)

    def _connected(self) -> None:
        self._tell("connecting", _("Connecting to {host}.").format(host=self._settings.imap.host))
        session = ImapSession(self._settings, self._pace.answer, self._means)
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
            if self._stopping.is_set() or self._awake.is_set():
                session.drop()
            else:
                session.close()

    def _watch(self, session: ImapSession) -> None:
        folders = watched(session.folders())
        sent = next((folder.name for folder in folders if folder.role == "sent"), "")
        self._tell("online", _("Fetching mail."))
        can_idle = session.has("IDLE")
        if can_idle and sent:
            self._bell.watch(sent)
        while not self._stopping.is_set():
            troubles = [self._look_at(session, folder) for folder in folders[:-1]]
            self._reader.visit(session, folders[-1])
            self._tries = 0
            self._tell("online", next((trouble for trouble in troubles if trouble), self._passed_over()))
            self._wait(session, can_idle)

    def _wait(self, session: ImapSession, can_idle: bool) -> None:
        if self._stopping.is_set():
            return
        if can_idle:
            idle(session, self._waker, self._pace.look, self._settings.imap)
        else:
            self._waker.wait(self._pace.without_idle)

    def _look_at(self, session: ImapSession, folder: MailFolder) -> str:
        """Visit a folder beside the inbox when it has something new. What is wrong with it, in a sentence, or "": a
        folder that the server does not open must not keep the buyers' mail away."""
        if self._stopping.is_set():
            return ""
        try:
            if self._reader.needs_visit(session, folder):
                self._reader.visit(session, folder)
        except BadAnswer as problem:
            log.info("a folder: %s", type(problem).__name__)
            if folder.role == "sent":
                return _("The folder of sent mail cannot be read: {why}").format(why=problem.sentence)
            return _("The folder “{name}” cannot be read: {why}").format(name=folder.name, why=problem.sentence)
        return ""

    def _passed_over(self) -> str:
        count = self._intake.passed_over(self._account)
        return ngettext(
            "{n} mail could not be read; it is tried again later.",
            "{n} mails could not be read; they are tried again later.", count).format(n=count) if count else ""

    def _tell(self, state: str, sentence: str, trouble: str = "") -> None:
        if not self._stopping.is_set():
            self._intake.status(self._account, state, sentence, trouble)
