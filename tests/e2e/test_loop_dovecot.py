"""The loop against Dovecot as Debian ships it: the real product, TLS with an authority of one's own, IDLE running."""

from __future__ import annotations

import asyncio
import email
import imaplib
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path

import pytest

from tests.support.cli import passphrase
from tests.support.mail import ADDRESS, PASSWORD
from tests.support.mail_dovecot import BINARY, MISSING, Dovecot
from tests.support.mail_smtp import CuttingSmtp, postman
from workstation import app
from workstation.app.wiring import Running
from workstation.connectors.email import setup
from workstation.connectors.email.imap import Pace
from workstation.connectors.email.setup import MailSetup
from workstation.domain.conversation import Channel, Delivery, Direction
from workstation.drafts.model import Mode, Outgoing
from workstation.inbox.model import (
    AccountSettings,
    ConversationRow,
    ConversationView,
    ListQuery,
    Security,
    ServerSettings,
)
from workstation.kernel.errors import SendBlocked
from workstation.kernel.paths import Home
from workstation.store.keybox import Argon

pytestmark = pytest.mark.skipif(not BINARY, reason=MISSING)

BUYER = "ana@buyer.example"
SOON = 8.0       # seconds in which IDLE must tell; without it the next look is a minute away
PATIENCE = 30.0


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    server.start()
    yield server
    server.stop()


@dataclass
class Phone:
    """Another mail program on the same mailbox, and the provider's delivery into it."""

    dovecot: Dovecot

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        with self._client() as client:
            status, answer = client.append(f'"{folder}"', "", imaplib.Time2Internaldate(time.time()), raw)
            assert status == "OK", answer

    def holds(self, message_id: str, folder: str) -> int:
        """How many mails of the folder have this Message-ID."""
        with self._client() as client:
            client.select(f'"{folder}"', readonly=True)
            _status, found = client.search(None, "HEADER", "Message-ID", f'"{message_id}"')
            return len(found[0].split())

    def _client(self) -> imaplib.IMAP4:
        trust = ssl.create_default_context(cafile=str(self.dovecot.certificate))
        client = imaplib.IMAP4_SSL("localhost", self.dovecot.tls_port, ssl_context=trust, timeout=10)
        client.login(ADDRESS, PASSWORD)
        return client


def buyers(name: str, body: str, answers: str = "") -> bytes:
    thread = f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n" if answers else ""
    return (
        f"Message-ID: <{name}@buyer.example>\r\nFrom: Ana Souza <{BUYER}>\r\nTo: {ADDRESS}\r\n"
        f"Subject: {'Re: ' if answers else ''}Chaleira\r\nDate: {email.utils.formatdate()}\r\n{thread}\r\n{body}\r\n"
    ).encode()


def from_the_phone(answers: str) -> bytes:
    return (
        f"Message-ID: <phone@shop.example>\r\nFrom: {ADDRESS}\r\nTo: {BUYER}\r\nSubject: Re: Chaleira\r\n"
        f"Date: {email.utils.formatdate()}\r\nIn-Reply-To: {answers}\r\nReferences: {answers}\r\n\r\nOn its way.\r\n"
    ).encode()


def account(dovecot: Dovecot, smtp: ServerSettings) -> AccountSettings:
    return AccountSettings(
        address=ADDRESS, user=ADDRESS, name="Our shop", channel=Channel.AMAZON, store="casa",
        imap=ServerSettings("localhost", dovecot.tls_port, Security.TLS), smtp=smtp, ca_file=str(dovecot.certificate),
    )


@asynccontextmanager
async def product(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """The whole product on the home in `folder`, made when there is none; replies leave without an undo time."""
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))
    home, secret = Home(folder / "home"), passphrase(folder)
    known = home.description.exists()
    opened = app.open_home(home, secret) if known else app.create_home(home, secret, folder / "recovery")
    opened.settings.set("undo_seconds", 0)
    running = await app.build(opened)
    try:
        await running.start()
        yield running
    finally:
        await running.shutdown()
        running.close()


