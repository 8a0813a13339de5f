"""Merging, parting and splitting: everything shows in one place, and goes back where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import BUYER, NOW, OWN, Desk, desk, mail
from tests.unit.inbox.test_organising import announced, received, row
from workstation.domain.conversation import Channel, Direction
from workstation.drafts.model import Mode
from workstation.inbox.merging import MergeLines
from workstation.inbox.model import ConversationRow, IncomingMail, ListQuery
from workstation.kernel.clock import DAY, HOUR, MINUTE
from workstation.kernel.errors import InputError, NotFound


async def listed(here: Desk, queue: str = "all") -> dict[str, ConversationRow]:
    return {row.id: row for row in (await here.inbox.page(ListQuery(queue))).rows}


async def texts(here: Desk, conversation_id: str) -> list[str]:
    """What a conversation shows, in order: the number at the end of each mail's question."""
    view = await here.inbox.conversation(conversation_id)
    return [message.text.rstrip("?").split()[-1] for message in view.messages]


def answer(number: int, to: int, **changes: object) -> IncomingMail:
    """A mail in the thread of another one."""
    name = f"<{to}@buyer.example>"
    values = {"in_reply_to": name, "references": (name,), "at": NOW + number * MINUTE, **changes}
    return mail(number, **values)


async def ids_of(here: Desk, conversation_id: str) -> list[str]:
    return [message.id for message in (await here.inbox.conversation(conversation_id)).messages]


