"""A reply is never lost, never sent twice, and never called sent without proof."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import Desk, desk, mail
from workstation.domain.conversation import Delivery
from workstation.domain.events import OwnCopySeen
from workstation.drafts.byhand import ByHand
from workstation.drafts.model import Draft, Mode, Outgoing, Receipt
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import MINUTE, SECOND
from workstation.kernel.errors import InputError, NotFound, Offline, OutcomeUnknown, Refused, SendBlocked


async def ready(here: Desk, body: str = "Your parcel is on its way.") -> Draft:
    """A conversation with an English draft that nothing stops."""
    await here.with_account()
    await here.inbox.receive("account", [mail(1)])
    row = (await here.inbox.page(ListQuery())).rows[0]
    return replace(await here.drafts.load(row.id, Mode.REPLY), body=body)


async def let_go(here: Desk) -> None:
    """Let the undo time pass and one round of sending happen."""
    here.clock.advance(16 * SECOND)
    here.sender.wake()
    step = asyncio.ensure_future(here.sender.step())
    for _turn in range(200):
        await asyncio.sleep(0.01)
        if not any(o.state in (Delivery.HELD, Delivery.SENDING) for o in await here.drafts.outgoing()):
            break
    await asyncio.sleep(0.1)
    here.sender.wake()
    await step


async def state_of(here: Desk, reply: Outgoing) -> Delivery:
    view = await here.inbox.conversation(reply.conversation_id)
    return next(m.delivery for m in view.messages if m.message_id == reply.message_id)


async def test_a_reply_is_held_then_sent_once_copied_and_kept_as_a_record(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
        assert (await state_of(here, reply), here.transport.handed) == (Delivery.HELD, [])
        await let_go(here)
        await let_go(here)
        assert await state_of(here, reply) is Delivery.DONE
        row = (await here.inbox.page(ListQuery())).rows[0]
    assert [e.message_id for e in here.transport.handed] == [reply.message_id]
    assert reply.in_reply_to == "<1@buyer.example>"
    assert (len(here.transport.kept), here.records.kept) == (1, [reply.message_id])
    assert not row.unanswered


async def test_undo_within_the_time_returns_the_exact_draft_and_nothing_leaves(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here, "Olá — 请稍等\n\n  two  spaces")
        reply = await here.drafts.send(draft)
        back = await here.drafts.undo_send(reply.id)
        await let_go(here)
        view = await here.inbox.conversation(draft.conversation_id)
    assert replace(back, revision=0, saved_at=0) == replace(draft, revision=0, saved_at=0)
    assert (here.transport.handed, len(view.messages)) == ([], 1)


async def test_what_is_on_its_way_cannot_be_taken_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        with pytest.raises(NotFound):
            await here.drafts.undo_send(reply.id)


async def test_offline_keeps_the_reply_queued_and_sends_it_once_when_the_network_is_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = Offline("No network.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        assert await state_of(here, reply) is Delivery.QUEUED
        here.transport.outcome = Receipt("250 ok")
        await here.sender.network_back()
        await let_go(here)
        assert await state_of(here, reply) is Delivery.DONE


async def test_without_a_receipt_the_outcome_is_unknown_and_it_is_never_sent_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = OutcomeUnknown("The line broke after the text was handed over.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        assert await state_of(here, reply) is Delivery.UNKNOWN
        here.transport.outcome = Receipt("250 ok")
        with pytest.raises(SendBlocked):
            await here.drafts.retry(reply.id)
        assert (await here.drafts.look_for(reply.id)).state is Delivery.UNKNOWN
        here.clock.advance(10 * MINUTE)
        await let_go(here)
        assert len(here.transport.handed) == 1
        here.transport.in_sent.add(reply.message_id)
        assert (await here.drafts.look_for(reply.id)).state is Delivery.DONE
        await let_go(here)
    assert len(here.transport.handed) == 1


async def test_a_copy_met_in_the_sent_folder_settles_an_unknown_outcome(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = OutcomeUnknown("No receipt.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        ours = mail(9, message_id=reply.message_id, own=True, text="as the server kept it")
        await here.inbox.receive("account", [ours])
        assert here.of(OwnCopySeen)
        await asyncio.gather(*here.sender._settling)
        assert await state_of(here, reply) is Delivery.DONE
        view = await here.inbox.conversation(reply.conversation_id)
    assert len(view.messages) == 2


@pytest.mark.parametrize("proof", ["looked for", "met"])
async def test_proof_that_comes_while_a_person_sends_it_again_stops_the_second_one(tmp_path: Path, proof: str) -> None:
    """The person saw no copy; the server showed one a moment later, before the second one was handed over."""
    async with desk(tmp_path) as here:
        here.transport.outcome = OutcomeUnknown("No receipt.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        here.transport.outcome = Receipt("250 ok")
        by_hand = ByHand(here.database, here.clock, here.sender._conversations, lambda: None)
        if proof == "met":
            await by_hand.send_again(reply.id)
            here.sender.own_copy_seen(OwnCopySeen(reply.id))
            await asyncio.gather(*here.sender._settling)
        else:
            async def shown_late(account_id: str, message_id: str) -> bool:
                await by_hand.send_again(reply.id)
                return True

            here.transport.was_sent = shown_late  # type: ignore[method-assign]
            await here.drafts.look_for(reply.id)
        assert await state_of(here, reply) is Delivery.DONE
        await let_go(here)
        assert len(here.transport.handed) == 1
        with pytest.raises(NotFound):
            await by_hand.send_again(reply.id)


async def test_a_refusal_is_failed_with_its_reason_and_can_be_retried(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = Refused("550 no such user.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        view = await here.inbox.conversation(reply.conversation_id)
        last = view.messages[-1]
        assert (last.delivery, last.delivery_sentence) == (Delivery.FAILED, "550 no such user.")
        here.transport.outcome = Receipt("250 ok")
        await here.drafts.retry(reply.id)
        await let_go(here)
        assert await state_of(here, reply) is Delivery.DONE


async def test_a_crash_while_sending_leaves_an_unknown_outcome_not_a_second_send(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
        here.clock.advance(16 * SECOND)
        await here.database.write(here.sender._claim)
    async with desk(tmp_path) as again:
        await again.sender.start()
        await let_go(again)
        assert await state_of(again, reply) is Delivery.UNKNOWN
        assert again.transport.handed == []


async def test_a_held_reply_survives_a_restart_and_leaves_then(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
    async with desk(tmp_path) as again:
        await again.sender.start()
        await let_go(again)
        assert await state_of(again, reply) is Delivery.DONE


@pytest.mark.parametrize("changes", [
    {"body": " "},
    {"target_language": "pt", "translated": ""},
    {"target_language": "pt", "translated": "Oi", "translated_from": "an earlier text"},
    {"target_language": "pt", "translated": "Oi", "translated_from": "Your parcel is on its way.", "lost": ("R$ 10",)},
])
async def test_a_draft_that_may_not_leave_says_why(tmp_path: Path, changes: dict[str, str]) -> None:
    async with desk(tmp_path) as here:
        draft = replace(await ready(here), **changes)  # type: ignore[arg-type]
        with pytest.raises(SendBlocked) as stopped:
            await here.drafts.send(draft)
        assert stopped.value.reasons == await here.drafts.blockers(draft)
        assert stopped.value.reasons
        assert not await here.drafts.outgoing()


async def test_a_conversation_without_a_mailbox_cannot_be_answered_and_says_so(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("", [mail(1)])
        row = (await here.inbox.page(ListQuery())).rows[0]
        draft = replace(await here.drafts.load(row.id, Mode.REPLY), body="Hello")
        assert any("mailbox" in reason for reason in await here.drafts.blockers(draft))


async def test_reply_and_note_keep_their_own_drafts_and_their_history(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.save(await ready(here, "one"))
        reply = await here.drafts.save(replace(reply, body="two"))
        note = await here.drafts.load(reply.conversation_id, Mode.NOTE)
        await here.drafts.save(replace(note, body="only for us"))
        assert (await here.drafts.load(reply.conversation_id, Mode.REPLY)).body == "two"
        assert [d.body for d in await here.drafts.history(reply.conversation_id, Mode.REPLY)] == ["two", "one"]


async def test_an_older_draft_never_overwrites_a_newer_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here, "one")
        newer = await here.drafts.save(draft)
        await here.drafts.save(replace(newer, body="two"))
        with pytest.raises(InputError):
            await here.drafts.save(replace(draft, body="late and old"))


async def test_a_note_never_leaves(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here)
        note = replace(await here.drafts.load(draft.conversation_id, Mode.NOTE), body="ask the warehouse")
        await here.drafts.send(note)
        await let_go(here)
        view = await here.inbox.conversation(draft.conversation_id)
    assert [m.text for m in view.messages if m.direction == "note"] == ["ask the warehouse"]
    assert here.transport.handed == []


async def test_files_go_along_and_come_back_with_undo(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here)
        file = await here.drafts.attach(draft.conversation_id, "label.png", "image/png", b"png bytes")
        reply = await here.drafts.send(replace(draft, files=(file,)))
        view = await here.inbox.conversation(draft.conversation_id)
        assert [f.name for f in view.messages[-1].attachments] == ["label.png"]
        assert (await here.drafts.undo_send(reply.id)).files == (file,)
