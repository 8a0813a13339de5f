"""Mails that must not be swallowed, doubled or answered to the wrong person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.store import BUYER, NOW, OWN, Desk, desk, mail
from tests.unit.drafts.test_sending import let_go, ready, state_of
from tests.unit.inbox.test_arrival import listed
from workstation.connectors.email.compose import compose
from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import Address, Delivery, Direction, ReplyContext
from workstation.domain.events import OwnCopySeen
from workstation.drafts.model import Mode, Outgoing
from workstation.inbox.model import IncomingAttachment, IncomingMail
from workstation.inbox.outgoing import Timeline
from workstation.kernel.clock import HOUR, MINUTE
from workstation.kernel.errors import OutcomeUnknown

THREAD = {"references": ("<1@buyer.example>",)}


async def context(here: Desk) -> ReplyContext:
    row = (await listed(here))[0]
    return await here.database.read(lambda c: Timeline(()).reply_context(c, row.id))


async def unknown(here: Desk, text: str = "Your parcel is on its way.") -> Outgoing:
    """A reply whose outcome nobody knows."""
    here.transport.outcome = OutcomeUnknown("No receipt.")
    reply = await here.drafts.send(await ready(here, text))
    await let_go(here)
    return reply


@pytest.mark.parametrize("changes", [
    {"author": BUYER, "text": "I never got a refund"},
    {"author": BUYER, "text": "Your parcel is on its way."},
    {"author": OWN, "text": "I never got a refund"},
])
async def test_a_buyers_mail_under_the_id_of_our_reply_is_kept_and_proves_nothing(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    async with desk(tmp_path) as here:
        reply = await unknown(here)
        new = await here.inbox.receive("account", [mail(7, message_id=reply.message_id, at=NOW + HOUR, **changes)])
        await asyncio.sleep(0.1)
        assert (new, here.of(OwnCopySeen)) == (1, [])
        assert await state_of(here, reply) is Delivery.UNKNOWN


async def test_a_copy_to_ourselves_with_our_words_is_our_reply(tmp_path: Path) -> None:
    words = "Olá!\n\nO pacote saiu — 请稍等.\n" + "a long line " * 40
    async with desk(tmp_path) as here:
        reply = await unknown(here, words)
        raw = compose(await context(here), words, (), reply.message_id, NOW)
        copy = parse(b"Received: from somewhere\r\n" + raw, received_at=NOW)
        assert await here.inbox.receive("account", [copy]) == 0
        await asyncio.sleep(0.2)
        assert await state_of(here, reply) is Delivery.DONE


async def test_a_copy_to_ourselves_that_came_before_the_sent_folders_is_no_buyers_mail(tmp_path: Path) -> None:
    answer = {**THREAD, "author": OWN, "to": (BUYER,), "cc": (OWN,), "at": NOW - MINUTE}
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1)])
        await here.inbox.receive("account", [mail(2, **answer)])
        assert (await listed(here))[0].unanswered
        assert await here.inbox.receive("account", [mail(2, own=True, **answer)]) == 0
        row = (await listed(here))[0]
        last = (await here.inbox.conversation(row.id)).messages[-1]
    assert not row.unanswered
    assert (last.direction, last.problems) == (Direction.OUT, ())


async def test_the_same_words_with_another_file_is_another_mail(tmp_path: Path) -> None:
    one, two = (IncomingAttachment("photo.jpg", "image/jpeg", content) for content in (b"front", b"back"))
    async with desk(tmp_path) as here:
        assert await here.inbox.receive("account", [mail(1, attachments=(one,))]) == 1
        assert await here.inbox.receive("account", [mail(1, attachments=(two,))]) == 1
        assert await here.inbox.receive("account", [mail(1, attachments=(one,)), mail(1, attachments=(two,))]) == 0


async def test_a_known_mail_met_again_leaves_no_sealed_files_behind(tmp_path: Path) -> None:
    large = mail(1, raw=b"r" * 300_000, attachments=(IncomingAttachment("b.bin", "x/y", b"z" * 400_000),))
    async with desk(tmp_path) as here:
        for _turn in range(3):
            await here.inbox.receive("account", [large])
        count = await here.database.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM blob").scalar())
    assert count == 2


async def test_a_bounce_or_an_absence_note_is_not_what_is_answered(tmp_path: Path) -> None:
    robot = Address("mailer-daemon@relay.example")
    bounce = mail(2, author=robot, reply_to=robot, subject="Undelivered", automatic=True, at=NOW, **THREAD)
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1), bounce])
        found = await context(here)
    assert (found.in_reply_to, found.subject) == ("<1@buyer.example>", "Question 1")
    assert [person.email for person in found.to] == [BUYER.email]


async def test_a_stranger_in_the_thread_does_not_turn_the_answer_to_themselves(tmp_path: Path) -> None:
    stranger = Address("eve@elsewhere.example")
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1), mail(2, author=stranger, reply_to=stranger, at=NOW, **THREAD)])
        assert [person.email for person in (await context(here)).to] == [BUYER.email]
        impostor = mail(3, author=OWN, reply_to=stranger, at=NOW + HOUR, **THREAD)
        await here.inbox.receive("account", [impostor])
        assert [person.email for person in (await context(here)).to] == [BUYER.email]


async def test_a_buyer_behind_a_shops_form_is_answered_not_the_form(tmp_path: Path) -> None:
    form = Address("noreply@form.example", "Shop form")
    async with desk(tmp_path) as here:
        await here.with_account()
        await here.inbox.receive("account", [mail(1, author=form, reply_to=BUYER)])
        assert [person.email for person in (await context(here)).to] == [BUYER.email]
        await here.inbox.receive("account", [mail(2, author=BUYER, at=NOW, **THREAD)])
        assert [person.email for person in (await context(here)).to] == [BUYER.email]
        await here.inbox.receive("account", [mail(3, author=Address("x@y.example"), at=NOW + HOUR, **THREAD)])
        assert [person.email for person in (await context(here)).to] == [BUYER.email]


async def test_a_draft_answers_whom_the_conversation_is_with(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here)
        await here.drafts.send(draft)
        await let_go(here)
        assert (await here.drafts.load(draft.conversation_id, Mode.REPLY)).empty
    assert here.transport.handed[0].recipients == (BUYER.email,)


async def test_a_message_that_was_held_back_on_its_way_is_not_answered_by_what_was_written_before_it_came(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as here:
        await here.drafts.send(await ready(here))
        await let_go(here)
        assert not (await listed(here))[0].unanswered
        late = mail(2, at=NOW - 30 * MINUTE, **THREAD)
        await here.inbox.receive("account", [late])
        row = (await listed(here))[0]
        assert (row.unanswered, row.due_at) == (True, NOW - 30 * MINUTE + 24 * HOUR)
        again = replace(await here.drafts.load(row.id, Mode.REPLY), body="This answers both.")
        await here.drafts.send(again)
        await let_go(here)
        assert not (await listed(here))[0].unanswered


async def test_history_that_is_imported_after_a_reply_asks_for_no_answer(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.drafts.send(await ready(here))
        await let_go(here)
        await here.inbox.receive("account", [mail(2, at=NOW - 40 * 24 * HOUR, **THREAD)])
        assert not (await listed(here))[0].unanswered


async def test_a_phones_answer_after_the_late_message_answers_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.drafts.send(await ready(here))
        await let_go(here)
        answer = mail(3, author=OWN, to=(BUYER,), own=True, at=NOW + HOUR, **THREAD)
        await here.inbox.receive("account", [mail(2, at=NOW - 30 * MINUTE, **THREAD), answer])
        assert not (await listed(here))[0].unanswered


async def test_an_import_of_large_mails_holds_few_of_them_in_memory(tmp_path: Path) -> None:
    fetched = stored_with = 0

    class Counting:
        def read(self, _path: Path) -> Iterator[IncomingMail]:
            nonlocal fetched
            for number in range(12):
                fetched += 1
                yield mail(number, raw=bytes(8 * 1024 * 1024))

    async with desk(tmp_path) as here:
        here.inbox._archive = Counting()  # type: ignore[assignment]
        receiving = here.inbox._receiving
        receive = receiving.receive

        async def watching(account_id: str, mails: Sequence[IncomingMail], **more: Any) -> int:
            nonlocal stored_with
            stored_with = max(stored_with, len(mails))
            return await receive(account_id, mails, **more)

        receiving.receive = watching  # type: ignore[method-assign, assignment]
        report = await here.inbox.import_mail(tmp_path)
    assert (report.new, fetched, stored_with) == (12, 12, 2)


async def test_no_response_needed_is_not_said_of_a_mail_that_was_still_on_its_way(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        await here.inbox.no_response_needed([(await listed(here))[0].id])
        await here.inbox.receive("account", [mail(2, at=NOW - 40 * 24 * HOUR, **THREAD)])
        await here.inbox.receive("account", [mail(3, at=NOW - MINUTE, automatic=True, **THREAD)])
        assert not (await listed(here))[0].unanswered
        await here.inbox.receive("account", [mail(4, at=NOW - MINUTE, **THREAD)])
        row = (await listed(here))[0]
    assert (row.unanswered, row.due_at) == (True, NOW - MINUTE + 24 * HOUR)


async def test_huge_mails_are_not_all_loaded_at_once(tmp_path: Path) -> None:
    huge = [mail(n, at=NOW + n, html="h" * 1_500_000, references=("<1@buyer.example>",)) for n in range(1, 9)]
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", huge)
        view = await here.inbox.conversation((await listed(here))[0].id)
    assert [m.at - NOW for m in view.messages] == [4, 5, 6, 7, 8]
    assert view.earlier == 3


async def test_an_opened_conversation_names_its_orders(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        row = (await listed(here))[0]
        here.inbox._views._orders = lambda _connection, of: ("702-1234567-1234567",) if of == row.id else ()
        assert (await here.inbox.conversation(row.id)).row.orders == ("702-1234567-1234567",)