async def until(fact: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if await fact():
            return True
        await asyncio.sleep(0.05)
    return await fact()


async def rows(running: Running) -> tuple[ConversationRow, ...]:
    return (await running.core.inbox.page(ListQuery(queue="all"))).rows


async def only(running: Running) -> ConversationView:
    found = await rows(running)
    assert len(found) == 1
    return await running.core.inbox.conversation(found[0].id)


async def watched(running: Running, settings: AccountSettings) -> None:
    """Connect the mailbox and wait until its first reading is done and IDLE runs."""
    report = await running.core.accounts.test(settings, PASSWORD)
    assert report.ok, report
    await running.core.accounts.add(settings, PASSWORD)
    assert await until(lambda: online(running))


async def online(running: Running) -> bool:
    """Connected, with the first reading done: nothing is said any more."""
    return [(each.state, each.sentence) for each in await running.core.accounts.list()] == [("online", "")]


async def answer(running: Running, text: str) -> Outgoing:
    view = await only(running)
    draft = await running.core.drafts.load(view.row.id, Mode.REPLY)
    return await running.core.drafts.send(replace(draft, body=text, target_language="en"))


async def delivery(running: Running, outgoing: Outgoing) -> Delivery:
    view = await only(running)
    return next(message.delivery for message in view.messages if message.message_id == outgoing.message_id)


def certificate_of(dovecot: Dovecot) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(dovecot.certificate, dovecot.certificate.with_suffix(".key"))
    return context


async def test_a_buyers_mail_is_told_answered_from_the_phone_and_answered_from_here(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(dovecot)
    with postman(tls=certificate_of(dovecot)) as (smtp, port):
        async with product(tmp_path, monkeypatch) as running:
            await watched(running, account(dovecot, ServerSettings("localhost", port, Security.TLS)))
            first = await told_while_idling(running, phone)
            await asyncio.to_thread(phone.put, from_the_phone(first), dovecot.sent_folder)
            await running.core.accounts.fetch_now()
            await the_clock_stops(running)
            outgoing = await a_reply_leaves_on_its_thread(running, phone)
            sent = email.message_from_bytes(smtp.taken[0][2])
            assert [(taken[0], taken[1]) for taken in smtp.taken] == [(ADDRESS, (BUYER,))]
            on_the_thread(sent, outgoing)
            await our_copy_is_in_sent_once(running, phone, dovecot, outgoing)
        async with product(tmp_path, monkeypatch) as again:   # a restart reads the folders anew and doubles nothing
            await until(lambda: online(again))
            assert len((await only(again)).messages) == 4
            assert len(smtp.taken) == 1


async def test_with_starttls_too_the_phone_stops_the_clock_by_itself(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent mail is looked at once a minute; here every two seconds."""
    monkeypatch.setattr(setup, "MailSetup", lambda means: MailSetup(pace=Pace(look=2.0), means=means))
    phone = Phone(dovecot)
    phone.put(buyers("first", "Onde está a minha encomenda?"))
    with postman(starttls=certificate_of(dovecot)) as (_smtp, port):
        settings = account(dovecot, ServerSettings("localhost", port, Security.STARTTLS))
        imap = ServerSettings("localhost", dovecot.port, Security.STARTTLS)
        async with product(tmp_path, monkeypatch) as running:
            await watched(running, replace(settings, imap=imap))
            assert (await rows(running))[0].unanswered
            await asyncio.to_thread(phone.put, from_the_phone("<first@buyer.example>"), dovecot.sent_folder)
            await the_clock_stops(running)


async def told_while_idling(running: Running, phone: Phone) -> str:
    await asyncio.to_thread(phone.put, buyers("first", "Onde está a minha encomenda?"))

    async def arrived() -> bool:
        return len(await rows(running)) == 1

    assert await until(arrived, SOON)
    view = await only(running)
    assert (view.row.unanswered, view.row.unread, view.row.language) == (True, True, "pt")
    assert view.row.due_at is not None
    return view.messages[0].message_id


async def the_clock_stops(running: Running) -> None:
    async def answered() -> bool:
        return len((await only(running)).messages) == 2

    assert await until(answered)
    view = await only(running)
    assert (view.row.unanswered, view.row.due_at) == (False, None)
    assert [message.direction for message in view.messages] == [Direction.IN, Direction.OUT]


async def a_reply_leaves_on_its_thread(running: Running, phone: Phone) -> Outgoing:
    await asyncio.to_thread(phone.put, buyers("second", "Ainda não chegou.", "<phone@shop.example>"))

    async def unanswered_again() -> bool:
        row = (await rows(running))[0]
        return row.unanswered and row.due_at is not None

    assert await until(unanswered_again, SOON)
    outgoing = await answer(running, "Your parcel arrives tomorrow.")

    async def done() -> bool:
        return await delivery(running, outgoing) is Delivery.DONE

    assert await until(done)
    row = (await rows(running))[0]
    assert (row.unanswered, row.due_at) == (False, None)
    return outgoing


def on_the_thread(sent: Message, outgoing: Outgoing) -> None:
    assert sent["Message-ID"] == outgoing.message_id
    assert sent["In-Reply-To"] == "<second@buyer.example>"
    references = str(sent["References"]).split()
    assert references == ["<first@buyer.example>", "<phone@shop.example>", "<second@buyer.example>"]
    assert str(sent["Subject"]) == "Re: Chaleira"
    assert b"arrives tomorrow" in sent.as_bytes()


async def our_copy_is_in_sent_once(running: Running, phone: Phone, dovecot: Dovecot, outgoing: Outgoing) -> None:
    async def copied() -> bool:
        return await asyncio.to_thread(phone.holds, outgoing.message_id, dovecot.sent_folder) > 0

    assert await until(copied)
    await running.core.accounts.fetch_now()
    await asyncio.sleep(1.5)
    assert phone.holds(outgoing.message_id, dovecot.sent_folder) == 1
    view = await only(running)
    assert [message.message_id for message in view.messages].count(outgoing.message_id) == 1
    assert len(view.messages) == 4


async def test_a_lost_receipt_is_unknown_until_the_server_shows_the_mail(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(dovecot)
    phone.put(buyers("first", "Onde está a minha encomenda?"))
    with CuttingSmtp("dot") as smtp:
        settings = account(dovecot, ServerSettings("127.0.0.1", smtp.port, Security.PLAIN))
        async with product(tmp_path, monkeypatch) as running:
            await running.core.accounts.add(settings, PASSWORD)

            async def arrived() -> bool:
                return len(await rows(running)) == 1

            assert await until(arrived)
            outgoing = await answer(running, "Your parcel arrives tomorrow.")

            async def unknown() -> bool:
                return await delivery(running, outgoing) is Delivery.UNKNOWN

            assert await until(unknown)
            handed = smtp.got
            assert handed.count(outgoing.message_id.encode()) == 1
            with pytest.raises(SendBlocked):
                await running.core.drafts.retry(outgoing.id)
            assert (await running.core.drafts.look_for(outgoing.id)).state is Delivery.UNKNOWN
            assert (await rows(running))[0].delivery is Delivery.UNKNOWN
        async with product(tmp_path, monkeypatch) as running:   # nor does a restart send it again
            assert await delivery(running, outgoing) is Delivery.UNKNOWN
            await asyncio.to_thread(phone.put, handed, dovecot.sent_folder)

            async def done() -> bool:
                return await delivery(running, outgoing) is Delivery.DONE

            assert await until(done)
            assert await running.core.drafts.outgoing() == ()
            assert smtp.got == handed
            assert phone.holds(outgoing.message_id, dovecot.sent_folder) == 1
            row = (await rows(running))[0]
            assert (row.unanswered, row.due_at) == (False, None)
            assert len((await only(running)).messages) == 2
