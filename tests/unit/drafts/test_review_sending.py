"""What would cost a reply or double one: late commands, locked keyrings, servers that hang, ends in mid-flight."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.store import NOW, OWN, ScriptedTransport, desk, mail
from tests.unit.drafts.test_sending import let_go, ready, state_of
from workstation.domain.conversation import Address, Delivery, ReplyContext
from workstation.drafts.model import Envelope, Mode, Receipt
from workstation.drafts.patience import LONGEST, Patience
from workstation.drafts.ports import NotHandedOver
from workstation.drafts.service import _message_id
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import HOUR, MINUTE, SECOND
from workstation.kernel.errors import (
    AuthFailed,
    InputError,
    KeyringProblem,
    Offline,
    OutcomeUnknown,
    Refused,
    SendBlocked,
    WorkstationError,
)
from workstation.store import outbox


async def test_one_draft_asked_for_twice_at_once_is_one_reply(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await here.drafts.save(await ready(here))
        outcomes = await asyncio.gather(
            here.drafts.send(draft), here.drafts.send(draft), here.drafts.send(draft), return_exceptions=True)
        await let_go(here)
    refused = [one for one in outcomes if isinstance(one, WorkstationError)]
    assert (len(refused), len(here.transport.handed)) == (2, 1)


async def test_a_late_command_or_a_late_save_of_what_was_sent_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await here.drafts.save(await ready(here))
        await here.drafts.send(draft)
        with pytest.raises((InputError, SendBlocked)):
            await here.drafts.send(draft)
        with pytest.raises(InputError):
            await here.drafts.save(replace(draft, body="typed just before it was sent"))
        fresh = await here.drafts.load(draft.conversation_id, Mode.REPLY)
        assert (await here.drafts.save(replace(fresh, body="the next one"))).revision > draft.revision
        assert len(await here.drafts.outgoing()) == 1
        kept = await here.drafts.history(draft.conversation_id, Mode.REPLY)
    assert [d.body for d in kept] == ["the next one", draft.body]


async def test_a_note_asked_for_twice_is_one_note(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here)
        note = replace(await here.drafts.load(draft.conversation_id, Mode.NOTE), body="ask the warehouse")
        await asyncio.gather(here.drafts.send(note), here.drafts.send(note), return_exceptions=True)
        view = await here.inbox.conversation(draft.conversation_id)
    assert [m.text for m in view.messages if m.direction == "note"] == ["ask the warehouse"]


@pytest.mark.parametrize("problem", [KeyringProblem("The keyring is locked."), InputError("No such PEM file.")])
async def test_what_certainly_did_not_leave_is_queued_with_its_reason(tmp_path: Path, problem: Exception) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = problem
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        waiting = (await here.drafts.outgoing())[0]
        assert (waiting.state, waiting.sentence) == (Delivery.QUEUED, str(problem))
        here.transport.outcome = Receipt("250 ok")
        await here.drafts.retry(reply.id)
        await let_go(here)
        assert await state_of(here, reply) is Delivery.DONE


async def test_a_refused_password_is_not_tried_again_every_few_seconds(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = AuthFailed("Wrong password.")
        await here.drafts.send(await ready(here))
        for _turn in range(4):
            await let_go(here)
        assert len(here.transport.handed) == 1
        await here.sender.network_back()
        await let_go(here)
    assert len(here.transport.handed) == 2


@dataclass
class Hanging(ScriptedTransport):
    """Never answers; cancelled, it says whether the text was handed over."""

    ending: type[BaseException] = NotHandedOver

    async def send(self, envelope: Envelope) -> Receipt:
        self.handed.append(envelope)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as cancelled:
            raise self.ending from cancelled
        raise AssertionError


@pytest.mark.parametrize(("ending", "left_as"), [
    (NotHandedOver, Delivery.QUEUED), (asyncio.CancelledError, Delivery.UNKNOWN),
])
async def test_the_end_of_the_program_keeps_a_reply_that_was_not_handed_over(
    tmp_path: Path, ending: type[BaseException], left_as: Delivery
) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
        here.sender._transport = Hanging(ending=ending)
        here.clock.advance(16 * SECOND)
        step = asyncio.ensure_future(here.sender.step())
        for _turn in range(200):
            if await state_of(here, reply) is Delivery.SENDING:
                break
            await asyncio.sleep(0.01)
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        assert step.cancelled()
        assert await state_of(here, reply) is left_as


async def test_an_end_while_a_reply_is_being_claimed_leaves_it_waiting(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reply = await here.drafts.send(await ready(here))
        here.clock.advance(16 * SECOND)
        step = asyncio.ensure_future(here.sender.step())
        await asyncio.sleep(0)       # the claim is on its way to the database's thread
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        await asyncio.sleep(0.1)
        assert await state_of(here, reply) is Delivery.HELD
        assert here.transport.handed == []


async def test_a_reply_found_later_does_not_answer_what_came_in_between(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = OutcomeUnknown("No receipt.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        here.clock.advance(HOUR)
        await here.inbox.receive("account", [mail(2, references=("<1@buyer.example>",), at=here.clock.now())])
        here.clock.advance(HOUR)
        here.transport.in_sent.add(reply.message_id)
        await here.drafts.look_for(reply.id)
        assert await state_of(here, reply) is Delivery.DONE
        row = (await here.inbox.page(ListQuery())).rows[0]
        view = await here.inbox.conversation(row.id)
    assert row.unanswered
    assert [m.at for m in view.messages[1:]] == [NOW + 16 * SECOND, NOW + 16 * SECOND + HOUR]


async def test_two_proofs_of_one_reply_are_one_event_for_the_hub(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = OutcomeUnknown("No receipt.")
        reply = await here.drafts.send(await ready(here))
        await let_go(here)
        here.transport.in_sent.add(reply.message_id)
        ours = mail(9, message_id=reply.message_id, own=True)
        await asyncio.gather(
            here.drafts.look_for(reply.id), here.drafts.look_for(reply.id), here.inbox.receive("account", [ours]))
        await asyncio.sleep(0.2)
        assert await state_of(here, reply) is Delivery.DONE
        await here.offer()
        waiting = await here.database.read(lambda c: outbox.page(c, 1_000, 100, 1_000_000))
    ours_up = [event for event in waiting if reply.message_id in event.body]
    assert len(ours_up) == 1


async def test_a_mailbox_that_fails_is_left_alone_for_a_while_and_holds_nothing_up(tmp_path: Path) -> None:
    class Down(ScriptedTransport):
        looked = 0

        async def keep_copy(self, account_id: str, raw: bytes) -> None:
            self.looked += 1
            raise Offline("IMAP is down.")

    async with desk(tmp_path) as here:
        here.sender._transport = down = Down()
        reply = await here.drafts.send(await ready(here))
        for _turn in range(3):
            await let_go(here)
        assert (await state_of(here, reply), down.looked) == (Delivery.DONE, 1)
        here.clock.advance(2 * MINUTE)
        await let_go(here)
    assert down.looked == 2


async def test_a_record_that_cannot_be_kept_never_holds_up_the_next_reply(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        async def broken(*_anything: object) -> None:
            raise RuntimeError("a bug in keeping records")

        here.records.keep_reply = broken  # type: ignore[method-assign, assignment]
        first = await here.drafts.send(await ready(here))
        await let_go(here)
        second = await here.drafts.send(
            replace(await here.drafts.load(first.conversation_id, Mode.REPLY), body="and one more"))
        await let_go(here)
        assert await state_of(here, second) is Delivery.DONE
    assert len(here.transport.handed) == 2


def test_patience_grows_has_an_end_and_survives_a_clock_put_back() -> None:
    patience = Patience()
    assert patience.ends("a", NOW)
    pauses = []
    for _turn in range(7):
        patience.wait("a", NOW)
        pauses.append(next(p for p in range(0, LONGEST + 1, MINUTE) if patience.ends("a", NOW + p)) // MINUTE)
    assert pauses == [1, 2, 4, 8, 15, 15, 15]
    assert patience.ends("a", NOW - HOUR)
    assert patience.ends("b", NOW)
    patience.forget()
    assert patience.ends("a", NOW)


async def test_the_seller_is_the_sender(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.drafts.send(await ready(here))
        await let_go(here)
    assert here.transport.handed[0].sender == OWN.email
    assert here.transport.handed[0].recipients[0] == "ana@buyer.example"


@pytest.mark.parametrize(("address", "domain"), [
    ("shop@seller.example", "seller.example"), ("shop@bücher.example", "xn--bcher-kva.example"),
    ("shop@a>\r\nBcc: b", "aBccb"), ("shop@", "workstation.invalid"), ("shop@..", "workstation.invalid"),
])
def test_a_message_id_is_ascii_at_the_senders_domain(address: str, domain: str) -> None:
    context = ReplyContext(
        conversation_id="c", account_id="a", subject="", sender=Address(address), to=(), cc=(), in_reply_to="",
        references=(), self_bcc=False, language="")
    assert _message_id("0199", context) == f"<0199@{domain}>"


async def test_a_refused_reply_comes_back_to_be_corrected(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.transport.outcome = Refused("552 too large.")
        reply = await here.drafts.send(await ready(here, "With nine photos."))
        await let_go(here)
        assert await state_of(here, reply) is Delivery.FAILED
        back = await here.drafts.undo_send(reply.id)
        here.transport.outcome = Receipt("250 ok")
        again = await here.drafts.send(replace(back, body="With one photo."))
        await let_go(here)
        view = await here.inbox.conversation(reply.conversation_id)
        assert [m.text for m in view.messages[1:]] == ["With one photo."]
        assert await state_of(here, again) is Delivery.DONE
        assert await here.drafts.outgoing() == ()
