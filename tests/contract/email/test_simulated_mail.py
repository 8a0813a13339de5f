"""The mail servers of the demo: real protocols, a loop back to the inbox, and a cable that can be pulled."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Iterator

import pytest

from tests.support.mail import ADDRESS, PASSWORD, RecordingIntake, account, raw_mail, until
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.simulated.mail import MailServers


@pytest.fixture
def servers() -> Iterator[MailServers]:
    running = MailServers({ADDRESS: PASSWORD, "second@shop.example": "other"})
    running.start()
    yield running
    running.stop()


def hand_in(servers: MailServers, name: str, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", servers.smtp_port) as client:
        client.login(ADDRESS, PASSWORD)
        client.sendmail(ADDRESS, [to], raw_mail(name))


def test_what_is_sent_is_kept_and_lands_where_its_address_lives(servers: MailServers) -> None:
    hand_in(servers, "out", "buyer@home.example")
    hand_in(servers, "loop", "second@shop.example")
    assert servers.received == [("<out@home.example>", raw_mail("out")), ("<loop@home.example>", raw_mail("loop"))]
    assert servers.stored(of="second@shop.example") == [raw_mail("loop")]
    assert servers.stored() == []


def test_a_pulled_cable_cuts_everybody_off_and_the_same_ports_come_back(servers: MailServers) -> None:
    ports = (servers.imap_port, servers.smtp_port)
    client = imaplib.IMAP4("127.0.0.1", ports[0])
    client.login(ADDRESS, PASSWORD)
    servers.cut()
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
    client.shutdown()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", port)
    servers.deliver(raw_mail("meanwhile"))
    servers.restore()
    assert (servers.imap_port, servers.smtp_port) == ports
    hand_in(servers, "after", ADDRESS)
    assert servers.stored() == [raw_mail("meanwhile"), raw_mail("after")]


def test_a_watched_mailbox_survives_the_cable(servers: MailServers) -> None:
    intake = RecordingIntake()
    box = ImapMailbox("acc", account(servers.imap_port), PASSWORD, intake, pace=Pace(first_retry=0.05, last_retry=0.1))
    box.start()
    assert until(lambda: intake.sentences[-1:] == [""])
    servers.cut()
    assert until(lambda: "offline" in intake.states)
    servers.deliver(raw_mail("waiting"))
    servers.restore()
    assert until(lambda: intake.ids() == ["<waiting@home.example>"])
    box.stop()


def test_stop_may_be_called_twice() -> None:
    running = MailServers()
    running.start()
    running.stop()
    running.stop()
