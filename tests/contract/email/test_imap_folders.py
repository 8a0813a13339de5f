"""Several folders, connections the network forgot, a computer that slept, and storing while the next are fetched."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.mail import PASSWORD, RecordingIntake, account, free_port, until
from tests.support.mail_model import Box, ModelImap
from workstation.connectors.email.courier import Courier
from workstation.connectors.email.folders import roles, watched
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.connectors.email.setup import MailSetup
from workstation.inbox.model import AccountSettings, FetchedMail, FolderCursor
from workstation.kernel.errors import DiskFull

QUICK = Pace(first_retry=0.01, last_retry=0.05, answer=3.0)
MARKED = {
    "Verzonden": "\\Sent", "Rommel": "\\Junk", "Alles": "\\All", "Ster": "\\Flagged", "Concepten": "\\Drafts",
    "Amazon": "\\HasNoChildren", "Group": "\\Noselect",
}


@pytest.fixture
def server() -> Iterator[ModelImap]:
    model = ModelImap("qresync", random.Random(3))
    model.boxes |= {name: Box() for name in MARKED}
    model.flags = dict(MARKED)
    yield model
    model.stop()


@pytest.fixture
def intake() -> RecordingIntake:
    return RecordingIntake()


def settings(server: ModelImap, *folders: str) -> AccountSettings:
    made = account(server.port, days=0)
    return AccountSettings(**{**{name: getattr(made, name) for name in made.__slots__}, "folders": folders})


def watch(
    server: ModelImap, intake: RecordingIntake, *folders: str, pace: Pace = QUICK
) -> ImapMailbox:
    box = ImapMailbox("acc", settings(server, *folders), PASSWORD, intake, pace=pace)
    box.start()
    return box


def test_chosen_folders_are_read_and_what_repeats_others_never_is(server: ModelImap, intake: RecordingIntake) -> None:
    for name in ("INBOX", *MARKED):
        server.arrive(name)
    box = watch(server, intake, "amazon", "Alles", "Concepten", "Group", "nowhere")
    assert until(lambda: len(intake.mails) == 3 and intake.sentences[-1:] == [""])
    assert [(mail.folder, mail.mail.own) for mail in intake.mails] == [
        ("Verzonden", True), ("Amazon", False), ("INBOX", False)]
    server.arrive("Amazon")
    server.mark(1, "\\Seen", True, "Amazon")
    box.fetch_now()
    assert until(lambda: len(intake.mails) == 4 and intake.places["Amazon"][1].seen)
    intake.read_here["Amazon"] = {intake.mails[3].uid}
    box.fetch_now()
    assert until(lambda: "\\Seen" in server.boxes["Amazon"].mails[intake.mails[3].uid].flags)
    box.stop()


async def test_the_folders_are_listed_with_what_they_are_for(server: ModelImap) -> None:
    found = await MailSetup().folders(settings(server, "Amazon", "Rommel"), PASSWORD)
    assert found[0].role == "inbox"
    told = {folder.name: (folder.role, folder.offered, folder.watched) for folder in found}
    assert told == {
        "INBOX": ("inbox", True, True), "Verzonden": ("sent", True, True), "Rommel": ("junk", True, True),
        "Alles": ("all", False, False), "Ster": ("flagged", False, False), "Concepten": ("drafts", False, False),
        "Amazon": ("", True, True),
    }


def test_junk_and_trash_are_never_read_unasked_and_names_tell_where_marks_do_not() -> None:
    listed = [((), "/", name) for name in ("Inbox", "垃圾邮件", "Deleted Items", "已发送", "Orders")]
    found = {folder.name: (folder.role, folder.watched) for folder in roles(listed, account(1))}
    assert found == {
        "Inbox": ("inbox", True), "垃圾邮件": ("junk", False), "Deleted Items": ("trash", False),
        "已发送": ("sent", True), "Orders": ("", False),
    }
    (only,) = watched(roles([], account(1)))
    assert only.name == "INBOX"


def test_a_connection_the_network_forgot_is_noticed_and_made_anew(server: ModelImap, intake: RecordingIntake) -> None:
    box = watch(server, intake, pace=Pace(look=0.2, first_retry=0.01, last_retry=0.05, answer=0.3))
    assert until(lambda: intake.sentences[-1:] == [""])
    server.deaf = True
    assert until(lambda: "offline" in intake.states)
    server.deaf = False
    server.arrive()
    assert until(lambda: len(intake.mails) == 1)
    box.stop()


def test_after_a_sleep_the_old_connection_is_not_waited_for(server: ModelImap, intake: RecordingIntake) -> None:
    box = watch(server, intake, pace=Pace(look=60.0, first_retry=60.0, answer=60.0))
    assert until(lambda: intake.sentences[-1:] == [""])
    server.deaf = True
    box.fetch_now()          # DONE is said and nobody answers: for a minute
    assert until(lambda: server.forgotten == 1)
    server.deaf = False
    server.arrive()
    begun = time.monotonic()
    box.woken()
    assert until(lambda: len(intake.mails) == 1)
    assert time.monotonic() - begun < 5
    box.stop()


def test_a_pause_between_two_tries_ends_when_the_computer_wakes(intake: RecordingIntake) -> None:
    nobody = account(free_port())
    box = ImapMailbox("acc", nobody, PASSWORD, intake, pace=Pace(first_retry=300.0, last_retry=300.0))
    box.start()
    assert until(lambda: intake.states.count("offline") == 1)
    box.woken()
    assert until(lambda: intake.states.count("offline") == 2, 3.0)
    box.stop()


class SlowIntake(RecordingIntake):
    """Stores only when let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)
        self.inside = 0
        self.most_inside = 0
        self.problem: Exception | None = None

    def deliver(self, account_id: str, folder: str, mails: object, cursor: FolderCursor) -> None:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.let.acquire()
        self.inside -= 1
        if self.problem is not None:
            raise self.problem
        super().deliver(account_id, folder, mails, cursor)  # type: ignore[arg-type]


def hand_all(intake: SlowIntake, handed: list[int], count: int) -> None:
    with Courier(intake, "acc", "INBOX", FolderCursor(7)) as courier:
        for uid in range(1, count + 1):
            mails: list[FetchedMail] = []
            courier.hand(mails, (), FolderCursor(7, uid))
            handed.append(uid)


def test_the_next_batch_is_fetched_while_one_is_stored_and_never_two_are_under_way() -> None:
    intake = SlowIntake()
    handed: list[int] = []
    hand = threading.Thread(target=hand_all, args=(intake, handed, 4))
    hand.start()
    assert until(lambda: handed == [1] and intake.inside == 1)   # the second waits for the first
    intake.let.release()
    assert until(lambda: handed == [1, 2] and intake.cursors["INBOX"].last_uid == 1)
    for _one in range(3):
        intake.let.release()
    hand.join(5)
    assert handed == [1, 2, 3, 4]
    assert intake.cursors["INBOX"].last_uid == 4
    assert intake.most_inside == 1


def test_a_store_that_fails_stops_the_fetching_and_nothing_behind_it_is_stored() -> None:
    intake = SlowIntake()
    handed: list[int] = []
    intake.problem = DiskFull("The disk is full.")
    for _one in range(9):
        intake.let.release()
    with pytest.raises(DiskFull):
        hand_all(intake, handed, 4)
    assert handed == [1]
    assert intake.cursors == {}
    assert intake.bad == {}
