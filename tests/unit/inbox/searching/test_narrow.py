"""Of a narrow queue the same hits in the same order, whichever way its messages are looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.query import parse
from workstation.evidence import tables as _evidence
from workstation.inbox.model import ListQuery
from workstation.inbox.searching import care, narrow
from workstation.inbox.searching.hits import Index

TABLES = (_evidence,)
MAILS = 60


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        await made.inbox.receive("account", [mail(n, at=NOW - n * 60_000) for n in range(MAILS)])
        await made.database.write(lambda unit: unit.conn.exec_driver_sql(
            "UPDATE conversation SET review = 1 WHERE subject LIKE '%3' OR subject LIKE '%7'") and None)
        yield made


async def pages(here: Desk, text: str, limit: int = 5) -> list[list[str]]:
    found: list[list[str]] = []
    cursor: str | None = None
    while True:
        page = await here.inbox.page(ListQuery("review", search=text, limit=limit, cursor=cursor))
        found.append([row.subject for row in page.rows])
        if not page.cursor:
            return found
        cursor = page.cursor


@pytest.mark.parametrize(("looked_up", "asked", "way"), [
    (10_000, 0, "newest"), (1, 0, "newest_among"), (1, 100, "is_hit"),
])
async def test_every_way_finds_the_same(
    here: Desk, monkeypatch: pytest.MonkeyPatch, looked_up: int, asked: int, way: str
) -> None:
    wanted = await pages(here, "parcel")
    assert [subject for page in wanted for subject in page] == [
        f"Question {n}" for n in range(MAILS) if n % 10 in (3, 7)]
    searching = here.inbox.searching
    searching.members.want("review", parse("parcel"))
    await searching.members.settled()
    assert searching.members.of("review", parse("parcel")) is not None
    monkeypatch.setattr(narrow, "LOOKED_UP", looked_up)
    monkeypatch.setattr(narrow, "ASKED", asked)
    used = 0
    real = getattr(Index, way)

    def counted(*values: object) -> object:
        nonlocal used
        used += 1
        return real(*values)

    monkeypatch.setattr(Index, way, counted)
    assert await pages(here, "parcel") == wanted
    assert await pages(here, "nothing") == [[]]
    assert used


async def test_the_rarest_queues_are_known_before_anybody_searches(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(care, "WARMED", 0.0)
    monkeypatch.setattr(care, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(care, "NEXT_LOOK", 0.0)
    searching = here.inbox.searching
    assert searching.members.of("review", parse("parcel")) is None
    await searching.care.step()
    known = searching.members.of("review", parse("parcel"))
    assert known is not None
    assert len(known.rowids) == MAILS // 5
    empty = searching.members.of("failed", parse("parcel"))
    assert empty is not None
    assert not empty.rowids
