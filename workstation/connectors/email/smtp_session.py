"""One SMTP conversation, step by step, so that it is known at every failure whether the text was handed over.

The line is the final dot: before it the server has nothing it may deliver (RFC 5321, 4.1.1.4), after it only the
server's answer tells. The library's own `data` would blur that line, so the text is written here.
"""

from __future__ import annotations

import asyncio

import aiosmtplib

from workstation.connectors.email import tls
from workstation.connectors.email.failures import explain, stripped
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.refusals import refused as login_refused
from workstation.connectors.email.refusals import seconds_asked, tidy
from workstation.drafts.model import Envelope, Receipt
from workstation.drafts.ports import NotHandedOver
from workstation.inbox.model import AccountSettings, Security
from workstation.kernel.errors import (
    AskedToWait,
    AuthFailed,
    ConnectError,
    Offline,
    OutcomeUnknown,
    Refused,
    TimedOut,
)
from workstation.kernel.i18n import _

TIMEOUT = 30.0          # seconds for each answer
DATA_TIMEOUT = 300.0    # after the text: servers scan before they answer (RFC 5321, 4.5.3.2.6 says ten minutes)
_CHUNK = 64 * 1024
_FAILURES = (aiosmtplib.SMTPException, OSError, ValueError, asyncio.TimeoutError)


class TryLater(AskedToWait):
    """The server said "not now" (4xx: greylisting, a full queue, a limit). Nothing was handed over."""


