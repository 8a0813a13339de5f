"""What can be read of a damaged home becomes a whole one, and what is lost is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.wholestore import CONVERSATIONS, MESSAGES, Whole, whole
from workstation.app.keeping import mended
from workstation.kernel.errors import InputError, StoreError
from workstation.kernel.paths import Home
from workstation.store import check, keydescription, vault
from workstation.store.blobs import BlobFiles
from workstation.store.engine import connect
from workstation.store.pages import PAGE
from workstation.store.remains import Reader
from workstation.store.salvage import Salvaged, salvage

SEED = 5


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def salvaged(store: Whole, tmp_path: Path) -> tuple[Salvaged, Whole]:
    target = Home(tmp_path / "new")
    done = salvage(store.home, store.key, target, store.passphrase, mended, check.silently)
    report = check.check(target, store.key)
    assert (report.damaged_pages, report.structure, report.links, report.rules) == ((), (), (), ())
    return done, Whole(target, store.key, store.passphrase, store.recovery)


def test_of_a_whole_home_nothing_is_lost(store: Whole, tmp_path: Path) -> None:
    counts = {table: store.count(table) for table in ("message", "conversation", "mail_body", "order_link", "outgoing")}
    done, new = salvaged(store, tmp_path)
    assert done.whole
    assert {table: new.count(table) for table in counts} == counts
    with new.connection() as connection, store.connection() as before:
        query = "SELECT id, state, sort_key, snippet, tags FROM conversation ORDER BY id"
        assert connection.exec_driver_sql(query).all() == before.exec_driver_sql(query).all()


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_costs_what_is_told(
    store: Whole, tmp_path: Path, seed: int, request: pytest.FixtureRequest,
) -> None:
    chance = random.Random((request.config.getoption("--seed") or SEED) + seed)
    before = {row[0]: tuple(row) for row in texts(store)}
    for page in chance.sample(range(2, store.pages() + 1), 6):
        store.flip(page, chance)
    if not readable(store):   # the pages that list the tables were hit
        with pytest.raises(StoreError, match="list of tables"):
            salvaged(store, tmp_path)
        return
    done, new = salvaged(store, tmp_path)
    after = {row[0]: tuple(row) for row in texts(new)}
    assert after.items() <= before.items()
    lost = {each.name for each in done.tables}
    assert (len(after) < MESSAGES) == ("message" in lost)
    assert new.count("conversation") == CONVERSATIONS or "conversation" in lost


def test_a_lost_conversation_is_made_anew_around_its_messages(store: Whole, tmp_path: Path) -> None:
    """As if its row had been on a damaged page."""
    with store.connection() as connection:
        gone = connection.exec_driver_sql("SELECT id FROM conversation ORDER BY id LIMIT 1").scalar_one()
        connection.connection.dbapi_connection.execute("COMMIT")  # type: ignore[union-attr]
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        connection.connection.dbapi_connection.execute("BEGIN")  # type: ignore[union-attr]
        connection.exec_driver_sql("DELETE FROM conversation WHERE id = ?", (gone,))
    done, new = salvaged(store, tmp_path)
    assert done.anew == 1
    with new.connection() as connection:
        row = connection.exec_driver_sql("SELECT subject, last_at FROM conversation WHERE id = ?", (gone,)).one()
    assert row[0]
    assert row[1] > 0
    assert new.count("message") == MESSAGES


@pytest.mark.long
def test_a_file_that_was_cut_off_gives_what_is_left(store: Whole, tmp_path: Path) -> None:
    content = store.home.database.read_bytes()
    store.home.database.write_bytes(content[: len(content) // PAGE // 2 * PAGE + 77])
    done, new = salvaged(store, tmp_path)
    assert not done.whole
    assert new.count("conversation") > 0
    assert not list((tmp_path / "new").glob("source.db*"))


def test_the_damaged_home_stays_as_it_was(store: Whole, tmp_path: Path) -> None:
    for page in (20, 30, 40):
        store.flip(page, random.Random(1))
    before = store.home.database.read_bytes()
    described = store.home.description.read_bytes()
    salvaged(store, tmp_path)
    assert store.home.database.read_bytes() == before
    assert store.home.description.read_bytes() == described


def test_the_new_home_is_a_device_of_its_own(store: Whole, tmp_path: Path) -> None:
    _done, new = salvaged(store, tmp_path)
    one, other = keydescription.load(store.home.description), keydescription.load(new.home.description)
    assert one is not None
    assert other is not None
    assert one.home_id == other.home_id
    assert one.device_id != other.device_id
    assert vault.open_home(new.home, passphrase_file=store.passphrase).key == store.key


def test_a_sealed_file_that_is_gone_is_named(store: Whole, tmp_path: Path) -> None:
    first = store.addresses()[0]
    BlobFiles(store.home.blobs).path(first).unlink()
    done, _new = salvaged(store, tmp_path)
    assert done.files == (first,)


def test_a_folder_with_anything_in_it_is_not_touched(store: Whole, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        salvage(store.home, store.key, Home(tmp_path), store.passphrase, mended, check.silently)


def readable(store: Whole) -> bool:
    reader = Reader(lambda: connect(store.home.database, store.key, read_only=True))
    try:
        return reader.readable("SELECT * FROM sqlite_master")
    finally:
        reader.close()


def texts(store: Whole) -> list[tuple[object, ...]]:
    with store.connection() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT seq, id, subject, text FROM message")]
