"""Best first: where a word stands, how often and in how long a text; among very many hits as among few."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.inbox.model import IncomingAttachment, ListQuery
from workstation.inbox.searching import ranking

FILE = IncomingAttachment("kettle-broken.jpg", "image/jpeg", b"jpg")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        await made.inbox.receive("account", [mail(n, text=text, subject=subject, at=NOW - n * 60_000, attachments=files)
                                             for n, (subject, text, files) in enumerate(MAILS)])
        yield made


MAILS: list[tuple[str, str, tuple[IncomingAttachment, ...]]] = [
    ("Newest", "a kettle among very many other words " + "that say nothing of it " * 20, ()),
    ("Once", "where is the kettle", ()),
    ("Often", "kettle, kettle, kettle: the KETTLE leaks", ()),
    ("Both", "a kettle and a lid", ()),
    ("File", "see the picture", (FILE,)),
    ("A kettle, old", "hello", ()),
    ("Lid", "the lid", ()),
]


async def best(here: Desk, text: str, limit: int = 50) -> list[str]:
    rows: list[str] = []
    query: ListQuery | None = ListQuery("all", text, None, limit, relevance=True)
    while query is not None:
        page = await here.inbox.page(query)
        rows += [row.subject for row in page.rows]
        query = ListQuery("all", text, page.cursor, limit, relevance=True) if page.cursor else None
    return rows


@pytest.mark.parametrize("weighed", [150, 4])
async def test_where_a_word_stands_and_how_often_decides(
    here: Desk, monkeypatch: pytest.MonkeyPatch, weighed: int
) -> None:
    monkeypatch.setattr(ranking, "WEIGHED", weighed)
    found = await best(here, "kettle")
    assert found[0] == "A kettle, old"
    assert sorted(found) == sorted(["Newest", "Once", "Often", "Both", "File", "A kettle, old"])
    assert found.index("File") < found.index("Once")
    if weighed > len(MAILS):
        assert found.index("Often") < found.index("Once") < found.index("Newest")


async def test_the_newest_hits_of_both_kinds_are_weighed_and_the_others_follow(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "WEIGHED", 1)
    assert await best(here, "kettle") == ["File", "A kettle, old", "Newest", "Once", "Often", "Both"]
    assert await best(here, "kettle", limit=2) == await best(here, "kettle")


async def test_every_word_counts_and_what_is_excluded_stays_away(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await best(here, "kettle lid") == ["Both"]
    monkeypatch.setattr(ranking, "WEIGHED", 1)
    assert "A kettle, old" not in await best(here, "kettle -hello")


async def test_accents_and_scripts_weigh_alike(here: Desk) -> None:
    await here.inbox.receive("account", [
        mail(20, subject="一", text="退货单在哪里", at=NOW),
        mail(21, subject="二", text="退货，退货，退货！", at=NOW - 1_000),
        mail(22, subject="três", text="a devolução", at=NOW),
        mail(23, subject="quatro", text="a devolução, DEVOLUÇÃO", at=NOW - 1_000)])
    assert await best(here, "退货") == ["二", "一"]
    assert await best(here, "devolucao") == ["quatro", "três"]


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_what_is_behind_the_best_follows_newest_first_and_once(
    here: Desk, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(ranking, "PORTION", 3)
    monkeypatch.setattr(ranking, "PATIENCE", -1.0)      # after the first portion
    assert await best(here, "kettle", limit) == ["Often", "Once", "Newest", "Both", "File", "A kettle, old"]
    monkeypatch.setattr(ranking, "PATIENCE", 10.0)
    assert (await best(here, "kettle", limit))[0] == "A kettle, old"
    assert sorted(await best(here, "kettle", limit)) == sorted(
        ["Newest", "Once", "Often", "Both", "File", "A kettle, old"])
