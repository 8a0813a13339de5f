"""What comes to a message later is found at once: a translation, an order link, a parcel's number, a mail's files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.orders import order
from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.facts import SourceKind
from workstation.inbox.model import ListQuery
from workstation.orders.model import Answer
from workstation.orders.repo import links, storing
from workstation.translation import repo as translations
from workstation.translation.model import Translation


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        await made.inbox.receive("account", [
            mail(1, text="我的水壶坏了"), mail(2, text="an answer", references=("<1@buyer.example>",)), mail(3)])
        yield made


async def found(here: Desk, text: str) -> list[str]:
    page = await here.inbox.page(ListQuery(queue="all", search=text))
    return [row.found.replace("\x02", "[").replace("\x03", "]") for row in page.rows]


async def ids(here: Desk, what: str) -> str:
    sql = f"SELECT {what} FROM message WHERE text = '我的水壶坏了'"  # noqa: S608
    return str(await here.database.read(lambda c: c.exec_driver_sql(sql).scalar()))


async def test_both_languages_of_a_message_are_found(here: Desk) -> None:
    message_id = await ids(here, "id")
    assert await found(here, "kettle") == []
    kept = Translation("我的水壶坏了", "My kettle broke", "zh", "en", "test")
    await here.database.write(lambda unit: translations.keep(unit.conn, message_id, kept, NOW))
    assert await found(here, "kettle") == ["My [kettle] broke"]
    assert await found(here, "水壶") == ["我的[水壶]坏了"]
    await here.database.write(lambda unit: translations.keep(
        unit.conn, message_id, replace(kept, target="My boiler broke"), NOW))
    assert await found(here, "kettle") == []
    assert await found(here, "boiler broke") == ["My [boiler] [broke]"]
    await here.database.write(lambda unit: translations.forget(unit.conn, [message_id]))
    assert await found(here, "boiler") == []


async def test_a_linked_order_and_its_parcel_are_found_by_their_numbers(here: Desk) -> None:
    conversation_id = await ids(here, "conversation_id")
    sold = order("#90210", tracking_number="")
    answer = Answer("shop", NOW, b"{}", "application/json", sold)

    await here.database.write(lambda unit: storing.store(unit.conn, [answer], SourceKind.API))
    assert await found(here, "90210") == []
    await here.database.write(lambda unit: links.add(unit.conn, [(conversation_id, sold.id, "person")]))
    assert await found(here, "9021") == ["#[9021]0"]
    assert await found(here, "order:#90210") == ["#[90210]"]
    assert await found(here, "RB1234") == []
    sent = replace(answer, raw=b"{1}", fetched_at=NOW + 1, order=replace(sold, tracking_number="RB123456785GB"))
    await here.database.write(lambda unit: storing.store(unit.conn, [sent], SourceKind.API))
    assert await found(here, "parcel:RB1234") == ["#90210 [RB1234]56785GB"]
    assert len(await found(here, "has:order")) == 1
