"""One suite, every IMAP server we can run: what a mailbox does is the same on each. Checked with bare imaplib."""

from __future__ import annotations

import imaplib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support import mail_dovecot
from tests.support.mail import ADDRESS, PASSWORD, RecordingIntake, account, raw_mail, until
from workstation.connectors.email.fetch import Limits
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.smtp import SmtpTransport
from workstation.connectors.simulated.mail import MailServers
from workstation.inbox.model import AccountSettings, Security

QUICK = Pace(first_retry=0.05, last_retry=0.2, answer=5.0)


@dataclass
class Peer:
    """A running server as a test needs it."""

    settings: AccountSettings
    sent: str
    boxes: list[ImapMailbox] = field(default_factory=list)

    def login(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.settings.imap.port, timeout=10)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.login(ADDRESS, PASSWORD)
        return client

    def put(self, *names: str, folder: str = "INBOX", days_ago: float = 0.0, flags: str = "") -> None:
        client = self.login()
        when = imaplib.Time2Internaldate(time.time() - days_ago * 86_400)
        for name in names:
            kind, data = client.append(f'"{folder}"', flags, when, raw_mail(name))
            assert kind == "OK", data
        client.logout()

    def flags(self) -> list[bytes]:
        client = self.login()
        client.select("INBOX", readonly=True)
        _kind, data = client.uid("FETCH", "1:*", "(FLAGS)")
        client.logout()
        return [line for line in data if isinstance(line, bytes)]

    def watch(self, intake: RecordingIntake, password: str = PASSWORD, limits: Limits | None = None) -> ImapMailbox:
        box = ImapMailbox("acc", self.settings, password, intake, pace=QUICK, limits=limits)
        self.boxes.append(box)
        box.start()
        return box


def wipe(peer: Peer) -> None:
    client = peer.login()
    for folder in ("INBOX", f'"{peer.sent}"'):
        _kind, (count, *_more) = client.select(folder)
        if count != b"0":
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
    client.logout()


@pytest.fixture(scope="module", params=["pymap", "dovecot", "dovecot-starttls"])
def server(request: pytest.FixtureRequest) -> Iterator[Peer]:
    if request.param == "pymap":
        servers = MailServers({ADDRESS: PASSWORD})
        servers.start()
        yield Peer(account(servers.imap_port, servers.smtp_port), "Sent")
        servers.stop()
        return
    if not mail_dovecot.BINARY:
        pytest.skip(mail_dovecot.MISSING)
    dovecot = mail_dovecot.Dovecot()
    try:
        dovecot.start()
        security = Security.STARTTLS if request.param == "dovecot-starttls" else Security.PLAIN
        settings = account(dovecot.port, security=security, ca_file=str(dovecot.certificate))
        yield Peer(settings, dovecot.sent_folder)
    finally:
        dovecot.stop()


@pytest.fixture
def peer(server: Peer) -> Iterator[Peer]:
    yield server
    for box in server.boxes:
        box.stop()
    server.boxes.clear()
    wipe(server)


@pytest.fixture
def intake() -> RecordingIntake:
    return RecordingIntake()


def test_the_first_reading_goes_as_deep_as_asked_and_marks_nothing(peer: Peer, intake: RecordingIntake) -> None:
    peer.put("old", days_ago=90)
    peer.put("a", "b", days_ago=3)
    peer.put("read", flags="\\Seen")
    peer.watch(intake)
    assert until(lambda: intake.states[-1:] == ["online"] and len(intake.mails) == 3)
    assert intake.ids() == ["<a@home.example>", "<b@home.example>", "<read@home.example>"]
    assert [fetched.seen for fetched in intake.mails] == [False, False, True]
    assert sum(b"\\Seen" in line for line in peer.flags()) == 1


def test_new_mail_is_told_by_the_server_at_once(peer: Peer, intake: RecordingIntake) -> None:
    peer.watch(intake)
    assert until(lambda: intake.sentences[-1:] == [""])
    begun = time.monotonic()
    peer.put("news")
    assert until(lambda: intake.ids() == ["<news@home.example>"], 5)
    assert time.monotonic() - begun < 4