async def test_messages_unread_and_clock_of_the_sources_show_in_the_target(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account(Channel.AMAZON, "US")
        one, two, three = await received(here, 3)
        await here.inbox.mark_read([one, two])
        clocks = {i: each.due_at for i, each in (await listed(here)).items()}
        here.events.clear()
        undo = await here.inbox.merge([two, three], one)
        rows = await listed(here)
        assert set(rows) == {one}
        assert rows[one].unread
        assert rows[one].due_at == min(due for due in clocks.values() if due is not None)
        assert await texts(here, one) == ["3", "2", "1"]
        assert set(announced(here)[0]) == {one, two, three} == set(undo.ids)
        assert await here.inbox.rows([two, three]) == ()
        assert (await here.inbox.conversation(two)).row.id == one


async def test_undo_and_parting_put_each_message_back_where_it_was(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two, three = await received(here, 3)
        await here.inbox.mark_read([one])
        before = await listed(here)
        undo = await here.inbox.merge([two, three], one)
        await here.inbox.undo(undo.id)
        assert await listed(here) == before
        await here.inbox.merge([two, three], one)
        parted = await here.inbox.unmerge(one)
        assert [await texts(here, i) for i in (one, two, three)] == [["1"], ["2"], ["3"]]
        await here.inbox.undo(parted.id)
        assert set(await listed(here)) == {one}
        with pytest.raises(NotFound):
            await here.inbox.unmerge("nobody knows this one")
        await here.inbox.unmerge(one)
        with pytest.raises(NotFound):
            await here.inbox.unmerge(one)


async def test_mail_on_a_sources_thread_comes_to_the_target_and_belongs_to_its_thread(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        undo = await here.inbox.merge([two], one)
        await here.inbox.resolve([one])
        await here.inbox.mark_read([one])
        here.events.clear()
        await here.inbox.receive("account", [answer(5, 2)])
        assert (await row(here, one)).unread
        assert (await row(here, one)).state == "open"
        assert await texts(here, one) == ["2", "1", "5"]
        assert announced(here) == [(one,)]
        await here.inbox.undo(undo.id)
        assert (await texts(here, one), await texts(here, two)) == (["1"], ["2", "5"])
        assert (await row(here, two)).unread
        await here.inbox.receive("account", [answer(6, 2), answer(7, 1)])
        assert (await texts(here, one), await texts(here, two)) == (["1", "7"], ["2", "5", "6"])


async def test_the_same_mail_met_again_keeps_its_thread_through_a_merge(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        await here.inbox.merge([two], one)
        assert await here.inbox.receive("account", [mail(2, at=NOW - 2000)]) == 0
        await here.inbox.unmerge(one)
        await here.inbox.receive("account", [answer(5, 2)])
        assert await texts(here, two) == ["2", "5"]


async def test_a_chain_parts_where_it_was_joined(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two, three = await received(here, 3)
        await here.inbox.merge([three], two)
        await here.inbox.merge([two], one)
        assert set(await listed(here)) == {one}
        await here.inbox.unmerge(one)
        assert await texts(here, two) == ["3", "2"]
        await here.inbox.merge([three], one)     # three is shown in two, so it is two that joins
        assert await texts(here, one) == ["3", "2", "1"]
        assert set(await listed(here)) == {one}
        await here.inbox.unmerge(three)          # a hidden one parts alone
        assert {i: await texts(here, i) for i in await listed(here)} == {one: ["2", "1"], three: ["3"]}


async def test_an_open_one_opens_a_resolved_or_snoozed_one_and_tags_add_up(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two, three = await received(here, 3)
        await here.inbox.tag([two], ["vip"])
        await here.inbox.assign([two], "bo")
        await here.inbox.tag([one], ["late"])
        await here.inbox.snooze([one], NOW + DAY)
        before = await listed(here)
        undo = await here.inbox.merge([two], one)
        merged = await row(here, one)
        assert (merged.state, merged.tags, merged.assignee) == ("open", ("late", "vip"), "bo")
        await here.inbox.undo(undo.id)
        assert await listed(here) == before
        await here.inbox.merge([two], one)
        await here.inbox.tag([one], ["since"])
        await here.inbox.unmerge(one)
        assert (await row(here, one)).tags == ("late", "since")
        await here.inbox.resolve([two])
        await here.inbox.merge([two], three)
        assert (await row(here, three)).state == "open"


async def test_a_snoozed_source_sleeps_on_and_wakes_after_it_was_parted(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        await here.inbox.snooze([two], NOW + HOUR)
        await here.inbox.merge([two], one)
        here.clock.advance(2 * HOUR)
        here.events.clear()
        await here.inbox.wake_snoozed()
        assert announced(here) == []
        await here.inbox.unmerge(one)
        await here.inbox.wake_snoozed()
        assert (await row(here, two)).state == "open"


async def test_other_mailboxes_nothing_and_strangers_are_refused_with_a_remedy(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        await here.inbox.receive("another", [mail(3)])
        elsewhere = next(i for i in await listed(here) if i not in (one, two))
        before = await listed(here)
        for ids, into in (([elsewhere], one), ([one], one), ([], one), (["unknown"], one)):
            with pytest.raises(InputError) as refused:
                await here.inbox.merge(ids, into)
            assert refused.value.remedy
        with pytest.raises(NotFound):
            await here.inbox.merge([one], "unknown")
        assert await listed(here) == before


async def test_a_reply_written_in_a_merged_one_goes_to_the_thread_it_answers(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        one, two = await received(here, 2)
        await here.inbox.receive("account", [answer(3, 2)])
        await here.inbox.merge([two], one)
        draft = await here.drafts.load(one, Mode.REPLY)
        await here.drafts.send(replace(draft, body="On its way.", target_language="en"))
        (sent,) = [m for m in (await here.inbox.conversation(one)).messages if m.direction is Direction.OUT]
        await here.inbox.unmerge(one)
        assert [m.direction for m in (await here.inbox.conversation(one)).messages] == [Direction.IN]
        assert sent.id in await ids_of(here, two)
        later = mail(9, in_reply_to=sent.message_id, at=NOW + HOUR)
        await here.inbox.receive("account", [later])
        assert (await texts(here, two))[-1] == "9"


async def test_a_draft_of_a_source_is_offered_and_is_still_there_after_parting(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account()
        one, two = await received(here, 2)
        written = await here.drafts.save(replace(await here.drafts.load(two, Mode.REPLY), body="Half a sentence"))
        await here.inbox.merge([two], one)
        offered = await here.drafts.load(one, Mode.REPLY)
        assert (offered.conversation_id, offered.body) == (one, "Half a sentence")
        here.clock.advance(MINUTE)
        await here.drafts.save(replace(offered, body="Another sentence"))
        assert (await here.drafts.load(one, Mode.REPLY)).body == "Another sentence"
        kept = [draft.body for draft in await here.drafts.history(one, Mode.REPLY)]
        assert kept == ["Another sentence", "Half a sentence"]
        await here.inbox.unmerge(one)
        assert await here.drafts.load(two, Mode.REPLY) == written
        assert [draft.body for draft in await here.drafts.history(one, Mode.REPLY)] == ["Another sentence"]


async def test_a_merge_is_told_between_the_messages(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        one, two = await received(here, 2)
        await here.inbox.merge([two], one)
        lines = await here.database.read(lambda c: MergeLines().lines(c, one))
        assert [(line.at, line.kind, line.text) for line in lines] == [
            (NOW, "merge", "Merged with “Question 2” of Ana Souza")]
        assert await here.database.read(lambda c: MergeLines().lines(c, one, NOW + 1)) == []


async def test_split_messages_and_answers_to_them_are_a_conversation_of_their_own(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        (one,) = await received(here, 1)
        await here.inbox.receive("account", [answer(2, 1), answer(3, 1)])
        ids = await ids_of(here, one)
        before = await listed(here)
        undo = await here.inbox.split(one, ids[1:2])
        new = undo.ids[1]
        assert (await texts(here, one), await texts(here, new)) == (["1", "3"], ["2"])
        assert (await row(here, new)).subject == "Question 2"
        await here.inbox.receive("account", [answer(5, 2), answer(6, 3)])
        assert (await texts(here, one), await texts(here, new)) == (["1", "3", "6"], ["2", "5"])
        await here.inbox.undo(undo.id)
        assert await texts(here, one) == ["1", "2", "3", "5", "6"]
        assert set(await listed(here)) == set(before)
        await here.inbox.receive("account", [answer(7, 5)])
        assert set(await listed(here)) == {one}


async def test_a_split_one_merges_back_and_parts_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        (one,) = await received(here, 1)
        await here.inbox.receive("account", [answer(2, 1)])
        ids = await ids_of(here, one)
        new = (await here.inbox.split(one, ids[1:])).ids[1]
        await here.inbox.merge([new], one)
        await here.inbox.receive("account", [answer(5, 2)])
        assert await texts(here, one) == ["1", "2", "5"]
        await here.inbox.unmerge(one)
        assert (await texts(here, one), await texts(here, new)) == (["1"], ["2", "5"])


async def test_what_was_answered_before_a_split_starts_no_clock(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.with_account(Channel.AMAZON, "US")
        (one,) = await received(here, 1)
        ours = mail(2, author=OWN, to=(BUYER,), own=True, at=NOW + MINUTE, references=("<1@buyer.example>",))
        await here.inbox.receive("account", [answer(0, 1), ours])
        ids = await ids_of(here, one)
        new = (await here.inbox.split(one, ids[1:2])).ids[1]
        assert (await row(here, new)).due_at is None
        await here.inbox.receive("account", [answer(5, 0)])
        assert (await row(here, new)).due_at is not None


@pytest.mark.parametrize("chosen", [[], ["unknown"], "all"])
async def test_splitting_none_or_all_is_refused(tmp_path: Path, chosen: list[str] | str) -> None:
    async with desk(tmp_path) as here:
        (one,) = await received(here, 1)
        await here.inbox.receive("account", [answer(2, 1)])
        ids = await ids_of(here, one)
        with pytest.raises(InputError) as refused:
            await here.inbox.split(one, ids if chosen == "all" else list(chosen))
        assert refused.value.remedy
        with pytest.raises(NotFound):
            await here.inbox.split("unknown", ids[:1])
