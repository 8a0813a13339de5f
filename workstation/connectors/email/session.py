"""One IMAP connection: opened the safe way, logged in, and asked for mails by UID only.

IMAPClient does the talking; FETCH answers are matched in `answers`.
"""

from __future__ import annotations

import imaplib
import logging
import socket
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from workstation import __version__
from workstation.connectors.email import folders, tls
from workstation.connectors.email.answers import Fetched, by_uid
from workstation.connectors.email.failures import explain, stripped
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.opened import Selected, read_opened
from workstation.connectors.email.refusals import refused, tidy
from workstation.inbox.model import AccountSettings, FolderCursor, MailFolder, Security, ServerSettings
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, Offline
from workstation.kernel.i18n import _

__all__ = ["FAILURES", "TIMEOUT", "ImapSession", "Selected"]

log = logging.getLogger(__name__)
logging.getLogger("imapclient").setLevel(logging.INFO)   # below that it writes addresses and search terms
TIMEOUT = 30.0   # seconds for connecting and for each answer
LARGEST = 256 * 1024 * 1024   # bytes of one literal; what is fetched is far below
_STATUS = (b"UIDVALIDITY", b"UIDNEXT", b"HIGHESTMODSEQ")
FAILURES = (imaplib.IMAP4.error, OSError, ValueError, UnicodeError)


