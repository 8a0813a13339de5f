"""Two desktops, one hub: a reply that comes back has failed at every desk, with its sentence and in the queue of what
failed, whoever heard first of what, and is sent again at the others too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.test_assigned_together import copied
from tests.e2e.test_one_mailbox import Person, hub, person
from tests.support.hub import HubHouse
from tests.support.store import BUYER, NOW, OWN, mail
from tests.unit.drafts.test_bounces import CC, POSTFIX, _no_pause, report, sent, told
from workstation.domain.conversation import Delivery
from workstation.drafts.model import Outgoing, Receipt
from workstation.inbox import deliveries
from workstation.inbox.model import IncomingMail
from workstation.kernel.clock import HOUR, MINUTE
from workstation.kernel.errors import OutcomeUnknown
from workstation.sync import facts

__all__ = ["_no_pause", "hub"]

SAID = "Not delivered to ana@buyer.example (“550 5.1.1 no such user”)."
FAILED = (Delivery.FAILED, SAID, True, True)
SENT = (Delivery.DONE, "", False, False)


@asynccontextmanager
async def two(folder: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Ana, who writes, and Bo, who looks on; neither has met the hub."""
    for name in ("ana", "bo"):
        (folder / name / "home").mkdir(parents=True)
    async with person(folder, "ana") as ana, person(folder, "bo") as bo:
        yield ana, bo


async def meet(hub: HubHouse, *people: Person) -> None:
    for number, each in enumerate(people):
        await each.sync.connect(hub.invite("agent" if number else "owner"))


async def came_back(ana: Person, outgoing: Outgoing) -> None:
    await report(ana.desk, POSTFIX, outgoing.message_id, told())


async def standing(each: Person) -> tuple[Delivery, str, bool, bool]:
    """The reply's delivery and sentence, whether the conversation is in the queue of what failed, and whether the buyer
    waits for an answer."""
    (row,) = [row for row in await each.rows() if row.subject == "Question 1"]
    view = await each.desk.inbox.conversation(row.id)
    replies = [message for message in view.messages if message.direction == "out"]
    assert len({(each.delivery, each.delivery_sentence) for each in replies}) == 1
    reply = replies[0]
    failed = row.id in {one.id for one in await each.rows("failed")}
    assert failed == (row.delivery is Delivery.FAILED)
    return reply.delivery, reply.delivery_sentence, failed, row.unanswered


async def send_again(ana: Person) -> None:
    (waiting,) = await ana.desk.drafts.outgoing()
    await ana.desk.drafts.retry(waiting.id)
    await ana.desk.sender.step()


def copy_of(outgoing: Outgoing) -> IncomingMail:
    """The reply as it lies in the mailbox's Sent folder."""
    return mail(7, message_id=outgoing.message_id, in_reply_to="<1@buyer.example>", references=("<1@buyer.example>",),
                author=OWN, to=(BUYER,), subject="Re: Question 1", text="It is on its way.\n-- \nadded", own=True)


