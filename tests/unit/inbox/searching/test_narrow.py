"""Of a narrow queue the same hits in the same order, whichever way its messages are looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.orders import order
from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.events import ConversationsChanged, OrdersChanged, TranslationStored
from workstation.domain.facts import SourceKind
from workstation.domain.query import parse
from workstation.evidence import tables as _evidence
from workstation.inbox.model import ListQuery
from workstation.inbox.searching import care, members, narrow, pages, ranking, small
from workstation.inbox.searching.hits import Index
from workstation.inbox.searching.small import Small
from workstation.orders.model import Answer
from workstation.orders.repo import links, storing
from workstation.translation import repo as translations
from workstation.translation.model import Translation

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


async def walk(here: Desk, text: str, limit: int = 5) -> list[list[str]]:
    found: list[list[str]] = []
    cursor: str | None = None
    while True:
        page = await here.inbox.page(ListQuery("review", search=text, limit=limit, cursor=cursor))
        found.append([row.subject for row in page.rows])
        if not page.cursor:
            return found
        cursor = page.cursor


@pytest.mark.parametrize(("few", "looked_up", "where", "way"), [
    (0, 10_000, Index, "newest"), (0, 1, Index, "newest_among"), (100, 10_000, Small, "newest"),
])
async def test_every_way_finds_the_same(
    here: Desk, monkeypatch: pytest.MonkeyPatch, few: int, looked_up: int, where: type, way: str
) -> None:
    monkeypatch.setattr(small, "MOST", few)
    wanted = await walk(here, "parcel")
    assert [subject for page in wanted for subject in page] == [
        f"Question {n}" for n in range(MAILS) if n % 10 in (3, 7)]
    searching = here.inbox.searching
    searching.members.want("review", parse("parcel"))
    await searching.members.settled()
    assert searching.members.of("review", parse("parcel")) is not None
    monkeypatch.setattr(narrow, "LOOKED_UP", looked_up)
    used = 0
    real = getattr(where, way)

    def counted(*values: object) -> object:
        nonlocal used
        used += 1
        return real(*values)

    monkeypatch.setattr(where, way, counted)
    assert await walk(here, "parcel") == wanted
    assert await walk(here, "nothing") == [[]]
    assert used


async def test_words_that_come_later_are_found_in_a_narrow_queue(here: Desk) -> None:
    members = here.inbox.searching.members
    members.want("review", parse(""))
    await members.settled()
    known = members.of("review", parse("kettle"))
    assert known is not None
    assert known.small is not None
    assert await walk(here, "kettle") == [[]]
    rows = (await here.inbox.page(ListQuery("review", limit=2))).rows
    message_id = (await here.inbox.conversation(rows[0].id)).messages[0].id
    kept = Translation("Where is my parcel?", "Where is my kettle?", "en", "de", "test")
    await here.database.write(lambda unit: translations.keep(unit.conn, message_id, kept, NOW))
    members.on_translated(TranslationStored(rows[0].id, message_id))
    await here.inbox.receive("account", [mail(
        900, text="The kettle broke", references=("<3@buyer.example>",), in_reply_to="<3@buyer.example>", at=NOW)])
    answered = (await here.inbox.page(ListQuery("all", limit=1, search="broke"))).rows[0]
    members.on_changed(ConversationsChanged((answered.id,)))
    await members.settled()
    assert {row.id for row in (await here.inbox.page(ListQuery("review", search="kettle"))).rows} == {
        rows[0].id, answered.id}
    await here.database.write(lambda unit: translations.forget(unit.conn, [message_id]))
    members.on_translated(TranslationStored(rows[0].id, message_id))
    await members.settled()
    assert await walk(here, "kettle") == [[answered.subject]]


async def test_a_backlog_is_not_read_again_for_a_narrow_queues_own_index(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a handful at once: the set has them, and the index of all answers."""
    searching = here.inbox.searching
    searching.members.want("review", parse("parcel"))
    await searching.members.settled()
    wanted = await walk(here, "parcel")
    rows = (await here.inbox.page(ListQuery("review", limit=100))).rows
    monkeypatch.setattr(members, "AT_ONCE", len(rows) - 1)
    searching.members.on_changed(ConversationsChanged(tuple(row.id for row in rows)))
    await searching.members.settled()
    known = searching.members.of("review", parse("parcel"))
    assert known is not None
    assert known.small is None
    assert len(known.messages) == len(rows)
    assert await walk(here, "parcel") == wanted


async def test_a_parcels_new_number_is_found_in_a_narrow_queue_and_the_rest_is_kept(here: Desk) -> None:
    members = here.inbox.searching.members
    members.want("review", parse(""))
    await members.settled()
    known = members.of("review", parse(""))
    (row,) = (await here.inbox.page(ListQuery("review", limit=1))).rows
    sold = order("#90210", tracking_number="RB123456785GB")
    answer = Answer("shop", NOW, b"{}", "application/json", sold)
    await here.database.write(lambda unit: storing.store(unit.conn, [answer], SourceKind.API))
    await here.database.write(lambda unit: links.add(unit.conn, [(row.id, sold.id, "person")]))
    assert await walk(here, "parcel:RB1234") == [[]]
    members.on_orders(OrdersChanged((sold.id,)))
    while members._tasks:
        await members.settled()
    assert members.of("review", parse("")) is known
    assert await walk(here, "parcel:RB1234") == [[row.subject]]


async def test_the_best_of_a_narrow_queue_are_found_behind_many_hits_elsewhere(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "RANKED", 5)
    monkeypatch.setattr(pages, "RANKED", 5)
    best = ListQuery("review", search="parcel", relevance=True)
    assert len((await here.inbox.page(best)).rows) < 5
    await here.inbox.searching.members.settled()     # the first search has asked for the queue's own index
    assert len((await here.inbox.page(best)).rows) == 5


async def test_the_rarest_queues_are_known_before_anybody_searches(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(care, "WARMED", 0.0)
    monkeypatch.setattr(care, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(care, "NEXT_LOOK", 0.0)
    searching = here.inbox.searching
    assert searching.members.of("review", parse("parcel")) is None
    await searching.care.step()
    known = searching.members.of("review", parse("parcel"))
    assert known is not None
    assert len(known.messages) == MAILS // 5
    empty = searching.members.of("failed", parse("parcel"))
    assert empty is not None
    assert not empty.messages
