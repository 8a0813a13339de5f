"""Mail becomes conversations: threaded, never doubled, never lost, sorted by what breaks next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import BUYER, NOW, OWN, Desk, desk, mail
from workstation.domain.conversation import Address, Channel, ConversationState
from workstation.domain.events import ConversationsChanged, MessageArrived
from workstation.inbox.model import BadItem, ConversationRow, FolderCursor, ListQuery
from workstation.kernel.clock import HOUR, MINUTE
from workstation.kernel.errors import NotFound


async def listed(here: Desk, **query: object) -> tuple[ConversationRow, ...]:
    return (await here.inbox.page(ListQuery(**query))).rows  # type: ignore[arg-type]


async def test_a_reply_joins_its_thread_by_references(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        await here.inbox.receive("account", [mail(2, references=("<1@buyer.example>",), subject="Re: Question 1")])
        rows = await listed(here)
        view = await here.inbox.conversation(rows[0].id)
    assert len(rows) == 1
    assert [m.subject for m in view.messages] == ["Question 1", "Re: Question 1"]


async def test_a_child_that_came_before_its_parent_still_meets_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(2, references=("<1@buyer.example>",))])
        await here.inbox.receive("account", [mail(1)])
        assert len(await listed(here)) == 1


async def test_a_relay_alias_and_an_order_number_join_two_mails_without_references(tmp_path: Path) -> None:
    alias = Address("x7k2@marketplace.amazon.com.br", "Ana")
    order, other = "702-1234567-1234567", "702-7654321-7654321"
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1, author=alias, subject=f"Pedido {order}")])
        await here.inbox.receive("account", [mail(2, author=alias, text=f"sobre {order}")])
        await here.inbox.receive("account", [mail(3, author=alias, subject=f"Pedido {other}")])
        assert len(await listed(here)) == 2


async def test_the_same_subject_from_two_buyers_is_two_conversations(tmp_path: Path) -> None:
    stranger = Address("li@buyer.example", "Li")
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1, subject="Hi"), mail(2, subject="Hi", author=stranger)])
        assert len(await listed(here)) == 2


async def test_the_same_mail_again_is_recognised_and_a_forged_twin_is_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        assert await here.inbox.receive("account", [mail(1)]) == 1
        assert await here.inbox.receive("account", [mail(1)]) == 0
        assert await here.inbox.receive("account", [mail(1, text="other words, same Message-ID")]) == 1


async def test_what_breaks_next_is_first_and_answered_conversations_follow_newest_first(tmp_path: Path) -> None:
    old, new = mail(1, at=NOW - 20 * HOUR), mail(2, at=NOW - HOUR)
    ours = mail(3, author=OWN, to=(BUYER,), own=True, at=NOW - MINUTE)
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [new, old, ours])
        rows = await listed(here)
    assert [row.subject for row in rows] == ["Question 1", "Question 2", "Question 3"]
    assert rows[0].due_at == NOW - 20 * HOUR + 24 * HOUR
    assert rows[2].due_at is None


async def test_an_answer_from_a_phone_stops_the_clock_and_the_next_question_starts_it(tmp_path: Path) -> None:
    thread = {"references": ("<1@buyer.example>",)}
    answer = mail(2, author=OWN, own=True, at=NOW - 30 * MINUTE, **thread)
    automatic = mail(3, at=NOW - 20 * MINUTE, automatic=True, **thread)
    again = mail(4, at=NOW - 10 * MINUTE, **thread)
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        due = [(await listed(here))[0].due_at]
        for item in (answer, automatic, again):
            await here.inbox.receive("account", [item])
            due.append((await listed(here))[0].due_at)
    assert due == [NOW - HOUR + 24 * HOUR, None, None, NOW - 10 * MINUTE + 24 * HOUR]


async def test_a_question_in_the_very_second_of_our_answer_still_runs_its_clock(tmp_path: Path) -> None:
    thread = {"references": ("<1@buyer.example>",)}
    answer = mail(2, author=OWN, own=True, at=NOW - 30 * MINUTE, **thread)
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), answer])
        assert (await listed(here))[0].due_at is None
        await here.inbox.receive("account", [mail(3, at=NOW - 30 * MINUTE, **thread)])
        assert (await listed(here))[0].due_at is not None


async def test_our_address_in_from_is_not_an_answer_unless_it_is_in_sent(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1)])
        await here.inbox.receive("account", [mail(2, author=OWN, references=("<1@buyer.example>",), at=NOW)])
        row = (await listed(here))[0]
        view = await here.inbox.conversation(row.id)
    assert row.unanswered
    assert view.messages[1].problems


async def test_a_new_message_wakes_a_resolved_conversation_and_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1)])
        found = (await listed(here))[0]
        await here.offer()
        await here.inbox.resolve([found.id])
        here.events.clear()
        later = mail(2, references=("<1@buyer.example>",), at=NOW)
        await here.inbox.receive("account", [later], "INBOX", FolderCursor(1, 7))
        assert (await listed(here))[0].state is ConversationState.OPEN
        query = "SELECT body FROM outbox WHERE collection = 'conversation' AND kind = 'set' ORDER BY seq"
        told = await here.database.read(lambda c: [row[0] for row in c.exec_driver_sql(query)])
    assert told[-1] == '{"field":"state","new":"open","old":"resolved"}'
    assert here.of(ConversationsChanged) == [ConversationsChanged((found.id,))]
    assert len(here.of(MessageArrived)) == 1


async def test_state_changes_can_be_taken_back_exactly(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), mail(2)])
        before = await listed(here)
        ids = [row.id for row in before]
        for change in (here.inbox.resolve(ids), here.inbox.snooze(ids, NOW + HOUR), here.inbox.no_response_needed(ids)):
            undo = await change
            assert await listed(here) != before
            await here.inbox.undo(undo.id)
            assert await listed(here) == before
        with pytest.raises(NotFound):
            await here.inbox.undo(undo.id)


async def test_snoozed_conversations_come_back_when_their_time_has_come(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        await here.inbox.snooze([(await listed(here))[0].id], NOW + HOUR)
        await here.inbox.wake_snoozed()
        assert not await listed(here)
        here.clock.advance(HOUR)
        await here.inbox.wake_snoozed()
        assert len(await listed(here)) == 1


async def test_pages_by_keyset_neither_repeat_nor_skip(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(n, at=NOW - (n % 7) * HOUR) for n in range(53)])
        seen: list[str] = []
        cursor = None
        while True:
            page = await here.inbox.page(ListQuery(limit=10, cursor=cursor))
            seen += [row.id for row in page.rows]
            cursor = page.cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 53


async def test_counts_say_how_many_wait_in_each_queue(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account(Channel.AMAZON)
        await here.inbox.receive("account", [mail(1, at=NOW - 20 * HOUR), mail(2)])
        counts = {queue.key: queue.count for queue in await here.inbox.queues()}
    assert (counts["open"], counts["breaching"], counts["channel:amazon"], counts["store:casa"]) == (2, 1, 2, 2)


@pytest.mark.parametrize(("words", "subject"), [
    ("parcel", "Question 1"), ("parc", "Question 1"), ("退货", "三"), ("reclamacao", "Reclamação"),
    ("702-1234", "order"), ('"my parcel"', "Question 1"), ("ana souza", "Question 1"),
])
async def test_search_finds_any_script_and_order_numbers(tmp_path: Path, words: str, subject: str) -> None:
    others = [
        mail(2, subject="三", text="我要退货单", author=Address("li@buyer.example", "李雷")),
        mail(3, subject="Reclamação", text="x", author=Address("p@buyer.example")),
        mail(4, subject="order", text="702-1234567-1234567", author=Address("q@buyer.example")),
    ]
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), *others])
        assert [row.subject for row in await listed(here, search=words)] == [subject]


@pytest.mark.parametrize("words", ['"', "* OR", "a AND", "NEAR(", "col:x", "-", "'; drop table", "\x00", '""""', "^a"])
async def test_no_query_is_an_operator_or_an_error(tmp_path: Path, words: str) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        await listed(here, search=words)


