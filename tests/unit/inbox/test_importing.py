"""An import whose mails are read in processes of their own: the same mails as one that reads them itself, in bounded
memory, and what was read is kept however it ends."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.bench.corpus import corpus
from tests.support.store import Desk, desk
from workstation.app.adapters import ConversationClues
from workstation.app.mail.reading import Reading
from workstation.connectors.email.archive import Archive
from workstation.connectors.email.quotes import fold
from workstation.inbox import importing
from workstation.inbox.languages import Languages
from workstation.inbox.lookups import Lookups
from workstation.inbox.model import LATER, BadItem
from workstation.inbox.ports import FiledMail, RawMail
from workstation.inbox.prepared import PreparedMail
from workstation.orders.service import ClueLinker
from workstation.translation.detector import Detector

COLUMNS = "id, conversation_id, direction, at, author_email, subject, text, message_id, content_key, problems, language"

EVERYTHING = (
    f"SELECT {COLUMNS} FROM message ORDER BY seq",  # noqa: S608
    "SELECT conversation_id, match_key, kind, platform FROM order_mention ORDER BY 1, 2",
    "SELECT conversation_id, address FROM buyer_address ORDER BY 1, 2",
    "SELECT id, language FROM conversation ORDER BY id",
    "SELECT queue, span, n FROM queue_span WHERE n > 0 ORDER BY 1, 2",
)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    top = tmp_path / "mail"
    for name in ("cur", "new", "tmp"):
        (top / name).mkdir(parents=True)
    for number, mail in enumerate(corpus(90)):
        (top / "cur" / f"{number:04}:2,").write_bytes(mail.raw)
    (top / "cur" / "9000:2,").write_bytes(b"")
    return top


async def imported(here: Desk, top: Path, reader: Reading | None) -> list[tuple[object, ...]]:
    """What is there after the import and after everything was looked at."""
    here.inbox._archive = Archive()
    here.inbox._reader = reader
    clues = ClueLinker(ConversationClues(Lookups(here.database)))
    here.inbox._receiving._clues = clues
    report = await here.inbox.import_mail(top)
    assert (report.seen, report.new, len(report.bad)) == (91, 90, 1)
    languages = Languages(here.database, Detector(), clues)
    waiting = await languages.pending()
    assert (waiting == 90) == (reader is not None)
    while await languages.pending():
        await languages.step()
    return await here.database.read(lambda c: [tuple(row) for query in EVERYTHING for row in c.exec_driver_sql(query)])


@pytest.mark.parametrize("count", [0, 2])
async def test_the_same_is_stored_whoever_reads(tmp_path: Path, maildir: Path, count: int) -> None:
    reader = Reading(few=5, count=count)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    try:
        async with desk(tmp_path / "one") as here:
            here.inbox._receiving._preparer._fold = fold
            here.inbox._receiving._preparer._detector = Detector()
            alone = await imported(here, maildir, None)
        async with desk(tmp_path / "two") as here:
            assert await imported(here, maildir, reader) == alone
            later = await here.database.read(
                lambda c: c.exec_driver_sql("SELECT raw, html FROM mail_body WHERE html != ''").all())
            assert {html for _raw, html in later} == {LATER}   # cleaned when it is opened
            files = await here.database.read(
                lambda c: c.exec_driver_sql("SELECT count(*), count(content) FROM attachment").one())
            assert files[0] > 0
            assert files[1] == 0   # they are in their mail
    finally:
        reader.shutdown()


def test_a_files_time_does_not_make_its_mail_older(maildir: Path) -> None:
    """A server knows when it took a mail, a file only when it was last touched."""
    first = min((maildir / "cur").iterdir())
    written = int(next(corpus(90)).received.timestamp()) * 1_000
    os.utime(first, (written / 1_000 - 3_600, written / 1_000 - 3_600))
    (found,) = Archive().raws(first)
    assert isinstance(found, tuple)
    reader = Reading(count=0)
    try:
        (filed,) = reader.submit([found]).result(10)
        (fetched,) = reader.submit([(found[0], found[1], False, ())]).result(10)
    finally:
        reader.shutdown()
    assert (filed.at, fetched.at) == (written, written - 3_600_000)


class Slow:
    """Reads nothing before it is told to, and counts what waits."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Future[list[PreparedMail]]]] = []
        self.most = 0

    def submit(self, mails: Sequence[RawMail | FiledMail]) -> Future[list[PreparedMail]]:
        future: Future[list[PreparedMail]] = Future()
        self.asked.append((len(mails), future))
        self.most = max(self.most, sum(count for count, each in self.asked if not each.done()))
        asyncio.get_running_loop().call_later(0.01, future.set_result, [])
        return future


class Endless:
    def __init__(self, most: int) -> None:
        self.most = most

    def read(self, _path: Path) -> Iterator[BadItem]:
        raise AssertionError("whoever has a reader takes the mails unread")

    def raws(self, _path: Path) -> Iterator[FiledMail]:
        for number in range(self.most):
            yield (b"Subject: %d\r\n\r\n" % number, 0, False, (), False)
        raise OSError("the disk was pulled out")


@pytest.fixture
def collecting() -> Iterator[None]:
    """As in a program without a window, whatever a window's test left."""
    was, kept = gc.isenabled(), gc.get_threshold()
    gc.enable()
    gc.set_threshold(*importing._USUALLY_COLLECTED)
    yield
    gc.set_threshold(*kept)
    if not was:
        gc.disable()


@pytest.mark.usefixtures("collecting")
async def test_few_batches_wait_and_what_was_read_before_a_fault_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "FIRST_BATCH", 10)
    monkeypatch.setattr(importing, "IMPORT_BATCH", 40)
    slow = Slow()
    seen: list[int] = []
    usual, collected = gc.get_threshold(), set()

    def on_progress(done: int, _total: int) -> None:
        seen.append(done)
        collected.add(gc.get_threshold())

    async with desk(tmp_path) as here:
        here.inbox._archive = Endless(410)
        here.inbox._reader = slow
        with pytest.raises(OSError, match="pulled"):
            await here.inbox.import_mail(tmp_path / "box", on_progress)
    assert seen == [0, *range(10, 411, 40)]
    assert collected == {importing._COLLECTED}, "looking for cycles among mails is put off"
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)
    assert slow.most <= 40 * (importing.AHEAD + 1)


class Closing(Slow):
    def submit(self, mails: Sequence[RawMail | FiledMail]) -> Future[list[PreparedMail]]:
        if self.asked:
            raise InterruptedError("the core is closing")
        return super().submit(mails)


async def test_an_import_that_the_end_interrupts_is_cancelled_and_no_fault(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.inbox._archive = Endless(5_000)
        here.inbox._reader = Closing()
        with pytest.raises(asyncio.CancelledError):
            await here.inbox.import_mail(tmp_path / "box")
