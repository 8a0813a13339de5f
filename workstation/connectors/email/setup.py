"""Connecting a mailbox: every step tried one after the other, and each failure explained before anything is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from workstation.connectors.email import tls
from workstation.connectors.email.failures import explain
from workstation.connectors.email.folders import INBOX
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.oauth import TokenBook
from workstation.connectors.email.probe import Spoken, key_shown, spoken_at
from workstation.connectors.email.session import ImapSession
from workstation.connectors.email.signin import sign_in
from workstation.connectors.email.smtp_session import SmtpSession
from workstation.inbox.model import (
    AccountSettings,
    ConnectionReport,
    ConnectionStep,
    MailFolder,
    Security,
    ServerSettings,
)
from workstation.inbox.ports import Intake
from workstation.kernel.clock import Clock
from workstation.kernel.errors import (
    AuthFailed,
    BadAnswer,
    BadCertificate,
    Offline,
    TimedOut,
    Unsupported,
    WorkstationError,
)
from workstation.kernel.i18n import _, ngettext

TIMEOUT = 15.0   # seconds for each step: a person is waiting
_LOOK = 3.0      # seconds for a second look at a server that answered wrongly

_Step = tuple[str, Callable[[], Awaitable[str]]]


class MailSetup:
    """Implements `inbox.ports.MailboxFactory`."""

    def __init__(
        self, clock: Clock | None = None, pace: Pace | None = None, timeout: float = TIMEOUT, means: Means = NO_MEANS,
    ) -> None:
        self._clock = clock
        self._pace = pace
        self._timeout = timeout
        self._means = means

    def mailbox(self, account_id: str, settings: AccountSettings, password: str, intake: Intake) -> ImapMailbox:
        return ImapMailbox(
            account_id, settings, password, intake, clock=self._clock, pace=self._pace, means=self._means)

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str) -> str:
        """See `api.AccountsApi.sign_in`."""
        book = self._means.tokens
        if not isinstance(book, TokenBook):
            raise Unsupported(_("Signing in with a browser is not set up here."), _("Use a password instead."))
        return await sign_in(book, settings, opened, secret)

    async def folders(self, settings: AccountSettings, password: str) -> tuple[MailFolder, ...]:
        """The folders of a mailbox, inbox first. Raises ConnectError."""
        return await asyncio.to_thread(self._folders, settings, password)

    def _folders(self, settings: AccountSettings, password: str) -> tuple[MailFolder, ...]:
        with ImapSession(settings, self._timeout, self._means) as session:
            session.connect()
            session.login(password)
            return session.folders()

    async def test(
        self, settings: AccountSettings, password: str, taken: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        """Try IMAP and SMTP side by side. Known failures become steps of the report, never exceptions.

        `taken` is told each step that was tried, as soon as it is known; those of the two servers come mixed.
        """
        told = taken or _nobody
        imap, smtp = await asyncio.gather(self._imap(settings, password, told), self._smtp(settings, password, told))
        return ConnectionReport((*imap, *smtp))

    async def _imap(
        self, settings: AccountSettings, password: str, told: Callable[[ConnectionStep], None],
    ) -> list[ConnectionStep]:
        session = ImapSession(settings, self._timeout, self._means)
        server = settings.imap

        async def certificate() -> str:
            await self._explained(asyncio.to_thread(session.connect), server, Spoken.IMAP)
            return _secured(server)

        async def login() -> str:
            await asyncio.to_thread(session.login, password)
            return _accepted(settings)

        async def folders() -> str:
            return await asyncio.to_thread(_counted, session)

        try:
            return await _follow((
                (_("Reach the server for receiving"), lambda: self._reach(server)),
                (_("Its certificate"), certificate),
                (_("Log in"), login),
                (_("Inbox and sent mail"), folders),
            ), told)
        finally:
            await asyncio.to_thread(session.close)

    async def _smtp(
        self, settings: AccountSettings, password: str, told: Callable[[ConnectionStep], None],
    ) -> list[ConnectionStep]:
        session = SmtpSession(settings, self._timeout, means=self._means)
        server = settings.smtp

        async def certificate() -> str:
            await self._explained(session.connect(), server, Spoken.SMTP)
            return _secured(server)

        async def login() -> str:
            if not session.smtp.supports_extension("auth"):
                return _no_login(server)
            await session.login(password)
            return _accepted(settings)

        try:
            return await _follow((
                (_("Reach the server for sending"), lambda: self._reach(server)),
                (_("Its certificate"), certificate),
                (_("Log in"), login),
            ), told)
        finally:
            await session.quit()

    async def _reach(self, server: ServerSettings) -> str:
        tls.refuse_clear_text(server)
        try:
            async with asyncio.timeout(self._timeout):
                _reader, writer = await asyncio.open_connection(server.host, server.port)
        except TimeoutError as problem:
            raise TimedOut(
                _("{host} does not answer at port {port}: the port may be blocked on the way.").format(
                    host=server.host, port=server.port),
                _("Check the port. If it is right, a firewall or your network provider blocks it; try the provider's "
                  "other port, or another network.")) from problem
        except OSError as problem:
            raise explain(problem, server) from problem
        writer.transport.abort()
        return _("{host} answers at port {port}.").format(host=server.host, port=server.port)

    async def _explained(self, connecting: Awaitable[None], server: ServerSettings, wanted: Spoken) -> None:
        """Connect; on a failure that leaves the reason open, look again and say more."""
        look = min(_LOOK, self._timeout)
        try:
            await connecting
        except BadCertificate as problem:
            if server.security is Security.PLAIN:
                raise
            key = await asyncio.to_thread(key_shown, server, look, smtp=wanted is Spoken.SMTP)
            raise _with_key(problem, key) from problem
        except (TimedOut, BadAnswer, Offline) as problem:
            spoken = await asyncio.to_thread(spoken_at, server, look)
            raise _misunderstood(server, wanted, spoken) or problem from problem


def _misunderstood(server: ServerSettings, wanted: Spoken, spoken: Spoken) -> BadAnswer | None:
    """The failure when a server speaks something else at this port than the settings say; None when it does not."""
    where = {"host": server.host, "port": server.port}
    if spoken is Spoken.TLS and server.security is not Security.TLS:
        return BadAnswer(
            _("{host} speaks TLS from the first word at port {port}.").format(**where),
            _("Choose TLS instead of STARTTLS, or the provider's STARTTLS port (143 for IMAP, 587 for SMTP)."))
    if spoken in (Spoken.IMAP, Spoken.SMTP, Spoken.POP, Spoken.OTHER) and spoken is not wanted:
        names = {Spoken.IMAP: "IMAP", Spoken.SMTP: "SMTP", Spoken.POP: "POP3", Spoken.OTHER: "?"}
        return BadAnswer(
            _("{host} speaks {found} at port {port}, not {wanted}.").format(
                **where, found=names[spoken], wanted=names[wanted]),
            _("Check the port: 993 or 143 for IMAP, 465 or 587 for SMTP."))
    return None


def _with_key(problem: BadCertificate, key: str) -> BadCertificate:
    """The refusal with the fingerprint of the key that was shown, to be compared by a person."""
    if not key or tls.shown_as(key) in problem.sentence:
        return problem
    shown = _("The fingerprint of its key is {key}.").format(key=tls.shown_as(key))
    compare = _("If you run the server yourself, compare this fingerprint with the server's own; only when it is the "
                "same, enter it as the pinned key.")
    return BadCertificate(f"{problem.sentence} {shown}", f"{problem.remedy} {compare}".strip())


def _counted(session: ImapSession) -> str:
    inbox = session.select(INBOX)
    sent = session.sent_folder()
    if not sent:
        return ngettext(
            "The inbox has {n} mail. There is no folder of sent mail; answers from elsewhere are not seen.",
            "The inbox has {n} mails. There is no folder of sent mail; answers from elsewhere are not seen.",
            inbox.exists).format(n=inbox.exists)
    return ngettext("The inbox has {n} mail; sent mail is in “{folder}”.",
                    "The inbox has {n} mails; sent mail is in “{folder}”.", inbox.exists,
                    ).format(n=inbox.exists, folder=sent)


def _secured(server: ServerSettings) -> str:
    if server.security is Security.PLAIN:
        return _("Not needed: the server is this computer.")
    if server.pin:
        return _("The connection is encrypted and the server shows the pinned key.")
    return _("The connection is encrypted and the certificate is valid.")


def _accepted(settings: AccountSettings) -> str:
    return _("The sign-in is accepted.") if settings.sign_in else _("Name and password are accepted.")


def _no_login(server: ServerSettings) -> str:
    """A server that offers no login is either one's own, or one that has it switched off for this mailbox."""
    if tls.is_loopback(server.host):
        return _("The server asks for no login.")
    raise AuthFailed(
        _("{host} offers no login at port {port}.").format(host=server.host, port=server.port),
        _("Use the provider's port for sending with a login (465 or 587), and switch it on in the mailbox's settings."))


def _nobody(_step: ConnectionStep) -> None:
    """Nobody watches the test."""


async def _follow(steps: Sequence[_Step], told: Callable[[ConnectionStep], None]) -> list[ConnectionStep]:
    """Take the steps until one fails; the rest is reported as not tried."""
    report: list[ConnectionStep] = []
    for name, take in steps:
        if report and not report[-1].ok:
            report.append(ConnectionStep(name, None, _("Not tried.")))
            continue
        try:
            report.append(ConnectionStep(name, True, await take()))
        except WorkstationError as problem:
            report.append(ConnectionStep(name, False, problem.sentence, problem.remedy))
        told(report[-1])
    return report
