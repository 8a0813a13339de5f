"""The index heals: what is damaged, incomplete or of the first schema is filled anew while mail goes on arriving, also
when the program is killed in the middle; and no question holds anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.events import IndexChanged, JobChanged
from workstation.inbox.model import ListQuery
from workstation.inbox.searching.care import JOB
from workstation.store import search
from workstation.store.search import shelves, upgrade, upkeep

MAILS = 40


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(upkeep, "BATCH", 7)
    monkeypatch.setattr(upkeep, "CLEARED", 2)
    async with desk(tmp_path) as made:
        await made.with_account()
        await made.inbox.receive("account", [mail(n, at=NOW - n * 60_000) for n in range(MAILS)])
        yield made


async def hits(here: Desk, text: str = "parcel") -> int:
    return len((await here.inbox.page(ListQuery(queue="all", search=text, limit=500))).rows)


async def run(here: Desk, sql: str) -> None:
    await here.database.write(lambda unit: unit.conn.exec_driver_sql(sql))


async def shelf(here: Desk) -> shelves.Shelf:
    return await here.database.read(shelves.read)


async def damage(here: Desk) -> None:
    await run(here, "UPDATE message_index_data SET block = zeroblob(length(block)) WHERE id > 10")
    # What a connection has read of it before does not count: as after a start.
    await run(here, "UPDATE message_index_data SET block = block WHERE id = 10")


async def clear(here: Desk) -> None:
    while await here.database.write(lambda unit: upkeep.clear_step(unit.conn)):
        pass


async def names(here: Desk) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE name LIKE 'message_index%' AND sql LIKE 'CREATE VIRTUAL%' ORDER BY name"
    return await here.database.read(lambda c: list(c.exec_driver_sql(sql).scalars()))


async def test_a_damaged_index_says_so_answers_in_another_way_and_heals(here: Desk) -> None:
    await damage(here)
    page = await here.inbox.page(ListQuery(queue="all", search="parcel 7", limit=500))
    assert "damaged" in page.note
    assert [row.found.replace("\x02", "[").replace("\x03", "]") for row in page.rows] == ["Where is my [parcel] [7]?"]
    assert await here.inbox.searching.care.check(whole=True)
    await here.inbox.searching.care.fill()
    assert await hits(here) == MAILS
    assert not (await here.inbox.page(ListQuery(queue="all", search="parcel 7"))).note
    assert here.of(IndexChanged)[-1] == IndexChanged(0, 0)
    assert {event.job_id for event in here.events if isinstance(event, JobChanged)} == {JOB}
    assert not await here.inbox.searching.care.check(whole=True)
    await clear(here)
    assert await names(here) == ["message_index"]


async def test_a_damaged_index_keeps_no_mail_out(here: Desk) -> None:
    await run(here, "UPDATE message_index_data SET block = x'00000001ffffffff' WHERE id = 10")   # where its parts are
    await here.inbox.receive("account", [mail(100, text="a marmalade")])
    assert (await shelf(here)).broken
    assert await here.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM message").scalar()) == MAILS + 1
    await here.inbox.searching.care.fill()
    assert await hits(here, "marmalade") == 1


async def test_messages_that_are_missing_are_noticed_by_counting(here: Desk) -> None:
    care = here.inbox.searching.care
    assert not await care.check(whole=False)
    await run(here, "DELETE FROM message_index WHERE rowid IN (SELECT place FROM message_place LIMIT 3)")
    assert await care.check(whole=False)
    await care.fill()
    assert not await care.check(whole=True)
    assert await hits(here) == MAILS


async def test_what_happens_while_a_new_index_is_filled_is_in_both(here: Desk) -> None:
    first = await here.database.write(lambda unit: shelves.begin(unit.conn))
    await here.database.write(lambda unit: upkeep.fill_step(unit.conn, first))
    await here.inbox.receive("account", [mail(100, text="old marmalade", at=NOW - 10**9),
                                         mail(101, text="new marmalade", at=NOW + 10**6)])
    assert await hits(here, "marmalade") == 2          # the old one answers
    oldest = "SELECT seq FROM message WHERE text LIKE '%39?'"
    await here.database.write(lambda unit: search.forget(unit.conn, unit.conn.exec_driver_sql(oldest).scalar_one()))
    await here.inbox.searching.care.fill()
    assert await hits(here, "marmalade") == 2          # the new one answers
    assert await hits(here) == MAILS - 1


async def test_a_killed_filling_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 7)
    async with desk(tmp_path) as one:
        await one.with_account()
        await one.inbox.receive("account", [mail(n, at=NOW - n * 60_000) for n in range(MAILS)])
        at = await one.database.write(lambda unit: shelves.begin(unit.conn))
        for _step in range(3):
            at = await one.database.write(lambda unit: upkeep.fill_step(unit.conn, shelves.read(unit.conn)))
    async with desk(tmp_path) as again:
        left = await shelf(again)
        assert left.filling
        assert left.upto == at.upto > 0
        assert await again.database.read(upkeep.progress) == (21, MAILS)
        assert await hits(again) == MAILS
        await again.inbox.searching.care.fill()
        assert await hits(again) == MAILS
        assert not await again.inbox.searching.care.check(whole=True)


async def test_a_cancelled_filling_leaves_the_old_index_and_does_not_begin_by_itself(here: Desk) -> None:
    await here.database.write(lambda unit: shelves.begin(unit.conn))
    filling = asyncio.ensure_future(here.inbox.searching.care.fill())
    await asyncio.sleep(0)      # it begins
    await asyncio.sleep(0)      # its job runs
    here.inbox._jobs.cancel(JOB)
    await filling
    assert here.of(JobChanged)[-1].state == "cancelled"  # type: ignore[attr-defined]
    assert (await shelf(here)).filling
    assert await hits(here) == MAILS


async def test_the_first_schemas_index_answers_until_the_new_one_is_full(here: Desk) -> None:
    def back(unit: object) -> None:
        run = unit.conn.exec_driver_sql  # type: ignore[attr-defined]
        run("DROP TABLE message_index")
        run("DELETE FROM message_place")
        run("CREATE VIRTUAL TABLE message_index USING fts5(subject, body, people, ids, content='', "
            "contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')")
        run("INSERT INTO message_index(rowid, subject, body) SELECT seq, subject, text FROM message")
        upgrade.run(unit.conn)  # type: ignore[attr-defined]

    await here.database.write(back)
    assert (await shelf(here)).first
    assert "still being prepared" in (await here.inbox.page(ListQuery(queue="all", search="parcel"))).note
    assert await hits(here) == MAILS
    await here.inbox.receive("account", [mail(100, text="a marmalade", at=NOW - 10**10)])
    assert await hits(here, "marmalade") == 1
    assert await hits(here, "before:60d marmalade") == 1
    assert await hits(here, "after:60d marmalade") == 0
    step = await here.database.write(lambda unit: upkeep.fill_step(unit.conn, shelves.read(unit.conn)))
    assert step.filling
    assert await hits(here) == MAILS
    await here.inbox.searching.care.fill()
    assert not (await shelf(here)).first
    assert not (await here.inbox.page(ListQuery(queue="all", search="parcel"))).note
    assert await hits(here) == MAILS
    assert await hits(here, "from:ana") == MAILS + 1   # what the first schema's index did not have
    rows = (await here.inbox.page(ListQuery(queue="all", search="parcel", limit=500))).rows
    assert [row.last_at for row in rows] == sorted((row.last_at for row in rows), reverse=True)
    await clear(here)
    assert await names(here) == ["message_index"]
    assert not await here.inbox.searching.care.check(whole=True)


async def test_merging_ends_and_finds_the_same(here: Desk) -> None:
    for n in range(200, 230):
        await here.inbox.receive("account", [mail(n)])
    await here.database.write(lambda unit: upkeep.optimize(unit.conn))
    steps = 0
    while await here.database.write(lambda unit: upkeep.merge_step(unit.conn)):
        steps += 1
        assert steps < 1_000
    assert await hits(here) == MAILS + 30
    assert not await here.inbox.searching.care.check(whole=True)


async def test_a_question_that_takes_too_long_is_cut_off_with_a_word(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is reached at once here, by a driver that says so as it does when it is interrupted."""
    from workstation.inbox.searching import hits as reading

    asked: list[str] = []
    real = reading.Index.run

    def slow(self: reading.Index, sql: str, values: object = ()) -> object:
        if "MATCH" in sql:
            asked.append(sql)
            endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            return real(self, endless).fetchall()
        return real(self, sql, values)  # type: ignore[arg-type]

    monkeypatch.setattr(reading.Index, "run", slow)
    for relevance in (False, True):
        page = await here.inbox.page(ListQuery(queue="all", search="parcel", relevance=relevance, patience=0.01))
        assert page.rows == ()
        assert "cut off" in page.note
    assert len(asked) == 2
    monkeypatch.undo()
    assert await hits(here) == MAILS                  # the connection is as good as before


async def test_ten_thousand_characters_and_other_patterns_answer(here: Desk) -> None:
    for text in ("x" * 10_000, "pa " * 4_000, '"' + "where is my " * 900, " ".join("abcdefgh" * 9), "-a " * 99,
                 '"' * 999, "*" * 50 + " ^ NEAR( OR", "\x00\x00 parcel", "退" * 5_000):
        page = await here.inbox.page(ListQuery(queue="all", search=text))
        assert len(text) <= 1_000 or page.note