def test_an_answer_written_elsewhere_is_found_in_sent_mail_and_is_our_own(peer: Peer, intake: RecordingIntake) -> None:
    box = peer.watch(intake)
    assert until(lambda: intake.sentences[-1:] == [""])
    peer.put("from-phone", folder=peer.sent)
    box.fetch_now()
    assert until(lambda: intake.ids(peer.sent) == ["<from-phone@home.example>"])
    assert intake.mails[0].mail.own


def test_an_answer_written_elsewhere_is_told_at_once(peer: Peer, intake: RecordingIntake) -> None:
    box = peer.watch(intake)
    assert until(lambda: intake.sentences[-1:] == [""])
    assert until(box._bell._thread.is_alive)
    time.sleep(1.5)  # the second connection logs in and chooses its folder before it says IDLE
    begun = time.monotonic()
    peer.put("from-phone", folder=peer.sent)
    assert until(lambda: intake.ids(peer.sent) == ["<from-phone@home.example>"], 10)
    assert time.monotonic() - begun < 8


def test_a_second_start_reads_on_where_the_first_stopped(peer: Peer, intake: RecordingIntake) -> None:
    peer.put("one", "two")
    box = peer.watch(intake)
    assert until(lambda: len(intake.mails) == 2 and intake.sentences[-1:] == [""])
    box.stop()
    peer.put("three")
    peer.watch(intake)
    assert until(lambda: len(intake.mails) == 3)
    assert intake.ids()[2] == "<three@home.example>"
    uids = [fetched.uid for fetched in intake.mails]
    assert uids == sorted(set(uids))


def test_many_mails_come_in_bounded_batches_each_under_its_own_uid(peer: Peer, intake: RecordingIntake) -> None:
    names = [f"m{n}" for n in range(60)]
    peer.put(*names)
    peer.watch(intake, limits=Limits(uids=25, bytes=2_000))
    assert until(lambda: len(intake.mails) == 60)
    client = peer.login()
    client.select("INBOX", readonly=True)
    for fetched in intake.mails[::7]:
        _kind, data = client.uid("FETCH", str(fetched.uid), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        assert isinstance(data[0], tuple)
        assert fetched.mail.message_id.encode() in data[0][1]
    client.logout()
    assert max(intake.batches) < 25


def test_a_wrong_password_is_refused_with_a_remedy(peer: Peer, intake: RecordingIntake) -> None:
    peer.watch(intake, password="wrong")
    assert until(lambda: "refused" in intake.states)
    assert "refused the name or the password" in intake.sentences[-1]
    assert "app password" in intake.sentences[-1]


def test_a_rebuilt_folder_is_read_again(peer: Peer, intake: RecordingIntake) -> None:
    peer.put("before", folder=peer.sent)
    box = peer.watch(intake)
    assert until(lambda: intake.ids(peer.sent) == ["<before@home.example>"] and intake.sentences[-1:] == [""])
    box.stop()
    begun = len(intake.restarts)   # a folder that is read for the first time starts over, too
    client = peer.login()
    client.delete(f'"{peer.sent}"')
    time.sleep(1.1)  # Dovecot's UIDVALIDITY is the second the folder was made in
    client.create(f'"{peer.sent}"')
    client.logout()
    peer.put("after", folder=peer.sent)
    peer.watch(intake)
    assert until(lambda: intake.ids(peer.sent)[1:] == ["<after@home.example>"])
    assert [folder for folder, _validity in intake.restarts[begun:]] == [peer.sent]


async def test_a_sent_copy_is_kept_once_and_found_by_its_id(peer: Peer) -> None:
    async def accounts(_account_id: str) -> tuple[AccountSettings, str]:
        return peer.settings, PASSWORD

    transport = SmtpTransport(accounts)
    assert not await transport.was_sent("acc", "<reply-1@home.example>")
    await transport.keep_copy("acc", raw_mail("reply-1"))
    await transport.keep_copy("acc", raw_mail("reply-1"))
    assert await transport.was_sent("acc", "<reply-1@home.example>")
    assert not await transport.was_sent("acc", "<reply@home.example>")
    client = peer.login()
    client.select(f'"{peer.sent}"', readonly=True)
    _kind, data = client.search(None, "ALL")
    _kind, flags = client.fetch("1", "(FLAGS)")
    client.logout()
    assert data[0].split() == [b"1"]
    assert isinstance(flags[0], bytes)
    assert b"\\Seen" in flags[0]
