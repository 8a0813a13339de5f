"""What is read, answered or thrown away with another program is known here, and what is read here is marked there."""

from __future__ import annotations

import re

from tests.contract.email.test_imap_servers import Peer, intake, peer, server
from tests.support.mail import RecordingIntake, until

__all__ = ["intake", "peer", "server"]


def mark(peer: Peer, uid: int, change: str, flag: str) -> None:
    """As a phone would."""
    client = peer.login()
    client.select("INBOX")
    kind, data = client.uid("STORE", str(uid), change, f"({flag})")
    assert kind == "OK", data
    if flag == "\\Deleted":
        client.expunge()
    client.logout()


def test_marks_made_elsewhere_are_followed_and_what_is_gone_there_stays_here(
    peer: Peer, intake: RecordingIntake
) -> None:
    peer.put("a", "b", "c")
    box = peer.watch(intake)
    assert until(lambda: len(intake.mails) == 3 and intake.sentences[-1:] == [""])
    first, second, third = (fetched.uid for fetched in intake.mails)
    places = intake.places["INBOX"]

    mark(peer, first, "+FLAGS", "\\Seen")
    mark(peer, third, "+FLAGS", "\\Answered")
    box.fetch_now()
    assert until(lambda: places[first].seen and places[third].answered)
    assert [place.uid for place in places.values() if place.seen] == [first]
    assert [place.uid for place in places.values() if place.answered] == [third]

    mark(peer, first, "-FLAGS", "\\Seen")
    mark(peer, second, "+FLAGS", "\\Deleted")
    box.fetch_now()
    assert until(lambda: not places[first].seen and second not in places)
    assert sorted(places) == [first, third]
    assert intake.ids() == ["<a@home.example>", "<b@home.example>", "<c@home.example>"]


def test_marks_made_while_nobody_watched_are_known_after_the_next_start(peer: Peer, intake: RecordingIntake) -> None:
    peer.put("a", "b")
    box = peer.watch(intake)
    assert until(lambda: len(intake.mails) == 2 and intake.sentences[-1:] == [""])
    box.stop()
    first, second = (fetched.uid for fetched in intake.mails)
    mark(peer, first, "+FLAGS", "\\Seen")
    mark(peer, second, "+FLAGS", "\\Deleted")
    peer.put("c")
    peer.watch(intake)
    assert until(lambda: len(intake.mails) == 3 and second not in intake.places["INBOX"])
    assert intake.places["INBOX"][first].seen


def test_what_is_read_here_is_marked_there_and_nothing_else(peer: Peer, intake: RecordingIntake) -> None:
    peer.put("a", "b", "c")
    box = peer.watch(intake)
    assert until(lambda: len(intake.mails) == 3 and intake.sentences[-1:] == [""])
    uids = [fetched.uid for fetched in intake.mails]
    intake.read_here["INBOX"] = {uids[0], uids[2]}
    box.fetch_now()
    assert until(lambda: sum(b"\\Seen" in line for line in peer.flags()) == 2)
    found = [next(line for line in peer.flags() if re.search(rb"UID %d\b" % uid, line)) for uid in uids]
    marked = [b"\\Seen" in line for line in found]
    assert marked == [True, False, True]
    assert until(lambda: not intake.unwritten("acc", "INBOX"))
    peer.put("d")
    assert until(lambda: intake.ids()[3:] == ["<d@home.example>"])
