"""A damaged store says what is lost, and everything else is found to be readable."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.wholestore import CONVERSATIONS, MESSAGES, Whole, whole
from workstation.kernel.errors import Damaged, StoreError, WrongKey
from workstation.store import check, pages
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.engine import connect
from workstation.store.remains import Reader, Remains

SEED = 20261122


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def leaf_of(store: Whole, table: str) -> int:
    """A page whose damage costs some rows of a table and not all of it, found by trying."""
    chance = random.Random(SEED)
    spare = store.home.database.read_bytes()
    for page in chance.sample(range(2, store.pages() + 1), store.pages() - 1):
        store.flip(page, chance)
        os.utime(store.home.database, (0, 0))   # long ago: a check need not wait for whoever may be writing the page
        found = {each.name: each for each in tables(store)}
        store.home.database.write_bytes(spare)
        if table in found and 0 < (found[table].lost or 0) < found[table].rows:
            return page
    raise AssertionError(f"no page of {table} was found")


def tables(store: Whole) -> tuple[check.DamagedTable, ...]:
    try:
        return check.check(store.home, store.key, full=False).tables
    except StoreError:   # a page that lists the tables: of no use here
        return ()


def test_a_whole_store_is_whole(store: Whole) -> None:
    report = check.check(store.home, store.key)
    assert report.whole
    assert report.pages == store.pages()
    assert report.files == 3


def test_the_pages_are_those_that_sqlcipher_itself_names(store: Whole, request: pytest.FixtureRequest) -> None:
    chance = random.Random(request.config.getoption("--seed") or SEED)
    for page in chance.sample(range(2, store.pages()), 4):
        store.flip(page, chance)
    connection = connect(store.home.database, store.key, read_only=True)
    said = {int(line.split()[-1]) for (line,) in connection.execute("PRAGMA cipher_integrity_check")}
    connection.close()
    found = pages.check(store.home.database, store.key)
    assert set(found.damaged) <= said
    unwritten = {page for page in said - set(found.damaged)
                 if not any(store.home.database.read_bytes()[(page - 1) * pages.PAGE : page * pages.PAGE])}
    assert said - set(found.damaged) == unwritten


def test_a_damaged_page_names_the_table_and_what_is_readable(store: Whole) -> None:
    page = leaf_of(store, "message")
    store.flip(page, random.Random(1))
    report = check.check(store.home, store.key)
    assert report.damaged_pages == (page,)
    message = next(each for each in report.tables if each.name == "message")
    assert message.rows + (message.lost or 0) == MESSAGES
    first, last = message.gaps[0]
    assert message.lost == last - first + 1   # the rowids of messages have no holes here


@pytest.mark.parametrize("seed", [0, 2, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 3, 4, 5))])
def test_random_damage_never_ends_a_check(store: Whole, seed: int, request: pytest.FixtureRequest) -> None:
    chance = random.Random((request.config.getoption("--seed") or SEED) + seed)
    hit = sorted(chance.sample(range(2, store.pages() + 1), chance.choice((1, 3, 20))))
    for page in hit:
        store.flip(page, chance)
    if not listed(store):   # the pages that list the tables were hit
        with pytest.raises(StoreError, match="list of tables"):
            check.check(store.home, store.key)
        return
    report = check.check(store.home, store.key)
    assert not report.whole
    written = [page for page in hit if page in report.damaged_pages]
    assert list(report.damaged_pages) == written
    assert len(written) == len(hit)


@pytest.mark.long
def test_every_row_on_a_sound_page_is_read(store: Whole) -> None:
    """Against the same store undamaged: what is read is all but a stretch."""
    page = leaf_of(store, "message")
    before = {row[0]: row for row in rows(store, "message")}
    store.flip(page, random.Random(2))
    after = {row[0]: row for row in rows(store, "message")}
    assert after.items() <= before.items()
    lost = sorted(before.keys() - after.keys())
    assert lost == list(range(lost[0], lost[-1] + 1))


def test_a_damaged_first_page_is_no_wrong_key(store: Whole) -> None:
    store.flip(1, random.Random(3))
    with pytest.raises(StoreError, match="first page") as caught:
        check.check(store.home, store.key)
    assert not isinstance(caught.value, WrongKey)
    assert "restore" in caught.value.remedy


def test_a_file_that_was_cut_off_says_so(store: Whole) -> None:
    content = store.home.database.read_bytes()
    store.home.database.write_bytes(content[: len(content) * 2 // 3 + 100])
    with pytest.raises(StoreError, match="cut off") as caught:
        check.check(store.home, store.key)
    assert "salvage" in caught.value.remedy


def test_a_journal_without_anything_in_it_is_no_damage(store: Whole) -> None:
    Path(f"{store.home.database}-wal").touch()
    assert check.check(store.home, store.key).whole


def test_files_that_are_missing_or_were_changed_are_named(store: Whole) -> None:
    first, second, _third = store.addresses()
    folder = BlobFiles(store.home.blobs)
    folder.path(first).unlink()
    folder.path(second).write_bytes(b"something else")
    report = check.check(store.home, store.key)
    assert report.missing_files == (first,)
    assert report.changed_files == (second,)


def test_counts_that_contradict_the_conversations_are_told(store: Whole) -> None:
    with store.connection() as connection:
        connection.exec_driver_sql("UPDATE queue_span SET n = n + 1 WHERE queue = 'open'")
    report = check.check(store.home, store.key)
    assert len(report.rules) == 1
    assert not report.whole


async def test_a_read_that_meets_damage_fails_alone(store: Whole) -> None:
    """The next one on the same thread gets a new connection: SQLCipher's own stays broken."""
    store.flip(leaf_of(store, "message"), random.Random(4))
    database = Database(store.home.database, store.key, lambda _event: None)
    try:
        with pytest.raises(Damaged) as caught:
            await database.read(lambda c: c.exec_driver_sql("SELECT * FROM message").all())
        assert "check" in caught.value.remedy
        for _each in range(6):
            known = await database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM conversation").scalar())
            assert known == CONVERSATIONS
        assert database.damaged == 1
    finally:
        database.close()


def listed(store: Whole) -> bool:
    reader = Reader(lambda: connect(store.home.database, store.key, read_only=True))
    try:
        return reader.readable("SELECT * FROM sqlite_master")
    finally:
        reader.close()


def rows(store: Whole, table: str) -> list[tuple[Any, ...]]:
    reader = Reader(lambda: connect(store.home.database, store.key, read_only=True))
    try:
        return [tuple(row) for row in reader.rows(table, Remains(table))]
    finally:
        reader.close()