async def test_a_reply_that_comes_back_has_failed_at_every_desk_until_it_arrives(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        outgoing = await sent(ana.desk)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == SENT
        assert hub.entities(deliveries.COLLECTION) == {}, "nothing is told of a reply that simply left"
        await came_back(ana, outgoing)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == FAILED
        await came_back(ana, outgoing)
        await copied(ana, bo)
        assert await standing(bo) == FAILED
        assert hub.rows("SELECT count(*) FROM change WHERE collection = 'delivery'") == [(1,)]
        await send_again(ana)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == SENT
        assert await bo.desk.drafts.outgoing() == ()


@pytest.mark.parametrize("order", [
    "never met", "bo is lost",
    *(pytest.param(order, marks=pytest.mark.long) for order in ("offline", "bo joins late")),
])
async def test_it_is_told_in_whatever_order_desks_and_hub_meet(tmp_path: Path, hub: HubHouse, order: str) -> None:
    async with two(tmp_path) as (ana, bo):
        if order == "offline":
            await meet(hub, ana, bo)
        outgoing = await sent(ana.desk)
        if order == "bo joins late":
            await meet(hub, ana)
            await ana.copy()
        await came_back(ana, outgoing)
        if order == "bo joins late":
            await ana.copy()
            await bo.sync.connect(hub.invite())
        elif order != "offline":
            await meet(hub, ana, bo)
        if order == "bo is lost":   # then collections are walked by name, this one before the messages
            await ana.copy()
            await bo.desk.database.write(lambda unit: facts.put_cursor(unit.conn, "another-hub.7.x"))
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == FAILED
        await send_again(ana)
        await copied(ana, bo)
        assert await standing(bo) == SENT


async def test_a_colleagues_reply_that_failed_asks_for_nothing_once_somebody_answered_again(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        outgoing = await sent(ana.desk)
        await came_back(ana, outgoing)
        await copied(ana, bo)
        assert await standing(bo) == FAILED
        await bo.desk.with_account()
        again = replace(copy_of(outgoing), message_id="<again@seller.example>", raw=b"again", text="Once more.",
                        at=outgoing.release_at + HOUR)
        await bo.fetch(again)
        (row,) = await bo.rows()
        assert (row.delivery, row.unanswered, await bo.rows("failed")) == (Delivery.DONE, False, ())
        view = await bo.desk.inbox.conversation(row.id)
        assert [one.delivery for one in view.messages if one.message_id == outgoing.message_id] == [Delivery.FAILED]
        await copied(bo, ana)
        assert [one.delivery for one in await ana.rows("failed")] == [Delivery.FAILED], "hers is settled by herself"


@pytest.mark.parametrize("met", [pytest.param("before", marks=pytest.mark.long), "after"])
async def test_a_copy_from_the_sent_folder_has_failed_too(tmp_path: Path, hub: HubHouse, met: str) -> None:
    """A server that adds a line makes it another mail than the one the hub tells of: both are there."""
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        outgoing = await sent(ana.desk)
        await bo.desk.with_account()
        await bo.fetch(mail(1))
        if met == "before":
            await bo.fetch(copy_of(outgoing))
            assert await standing(bo) == SENT
        await came_back(ana, outgoing)
        await copied(ana, bo)
        if met == "after":
            await bo.fetch(copy_of(outgoing))
        assert await standing(bo) == FAILED


async def test_what_left_without_a_receipt_and_came_back_is_told_with_its_failure(
    tmp_path: Path, hub: HubHouse
) -> None:
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        ana.desk.transport.outcome = OutcomeUnknown("the line broke", "wait")
        with pytest.raises(AssertionError):   # it is not done, as `sent` would have it
            await sent(ana.desk)
        (outgoing,) = await ana.desk.drafts.outgoing()
        await copied(ana, bo)
        assert await bo.messages() == [["<1@buyer.example>"]]
        await came_back(ana, outgoing)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == FAILED
        ana.desk.transport.outcome = Receipt("250 ok")
        ana.desk.clock.advance(MINUTE)
        await send_again(ana)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == SENT


async def test_the_desk_that_reads_the_report_shows_it_before_the_senders_does(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        outgoing = await sent(ana.desk)
        await copied(ana, bo)
        await bo.desk.with_account()
        await report(bo.desk, POSTFIX, outgoing.message_id, told("eve@buyer.example"))
        assert await standing(bo) == SENT, "it was not for her"
        second = POSTFIX.replace(".1@", ".2@")
        await report(bo.desk, second, outgoing.message_id, told())
        assert await standing(bo) == FAILED
        await copied(bo, ana)
        assert await standing(ana) == SENT, "her own desk reads it itself"
        await report(ana.desk, second, outgoing.message_id, told())
        assert await standing(ana) == FAILED, "though the hub has told of the report as of any mail"
        await report(ana.desk, second, outgoing.message_id, told())
        await send_again(ana)
        await copied(ana, bo)
        assert await standing(bo) == await standing(ana) == SENT
        await report(bo.desk, POSTFIX.replace(".1@", ".3@"), outgoing.message_id, told())
        assert await standing(bo) == SENT, "of what the sender's desk has settled a late report says nothing new"


async def test_whoever_did_not_get_a_copy_is_named_at_every_desk(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path) as (ana, bo):
        await meet(hub, ana, bo)
        ana.desk.transport.outcome = Receipt("250 ok", (CC.email,), ("552 mailbox full",))
        await sent(ana.desk, cc=(CC,))
        await copied(ana, bo)
        said = "Not delivered to li@buyer.example (“552 mailbox full”)."
        assert await standing(bo) == await standing(ana) == (Delivery.DONE, said, False, False)


async def test_what_a_hub_says_of_replies_is_taken_with_care(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path) as (ana, bo):
        outgoing = await sent(ana.desk)
        bodies = [{"message_id": outgoing.message_id, "state": state, "sentence": sentence} for state, sentence in (
            ("lost at sea", ""), ("", ""), (None, ""), ("failed", "no"))]
        bodies += [{"state": "failed"}, {"message_id": "<1@buyer.example>", "state": "failed", "sentence": "no"}]
        assert await ana.desk.database.write(lambda unit: deliveries.settle(unit.conn, bodies)) == []
        assert await standing(ana) == SENT, "how one's own reply stands is known here better"
        await bo.desk.with_account()
        await bo.fetch(mail(1), replace(copy_of(outgoing), at=copy_of(outgoing).at + MINUTE))
        await bo.desk.inbox.receive("account", [replace(
            copy_of(outgoing), message_id="<old@seller.example>", raw=b"old", at=NOW - deliveries.RECENT - MINUTE)])
        await report(bo.desk, POSTFIX, "<old@seller.example>", told())
        assert await bo.rows("failed") == (), "history that is read with a mailbox asks for nothing"
        hostile = {"message_id": outgoing.message_id, "state": "failed", "sentence": "a\u202eb\n" + "x" * 5_000}
        await bo.desk.database.write(lambda unit: deliveries.settle(unit.conn, [hostile]))
        state, said = (await standing_of(bo))[:2]
        assert (state, said[:5], len(said) <= deliveries.LONGEST_SENTENCE) == (Delivery.FAILED, "a b x", True)


async def standing_of(each: Person) -> tuple[Delivery, str]:
    view = await each.desk.inbox.conversation((await each.rows())[0].id)
    reply = [message for message in view.messages if message.direction == "out"][-1]
    return reply.delivery, reply.delivery_sentence
