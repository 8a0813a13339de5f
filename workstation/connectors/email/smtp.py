"""The way out for replies: SMTP to send, the mailbox itself to prove what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from workstation.connectors.email import smtp_session
from workstation.connectors.email.answers import Fetched
from workstation.connectors.email.headers import message_id, parse_headers
from workstation.connectors.email.means import NO_MEANS, Means
from workstation.connectors.email.mime import split_head
from workstation.connectors.email.session import ImapSession
from workstation.drafts.model import Envelope, Receipt
from workstation.drafts.ports import NotHandedOver
from workstation.inbox.model import AccountSettings

AccountResolver = Callable[[str], Awaitable[tuple[AccountSettings, str]]]
"""Account id → its settings and its password. Raises NotFound or KeyringProblem."""


class SmtpTransport:
    """Implements `drafts.ports.Transport`."""

    def __init__(self, accounts: AccountResolver, *, timeout: float = smtp_session.TIMEOUT,
                 data_timeout: float = smtp_session.DATA_TIMEOUT, means: Means = NO_MEANS) -> None:
        """`timeout`: seconds for each answer; `data_timeout`: seconds for the answer after the text."""
        self._accounts = accounts
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._means = means

    async def send(self, envelope: Envelope) -> Receipt:
        """Hand the mail to the account's server; see `drafts.ports.Transport` for what each failure means."""
        try:
            settings, password = await self._accounts(envelope.account_id)
        except asyncio.CancelledError as ending:
            raise NotHandedOver from ending
        session = smtp_session.SmtpSession(settings, self._timeout, self._data_timeout, self._means)
        return await smtp_session.send(session, password, envelope)

    async def was_sent(self, account_id: str, message_id: str) -> bool:
        """Look for the mail in the sent folder and, where we send ourselves a copy, in the inbox."""
        settings, password = await self._accounts(account_id)
        return await asyncio.to_thread(self._find, settings, password, message_id)

    async def keep_copy(self, account_id: str, raw: bytes) -> None:
        """Append to the sent folder unless the mail is there. A mailbox without such a folder keeps none."""
        settings, password = await self._accounts(account_id)
        await asyncio.to_thread(self._keep, settings, password, raw)

    def _find(self, settings: AccountSettings, password: str, wanted: str) -> bool:
        with self._logged_in(settings, password) as session:
            folders = [session.sent_folder(), "INBOX" if settings.self_bcc else ""]
            return any(_holds(session, folder, wanted) for folder in folders if folder)

    def _keep(self, settings: AccountSettings, password: str, raw: bytes) -> None:
        wanted = message_id(parse_headers(split_head(raw)[0]).text("message-id"))
        with self._logged_in(settings, password) as session:
            folder = session.sent_folder()
            if folder and not (wanted and _holds(session, folder, wanted)):
                session.append(folder, raw)

    def _logged_in(self, settings: AccountSettings, password: str) -> ImapSession:
        session = ImapSession(settings, self._timeout, self._means)
        session.connect()
        try:
            session.login(password)
        except BaseException:
            session.drop()
            raise
        return session


def _holds(session: ImapSession, folder: str, wanted: str) -> bool:
    """Whether the folder has a mail with exactly this Message-ID. HEADER searches for a part of the field, so the
    hits are read again."""
    session.select(folder)
    hits = session.search(["HEADER", "Message-ID", wanted])[-50:]
    answers = session.fetch(hits, "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    return any(wanted in _ids(answer) for answer in answers.values())


def _ids(answer: Fetched) -> list[str]:
    contents = [value for item, value in answer.items.items() if item.startswith("BODY[") and isinstance(value, bytes)]
    return [message_id(parse_headers(content).text("message-id")) for content in contents]
