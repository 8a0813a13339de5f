"""A folder of sent mail that cannot be opened must not keep the buyers' mail away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from tests.support.mail import PASSWORD, RecordingIntake, account, raw_mail, until
from tests.support.mail_scripted import ScriptedImap
from workstation.connectors.email.bell import SentBell
from workstation.connectors.email.imap import ImapMailbox, Pace


class SentIsShut(ScriptedImap):
    """Lists a Sent folder and refuses to open it, as a server does after rights were taken away."""

    def _command(self, connection: socket.socket, readline: Callable[[], bytes], tag: str, command: str) -> bool:
        if command.upper().startswith("LIST"):
            connection.sendall(b'* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\n' + f"{tag} OK done\r\n".encode())
            return True
        if "Sent" in command:
            connection.sendall(f"{tag} NO [NOPERM] not for you\r\n".encode())
            return True
        return super()._command(connection, readline, tag, command)


def test_the_inbox_is_read_and_the_trouble_is_said() -> None:
    server, intake = SentIsShut({11: raw_mail("one")}), RecordingIntake()
    server.start()
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=Pace(first_retry=0.05, answer=3.0))
    try:
        box.start()
        assert until(lambda: intake.ids() == ["<one@home.example>"])
        assert until(lambda: intake.states[-1:] == ["online"] and "sent mail" in intake.sentences[-1])
    finally:
        box.stop()
        server.stop()


def test_a_date_ahead_of_the_receipt_does_not_move_a_deadline() -> None:
    ahead = raw_mail("one").replace(b"20 Nov 2026 10:00:00 +0000", b"21 Nov 2026 18:00:00 +0000")
    server, intake = ScriptedImap({11: ahead, 12: raw_mail("two")}), RecordingIntake()
    server.start()
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=Pace(first_retry=0.05, answer=3.0))
    try:
        box.start()
        assert until(lambda: len(intake.ids()) == 2)
    finally:
        box.stop()
        server.stop()
    assert {fetched.mail.at for fetched in intake.mails} == {1_795_168_800_000}


class WithSent(ScriptedImap):
    """Lists a Sent folder, so that a second connection idles there."""

    def _command(self, connection: socket.socket, readline: Callable[[], bytes], tag: str, command: str) -> bool:
        if command.upper().startswith("LIST"):
            connection.sendall(b'* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\n' + f"{tag} OK done\r\n".encode())
            return True
        return super()._command(connection, readline, tag, command)


def test_the_second_connection_does_not_hammer_with_a_password_that_is_refused() -> None:
    server, rung, pauses = WithSent({}), threading.Event(), []
    server.password = "another by now"
    server.start()
    bell = SentBell(account(server.port), PASSWORD, rung.set, look=9.0, answer=3.0, retry=0.01, refused=9.0)
    wait = bell._waker.wait

    def noted(seconds: float, other: socket.socket | None = None) -> bool:
        pauses.append(seconds)
        return wait(seconds, other)

    bell._waker.wait = noted  # type: ignore[method-assign]
    try:
        bell.watch("Sent")
        assert until(lambda: pauses == [9.0])
        assert server.logins == 1
        server.password = PASSWORD   # and when the mailbox's own thread was let in again, it comes back at once
        bell.watch("Sent")
        assert until(lambda: server.logins == 2)
    finally:
        bell.stop(3.0)
        server.stop()
    assert 0.01 not in pauses


def test_places_of_an_earlier_reading_are_forgotten_before_a_folder_is_read_from_its_beginning() -> None:
    """A deeper first reading forgets how far a folder was read; was it rebuilt meanwhile, old UIDs mean other mails,
    and marks written back would mark those."""
    server, intake = ScriptedImap({11: raw_mail("one")}), RecordingIntake()
    server.start()
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=Pace(first_retry=0.05, answer=3.0))
    try:
        box.start()
        assert until(lambda: intake.ids() == ["<one@home.example>"])
    finally:
        box.stop()
        server.stop()
    assert intake.restarts == [("INBOX", 7)]
