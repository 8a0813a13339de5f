"""Connecting a mailbox: every step tried one after the other, and each failure explained before anything is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from workstation.connectors.email import tls
from workstation.connectors.email.failures import explain
from workstation.connectors.email.folders import INBOX
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.session import ImapSession
from workstation.connectors.email.smtp_session import SmtpSession
from workstation.inbox.model import AccountSettings, ConnectionReport, ConnectionStep, Security, ServerSettings
from workstation.inbox.ports import Intake
from workstation.kernel.clock import Clock
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

TIMEOUT = 15.0   # seconds for each step: a person is waiting

_Step = tuple[str, Callable[[], Awaitable[str]]]


class MailSetup:
    """Implements `inbox.ports.MailboxFactory`."""

    def __init__(self, clock: Clock | None = None, pace: Pace | None = None, timeout: float = TIMEOUT) -> None:
        self._clock = clock
        self._pace = pace
        self._timeout = timeout

    def mailbox(self, account_id: str, settings: AccountSettings, password: str, intake: Intake) -> ImapMailbox:
        return ImapMailbox(account_id, settings, password, intake, clock=self._clock, pace=self._pace)

    async def test(self, settings: AccountSettings, password: str) -> ConnectionReport:
        """Try IMAP and SMTP side by side. Known failures become steps of the report, never exceptions."""
        imap, smtp = await asyncio.gather(self._imap(settings, password), self._smtp(settings, password))
        return ConnectionReport((*imap, *smtp))

    async def _imap(self, settings: AccountSettings, password: str) -> list[ConnectionStep]:
        session = ImapSession(settings, self._timeout)
        server = settings.imap

        async def certificate() -> str:
            await asyncio.to_thread(session.connect)
            return _secured(server)

        async def login() -> str:
            await asyncio.to_thread(session.login, password)
            return _("Name and password are accepted.")

        async def folders() -> str:
            return await asyncio.to_thread(_folders, session)

        try:
            return await _follow((
                (_("Reach the server for receiving"), lambda: self._reach(server)),
                (_("Its certificate"), certificate),
                (_("Log in"), login),
                (_("Inbox and sent mail"), folders),
            ))
        finally:
            await asyncio.to_thread(session.close)

    async def _smtp(self, settings: AccountSettings, password: str) -> list[ConnectionStep]:
        session = SmtpSession(settings, self._timeout)
        server = settings.smtp

        async def certificate() -> str:
            await session.connect()
            return _secured(server)

        async def login() -> str:
            if not session.smtp.supports_extension("auth"):
                return _("The server asks for no login.")
            await session.login(password)
            return _("Name and password are accepted.")

        try:
            return await _follow((
                (_("Reach the server for sending"), lambda: self._reach(server)),
                (_("Its certificate"), certificate),
                (_("Log in"), login),
            ))
        finally:
            await session.quit()

    async def _reach(self, server: ServerSettings) -> str:
        tls.refuse_clear_text(server)
        try:
            async with asyncio.timeout(self._timeout):
                _reader, writer = await asyncio.open_connection(server.host, server.port)
        except (OSError, TimeoutError) as problem:
            raise explain(problem, server) from problem
        writer.transport.abort()
        return _("{host} answers at port {port}.").format(host=server.host, port=server.port)


def _folders(session: ImapSession) -> str:
    inbox = session.select(INBOX)
    sent = session.sent_folder()
    if not sent:
        return _("The inbox has {count} mails. There is no folder of sent mail; answers from elsewhere are not seen."
                 ).format(count=inbox.exists)
    return _("The inbox has {count} mails; sent mail is in “{folder}”.").format(count=inbox.exists, folder=sent)


def _secured(server: ServerSettings) -> str:
    if server.security is Security.PLAIN:
        return _("Not needed: the server is this computer.")
    return _("The connection is encrypted and the certificate is valid.")


async def _follow(steps: Sequence[_Step]) -> list[ConnectionStep]:
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
    return report
