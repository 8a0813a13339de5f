"""One IMAP connection: opened the safe way, logged in, and asked for mails by UID only.

IMAPClient does the talking; FETCH answers are matched in `answers`.
"""

from __future__ import annotations

import imaplib
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from workstation.connectors.email import tls
from workstation.connectors.email.answers import Fetched, by_uid
from workstation.connectors.email.failures import explain, stripped
from workstation.inbox.model import AccountSettings, Security, ServerSettings
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, Offline
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)
logging.getLogger("imapclient").setLevel(logging.INFO)   # below that it writes addresses and search terms
TIMEOUT = 30.0   # seconds for connecting and for each answer
FAILURES = (imaplib.IMAP4.error, OSError, ValueError, UnicodeError)

# RFC 5530: a login refused with one of these is not about the password.
_TEMPORARY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
_COMMON_SENT = (
    "Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent", "[Gmail]/Sent Mail", "Enviados",
    "Itens Enviados", "Elementos enviados", "Gesendet", "Gesendete Elemente", "Envoyés", "Éléments envoyés",
    "Posta inviata", "Inviata", "送信済み", "送信済みアイテム", "已发送", "已发送邮件", "寄件備份")


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it was when opened. `uid_next` is 0 when the server did not say."""

    uid_validity: int
    uid_next: int
    exists: int


class ImapSession:
    """A logged-in connection. Every call blocks and raises ConnectError (or a subclass) when it fails."""

    def __init__(self, settings: AccountSettings, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._server = settings.imap
        self._timeout = timeout
        self._client: Any = None

    @property
    def client(self) -> Any:
        """The library's connection, for whoever waits on its socket."""
        return self._client

    def __enter__(self) -> ImapSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Reach the server and secure the connection. Raises Offline, TimedOut, BadCertificate, InputError."""
        tls.refuse_clear_text(self._server)
        secure = self._server.security
        context = None if secure is Security.PLAIN else tls.context(self._settings.ca_file)
        try:
            self._client = IMAPClient(
                self._server.host, self._server.port, ssl=secure is Security.TLS, ssl_context=context,
                timeout=self._timeout)
            self._client._imap.debug = 0   # the library keeps imaplib's trace on, which holds what buyers wrote
            # IMAPClient sends a command and its line end apart; Nagle would hold the second for 40 ms.
            self._client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if secure is Security.STARTTLS:
                self._start_tls(context)
        except FAILURES as problem:
            self.drop()
            raise explain(problem, self._server) from problem
        except ConnectError:
            self.drop()
            raise

    def _start_tls(self, context: object) -> None:
        if not self._client.has_capability("STARTTLS"):
            raise stripped(self._server)
        try:
            self._client.starttls(context)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            raise stripped(self._server) from problem

    def login(self, password: str) -> None:
        """Log in and ask again what the server can do: some offer IDLE only then. Raises AuthFailed, Offline."""
        user = self._settings.user
        try:
            if self._client.has_capability("AUTH=PLAIN"):
                self._client.plain_login(user, password)
            else:
                self._client.login(user, password)
            self._client._cached_capabilities = None   # IMAPClient keeps what was offered before the login
            self._client.capabilities()
        except LoginError as problem:
            raise self._login_problem(problem) from problem
        except FAILURES as problem:
            raise explain(problem, self._server) from problem

    def _login_problem(self, problem: LoginError) -> ConnectError:
        words = _words(problem)
        if isinstance(problem.__context__, imaplib.IMAP4.abort | OSError):
            return explain(problem.__context__, self._server)
        if any(mark in words.upper() for mark in _TEMPORARY):
            return Offline(
                _("{host} cannot log anyone in now: {words}").format(host=self._server.host, words=words),
                _("It is tried again by itself."))
        return AuthFailed(
            _("{host} refused the name or the password.").format(host=self._server.host),
            _("Check both. Many providers want an app password instead of the usual one."))

    def has(self, capability: str) -> bool:
        return bool(self._client.has_capability(capability))

    def select(self, folder: str) -> Selected:
        """Open a folder without the right to change it, so that nothing can be marked read."""
        with self._failures():
            answer = self._client.select_folder(folder, readonly=True)
            validity = int(answer.get(b"UIDVALIDITY", 0))
            if not validity:
                raise BadAnswer(_("The folder {name} has no UIDVALIDITY.").format(name=folder), "")
            return Selected(validity, int(answer.get(b"UIDNEXT", 0)), int(answer.get(b"EXISTS", 0)))

    def status(self, folder: str) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT of a folder that is not open."""
        with self._failures():
            answer = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
            return int(answer.get(b"UIDVALIDITY", 0)), int(answer.get(b"UIDNEXT", 0))

    def sent_folder(self) -> str:
        """The folder of sent mail: by settings, by its mark (RFC 6154), by common names; "" when there is none."""
        with self._failures():
            listed = self._client.list_folders()
        names = {str(name).casefold(): str(name) for flags, _delimiter, name in listed if b"\\Noselect" not in flags}
        if self._settings.sent_folder:
            return names.get(self._settings.sent_folder.casefold(), "")
        for flags, _delimiter, name in listed:
            if any(bytes(flag).lower() == b"\\sent" for flag in flags):
                return str(name)
        return next((names[known.casefold()] for known in _COMMON_SENT if known.casefold() in names), "")

    def search(self, criteria: Sequence[object]) -> list[int]:
        """UIDs in the open folder, ascending."""
        with self._failures():
            return sorted({int(uid) for uid in self._client.search(list(criteria))})

    def fetch(self, uids: Sequence[int], items: str) -> dict[int, Fetched]:
        """Ask for `items` of `uids`. Only answers that carry one of these UIDs count; the rest is not for us."""
        if not uids:
            return {}
        with self._failures():
            kind, data = self._client._imap.uid("FETCH", _ranges(uids), items)
            if kind != "OK":
                raise BadAnswer(_("{host} refused to hand over mail.").format(host=self._server.host), "")
            return by_uid(data, set(uids))

    def append(self, folder: str, raw: bytes) -> None:
        """Put a mail into a folder, marked as read."""
        with self._failures():
            self._client.append(folder, raw, flags=[b"\\Seen"])

    def close(self) -> None:
        """Say goodbye if possible, and close."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except FAILURES:
            _shut(client)

    def drop(self) -> None:
        """Close without a word."""
        client, self._client = self._client, None
        if client is not None:
            _shut(client)

    def interrupt(self) -> None:
        """From another thread: make whatever waits on this connection fail at once."""
        client = self._client
        if client is None:
            return
        try:
            # Not SSLSocket.shutdown, which would pull the TLS object from under the reading thread.
            socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)
        except FAILURES as problem:
            log.debug("interrupting an IMAP connection: %s", type(problem).__name__)

    def _failures(self) -> _Translating:
        if self._client is None:
            raise Offline(_("The connection to {host} was lost.").format(host=self._server.host), "")
        return _Translating(self._server)


class _Translating:
    """Turns the library's exceptions into ours."""

    def __init__(self, server: ServerSettings) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(value, imaplib.IMAP4.error) and not isinstance(value, imaplib.IMAP4.abort):
            raise BadAnswer(
                _("{host} answered something that cannot be used: {words}").format(
                    host=self._server.host, words=_words(value)),
                _("It is tried again by itself.")) from value
        if isinstance(value, FAILURES) and not isinstance(value, ConnectError):
            raise explain(value, self._server) from value


def _ranges(uids: Sequence[int]) -> str:
    """A sequence set with runs shortened: 1:3,7. Keeps commands short."""
    out: list[str] = []
    ordered = sorted(uids)
    start = previous = ordered[0]
    for uid in [*ordered[1:], -1]:
        if uid != previous + 1:
            out.append(str(start) if start == previous else f"{start}:{previous}")
            start = uid
        previous = uid
    return ",".join(out)


def _words(problem: BaseException) -> str:
    """The server's own words, short and on one line."""
    words = str(problem)
    if words.startswith(("b'", 'b"')):
        words = words[2:-1]
    return " ".join(words.split())[:200]


def _shut(client: Any) -> None:
    try:
        client.shutdown()
    except FAILURES as problem:
        log.debug("closing an IMAP connection: %s", type(problem).__name__)
