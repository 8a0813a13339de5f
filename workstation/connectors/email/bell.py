"""A second connection that idles on the folder of sent mail and rings when something lands there.

It reads nothing: the mailbox's own thread looks when the bell rings, so cursors and mail have one reader. A server that
allows no second connection costs nothing: sent mail is looked at once a minute anyway.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.session import ImapSession
from workstation.connectors.email.waiting import Waker, idle
from workstation.inbox.model import AccountSettings
from workstation.kernel.errors import AuthFailed, WorkstationError

log = logging.getLogger(__name__)


class SentBell:
    """`ring` is called on the bell's own thread. `retry`, `look`, `answer` and `refused` (after a password that was not
    accepted: providers lock accounts that hammer) are seconds."""

    def __init__(
        self, settings: AccountSettings, password: str, ring: Callable[[], None], *, look: float, answer: float,
        retry: float = 60.0, refused: float = 900.0, means: Means = NO_MEANS,
    ) -> None:
        self._settings = settings
        self._password = password
        self._ring = ring
        self._look = look
        self._answer = answer
        self._retry = retry
        self._refused = refused
        self._turned_away = False
        self._means = means
        self._folder = ""
        self._waker = Waker()
        self._stopping = threading.Event()
        self._session: ImapSession | None = None
        self._thread = threading.Thread(target=self._run, name="imap-sent", daemon=True)

    def watch(self, folder: str) -> None:
        """Begin, once; the folder's name may change with a later connection."""
        self._folder = folder
        if self._turned_away:   # the mailbox's own thread was let in, so this one will be
            self._waker.wake()
        if self._thread.ident is None and not self._stopping.is_set():
            self._thread.start()

    def woken(self) -> None:
        """The computer slept: listen on a new connection."""
        session = self._session
        if session is not None:
            session.interrupt()
        self._waker.wake()

    def stop(self, seconds: float) -> None:
        """End the thread, waiting at most `seconds`."""
        self._stopping.set()
        self._waker.wake()
        if self._thread.ident is None:
            self._waker.close()
            return
        self._thread.join(seconds / 2)
        if self._thread.is_alive() and self._session is not None:
            self._session.interrupt()
        self._thread.join(seconds / 2)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except WorkstationError as problem:
                self._turned_away = isinstance(problem, AuthFailed)
                log.info("sent folder: %s", type(problem).__name__)
            if not self._stopping.is_set():
                self._waker.wait(self._refused if self._turned_away else self._retry)
            self._turned_away = False
        self._waker.close()

    def _listen(self) -> None:
        session = ImapSession(self._settings, self._answer, self._means)
        self._session = session
        try:
            session.connect()
            session.login(self._password)
            session.select(self._folder)
            while not self._stopping.is_set():
                idle(session, self._waker, self._look, self._settings.imap)
                if not self._stopping.is_set():
                    self._ring()
        finally:
            self._session = None
            session.drop()
