"""The command finds what the window's search finds, in the same order; the running program heals its index."""

from __future__ import annotations

import asyncio
import mailbox
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, prepared
from workstation.domain.events import IndexChanged
from workstation.inbox.model import ListQuery
from workstation.inbox.searching import care

SUBJECTS = ("Kettle", "Blue kettle broken", "包裹在哪里 kettle", "Where is the lamp", "Re: kettle refund")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    made = prepared(tmp_path)
    box = mailbox.mbox(tmp_path / "all.mbox")
    for n, subject in enumerate(SUBJECTS):
        day = (n * 7) % 5 + 10   # not in the order of the file
        box.add((f"From: Ana <ana{n}@b.example>\r\nTo: shop@seller.example\r\nSubject: {subject}\r\n"
                 f"Date: Mon, {day} Aug 2026 10:00:00 +0000\r\nMessage-ID: <{n}@b.example>\r\n"
                 'Content-Type: text/plain; charset="utf-8"\r\n\r\n'
                 f"about the kettle {n}, and a kettle again\r\n").encode())
    box.close()
    made("import", "mail", "all.mbox")
    return made


async def in_window(cli: Cli, query: ListQuery) -> list[tuple[str, str]]:
    async with opened(cli) as running:
        return [(row.id, row.found) for row in (await running.inbox.page(query)).rows]


@pytest.mark.parametrize("text", ["kettle", "-refund is:unanswered", "包裹"])
async def test_the_command_finds_what_the_window_finds_in_its_order(cli: Cli, text: str) -> None:
    for relevance in (False, True):
        here = await in_window(cli, ListQuery(queue="all", search=text, relevance=relevance))
        more = ["--relevance"] if relevance else []
        said = await asyncio.to_thread(cli, "search", text, "--json", *more)
        assert [(row["id"], row["found"]) for row in said.json] == here
        assert here
        lines = (await asyncio.to_thread(cli, "search", text, "--limit", 2, *more)).out.splitlines()
        assert [line.split()[0] for line in lines] == [row[0] for row in here[:2]]


async def test_a_long_query_is_answered_with_a_word_about_it(cli: Cli) -> None:
    said = await asyncio.to_thread(cli, "search", "kettle " * 1_500)
    assert said.out
    assert "only its beginning" in said.err


async def test_the_running_program_heals_a_damaged_index(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(care, "WARMED", 0.01)
    monkeypatch.setattr(care, "FIRST_LOOK", 0.01)
    healed = asyncio.Event()
    async with opened(cli) as running:
        await running.database.write(lambda unit: unit.conn.exec_driver_sql(
            "UPDATE message_index_data SET block = zeroblob(length(block)) WHERE id > 10"))
    async with opened(cli) as running:
        running.core.bus.subscribe(IndexChanged, lambda event: healed.set() if event.total == 0 else None)
        running.jobs.keep_trying("search index", running.inbox.searching.care.step)
        await asyncio.wait_for(healed.wait(), 60)
        page = await running.inbox.page(ListQuery(queue="all", search="kettle"))
        assert len(page.rows) == len(SUBJECTS)
        assert not page.note
