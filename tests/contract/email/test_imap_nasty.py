"""What servers do in the wild while mail is being fetched: no mail may ever be stored under another one's UID."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.mail import PASSWORD, RecordingIntake, account, raw_mail, until
from tests.support.mail_scripted import ScriptedImap
from workstation.connectors.email.fetch import Limits
from workstation.connectors.email.imap import ImapMailbox, Pace

QUICK = Pace(first_retry=0.05, last_retry=0.2, answer=3.0)
NAMES = {11: "one", 12: "two", 15: "three", 20: "four"}


@pytest.fixture
def server() -> Iterator[ScriptedImap]:
    scripted = ScriptedImap({uid: raw_mail(name) for uid, name in NAMES.items()})
    scripted.start()
    yield scripted
    scripted.stop()


@pytest.fixture
def intake() -> RecordingIntake:
    return RecordingIntake()


@pytest.fixture
def mailbox(server: ScriptedImap, intake: RecordingIntake) -> Iterator[ImapMailbox]:
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=QUICK)
    yield box
    box.stop()


def rightly_named(intake: RecordingIntake) -> bool:
    return all(fetched.mail.message_id == f"<{NAMES[fetched.uid]}@home.example>" for fetched in intake.mails)


def all_there(intake: RecordingIntake) -> bool:
    return sorted(fetched.uid for fetched in intake.mails) == sorted(NAMES)


def test_unsolicited_answers_never_shift_a_mail(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    def noise(it: ScriptedImap, uids: list[int], items: str) -> object:
        if "BODY" not in items:
            return ...
        said = b"* 2 FETCH (FLAGS (\\Seen))\r\n"  # by sequence number, no UID
        for uid in uids:
            said += it.line(uid) + b"* 12 FETCH (FLAGS (\\Seen))\r\n"  # looks like UID 12
            said += b"* 99 FETCH (UID 999 FLAGS (\\Seen))\r\n* 5 EXISTS\r\n* OK still here\r\n"
        return said

    server.on_fetch = noise
    mailbox.start()
    assert until(lambda: all_there(intake))
    assert rightly_named(intake)
    assert not any(fetched.seen for fetched in intake.mails)


def test_expunge_in_mid_fetch_moves_sequence_numbers_only(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    def shrinking(it: ScriptedImap, uids: list[int], items: str) -> object:
        if "BODY" not in items:
            return ...
        raw = {uid: it.mails[uid] for uid in uids}
        said = b""
        for uid in uids:  # after each EXPUNGE every mail is number 1 again
            said += b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n* 1 EXPUNGE\r\n" % (uid, len(raw[uid]), raw[uid])
        return said

    server.on_fetch = shrinking
    mailbox.start()
    assert until(lambda: all_there(intake))
    assert rightly_named(intake)


def test_an_answer_without_its_body_is_fetched_again_and_never_stored(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    asked: list[list[int]] = []

    def forgetful(it: ScriptedImap, uids: list[int], items: str) -> object:
        if "BODY.PEEK[]" not in items:
            return ...
        asked.append(uids)
        return b"".join(it.line(uid, body=not (uid == 15 and len(asked) < 3)) for uid in uids)

    server.on_fetch = forgetful
    mailbox.start()
    assert until(lambda: all_there(intake))
    assert rightly_named(intake)
    assert asked == [[11, 12, 15, 20], [15], [15]]
    assert all(fetched.mail.text for fetched in intake.mails)


def test_a_body_the_server_never_hands_over_becomes_its_header_with_a_problem(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    def never(it: ScriptedImap, uids: list[int], items: str) -> object:
        if "BODY.PEEK[]" not in items:
            return ...
        return b"".join(it.line(uid, body=uid != 12) for uid in uids)

    server.on_fetch = never
    mailbox.start()
    assert until(lambda: all_there(intake))
    assert rightly_named(intake)
    (bare,) = [fetched.mail for fetched in intake.mails if fetched.uid == 12]
    assert bare.subject == "About two"
    assert "did not hand over" in bare.problems[-1] or "did not hand over" in " ".join(bare.problems)


def test_a_mail_too_large_comes_as_its_header(server: ScriptedImap, intake: RecordingIntake) -> None:
    server.mails[21] = raw_mail("large", body="x" * 5_000)
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=QUICK, limits=Limits(mail=3_000))
    box.start()
    assert until(lambda: len(intake.mails) == 5)
    box.stop()
    (large,) = [fetched.mail for fetched in intake.mails if fetched.uid == 21]
    assert large.subject == "About large"
    assert "x" not in large.text
    assert any("too many to fetch" in problem for problem in large.problems)
    assert all("[]" not in items for uids, items in server.fetched if 21 in uids)


def test_a_changed_uidvalidity_forgets_uids_and_reads_again(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    mailbox.start()
    assert until(lambda: all_there(intake))
    # The mails first: the visit that brought them may not have ended, and must not meet the old ones as new.
    server.mails = {1: server.mails[20], 2: server.mails[11]}
    server.validity = 8
    mailbox.fetch_now()
    assert until(lambda: intake.restarts[-1:] == [("INBOX", 8)])
    assert until(lambda: intake.cursors.get("INBOX") is not None and intake.cursors["INBOX"].last_uid == 2)
    again = [(fetched.uid_validity, fetched.uid, fetched.mail.message_id) for fetched in intake.mails[4:]]
    assert again == [(8, 1, "<four@home.example>"), (8, 2, "<one@home.example>")]


def test_a_connection_cut_inside_a_mail_stores_nothing_of_it(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    cuts: list[int] = []

    def cutting(it: ScriptedImap, uids: list[int], items: str) -> object:
        if "BODY" not in items or len(cuts) >= 2:
            return ...
        cuts.append(len(uids))
        whole = it.line(uids[0])
        for connection in it._live[-1:]:
            connection.sendall(whole[: len(whole) // 2])
        return None

    server.on_fetch = cutting
    mailbox.start()
    assert until(lambda: all_there(intake))
    assert rightly_named(intake)
    assert len(cuts) == 2
    assert "offline" in intake.states
    assert until(lambda: intake.states[-1] == "online")


def test_news_in_one_packet_with_the_idle_answer_is_not_overlooked(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    def once() -> bytes:
        if 30 in server.mails:
            return b""
        server.mails[30] = raw_mail("late")
        return b"* 5 EXISTS\r\n"

    mailbox.start()
    assert until(lambda: all_there(intake) and bool(server._idling))
    server.on_idle = once
    mailbox.fetch_now()
    assert until(lambda: intake.ids()[4:] == ["<late@home.example>"], 3.0)


def test_a_wrong_password_is_tried_once(server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox) -> None:
    server.password = "another"
    mailbox.start()
    assert until(lambda: "refused" in intake.states)
    assert not until(lambda: server.logins > 1, 0.5)
    mailbox.fetch_now()
    assert until(lambda: server.logins == 2)
    assert not intake.mails


def test_stop_ends_a_thread_that_waits_for_a_silent_server(server: ScriptedImap, intake: RecordingIntake) -> None:
    hold = threading.Event()

    def silent(_it: ScriptedImap, _uids: list[int], _items: str) -> object:
        hold.wait(10)
        return None

    server.on_fetch = silent
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=Pace(answer=20.0))
    box.start()
    assert until(lambda: bool(server.fetched))
    begun = time.monotonic()
    box.stop()
    assert time.monotonic() - begun < 3.0
    assert not box._thread.is_alive()
    hold.set()


def test_nothing_is_ever_opened_for_writing(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox
) -> None:
    mailbox.start()
    assert until(lambda: all_there(intake))
    verbs = {command.split(" ")[0].upper() for command in server.commands}
    assert "SELECT" not in verbs
    assert "EXAMINE" in verbs
    assert all("BODY[" not in items for _uids, items in server.fetched)


def test_a_mailbox_that_was_never_started_leaves_nothing_open(server: ScriptedImap, intake: RecordingIntake) -> None:
    box = ImapMailbox("acc", account(server.port), PASSWORD, intake, pace=QUICK)
    box.stop()
    box.fetch_now()
    assert intake.states == []


def test_not_even_a_debugging_log_holds_what_people_wrote(
    server: ScriptedImap, intake: RecordingIntake, mailbox: ImapMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        mailbox.start()
        assert until(lambda: all_there(intake))
        mailbox.stop()
    assert "parcel" not in caplog.text
    assert PASSWORD not in caplog.text
    assert "help@shop.example" not in caplog.text
