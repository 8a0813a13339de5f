"""A batch leaves what its mails would have left one by one; a bad mail harms no other; history wakes nobody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.bench.corpus import corpus
from tests.support.store import NOW, Desk, desk, mail
from tests.unit.inbox.test_arrival import listed
from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import ConversationState
from workstation.inbox import arrival, importing, lines
from workstation.inbox.languages import BUSY, Languages
from workstation.inbox.lines import Line
from workstation.inbox.model import BadItem, FolderCursor, IncomingMail
from workstation.kernel.clock import DAY, HOUR, MINUTE
from workstation.kernel.ids import derived_id

THREAD = {"references": ("<1@buyer.example>",)}


async def told(here: Desk, table: str) -> list[tuple[Any, ...]]:
    def read(connection: Connection) -> list[tuple[Any, ...]]:
        return sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))  # noqa: S608

    return await here.database.read(read)


@pytest.mark.parametrize("seed", range(2))
async def test_any_cutting_into_batches_leaves_the_same_store(tmp_path: Path, seed: int) -> None:
    mails = [parse(m.raw, received_at=int(m.received.timestamp() * 1_000)) for m in corpus(25, seed)]
    mails += [mails[3], replace(mails[5], text="forged"), replace(mails[8], own=True)]
    chance = random.Random(seed)
    left = []
    for name, sizes in (("one", [1]), ("all", [99]), ("some", [chance.randint(1, 9) for _n in range(25)])):
        (tmp_path / name).mkdir()
        async with desk(tmp_path / name) as here:
            start, turn = 0, 0
            while start < len(mails):
                size = sizes[turn % len(sizes)]
                await here.inbox.receive("account", mails[start : start + size])
                start, turn = start + size, turn + 1
            left.append([await told(here, t) for t in ("message", "conversation", "thread_reference", "attachment")])
    assert left[0] == left[1] == left[2]
    assert len(left[0][0]) == 26


async def test_a_message_id_used_twice_is_two_mails_and_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), mail(1, text="other words")])
        view = await here.inbox.conversation((await listed(here))[0].id)
    assert [bool(message.problems) for message in view.messages] == [False, True]
    assert "Message-ID" in view.messages[1].problems[0]


async def test_ids_are_made_from_what_a_mail_is(tmp_path: Path) -> None:
    ids = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        async with desk(tmp_path / name) as home:
            await home.inbox.receive("account", [mail(1), mail(2, **THREAD)])
            ids.append([row.id for row in await listed(home)] + [row[1] for row in await told(home, "message")])
            await home.inbox.receive("another", [mail(3)])
    assert ids[0] == ids[1]
    assert derived_id(NOW, "a", "bc") != derived_id(NOW, "ab", "c")
    made = derived_id(NOW, "x")
    assert (made[14], made[19] in "89ab", int(made.replace("-", "")[:12], 16)) == ("7", True, NOW)


@pytest.mark.parametrize(("watched", "age", "wakes"), [
    (False, 2 * DAY, False), (False, -MINUTE, True), (True, 2 * DAY, False), (True, 2 * HOUR, True),
])
async def test_only_what_is_newer_than_the_resolution_wakes_a_conversation(
    tmp_path: Path, watched: bool, age: int, wakes: bool
) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1, at=NOW - HOUR)])
        (row,) = await listed(here)
        await here.inbox.mark_read([row.id])
        await here.inbox.resolve([row.id])
        cursor = FolderCursor(1, 1) if watched else None
        await here.inbox.receive("account", [mail(2, **THREAD, at=NOW - HOUR - age)], "INBOX", cursor)
        (row,) = await listed(here, queue="all")
    assert (row.state is ConversationState.OPEN, row.unread) == (wakes, wakes)


async def test_resolving_does_not_hide_a_mail_that_came_meanwhile(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), mail(9)])
        seen = {row.id: row.last_at for row in await listed(here)}
        await here.inbox.receive("account", [mail(2, **THREAD, at=NOW)])
        undo = await here.inbox.resolve(list(seen), seen)
        assert [row.subject for row in await listed(here)] == ["Question 1"]
        await here.inbox.undo(undo.id)
        assert len(await listed(here)) == 2


async def test_a_mail_the_store_chokes_on_is_kept_by_its_source_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = arrival.Arrival._add

    def chokes(self: arrival.Arrival, own_id: str, conversation_id: str, item: Any) -> None:
        inner(self, own_id, conversation_id, item)
        if item.subject == "Question 2":
            raise OverflowError("too much")

    monkeypatch.setattr(arrival.Arrival, "_add", chokes)
    lone = mail(4, subject="half a pair: \ud83d")
    async with desk(tmp_path) as here:
        await here.with_account()
        mails = [mail(1), mail(2), mail(3), lone]
        assert await here.inbox.receive("account", mails, "INBOX", FolderCursor(1, 4)) == 4
        rows = await listed(here)
        views = [await here.inbox.conversation(row.id) for row in rows]
        kept = {await here.inbox.raw_source(v.messages[0].id): v.messages[0].problems for v in views}
    assert {row.subject for row in rows} == {"Question 1", "Question 3", ""}
    assert {raw: bool(problems) for raw, problems in kept.items()} == {
        b"raw 1": False, b"raw 2": True, b"raw 3": False, b"raw 4": True}


async def test_an_import_that_was_broken_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    class Breaking:
        yielded = 0
        broken = True

        def read(self, _path: Path) -> Iterator[IncomingMail | BadItem]:
            for number in range(450):
                self.yielded += 1
                if self.broken and number == 430:
                    raise OSError("the disk was pulled out")
                yield mail(number)

    archive = Breaking()
    async with desk(tmp_path) as here:
        here.inbox._archive = archive  # type: ignore[assignment]
        with pytest.raises(OSError, match="pulled"):
            await here.inbox.import_mail(tmp_path / "box")
        archive.broken = False
        moved: list[int] = []
        report = await here.inbox.import_mail(tmp_path / "box", lambda done, _total: moved.append(done))
        assert (report.seen, report.new, report.resumed, moved[0]) == (450, 250, 200, 200)
        assert len(await told(here, "message")) == 450
        assert (await here.inbox.import_mail(tmp_path / "box")).resumed == 0


async def test_an_import_can_be_cancelled_and_its_bad_items_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_BAD", 3)
    async with desk(tmp_path) as here:
        here.archive.items = [BadItem(str(n), "no mail") for n in range(8)] + [mail(1)]
        report = await here.inbox.import_mail(tmp_path)
        assert ([bad.where for bad in report.bad], report.more_bad, report.new) == (["0", "1", "2"], 5, 1)
        here.archive.items = [mail(n) for n in range(2, 900)]
        stop = f"import {tmp_path / 'x'}"
        task = asyncio.ensure_future(
            here.inbox.import_mail(tmp_path / "x", lambda _done, _total: here.inbox._jobs.cancel(stop)))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await told(here, "message")) < 899


def test_the_clock_starts_where_sql_would_have_started_it() -> None:
    buyer = Line(1, NOW, "in", False, "done", "")
    answer = Line(2, NOW, "out", False, "done", "")
    again = Line(3, NOW, "in", False, "done", "")
    assert lines.unanswered_since([buyer, answer], 0) is None
    assert lines.unanswered_since([buyer, answer, again], 0) == NOW
    ours = replace_line(answer, at=NOW + HOUR, outgoing_id="o")
    assert lines.unanswered_since([buyer, ours, replace_line(again, at=NOW + 1)], 0) == NOW + 1
    assert lines.unanswered_since([buyer, ours, replace_line(again, at=NOW - 2 * DAY)], 0) is None
    assert lines.unanswered_since([buyer], NOW) is None
    assert lines.unanswered_since([replace_line(buyer, automatic=True)], 0) is None


def replace_line(line: Line, **changes: Any) -> Line:
    return line._replace(**changes)


class Slow:
    """Tells nothing at a glance and everything when it looks."""

    def __init__(self) -> None:
        self.looked: list[str] = []

    def quick(self, text: str) -> str:
        return ""

    def detect(self, text: str) -> str:
        self.looked.append(text)
        return "" if "?!" in text else "pt"


async def test_languages_are_told_later_the_newest_and_the_opened_first_and_survive_a_restart(tmp_path: Path) -> None:
    slow = Slow()
    async with desk(tmp_path) as here:
        here.inbox._receiving._preparer._detector = slow
        mails = [mail(n, text=f"onde {n}", at=NOW - n * MINUTE) for n in range(1, 60)]
        await here.inbox.receive("account", [*mails, mail(60, text="?!", at=NOW - 90 * DAY)])
        rows = await listed(here)
        assert {row.language for row in rows} == {""}
        languages = Languages(here.database, slow)
        oldest = next(row.id for row in rows if row.subject == "Question 60")
        languages.opened(oldest)
        await languages.step()
        assert slow.looked == ["?!"]
        await languages.step()
        assert slow.looked[1] == "onde 1"
        assert await languages.pending() == 34
    async with desk(tmp_path) as here:
        languages = Languages(here.database, slow)
        while await languages.pending():
            await languages.step()
        assert len(slow.looked) == 60
        shown = {row.subject: row.language for row in await listed(here, queue="all")}
        assert (shown["Question 1"], shown["Question 60"]) == ("pt", "")
        view = await here.inbox.conversation(oldest)
        assert view.messages[0].language == ""


async def test_telling_languages_steps_aside_while_a_backlog_is_stored(tmp_path: Path) -> None:
    slow = Slow()
    async with desk(tmp_path) as here:
        here.inbox._receiving._preparer._detector = slow
        await here.inbox.receive("account", [mail(n, text=f"onde {n}") for n in range(1, 4)])
        languages = Languages(here.database, slow)

        async with here.database.backlog():
            assert 0 < await languages.step() <= BUSY
            assert slow.looked == []

            languages.opened((await listed(here))[0].id)   # a person looks at it: that does not wait
            await languages.step()
            assert len(slow.looked) == 1
        await languages.step()
        assert len(slow.looked) == 3
