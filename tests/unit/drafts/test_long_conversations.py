"""A draft of a conversation with very many messages begins as fast as any other: no text of them is read for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.support.store import BUYER, NOW, Desk, desk, mail
from workstation.domain.conversation import Address, ReplyContext
from workstation.inbox.outgoing import _ANCESTORS, _NAMED, _PARENT, Timeline

MANY = 2_000
_MORE = (
    "INSERT INTO message(id, conversation_id, direction, at, author_email, author_name, recipients, cc, reply_to, "
    "subject, text, quoted, language, message_id, content_key, automatic, problems, notes, delivery, "
    "delivery_sentence, outgoing_id, original, original_language, slight) "
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT 'm' || i, ?2, "
    "CASE WHEN i % 3 THEN 'in' ELSE 'out' END, ?3 + i * 1000, ?4, '', '[]', '[]', '', 's', "
    "printf('%.*c', 500, 'x'), '', 'en', '<m' || i || '@x>', 'k' || i, 0, '[]', '[]', 'done', '', '', '', '', 0 FROM n"
)


async def context(here: Desk) -> ReplyContext:
    (found,) = await here.database.read(lambda c: c.exec_driver_sql("SELECT id FROM conversation").scalars().all())
    return await here.database.read(lambda c: Timeline(()).reply_context(c, found))


async def test_what_a_reply_answers_is_read_from_the_index_alone(tmp_path: Path) -> None:
    def plan(connection: Connection, sql: str, values: tuple[object, ...]) -> str:
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values))

    async with desk(tmp_path) as here:
        parent = await here.database.read(lambda c: plan(c, _PARENT, ("c",)))
        assert parent.count("USING COVERING INDEX message_line") == 4
        assert "TEMP B-TREE" not in parent
        named = await here.database.read(lambda c: plan(c, _NAMED, ("c", "a", 500)))
        assert "USING COVERING INDEX message_line" in named
        ancestors = await here.database.read(lambda c: plan(c, _ANCESTORS, ("c", "done", "c")))
        assert "TEMP B-TREE" not in ancestors


@pytest.mark.parametrize("newest", ["a person", "a program", "us"])
async def test_a_reply_answers_the_newest_words_of_a_person(tmp_path: Path, newest: str) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1)])
        (found,) = await here.database.read(lambda c: c.exec_driver_sql("SELECT id FROM conversation").scalars().all())
        await here.database.write(lambda unit: unit.conn.exec_driver_sql(
            _MORE, (MANY, found, NOW, BUYER.email)).rowcount)
        late = NOW + MANY * 1_000
        if newest != "us":
            await here.inbox.receive("account", [mail(
                9, in_reply_to="<1@buyer.example>", at=late + 5_000, automatic=newest == "a program")])
        expected = "<9@buyer.example>" if newest == "a person" else f"<m{MANY}@x>"
        assert (await context(here)).in_reply_to == expected
        assert (await context(here)).to == (Address(BUYER.email, BUYER.name),)


async def test_with_nothing_but_our_own_words_the_newest_is_continued(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1, automatic=True), mail(
            2, in_reply_to="<1@buyer.example>", at=NOW, automatic=True)])
        assert (await context(here)).in_reply_to == "<2@buyer.example>"
