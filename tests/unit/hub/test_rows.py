"""Writes that meet share one transaction; one that fails takes nobody with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from workstation.hub import meta
from workstation.hub.rows import SqliteRows


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[SqliteRows]:
    made = SqliteRows(tmp_path / "hub.db")
    yield made
    made.close()


Work = Callable[[Connection], object]


def put(name: str) -> Work:
    return lambda conn: meta.put(conn, name, "1")


def names(rows: SqliteRows) -> list[str]:
    return sorted(rows.now(lambda conn: [row[0] for row in conn.exec_driver_sql("SELECT name FROM hub_meta")]))


async def meet(rows: SqliteRows, *works: Work) -> list[object]:
    """Ask for all of these while the writing thread is held, so that they wait together."""
    gate = threading.Event()
    held = asyncio.ensure_future(rows.write(lambda _conn: gate.wait(5)))
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(rows.write(work)) for work in works]
    await asyncio.sleep(0)
    gate.set()
    await held
    return list(await asyncio.gather(*asked, return_exceptions=True))


async def test_what_waits_together_is_committed_once(rows: SqliteRows) -> None:
    commits: list[str] = []
    event.listen(rows._engine, "commit", lambda _connection: commits.append("commit"))
    assert await meet(rows, *(put(f"n{n}") for n in range(5))) == [None] * 5
    assert len(commits) == 2      # the one that held the thread, and the five
    assert names(rows) == [f"n{n}" for n in range(5)]


async def test_one_that_fails_is_told_so_and_the_others_are_written(rows: SqliteRows) -> None:
    def bad(conn: Connection) -> None:
        meta.put(conn, "half", "1")
        raise ValueError("bad")

    first, second, third = await meet(rows, put("a"), bad, put("b"))
    assert (first, type(second), third) == (None, ValueError, None)
    assert names(rows) == ["a", "b"]


async def test_who_stops_waiting_does_not_stop_the_write(rows: SqliteRows) -> None:
    gate = threading.Event()

    def slow(conn: Connection) -> None:
        gate.wait(5)
        meta.put(conn, "kept", "1")

    asked = asyncio.ensure_future(rows.write(slow))
    await asyncio.sleep(0)
    asked.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert names(rows) == ["kept"]
