"""Each operator narrows as it says, alone, with words and turned round; narrow queues answer from memory as from the
tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.events import ConversationsChanged
from workstation.domain.query import parse
from workstation.evidence import tables as _evidence
from workstation.inbox.model import IncomingAttachment, ListQuery
from workstation.inbox.searching import condition
from workstation.kernel.clock import DAY
from workstation.team import tables as _team

TABLES = (_evidence, _team)   # those that filters ask beside the desk's own

ROWS = {   # what is set on conversation n, so that exactly that one is met by its operators
    1: "assignee = 'm-1', unread = 0, language = 'pt'",
    2: "tags = char(10) || 'vip' || char(10) || 'late' || char(10), unread = 0",
    3: "state = 'snoozed', snoozed_until = 1, unread = 0",
    4: "state = 'resolved', unread = 0",
    5: "muted = 1, unread = 0",
    6: "review = 1, unread = 0",
    7: "delivery = 'failed', unread = 0",
    8: "issue = 'late', risk = 'chargeback', unread = 0",
    9: "channel = 'amazon', store = 'Casa', unread = 0",
    10: "last_at = 1600000000000, unread = 0",
    11: "unread = 1",
    12: "warn_at = 5, unread = 0, unanswered_since = NULL",
}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        files = {13: (IncomingAttachment("a.pdf", "application/pdf", b"x"),),
                 14: (IncomingAttachment("b.png", "image/png", b"x"),)}
        await made.inbox.receive("account", [
            mail(n, attachments=files.get(n, ()), at=NOW - n * 1000) for n in range(1, 15)])

        def live(unit: object) -> None:
            connection = unit.conn  # type: ignore[attr-defined]
            connection.exec_driver_sql("UPDATE conversation SET unread = 0, warn_at = NULL, unanswered_since = 7")
            for n, values in ROWS.items():
                connection.exec_driver_sql(
                    f"UPDATE conversation SET {values} WHERE subject = 'Question {n}'")  # noqa: S608
            connection.exec_driver_sql(
                "INSERT INTO draft(conversation_id, mode, revision, saved_at, content) "
                "SELECT id, 'reply', 1, 1, '{}' FROM conversation WHERE subject = 'Question 1'")

        await made.database.write(live)
        yield made


async def numbers(here: Desk, text: str, queue: str = "all") -> set[int]:
    page = await here.inbox.page(ListQuery(queue=queue, search=text))
    assert not page.note
    return {int(row.subject.split()[-1]) for row in page.rows}


async def listed(here: Desk, text: str, me: str) -> list[str]:
    """The subjects that a query leaves as a condition, as views and queues use it."""
    where, values = condition(parse(text), NOW, me)
    sql = f"SELECT subject FROM conversation WHERE {where}"  # noqa: S608
    return await here.database.read(lambda c: [str(row[0]) for row in c.exec_driver_sql(sql, values)])


EVERY = set(range(1, 15))
CASES = [
    ("is:unread", {11}), ("is:snoozed", {3}), ("is:resolved", {4}), ("is:muted", {5}), ("is:review", {6, 8}),
    ("is:failed", {7}), ("is:open", EVERY - {3, 4}), ("is:breaching", {12}), ("is:unanswered", EVERY - {4, 12}),
    ("is:unassigned", EVERY - {1, 3, 4}), ("assignee:m-1", {1}), ("assignee:nobody", EVERY - {1}), ("tag:VIP", {2}),
    ("tag:late", {2}), ("tag:lat", set()), ("lang:pt", {1}), ("channel:amazon", {9}), ("store:casa", EVERY),
    ("issue:late", {8}), ("risk:chargeback", {8}), ("has:file", {13, 14}), ("has:image", {14}), ("has:draft", {1}),
    ("has:note", set()), ("has:order", set()), ("before:2021", {10}), ("after:2021", EVERY - {10}),
    ("in:snoozed", {3}), ("is:open tag:vip", {2}),
]


async def test_a_filter_alone_is_a_part_of_the_list(here: Desk) -> None:
    for text, expected in CASES:
        assert await numbers(here, text) == expected, text
        if " " not in text and not text.startswith("in:"):
            assert await numbers(here, f"-{text}") == EVERY - expected, text


async def test_a_filter_with_a_word(here: Desk) -> None:
    for text, expected in CASES:
        if not text.startswith(("before", "after")):
            assert await numbers(here, f"{text} parcel") == expected, text


async def test_the_same_as_a_condition_for_views_and_queues(here: Desk) -> None:
    for text, expected in CASES:
        assert {int(subject.split()[-1]) for subject in await listed(here, text, "m-1")} == expected, text


async def test_words_and_texts_as_a_condition(here: Desk) -> None:
    for text, count in (("parcel", 14), ("-parcel", 0), ("from:ana", 14), ("file:b.png", 1), ("subject:question 7", 1),
                        ("is:late from:", 14), ("", 14), ("in:view", 12)):
        assert len(await listed(here, text, "")) == count, text


async def test_me_is_the_member_at_this_desk(here: Desk) -> None:
    assert await listed(here, "is:mine assignee:me", "m-1") == ["Question 1"]
    assert await listed(here, "is:mine", "") == []


async def test_messages_have_times_of_their_own_when_words_are_looked_for(here: Desk) -> None:
    await here.inbox.receive("account", [mail(50, at=NOW - 400 * DAY, text="an old kettle")])
    assert await numbers(here, "kettle before:300d") == {50}
    assert await numbers(here, "kettle after:300d") == set()
    assert await numbers(here, "kettle -before:300d") == set()


async def test_within_a_queue_and_out_of_it(here: Desk) -> None:
    assert await numbers(here, "parcel", "snoozed") == {3}
    assert await numbers(here, "parcel in:all", "snoozed") == EVERY
    assert await numbers(here, "is:muted", "snoozed") == set()


async def test_a_narrow_queue_is_kept_in_memory_and_follows_what_changes(here: Desk) -> None:
    members = here.inbox.searching.members
    assert members.of("snoozed", parse("parcel")) is None
    members.want("snoozed", parse("parcel"))
    await members.settled()
    kept = members.of("snoozed", parse("kettle other words"))
    assert kept is not None
    assert len(kept.messages) == 1
    assert await numbers(here, "parcel", "snoozed") == {3}
    ids = await here.database.read(lambda c: list(c.exec_driver_sql(
        "SELECT id FROM conversation WHERE subject IN ('Question 3', 'Question 9') ORDER BY subject").scalars()))
    before = len(here.events)
    await here.inbox.snooze([ids[1]], NOW + DAY)
    await here.inbox.reopen([ids[0]])
    for event in here.events[before:]:
        if isinstance(event, ConversationsChanged):
            members.on_changed(event)
    await members.settled()
    assert await numbers(here, "parcel", "snoozed") == {9}
    followed = members.of("snoozed", parse("parcel"))
    assert followed is not None
    assert len(followed.messages) == 2   # what left is let through, and asked of the tables again


async def test_filters_alone_come_in_the_order_of_the_list_page_by_page(here: Desk) -> None:
    whole = [row.id for row in (await here.inbox.page(ListQuery(queue="all", search="is:open"))).rows]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await here.inbox.page(ListQuery(queue="all", search="is:open", cursor=cursor, limit=5))
        seen += [row.id for row in page.rows]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == whole
    listed = [row.id for row in (await here.inbox.page(ListQuery(queue="open"))).rows]
    assert seen == listed