async def test_raw_source_and_files_come_back_byte_for_byte_large_or_small(tmp_path: Path) -> None:
    from workstation.inbox.model import IncomingAttachment

    small = IncomingAttachment("a.txt", "text/plain", b"abc")
    large = IncomingAttachment("b.bin", "x/y", b"z" * 400_000)
    big = mail(2, raw=b"r" * 300_000, attachments=(small, large))
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), big])
        for row in await listed(here):
            message = (await here.inbox.conversation(row.id)).messages[0]
            raw = await here.inbox.raw_source(message.id)
            assert raw in (b"raw 1", b"r" * 300_000)
            contents = [(await here.inbox.attachment(file.id))[2] for file in message.attachments]
            assert contents in ([], [b"abc", b"z" * 400_000])


async def test_an_import_lists_bad_mails_and_doubles_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.archive.items = [mail(1), BadItem("box.mbox mail 2", "no headers"), mail(3)]
        first = await here.inbox.import_mail(tmp_path)
        again = await here.inbox.import_mail(tmp_path)
    assert (first.seen, first.new, [bad.where for bad in first.bad]) == (3, 2, ["box.mbox mail 2"])
    assert (again.seen, again.new) == (3, 0)


async def test_nothing_is_stored_when_the_cursor_cannot_be(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        with pytest.raises(Exception, match="FOREIGN KEY"):
            await here.inbox.receive("no such account", [mail(1)], "INBOX", FolderCursor(1, 1))
        assert not await listed(here)
        assert not here.events


async def test_without_a_hub_nothing_is_queued_and_a_hub_is_offered_everything_in_order(tmp_path: Path) -> None:
    query = "SELECT collection, kind FROM outbox ORDER BY seq"
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1), replace(mail(2), references=("<1@buyer.example>",))])
        await here.inbox.resolve([(await listed(here))[0].id])
        assert await here.database.read(lambda c: c.exec_driver_sql(query).all()) == []
        await here.offer()
        rows = await here.database.read(lambda c: c.exec_driver_sql(query).all())
        await here.offer()
        assert await here.database.read(lambda c: c.exec_driver_sql(query).all()) == rows
    assert [tuple(row) for row in rows] == [
        ("conversation", "new"), ("conversation", "set"), ("conversation", "set"),
        ("message", "append"), ("message", "append"),
    ]


async def test_a_search_stays_within_its_queue_and_its_pages_repeat_nothing(tmp_path: Path) -> None:
    thread = {"references": ("<1@buyer.example>",)}
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(n) for n in range(1, 8)])
        await here.inbox.receive("account", [mail(n, **thread) for n in range(20, 24)])
        resolved = (await listed(here, search="question 5"))[0]
        await here.inbox.resolve([resolved.id])
        assert [row.id for row in await listed(here, queue="resolved", search="parcel")] == [resolved.id]
        assert resolved.id not in [row.id for row in await listed(here, search="parcel")]
        assert len(await listed(here, queue="all", search="parcel")) == 7
        seen: list[str] = []
        cursor = None
        while True:
            page = await here.inbox.page(ListQuery(queue="all", search="parcel", limit=2, cursor=cursor))
            seen += [row.id for row in page.rows]
            cursor = page.cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == 7
