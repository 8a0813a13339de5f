"""What a merged conversation brought is found and filtered as its own: order numbers, drafts, evidence, tags."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.orders import order
from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.facts import SourceKind
from workstation.domain.query import parse
from workstation.evidence import tables as _evidence
from workstation.inbox.model import ListQuery
from workstation.inbox.searching import condition
from workstation.kernel.clock import HOUR, MINUTE
from workstation.orders.model import Answer
from workstation.orders.repo import links, storing
from workstation.team import tables as _team
from workstation.translation import repo as translations
from workstation.translation.model import Translation

TABLES = (_evidence, _team)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    """Question 2 is about an order; it is younger than question 1 and is merged into it."""
    async with desk(tmp_path) as made:
        await made.with_account()
        await made.inbox.receive("account", [mail(1), mail(2, at=NOW + HOUR)])
        yield made


async def found(here: Desk, text: str, queue: str = "all") -> list[str]:
    return [row.subject for row in (await here.inbox.page(ListQuery(queue, search=text))).rows]


async def ids(here: Desk) -> dict[str, tuple[str, str]]:
    """(conversation, message) by the subject's number."""
    sql = "SELECT subject, conversation_id, id FROM message"
    rows = await here.database.read(lambda c: c.exec_driver_sql(sql).all())
    return {subject.split()[-1]: (conversation, message) for subject, conversation, message in rows}


async def test_an_order_of_what_was_merged_is_found_after_its_words_were_written_anew(here: Desk) -> None:
    known = await ids(here)
    (one, _first), (two, message) = known["1"], known["2"]
    sold = order("#90210", tracking_number="PT7")
    answer = Answer("shop", NOW, b"{}", "application/json", sold)
    await here.database.write(lambda unit: storing.store(unit.conn, [answer], SourceKind.API))
    await here.database.write(lambda unit: links.add(unit.conn, [(two, sold.id, "person")]))
    assert await found(here, "90210") == ["Question 2"]
    merged = await here.inbox.merge([two], one)
    assert await found(here, "90210") == ["Question 1"]
    translated = Translation("a question", "uma pergunta", "en", "pt", "test")
    await here.database.write(lambda unit: translations.keep(unit.conn, message, translated, NOW))
    assert await found(here, "pergunta") == ["Question 1"]
    assert await found(here, "90210") == ["Question 1"]
    assert await found(here, "has:order") == ["Question 1"]
    sent = replace(answer, raw=b"{1}", fetched_at=NOW + 1, order=replace(sold, tracking_number="PT8"))
    await here.database.write(lambda unit: storing.store(unit.conn, [sent], SourceKind.API))
    assert await found(here, "PT8") == ["Question 1"]
    await here.inbox.undo(merged.id)
    assert await found(here, "90210") == ["Question 2"]
    assert await found(here, "has:order") == ["Question 2"]


async def test_filters_ask_what_was_merged_too(here: Desk) -> None:
    known = await ids(here)
    (one, _first), (two, _message) = known["1"], known["2"]
    await here.database.write(lambda unit: unit.conn.exec_driver_sql(
        "INSERT INTO draft(conversation_id, mode, revision, saved_at, content) VALUES (?, 'reply', 1, 1, '{}')",
        (two,)) and None)
    await here.inbox.merge([two], one)
    assert await found(here, "has:draft") == ["Question 1"]


@pytest.mark.parametrize("typed", ["Übergröße", "übergröße", "ÜBERGRÖSSE", "über*"])
async def test_a_tag_is_met_however_its_letters_are_written(here: Desk, typed: str) -> None:
    one = (await ids(here))["1"][0]
    await here.inbox.tag([one], ["Übergröße"])
    wanted = [] if typed.endswith("*") else ["Question 1"]
    assert await found(here, f"tag:{typed}") == wanted
    where, values = condition(parse(f"tag:{typed}"), NOW, "")
    sql = f"SELECT count(*) FROM conversation WHERE {where}"  # noqa: S608
    assert await here.database.read(lambda c: c.exec_driver_sql(sql, values).scalar_one()) == len(wanted)


async def test_what_one_search_leaves_out_another_one_finds(here: Desk) -> None:
    """The set of a narrow queue is kept by what narrowed it, and by all of that."""
    members = here.inbox.searching.members
    assert await found(here, "question -in:open") == []
    members.want("all", parse("question -in:open"))
    await members.settled()
    assert members.of("all", parse("question -in:open")) is not None
    assert sorted(await found(here, "question")) == ["Question 1", "Question 2"]


async def test_a_set_of_the_index_before_is_not_kept(here: Desk) -> None:
    members = here.inbox.searching.members
    members.want("all", parse("question"))
    await asyncio.sleep(0)      # the old index is being asked
    members.clear()
    await members.settled()
    assert members.of("all", parse("question")) is None


async def test_what_breaches_soon_is_not_missed_while_it_does_not(here: Desk) -> None:
    """A set looks some minutes ahead; what that takes out of `-is:breaching` is in it still."""
    await here.database.write(lambda unit: unit.conn.exec_driver_sql(
        "UPDATE conversation SET warn_at = ?", (here.clock.now() + MINUTE,)) and None)
    members = here.inbox.searching.members
    members.want("all", parse("question -is:breaching"))
    await members.settled()
    assert sorted(await found(here, "question -is:breaching")) == ["Question 1", "Question 2"]
