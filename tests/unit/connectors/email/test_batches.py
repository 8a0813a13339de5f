"""How a folder's mails are cut into batches, and that they are read ahead without losing their order."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import cast

import pytest

from tests.support.mail import RecordingIntake, account
from workstation.connectors.email.answers import Fetched
from workstation.connectors.email.fetch import FIRST_UIDS, MAX_UIDS, Batch, Limits, RawMail, batches
from workstation.connectors.email.reader import AHEAD, FolderReader
from workstation.connectors.email.session import ImapSession
from workstation.inbox.ports import FiledMail
from workstation.inbox.prepared import PreparedMail
from workstation.inbox.preparing import stand_in
from workstation.kernel.clock import SystemClock
from workstation.kernel.errors import ConnectError


class Server:
    """Has every mail that is asked for; each is 1,000 bytes."""

    def fetch(self, uids: Sequence[int], _items: str) -> dict[int, Fetched]:
        return {uid: Fetched({"RFC822.SIZE": 1_000, "BODY[]": b"x" * 1_000, "FLAGS": ()}) for uid in uids}


class Reader:
    """A `MailReader` that answers at once and knows how much it was given before an answer was looked at."""

    def __init__(self) -> None:
        self.given = 0

    def submit(
        self, mails: Sequence[tuple[bytes, int, bool, tuple[str, ...]] | FiledMail]
    ) -> Future[list[PreparedMail]]:
        self.given += 1
        done: Future[list[PreparedMail]] = Future()
        done.set_result([stand_in(mail[0], mail[1], mail[2], "test") for mail in mails])
        return done


def _reader(reader: Reader) -> FolderReader:
    return FolderReader(
        "acc", account(1), RecordingIntake(), SystemClock(), Limits(), threading.Event(), reader)


def _batch(uid: int) -> Batch:
    return Batch((RawMail(uid, b"raw", seen=False, received_at=1),), uid)


def test_the_first_batch_is_small_and_every_mail_is_in_one_batch() -> None:
    uids = list(range(1, 2_500))

    found = list(batches(cast(ImapSession, Server()), uids))

    assert [len(batch.mails) for batch in found] == [FIRST_UIDS, MAX_UIDS, MAX_UIDS, 2_499 - FIRST_UIDS - 2 * MAX_UIDS]
    assert [mail.uid for batch in found for mail in batch.mails] == uids
    assert [batch.last_uid for batch in found] == [100, 1_100, 2_100, 2_499]


@pytest.mark.parametrize("count", [0, 1, FIRST_UIDS, FIRST_UIDS + 1])
def test_few_mails_are_batches_too(count: int) -> None:
    found = list(batches(cast(ImapSession, Server()), list(range(count)), Limits()))

    assert sum(len(batch.mails) for batch in found) == count
    assert all(batch.mails for batch in found)


def test_batches_are_read_ahead_in_their_order() -> None:
    reader = Reader()
    ahead: list[tuple[int, int]] = []

    for batch, _begun in _reader(reader)._ahead(map(_batch, range(1, 7)), own=False):
        ahead.append((batch.last_uid, reader.given))

    assert [uid for uid, _given in ahead] == [1, 2, 3, 4, 5, 6]
    assert [given for _uid, given in ahead] == [min(6, uid + AHEAD) for uid in range(1, 7)]


def test_what_was_fetched_before_the_connection_broke_is_kept() -> None:
    def broken() -> Iterator[Batch]:
        yield from map(_batch, (1, 2))
        raise ConnectError("gone", "again")

    found = _reader(Reader())._ahead(broken(), own=False)

    assert [batch.last_uid for batch, _begun in islice(found, 2)] == [1, 2]
    with pytest.raises(ConnectError):
        next(found)
