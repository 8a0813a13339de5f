"""A mailbox beside a server that does what it likes, again and again: no mail ever under another one's UID, none lost,
none left out, and in the end the marks are those of the server. Seeds are printed; `--seed` repeats one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

import pytest

from tests.support.mail import PASSWORD, RecordingIntake, account, until
from tests.support.mail_model import RECEIVED, ModelImap
from workstation.connectors.email.fetch import Limits
from workstation.connectors.email.imap import ImapMailbox, Pace
from workstation.inbox.model import Place
from workstation.kernel.clock import DAY, FixedClock
from workstation.kernel.clock import from_datetime as to_ms

QUICK = Pace(first_retry=0.01, last_retry=0.05, answer=3.0, without_idle=0.05)
KINDS = ("plain", "condstore", "qresync")


def rightly_named(server: ModelImap, intake: RecordingIntake) -> bool:
    return all(
        mail.mail.message_id == server.names[mail.folder, mail.uid_validity, mail.uid] for mail in intake.mails
    )


def settled(server: ModelImap, intake: RecordingIntake) -> bool:
    """Everything the server has is here, under its number, marked as there; what it has not is not thought there."""
    with server.lock:
        box = server.boxes["INBOX"]
        here = {mail.uid for mail in intake.mails if mail.uid_validity == box.validity}
        there = {
            uid: Place(uid, "\\Seen" in kept.flags, "\\Answered" in kept.flags) for uid, kept in box.mails.items()
        }
        return set(there) <= here and intake.places.get("INBOX", {}) == there


def asked_again(server: ModelImap, asked: int) -> bool:
    return server.commands > asked + 1


def calmed(server: ModelImap, intake: RecordingIntake, box: ImapMailbox) -> bool:
    """Settled, once what could not be read is due again and looked at."""
    intake.due.update(intake.bad)
    box.fetch_now()
    return settled(server, intake)


def one_run(kind: str, seed: int) -> ModelImap:
    rng = random.Random(seed)
    server, intake = ModelImap(kind, rng, mischief=0.25), RecordingIntake()
    for _mail in range(rng.randint(5, 25)):
        server.arrive()
    limits = Limits(uids=rng.choice((3, 7, 500)), bytes=rng.choice((500, 5_000, 1 << 20)))
    box = ImapMailbox("acc", account(server.port, days=0), PASSWORD, intake, pace=QUICK, limits=limits)
    box.start()
    try:
        for _round in range(8):
            for _event in range(rng.randint(1, 4)):
                server.something_happens()
            if rng.random() < 0.12:
                server.rebuild()
            asked = server.commands
            box.fetch_now()
            until(partial(asked_again, server, asked), 0.3)
        server.mischief = 0.0
        box.fetch_now()
        calm = until(partial(calmed, server, intake, box), 8.0)
    finally:
        box.stop()
        server.stop()
    assert rightly_named(server, intake), f"{kind}: a mail under a wrong UID, --seed {seed}"
    if not calm:
        pytest.fail(f"{kind}: {differences(server, intake)}, --seed {seed}")
    return server


def differences(server: ModelImap, intake: RecordingIntake) -> str:
    box = server.boxes["INBOX"]
    here = {mail.uid for mail in intake.mails if mail.uid_validity == box.validity}
    marks = intake.places.get("INBOX", {})
    wrong = {
        uid: (sorted(kept.flags), marks.get(uid)) for uid, kept in box.mails.items()
        if marks.get(uid) != Place(uid, "\\Seen" in kept.flags, "\\Answered" in kept.flags)
    }
    return f"missing {sorted(set(box.mails) - here)}, extra {sorted(set(marks) - set(box.mails))}, marks {wrong}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_does_what_it_likes_never_confuses_a_mailbox(
    kind: str, seed: int, long_run: bool
) -> None:
    runs = 100 if long_run else 2
    oddities = 0
    for turn in range(runs):
        print(f"{kind}: --seed {seed + turn}")
        oddities += one_run(kind, seed + turn).oddities
    assert oddities > runs   # the server did misbehave


@pytest.fixture
def model() -> Iterator[ModelImap]:
    server = ModelImap("qresync", random.Random(1))
    yield server
    server.stop()


def watch(server: ModelImap, intake: RecordingIntake, **settings: object) -> ImapMailbox:
    box = ImapMailbox(
        "acc", account(server.port, days=0, **settings), PASSWORD, intake, pace=QUICK)  # type: ignore[arg-type]
    box.start()
    return box


@pytest.mark.parametrize("trouble", ["deadly", "garbled"])
def test_a_mail_that_breaks_the_connection_or_is_nonsense_does_not_hold_up_the_rest(
    model: ModelImap, trouble: str
) -> None:
    uids = [model.arrive() for _mail in range(9)]
    getattr(model, trouble).add(uids[4])
    intake = RecordingIntake()
    box = watch(model, intake)
    good = set(uids) - {uids[4]}
    assert until(lambda: {mail.uid for mail in intake.mails} == good and ("INBOX", uids[4]) in intake.bad)
    assert until(lambda: "1 mail could not be read" in intake.sentences[-1])
    model.arrive()
    box.fetch_now()
    assert until(lambda: len(intake.mails) == 9)

    getattr(model, trouble).clear()
    intake.due.add(("INBOX", uids[4]))
    box.fetch_now()
    assert until(lambda: {mail.uid for mail in intake.mails} >= set(uids) and not intake.bad)
    assert until(lambda: intake.sentences[-1] == "")
    box.stop()
    assert rightly_named(model, intake)
    assert intake.cursors["INBOX"].last_uid == max(model.boxes["INBOX"].mails)


def test_a_mail_the_store_chokes_on_is_passed_over_and_the_others_are_kept(model: ModelImap) -> None:
    uids = [model.arrive() for _mail in range(6)]
    intake = RecordingIntake()
    take = intake.deliver

    def choke(account_id: str, folder: str, mails, cursor) -> None:  # type: ignore[no-untyped-def]
        if any(mail.uid == uids[2] for mail in mails):
            raise ValueError("a mail nobody thought of")
        take(account_id, folder, mails, cursor)

    intake.deliver = choke  # type: ignore[method-assign]
    box = watch(model, intake)
    assert until(lambda: len(intake.mails) == 5 and ("INBOX", uids[2]) in intake.bad)
    assert until(lambda: intake.cursors["INBOX"].last_uid >= uids[-1])
    box.stop()
    assert rightly_named(model, intake)


def test_a_rebuilt_folder_is_read_as_deep_as_it_was_known(model: ModelImap) -> None:
    for _mail in range(4):
        model.arrive()
    intake = RecordingIntake()
    box = watch(model, intake)
    assert until(lambda: len(intake.mails) == 4 and intake.sentences[-1:] == [""])
    assert intake.cursors["INBOX"].since == 1
    box.stop()
    model.rebuild()
    later = FixedClock(to_ms(RECEIVED) + 300 * DAY)   # thirty days would find nothing
    box = ImapMailbox("acc", account(model.port, days=30), PASSWORD, intake, clock=later, pace=QUICK)
    box.start()
    assert until(lambda: len(intake.mails) == 8)
    box.stop()
    assert intake.restarts == [("INBOX", 1), ("INBOX", 2)]   # the first reading starts from nothing, too
    assert intake.cursors["INBOX"].since == 1
    assert rightly_named(model, intake)


def test_a_first_reading_is_as_deep_as_the_settings_say(model: ModelImap) -> None:
    model.arrive()
    intake, later = RecordingIntake(), FixedClock(to_ms(RECEIVED) + 300 * DAY)
    box = ImapMailbox("acc", account(model.port, days=30), PASSWORD, intake, clock=later, pace=QUICK)
    box.start()
    assert until(lambda: intake.sentences[-1:] == [""])
    model.arrive()
    box.fetch_now()
    assert until(lambda: len(intake.mails) == 1)
    box.stop()
    assert intake.cursors["INBOX"].since == later.now() - 30 * DAY


def test_a_mark_is_never_written_under_a_number_that_means_another_mail_now(model: ModelImap) -> None:
    for _mail in range(6):
        model.arrive()
    intake = RecordingIntake()
    box = watch(model, intake)
    assert until(lambda: len(intake.mails) == 6 and intake.sentences[-1:] == [""])
    with model.lock:
        model.rebuild()
        intake.read_here["INBOX"] = {intake.mails[0].uid, intake.mails[1].uid}
    box.fetch_now()
    assert until(lambda: len(intake.mails) == 12)
    intake.read_here.clear()
    box.stop()
    assert not any(kept.flags for kept in model.boxes["INBOX"].mails.values())