class ImapSession:
    """A logged-in connection. Every call blocks and raises ConnectError (or a subclass) when it fails."""

    def __init__(self, settings: AccountSettings, timeout: float = TIMEOUT, means: Means = NO_MEANS) -> None:
        self._settings = settings
        self._server = settings.imap
        self._timeout = timeout
        self._means = means
        self._client: Any = None
        self.counts_changes = False    # CONDSTORE (RFC 7162): each folder has a counter of changes
        self.tells_changes = False     # QRESYNC: what changed and what vanished is told when a folder is opened

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
        context = None if secure is Security.PLAIN else tls.context(self._settings.ca_file, self._server.pin)
        try:
            self._client = IMAPClient(
                self._server.host, self._server.port, ssl=secure is Security.TLS, ssl_context=context,
                timeout=self._timeout)
            self._client._imap.debug = 0   # the library keeps imaplib's trace on, which holds what buyers wrote
            self._tune()
            if secure is Security.STARTTLS:
                self._start_tls(context)
            if secure is not Security.PLAIN:
                shown = self._client.socket().getpeercert(binary_form=True)
                tls.check_key(self._settings, self._server, shown, self._means)
        except FAILURES as problem:
            self.drop()
            raise explain(problem, self._server) from problem
        except BaseException:
            self.drop()
            raise

    def _tune(self) -> None:
        sock = self._client.socket()
        # IMAPClient sends a command and its line end apart; Nagle would hold the second for 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        imap, read = self._client._imap, self._client._imap.read

        def bounded(size: int) -> bytes:
            if size > LARGEST:
                raise imaplib.IMAP4.abort(f"a literal of {size} bytes")
            content: bytes = read(size)
            return content

        imap.read = bounded

    def _start_tls(self, context: object) -> None:
        if not self._client.has_capability("STARTTLS"):
            raise stripped(self._server)
        try:
            self._client.starttls(context)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as problem:
            raise stripped(self._server) from problem
        self._client._imap.untagged_responses = {}   # what was said before the encryption may be anybody's

    def login(self, password: str) -> None:
        """Log in and ask again what the server can do: some offer IDLE only then. Raises AuthFailed, Offline.

        For a mailbox that is signed in to, `password` is the grant its tokens are made from; a token that is refused is
        made anew once.
        """
        try:
            self._prove(password)
            self._client._cached_capabilities = None   # IMAPClient keeps what was offered before the login
            self._client.capabilities()
            self._prepare()
        except LoginError as problem:
            raise self._login_problem(problem) from problem
        except FAILURES as problem:
            raise explain(problem, self._server) from problem

    def _prove(self, password: str) -> None:
        user = self._settings.user
        if self._settings.sign_in:
            self._prove_by_token(password)
        elif self._client.has_capability("AUTH=PLAIN"):
            self._client.plain_login(user, password)
        else:
            self._client.login(user, password)

    def _prove_by_token(self, grant: str) -> None:
        if self._means.tokens is None:
            raise AuthFailed(_("This mailbox needs a sign-in."), _("Sign in again."))
        token = self._means.tokens.token(self._settings, grant)
        try:
            self._offer(token)
        except LoginError as problem:
            if isinstance(problem.__context__, imaplib.IMAP4.abort | OSError):
                raise
            self._offer(self._means.tokens.token(self._settings, grant, refused=token))

    def _offer(self, token: str) -> None:
        newer = self._client.has_capability("AUTH=OAUTHBEARER") and not self._client.has_capability("AUTH=XOAUTH2")
        self._client.sasl_login("OAUTHBEARER" if newer else "XOAUTH2", bearer(self._settings.user, token, newer=newer))

    def _prepare(self) -> None:
        """What a connection wants to know and say once, after the login."""
        if self.has("ID"):   # some providers open no folder to a program that does not say its name
            # Not the library's own call, which reads the answer and fails over an odd one; nobody here wants it.
            self._client._imap._simple_command("ID", f'("name" "Workstation" "version" "{__version__}")')
        self.counts_changes = self.has("CONDSTORE") or self.has("QRESYNC")
        if self.has("QRESYNC") and self.has("ENABLE"):
            kind, _data = self._client._imap._simple_command("ENABLE", "QRESYNC")
            self.tells_changes = kind == "OK"

    def _login_problem(self, problem: LoginError) -> ConnectError:
        if isinstance(problem.__context__, imaplib.IMAP4.abort | OSError):
            return explain(problem.__context__, self._server)
        return refused(self._settings, self._server, tidy(problem))

    def has(self, capability: str) -> bool:
        return bool(self._client.has_capability(capability))

    def select(self, folder: str, known: FolderCursor | None = None, *, write: bool = False) -> Selected:
        """Open a folder, without the right to change it unless `write`, so that nothing is marked read by looking.

        `known`: where it was left; a server with QRESYNC tells what changed since.
        """
        with self._failures():
            imap = self._client._imap
            imap.untagged_responses = {}
            imap.is_readonly = not write
            kind, _data = imap._simple_command(
                "SELECT" if write else "EXAMINE", self._client._normalise_folder(folder), self._parameter(known))
            if kind != "OK":
                imap.state = "AUTH"
                raise BadAnswer(
                    _("{host} does not open the folder {name}: {words}").format(
                        host=self._server.host, name=folder, words=tidy(_data[0])),
                    _("Leave this folder out, or ask the provider."))
            imap.state = "SELECTED"
            opened = read_opened(imap.untagged_responses)
            if not opened.uid_validity:
                raise BadAnswer(_("The folder {name} has no UIDVALIDITY.").format(name=folder),
                                _("Leave this folder out, or ask the provider."))
            return opened

    def _parameter(self, known: FolderCursor | None) -> str | None:
        if self.tells_changes and known is not None and known.uid_validity and known.mod_sequence:
            return f"(QRESYNC ({known.uid_validity} {known.mod_sequence}))"
        return "(CONDSTORE)" if self.counts_changes and not self.tells_changes else None

    def status(self, folder: str) -> tuple[int, int, int]:
        """UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ (0 = not counted) of a folder that is not open."""
        items = ["UIDVALIDITY", "UIDNEXT", *(["HIGHESTMODSEQ"] if self.counts_changes else [])]
        with self._failures():
            answer = self._client.folder_status(folder, items)
            validity, uid_next, counted = (int(answer.get(item, 0)) for item in _STATUS)
            return validity, uid_next, counted

    def folders(self) -> tuple[MailFolder, ...]:
        """The folders of the mailbox and what each is for."""
        with self._failures():
            return folders.roles(self._client.list_folders(), self._settings)

    def sent_folder(self) -> str:
        """The folder of sent mail: by settings, by its mark (RFC 6154), by common names; "" when there is none."""
        return next((folder.name for folder in self.folders() if folder.role == "sent"), "")

    def search(self, criteria: Sequence[object]) -> list[int]:
        """UIDs in the open folder, ascending."""
        with self._failures():
            return sorted({int(uid) for uid in self._client.search(list(criteria))})

    def fetch(self, uids: Sequence[int], items: str) -> dict[int, Fetched]:
        """Ask for `items` of `uids`. Only answers that carry one of these UIDs count; the rest is not for us."""
        if not uids:
            return {}
        with self._failures():
            kind, data = self._client._imap.uid("FETCH", ranges(uids), items)
            if kind != "OK":
                raise BadAnswer(_("{host} refused to hand over mail.").format(host=self._server.host),
                                _("It is tried again by itself. If it stays so, ask the provider."))
            return by_uid(data, set(uids))

    def changed_since(self, last_uid: int, mod_sequence: int) -> dict[int, Fetched]:
        """Marks of the mails up to `last_uid` that changed after `mod_sequence` (CONDSTORE)."""
        with self._failures():
            wanted = f"(UID FLAGS) (CHANGEDSINCE {mod_sequence})"
            kind, data = self._client._imap.uid("FETCH", f"1:{last_uid}", wanted)
            if kind != "OK":
                raise BadAnswer(_("{host} does not tell what changed.").format(host=self._server.host),
                            _("It is tried again by itself. If it stays so, ask the provider."))
            return by_uid(data, range(1, last_uid + 1))

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark mails of the folder, which is open for writing, as read."""
        with self._failures():
            kind, data = self._client._imap.uid("STORE", ranges(uids), "+FLAGS.SILENT", "(\\Seen)")
            if kind != "OK":
                raise BadAnswer(_("{host} marks nothing as read: {words}").format(
                    host=self._server.host, words=tidy(data[0])),
                    _("Mark them on the server, or let this mailbox mark nothing."))

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
            raise Offline(_("The connection to {host} was lost.").format(host=self._server.host),
                          _("It is tried again by itself."))
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
                    host=self._server.host, words=tidy(value)),
                _("It is tried again by itself.")) from value
        if isinstance(value, FAILURES) and not isinstance(value, ConnectError):
            raise explain(value, self._server) from value


def bearer(user: str, token: str, *, newer: bool) -> Callable[[bytes], bytes]:
    """What is answered to a server's challenges: the token, and to a second one, which holds the reason of a refusal,
    the empty answer that lets the server finish. `newer`: OAUTHBEARER (RFC 7628) instead of XOAUTH2."""
    who = user.replace("=", "=3D").replace(",", "=2C") if newer else user
    begin = f"n,a={who}," if newer else f"user={who}"
    answers = [f"{begin}\1auth=Bearer {token}\1\1".encode(), b"\1" if newer else b""]
    return lambda _challenge: answers.pop(0) if answers else b""


def ranges(uids: Sequence[int]) -> str:
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


def _shut(client: Any) -> None:
    try:
        client.shutdown()
    except FAILURES as problem:
        log.debug("closing an IMAP connection: %s", type(problem).__name__)