class SmtpSession:
    """A connection to the account's server. Raises ConnectError; OutcomeUnknown only out of `data`."""

    def __init__(
        self, settings: AccountSettings, timeout: float = TIMEOUT, data_timeout: float = DATA_TIMEOUT,
        means: Means = NO_MEANS,
    ) -> None:
        self._settings = settings
        self._means = means
        self._server = settings.smtp
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._smtp: aiosmtplib.SMTP | None = None
        self.handed_over = False       # the final dot was written, or may have been

    @property
    def smtp(self) -> aiosmtplib.SMTP:
        if self._smtp is None or not self._smtp.is_connected:
            raise Offline(
                _("{host} closed the connection.").format(host=self._server.host), _("It is tried again by itself."))
        return self._smtp

    async def connect(self) -> None:
        """Reach the server and secure the connection; it is never continued in clear when it should not be."""
        tls.refuse_clear_text(self._server)
        secure = self._server.security
        context = None if secure is Security.PLAIN else await asyncio.to_thread(
            tls.context, self._settings.ca_file, self._server.pin)
        # The name we give is an address literal: asking the system for its own name asks a name server.
        self._smtp = aiosmtplib.SMTP(
            hostname=self._server.host, port=self._server.port, use_tls=secure is Security.TLS, start_tls=False,
            tls_context=context, timeout=self._timeout, local_hostname="[127.0.0.1]")
        try:
            await self._smtp.connect()
            await self._smtp.ehlo()
            if secure is Security.STARTTLS:
                if not self._smtp.supports_extension("starttls"):
                    raise stripped(self._server)
                await self._smtp.starttls()
                await self._smtp.ehlo()
            if secure is not Security.PLAIN:
                shown = self._smtp.get_transport_info("ssl_object").getpeercert(binary_form=True)
                await asyncio.to_thread(tls.check_key, self._settings, self._server, shown, self._means)
        except aiosmtplib.SMTPResponseException as problem:
            raise self._answer(problem.code, problem.message) from problem
        except _FAILURES as problem:
            raise explain(problem, self._server) from problem

    async def login(self, password: str) -> None:
        """Log in where the server offers it. `password`: see `ImapSession.login`. Raises AuthFailed."""
        smtp = self.smtp
        if not smtp.supports_extension("auth"):
            return
        try:
            await (self._by_token(smtp, password) if self._settings.sign_in else self._by_password(smtp, password))
        except aiosmtplib.SMTPResponseException as problem:
            if 400 <= problem.code < 500:
                raise self._answer(problem.code, problem.message) from problem
            raise login_refused(
                self._settings, self._server, tidy(f"{problem.code} {problem.message}")) from problem
        except _FAILURES as problem:
            raise explain(problem, self._server) from problem

    async def _by_password(self, smtp: aiosmtplib.SMTP, password: str) -> None:
        methods = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
        method = next((methods[name] for name in methods if name in smtp.server_auth_methods), None)
        if method is None:
            raise AuthFailed(
                _("{host} lets nobody in with a password.").format(host=self._server.host),
                _("Sign in with the provider instead, or switch SMTP with passwords on in its settings."))
        await method(self._settings.user, password)

    async def _by_token(self, smtp: aiosmtplib.SMTP, grant: str) -> None:
        tokens = self._means.tokens
        if tokens is None:
            raise AuthFailed(_("This mailbox needs a sign-in."), _("Sign in again."))
        token = await asyncio.to_thread(tokens.token, self._settings, grant)
        try:
            await smtp.auth_xoauth2(self._settings.user, token)
        except aiosmtplib.SMTPAuthenticationError as problem:
            if problem.code < 500:
                raise
            newer = await asyncio.to_thread(tokens.token, self._settings, grant, refused=token)
            await smtp.auth_xoauth2(self._settings.user, newer)

    async def envelope(
        self, sender: str, recipients: tuple[str, ...], raw: bytes
    ) -> tuple[tuple[str, str], ...]:
        """Announce the mail. Returns the recipients that were refused for good, each with the server's words.

        Raises Refused when the first recipient, whom the mail is for, is refused or the mail is too large, TryLater
        when the server wants any of it later.
        """
        self._check_size(len(raw))
        foreign = not all(address.isascii() for address in (sender, *recipients))
        if foreign and not self.smtp.supports_extension("smtputf8"):
            raise Refused(
                _("The server cannot write to an address in another script."), _("Ask the buyer for another address."))
        options = [f"SIZE={len(raw)}"] if self.smtp.supports_extension("size") else []
        options += ["SMTPUTF8"] if foreign else []
        if not raw.isascii():
            self._check_eight_bits()
            options.append("BODY=8BITMIME")
        try:
            await self.smtp.mail(sender, options=options, encoding="utf-8")
            return await self._recipients(recipients)
        except aiosmtplib.SMTPResponseException as problem:
            raise self._answer(problem.code, problem.message) from problem
        except _FAILURES as problem:
            raise explain(problem, self._server) from problem

    def _check_eight_bits(self) -> None:
        if not self.smtp.supports_extension("8bitmime"):
            raise Refused(
                _("The server takes no mail with characters beyond ASCII as they are."),
                _("Use another server for sending."))

    async def _recipients(self, recipients: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        refused: list[tuple[str, str]] = []
        for recipient in recipients:
            try:
                await self.smtp.rcpt(recipient, encoding="utf-8")
            except aiosmtplib.SMTPRecipientRefused as problem:
                if problem.code < 500:
                    raise   # later for all: sending to some now would mean sending to them twice
                if recipient == recipients[0]:   # a copy to ourselves or a colleague is no reply to the buyer
                    raise Refused(
                        _("The server refused the recipient: {words}").format(words=tidy(problem.message)),
                        _("Check the address. The reply is kept.")) from problem
                refused.append((recipient, tidy(f"{problem.code} {problem.message}")))
        return tuple(refused)

    async def data(self, raw: bytes) -> str:
        """Hand the text over and return the server's receipt.

        Raises Offline or TimedOut while the final dot was not written, TryLater or Refused when the server said no,
        OutcomeUnknown when the dot was written and no answer came.
        """
        await self._begin_data()
        protocol = self.smtp.protocol
        if protocol is None:
            raise explain(ConnectionResetError(), self._server)
        answer = asyncio.ensure_future(protocol.read_response())
        try:
            handed_over = await self._write_text(protocol, _stuffed(raw), answer)
            if handed_over:
                self.handed_over = True
                protocol.write(b".\r\n")
        except BaseException as problem:
            answer.cancel()
            if isinstance(problem, _FAILURES):
                raise explain(problem, self._server) from problem
            raise
        return await self._receipt(answer, handed_over)

    async def _begin_data(self) -> None:
        try:
            response = await self.smtp.execute_command(b"DATA")
        except _FAILURES as problem:
            raise explain(problem, self._server) from problem
        if response.code != 354:
            raise self._answer(response.code, response.message)

    async def _write_text(
        self, protocol: aiosmtplib.protocol.SMTPProtocol, text: bytes, answer: asyncio.Future[aiosmtplib.SMTPResponse]
    ) -> bool:
        """Write everything but the dot and wait until it left. False when the server answered before the end."""
        give_up = asyncio.get_running_loop().time() + self._data_timeout
        for start in range(0, len(text), _CHUNK):
            if answer.done():
                return False
            protocol.write(text[start : start + _CHUNK])
            await self._drained(protocol, 4 * _CHUNK, give_up)
        await self._drained(protocol, 0, give_up)
        return not answer.done()

    async def _drained(self, protocol: aiosmtplib.protocol.SMTPProtocol, most: int, give_up: float) -> None:
        loop = asyncio.get_running_loop()
        transport = protocol.transport
        while isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size() > most:
            if transport.is_closing():
                raise ConnectionResetError
            if loop.time() > give_up:
                raise TimeoutError
            await asyncio.sleep(0.002)
        await asyncio.sleep(0)

    async def _receipt(self, answer: asyncio.Future[aiosmtplib.SMTPResponse], handed_over: bool) -> str:
        try:
            response = await asyncio.wait_for(answer, self._data_timeout)
        except _FAILURES as problem:
            if handed_over:
                raise self._unknown() from problem
            raise explain(problem, self._server) from problem
        if 200 <= response.code < 300 and handed_over:
            return f"{response.code} {tidy(response.message)}"
        raise self._answer(response.code, response.message)

    def _unknown(self) -> OutcomeUnknown:
        return OutcomeUnknown(
            _("The mail was handed to {host} and no receipt came. It may have arrived.").format(host=self._server.host),
            _("Look into the sent folder before you send it again."))

    async def quit(self) -> None:
        """Say goodbye if possible, and close. Never raises: what matters is over."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        if smtp.is_connected:
            await asyncio.gather(asyncio.wait_for(smtp.quit(), 2.0), return_exceptions=True)
        smtp.close()

    def _check_size(self, size: int) -> None:
        limit = self.smtp.esmtp_extensions.get("size", "")
        if limit.isdigit() and 0 < int(limit) < size:
            raise Refused(
                _("The reply has {size} MB; the server takes at most {limit} MB.").format(
                    size=-(-size // 2**20), limit=int(limit) // 2**20),
                _("Send fewer or smaller attachments."))

    def _answer(self, code: int, words: str) -> ConnectError:
        """What a refusal of the server means for us."""
        said = f"{code} {tidy(words)}".strip()
        if 400 <= code < 500:
            return TryLater(
                _("{host} does not take the mail now: {words}").format(host=self._server.host, words=said),
                _("It is tried again by itself."), seconds_asked(words))
        if code < 0:
            return TimedOut(_("{host} did not answer in time.").format(host=self._server.host),
                            _("It is tried again by itself."))
        return Refused(
            _("{host} refused the mail: {words}").format(host=self._server.host, words=said),
            _("Correct what it names and send again. The reply is kept."))


def _stuffed(raw: bytes) -> bytes:
    """Line ends as CRLF, lines that begin with a dot doubled (RFC 5321, 4.5.2), a line end at the end."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    text = text if text.endswith(b"\r\n") else text + b"\r\n"
    text = text.replace(b"\r\n.", b"\r\n..")
    return b"." + text if text.startswith(b".") else text


async def send(session: SmtpSession, password: str, envelope: Envelope) -> Receipt:
    """The whole conversation for one mail."""
    try:
        await session.connect()
        await session.login(password)
        refused = await session.envelope(envelope.sender, envelope.recipients, envelope.raw)
        response = await session.data(envelope.raw)
    except asyncio.CancelledError as ending:
        if session.handed_over:
            raise
        raise NotHandedOver from ending
    finally:
        await session.quit()
    return Receipt(response, tuple(who for who, _why in refused), tuple(why for _who, why in refused))
