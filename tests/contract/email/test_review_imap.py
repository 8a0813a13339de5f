"""A folder of sent mail that cannot be opened must not keep the buyers' mail away."""

from __future__ import annotations

import socket
from collections.abc import Callable

from tests.support.mail import PASSWORD, RecordingIntake, account, raw_mail, until
from tests.support.mail_scripted import ScriptedImap
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
