"""Assigning, tagging, muting and asking for review: exact change sets, a way back, thousands at once."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.hub import until
from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.conversation import Channel
from workstation.domain.events import ConversationsChanged, JobChanged, QueuesChanged
from workstation.inbox.model import ConversationRow, ListQuery, SavedView, TagCount, Undo
from workstation.inbox.organising import LONGEST_TAG, MOST_TAGS
from workstation.kernel.clock import DAY, HOUR
from workstation.kernel.errors import InputError, NotFound
from workstation.store.unit import Unit

THOUSANDS = 5_000


async def received(here: Desk, count: int) -> list[str]:
    """Conversations of one mail each, in the order of the mails."""
    await here.inbox.receive("account", [mail(n, at=NOW - n * 1000) for n in range(1, count + 1)])
    rows = (await here.inbox.page(ListQuery("all", limit=count))).rows
    here.events.clear()
    return [row.id for row in sorted(rows, key=lambda row: int(row.subject.split()[-1]))]


async def row(here: Desk, conversation_id: str) -> ConversationRow:
    return (await here.inbox.rows([conversation_id]))[0]


def announced(here: Desk) -> list[tuple[str, ...]]:
    return [tuple(sorted(event.ids)) for event in here.of(ConversationsChanged)]  # type: ignore[attr-defined]


async def fields_told(here: Desk) -> list[tuple[str, object, object]]:
    """The fields of queued "set" events as (field, old, new)."""

    def read(connection: Any) -> list[tuple[str, object, object]]:
        query = "SELECT body FROM outbox WHERE kind = 'set' ORDER BY seq"
        bodies = [json.loads(body) for (body,) in connection.exec_driver_sql(query)]
        return [(body["field"], body["old"], body["new"]) for body in bodies]

    return await here.database.read(read)


@pytest.mark.parametrize(("command", "field", "set_to", "at_first"), [
    (lambda inbox, ids: inbox.assign(ids, "member-2"), "assignee", "member-2", ""),
    (lambda inbox, ids: inbox.mute(ids), "muted", True, False),
    (lambda inbox, ids: inbox.ask_review(ids), "review", True, False),
    (lambda inbox, ids: inbox.tag(ids, ["late", "vip"]), "tags", ("late", "vip"), ()),
])
async def test_a_command_sets_announces_and_is_taken_back(
    tmp_path: Path, command: Any, field: str, set_to: object, at_first: object
) -> None:
    async with desk(tmp_path) as here:
        ids = await received(here, 3)
        undo = await command(here.inbox, ids[:2])
        assert [getattr(await row(here, i), field) for i in ids] == [set_to, set_to, at_first]
        assert announced(here) == [tuple(sorted(ids[:2]))]
        assert undo.ids == tuple(ids[:2])
        here.events.clear()
        await here.inbox.undo(undo.id)
        assert [getattr(await row(here, i), field) for i in ids] == [at_first] * 3
        assert announced(here) == [tuple(sorted(ids[:2]))]
        with pytest.raises(NotFound):
            await here.inbox.undo(undo.id)


async def test_only_what_changes_is_announced_and_taken_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        first, second, third = await received(here, 3)
        await here.inbox.assign([first], "bo")
        here.events.clear()
        undo = await here.inbox.assign([first, second, "nobody knows this one"], "bo")
        assert announced(here) == [(second,)]
        await here.inbox.undo(undo.id)
        assert [(await row(here, i)).assignee for i in (first, second, third)] == ["bo", "", ""]


async def test_taking_back_leaves_what_was_done_since(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        (first,) = await received(here, 1)
        tagged = await here.inbox.tag([first], ["late"])
        resolved = await here.inbox.resolve([first])
        await here.inbox.tag([first], ["vip"])
        await here.inbox.assign([first], "bo")
        await here.inbox.undo(resolved.id)
        await here.inbox.undo(tagged.id)
        now = await row(here, first)
    assert (now.state, now.assignee, now.tags) == ("open", "bo", ("vip",))


async def test_tags_are_cleaned_counted_and_bounded(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await received(here, 3)
        await here.inbox.tag(ids, [" late "])
        await here.inbox.tag(ids[:1], ["vip"], ["late"])
        await here.inbox.resolve(ids[2:])
        assert await here.inbox.tags() == (TagCount("late", 1), TagCount("vip", 1))
        assert here.of(QueuesChanged)
        for wrong in ("", "  ", "two\nlines", "x" * (LONGEST_TAG + 1)):
            with pytest.raises(InputError):
                await here.inbox.tag(ids, [wrong])
        with pytest.raises(InputError):
            await here.inbox.tag(ids)
        with pytest.raises(InputError):
            await here.inbox.tag(ids, [f"tag {n}" for n in range(MOST_TAGS + 1)])
        assert (await row(here, ids[0])).tags == ("vip",)


async def test_a_muted_one_stays_and_a_clock_stops_and_runs_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account(Channel.AMAZON, "US")
        (first,) = await received(here, 1)
        await here.inbox.mute([first])
        before = await row(here, first)
        undo = await here.inbox.no_response_needed([first])
        stopped = await row(here, first)
        await here.inbox.undo(undo.id)
        assert before == await row(here, first)
    assert before.muted
    assert before.due_at is not None
    assert (stopped.due_at, stopped.unanswered) == (None, False)


async def test_reading_announces_only_marks_that_change(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await received(here, 2)
        await here.inbox.mark_read(ids[:1])
        here.events.clear()
        await here.inbox.mark_read(ids)
        assert announced(here) == [(ids[1],)]
        await here.inbox.mark_read(ids, read=False)
        assert [(await row(here, i)).unread for i in ids] == [True, True]


async def test_what_is_said_before_and_after_the_hub_was_told_reaches_it_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        first, second = await received(here, 2)
        await here.inbox.assign([first], "bo")
        assert await fields_told(here) == []
        await here.offer()
        assert await fields_told(here) == [("assignee", None, "bo")]
        undo = await here.inbox.tag([second], ["late"])
        await here.inbox.mute([second])
        await here.inbox.undo(undo.id)
        assert (await fields_told(here))[1:] == [
            ("tag:late", None, True), ("muted", None, True), ("tag:late", True, None)]


async def test_thousands_at_once_come_back_in_a_moment(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """5,000 in under a second of one core; fewer by default, for filling the store takes longer than that."""
    many = THOUSANDS if request.config.getoption("--long", default=False) else THOUSANDS // 10
    async with desk(tmp_path) as here:
        await here.with_account(Channel.AMAZON, "US")
        ids = await filled(here, many)
        before = await here.inbox.rows(ids)
        commands: tuple[Callable[[], Awaitable[Undo]], ...] = (
            lambda: here.inbox.assign(ids, "bo"), lambda: here.inbox.tag(ids, ["late"]),
            lambda: here.inbox.resolve(ids), lambda: here.inbox.no_response_needed(ids),
            lambda: here.inbox.snooze(ids, NOW + DAY), lambda: here.inbox.mute(ids),
        )
        for command in commands:
            begin = time.process_time()
            undo = await command()
            assert time.process_time() - begin < 1.0
            assert len(undo.ids) == many
            assert await here.inbox.rows(ids) != before
            await here.inbox.undo(undo.id)
            assert await here.inbox.rows(ids) == before


async def test_many_thousands_go_in_pieces_and_a_piece_that_fails_takes_the_others_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.inbox.organising.PIECE", 2)
    async with desk(tmp_path) as here:
        ids = await received(here, 5)
        undo = await here.inbox.assign(ids, "bo")
        assert len(undo.ids) == 5
        assert {event.done for event in here.of(JobChanged)} >= {0, 2, 4}  # type: ignore[attr-defined]
        await here.inbox.undo(undo.id)
        assert [(await row(here, i)).assignee for i in ids] == [""] * 5
        await here.inbox.tag(ids[4:], [f"tag {n}" for n in range(MOST_TAGS)])
        with pytest.raises(InputError):
            await here.inbox.tag(ids, ["one too many"])
        assert [(await row(here, i)).tags for i in ids[:4]] == [()] * 4


async def filled(here: Desk, count: int) -> list[str]:
    """Many conversations with two mails each, by plain rows."""
    ids = [f"c{n:06}" for n in range(count)]

    def work(unit: Unit) -> None:
        unit.conn.exec_driver_sql(
            "INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, "
            "language, market, store, snippet, unread, dismissed_at, last_at, clock_ms, issue, delivery, sort_key) "
            "VALUES (?, 'account', 'Parcel', 'amazon', 'open', 'Ana', 'a@b.example', '', 'US', '', '', 1, 0, 1, 0, "
            "'', 'done', 0)", [(i,) for i in ids])
        unit.conn.exec_driver_sql(
            "INSERT INTO message(id, conversation_id, direction, at, author_email, author_name, recipients, cc, "
            "reply_to, subject, text, quoted, language, message_id, content_key, automatic, problems, delivery, "
            "delivery_sentence, outgoing_id, original, original_language) VALUES (?, ?, 'in', ?, '', '', '[]', '[]', "
            "'', '', 'Where is it?', '', 'en', '', '', 0, '[]', 'done', '', '', '', '')",
            [(f"m{k}{i}", i, NOW - HOUR * k) for i in ids for k in (2, 1)])

    await here.database.write(work)
    undo = await here.inbox.no_response_needed(ids)
    await here.inbox.undo(undo.id)
    return ids


# -- saved views -------------------------------------------------------------------------------------------------------


async def test_views_are_kept_in_order_changed_and_removed(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        late = await here.inbox.save_view(SavedView("", " Late  ones ", "is:unanswered lang:pt"))
        other = await here.inbox.save_view(SavedView("", "Review", "is:review"))
        assert (late.title, late.position, other.position) == ("Late ones", 1, 2)
        renamed = await here.inbox.save_view(SavedView(late.id, "Late", late.query, late.position))
        assert await here.inbox.views() == (renamed, other)
        await here.inbox.remove_view(late.id)
        assert await here.inbox.views() == (other,)
        assert here.of(QueuesChanged)
    async with desk(tmp_path) as here:
        assert await here.inbox.views() == (other,)


@pytest.mark.parametrize("wrong", [
    SavedView("", "", "is:open"), SavedView("", "x" * 61, "is:open"), SavedView("", "Name", "  "),
    SavedView("", "TAKEN", "is:open"), SavedView("", "Name", "is:open " * 200), SavedView("", "Name", "is:green"),
    SavedView("", "Name", "before:yesterdayish"), SavedView("", "Name", '""'),
])
async def test_what_cannot_be_a_view_is_refused_with_a_remedy(tmp_path: Path, wrong: SavedView) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.save_view(SavedView("", "Taken", "is:open"))
        with pytest.raises(InputError) as refused:
            await here.inbox.save_view(wrong)
        assert refused.value.remedy
        assert len(await here.inbox.views()) == 1


async def test_a_view_is_a_queue_with_its_number_and_its_rows(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await received(here, 3)
        await here.inbox.tag(ids[:2], ["late"])
        view = await here.inbox.save_view(SavedView("", "Late", "tag:late is:open"))
        key = f"view:{view.id}"
        assert {each.id for each in (await here.inbox.page(ListQuery(key))).rows} == set(ids[:2])
        await here.inbox.queues()
        await until(lambda: bool(here.of(QueuesChanged)[2:]))
        (shown,) = [queue for queue in await here.inbox.queues() if queue.group == "views"]
        assert (shown.key, shown.title, shown.count) == (key, "Late", 2)
        await here.inbox.merge(ids[1:2], ids[0])
        assert [each.id for each in (await here.inbox.page(ListQuery(key))).rows] == ids[:1]


async def test_a_view_that_is_gone_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        with pytest.raises(NotFound):
            await here.inbox.remove_view("never there")
        with pytest.raises(NotFound):
            await here.inbox.save_view(SavedView("never there", "Name", "is:open"))
