"""Units of work: all or nothing, announced after the commit or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlcipher3 import dbapi2 as sqlcipher

from tests.unit.store.conftest import KEY, Store
from workstation.domain.events import ConversationsChanged
from workstation.kernel.errors import Busy, ReadOnly
from workstation.store import meta
from workstation.store.database import QUIET_S, READERS
from workstation.store.engine import connect
from workstation.store.unit import Unit

EVENT = ConversationsChanged(("c1",))


async def test_an_event_is_announced_once_its_row_can_be_read(store: Store) -> None:
    seen: list[str] = []

    def work(unit: Unit) -> str:
        meta.put(unit.conn, "name", "value")
        unit.emit(EVENT)
        unit.emit(EVENT)
        unit.after_commit(lambda: seen.append(outside(store)))
        return "result"

    assert await store.database.write(work) == "result"
    assert store.announced == [EVENT]
    assert seen == ["value"]


async def test_a_unit_that_fails_leaves_and_announces_nothing(store: Store) -> None:
    called: list[int] = []

    def work(unit: Unit) -> None:
        meta.put(unit.conn, "name", "value")
        unit.emit(EVENT)
        unit.after_commit(lambda: called.append(1))
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        await store.database.write(work)
    assert store.announced == []
    assert called == []
    assert outside(store) == ""


async def test_an_announcement_outlives_a_caller_that_gave_up(store: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def work(unit: Unit) -> None:
        begun.set()
        go.wait(5)
        unit.emit(EVENT)

    task = asyncio.ensure_future(store.database.write(work))
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    await store.database.read(lambda c: None)
    await store.database.write(lambda unit: None)
    assert store.announced == [EVENT]


async def test_writes_are_one_after_another(store: Store) -> None:
    def add(unit: Unit) -> None:
        meta.put(unit.conn, "n", str(int(meta.get(unit.conn, "n", "0")) + 1))

    await asyncio.gather(*(store.database.write(add) for _ in range(50)))
    assert await store.database.read(lambda c: meta.get(c, "n")) == "50"


async def test_readers_run_beside_an_open_write(store: Store) -> None:
    begun, go = threading.Event(), threading.Event()

    def work(unit: Unit) -> None:
        meta.put(unit.conn, "name", "new")
        begun.set()
        go.wait(5)

    writing = asyncio.ensure_future(store.database.write(work))
    await asyncio.to_thread(begun.wait, 5)
    assert await store.database.read(lambda c: meta.get(c, "name", "old")) == "old"
    go.set()
    await writing
    assert await store.database.read(lambda c: meta.get(c, "name")) == "new"


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(ReadOnly):
        await store.database.read(lambda c: meta.put(c, "name", "value"))


async def test_programming_errors_stay_bugs(store: Store) -> None:
    with pytest.raises(DBAPIError):
        await store.database.read(lambda c: c.execute(text("SELECT x FROM nowhere")))

    def twice(unit: Unit) -> None:
        unit.conn.execute(text("INSERT INTO meta(name, value) VALUES ('a', 'b'), ('a', 'c')"))

    with pytest.raises(IntegrityError):
        await store.database.write(twice)


async def test_a_store_held_by_another_process_is_busy(store: Store) -> None:
    holder = connect(store.path, KEY)
    holder.execute("BEGIN IMMEDIATE")

    def work(unit: Unit) -> None:
        meta.put(unit.conn, "name", "value")

    with store.database.writer.connect() as connection:  # the pool's one connection, told to wait less
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 1")  # type: ignore[union-attr]
        holder.execute("ROLLBACK")
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        await store.database.write(work)
    holder.close()
    await store.database.write(work)


async def test_a_closed_store_refuses(store: Store) -> None:
    store.database.close()
    with pytest.raises(Busy):
        await store.database.write(lambda unit: None)


def outside(store: Store) -> str:
    """What another connection reads: only what was committed."""
    connection = connect(store.path, KEY, read_only=True)
    row = connection.execute("SELECT value FROM meta WHERE name = 'name'").fetchone()
    connection.close()
    return str(row[0]) if row else ""


def room(unit: Unit) -> tuple[int, int]:
    asked = (unit.conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("cache_size", "wal_autocheckpoint"))
    cache, log = (int(value or 0) for value in asked)
    return cache, log


async def test_a_backlog_gets_room_and_gives_it_back(store: Store) -> None:
    """Two at once share it; what the longer log holds is in the store when the last one ends."""
    usual = await store.database.write(room)
    async with store.database.backlog():
        async with store.database.backlog():
            more = await store.database.write(room)
        assert await store.database.write(room) == more == (2 * usual[0], 4 * usual[1])
        await store.database.write(lambda unit: meta.put(unit.conn, "name", "x" * 100_000))
        before = store.path.stat().st_size
    assert await store.database.write(room) == usual
    assert store.path.stat().st_size > before


async def test_a_backlog_that_fails_gives_its_room_back(store: Store) -> None:
    with pytest.raises(LookupError):
        async with store.database.backlog():
            raise LookupError("a bug")
    assert await store.database.write(lambda unit: unit.conn.exec_driver_sql("PRAGMA cache_size").scalar()) == -32_000


async def test_batches_of_unknown_number_keep_room_until_none_came_for_a_while(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await store.database.write(room)
    later: list[tuple[float, Callable[[], None]]] = []
    dropped: list[int] = []

    class Handle:
        def __init__(self, number: int) -> None:
            self.number = number

        def cancel(self) -> None:
            dropped.append(self.number)

    def call_later(seconds: float, call: Callable[[], None]) -> Handle:
        later.append((seconds, call))
        return Handle(len(later))

    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", call_later)
    await store.database.expect_more()
    await store.database.expect_more()
    assert (await store.database.write(room))[0] == 2 * usual[0]
    assert ([seconds for seconds, _call in later], dropped) == ([QUIET_S, QUIET_S], [1])
    later[-1][1]()
    assert await store.database.write(room) == usual
    await store.database.expect_more()
    assert await store.database.write(room) == (2 * usual[0], 4 * usual[1])


async def test_the_drivers_own_connection_reads_and_never_writes(store: Store) -> None:
    await store.database.write(lambda unit: meta.put(unit.conn, "n", "1"))
    read = "SELECT value FROM meta WHERE name = 'n'"
    assert await store.database.ask(lambda driver: driver.execute(read).fetchone()) == ("1",)
    with pytest.raises(ReadOnly):
        await store.database.ask(lambda driver: driver.execute("UPDATE meta SET value = '2'"))
    with pytest.raises(sqlcipher.OperationalError, match="no such table"):   # a bug stays one
        await store.database.ask(lambda driver: driver.execute("SELECT 1 FROM nowhere"))


async def test_a_question_that_fails_leaves_no_old_state_behind(store: Store) -> None:
    def fail(driver: Any) -> None:
        assert driver.execute("SELECT count(*) FROM meta").fetchone()
        raise LookupError("a bug")

    for _reader in range(READERS):
        with pytest.raises(LookupError):
            await store.database.ask(fail)
    await store.database.write(lambda unit: meta.put(unit.conn, "n", "later"))
    for _reader in range(READERS):
        found = await store.database.ask(lambda driver: driver.execute(
            "SELECT value FROM meta WHERE name = 'n'").fetchone())
        assert found == ("later",)
