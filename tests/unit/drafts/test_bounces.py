"""Replies that come back: what mail servers write, as they write it, and what is only made to look so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import BUYER, NOW, Desk, desk, mail
from workstation.app.failing.replies import Replies
from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import Address, Delivery
from workstation.drafts import sender
from workstation.drafts.byhand import ByHand
from workstation.drafts.model import Mode, Outgoing
from workstation.inbox.model import ListQuery
from workstation.inbox.outgoing import Timeline
from workstation.kernel.actions import Action
from workstation.kernel.clock import MINUTE


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of sending ends when nothing is left to do."""
    monkeypatch.setattr(sender, "LONGEST_SLEEP", 0.0)


CC = Address("li@buyer.example", "Li")

POSTFIX = """Return-Path: <>
Date: Tue, 22 Sep 2026 12:00:00 +0000
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: shop@seller.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20260922.1@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I could not deliver your message to one or more recipients.

--b1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Queue-ID: 4ABC
X-Queue-Sender: rfc822; shop@seller.example
Arrival-Date: Tue, 22 Sep 2026 11:59:58 +0000

{recipients}
--b1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <shop@seller.example>
From: Seller <shop@seller.example>
To: ana@buyer.example
Message-ID: {about}

--b1--
"""
EXCHANGE = """Return-Path: <>
From: <postmaster@tenant.example>
To: <shop@seller.example>
Date: Tue, 22 Sep 2026 12:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_x"
Content-Language: en-US
Message-ID: <ab12@tenant.example>
Subject: Undeliverable: Question 1
MIME-Version: 1.0

--_000_x
Content-Type: text/html; charset="us-ascii"

<p>Your message could not be delivered.</p>

--_000_x
Content-Type: message/delivery-status

Reporting-MTA: dns;mx.tenant.example
Received-From-MTA: dns;relay.example

{recipients}
--_000_x
Content-Type: message/rfc822

From: Seller <shop@seller.example>
Message-ID: {about}
Subject: Re: Question 1

Hello
--_000_x--
"""
GMAIL = """Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@big.example>
To: shop@seller.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
In-Reply-To: {about}
References: {about}
X-Failed-Recipients: ana@buyer.example
Message-ID: <66f0.mail@big.example>
Date: Tue, 22 Sep 2026 05:00:00 -0700 (PDT)
Content-Type: multipart/report; boundary="000000x"; report-type=delivery-status

--000000x
Content-Type: multipart/related; boundary="000001x"

--000001x
Content-Type: text/html; charset="UTF-8"

<b>Address not found</b>
--000001x--
--000000x
Content-Type: message/delivery-status

Reporting-MTA: dns; big.example
Received-From-MTA: dns; shop@seller.example
X-Original-Message-ID: {about}

{recipients}
--000000x
Content-Type: message/rfc822

Message-ID: {about}
From: Seller <shop@seller.example>
To: ana@buyer.example

Hello
--000000x--
"""


def told(who: str = "ana@buyer.example", action: str = "failed", why: str = "550 5.1.1 no such user") -> str:
    return (f"Final-Recipient: rfc822; {who}\nAction: {action}\nStatus: 5.1.1\n"
            f"Remote-MTA: dns; mx.buyer.example\nDiagnostic-Code: smtp; {why}\n")


async def sent(here: Desk, *, cc: tuple[Address, ...] = ()) -> Outgoing:
    """A reply that the server took."""
    await here.with_account()
    await here.inbox.receive("account", [mail(1)])
    row = (await here.inbox.page(ListQuery("all"))).rows[0]
    draft = replace(await here.drafts.load(row.id, Mode.REPLY), body="It is on its way.", cc=cc)
    outgoing = await here.drafts.send(draft)
    here.clock.advance(MINUTE)
    here.sender.wake()
    await here.sender.step()
    assert await here.drafts.outgoing() == ()
    return outgoing


async def report(here: Desk, text: str, about: str, recipients: str) -> None:
    raw = text.replace("{about}", about).replace("{recipients}", recipients).replace("\n", "\r\n").encode()
    await here.inbox.receive("account", [parse(raw, received_at=here.clock.now())])


async def state(here: Desk, outgoing: Outgoing) -> tuple[Delivery, str]:
    view = await here.inbox.conversation(outgoing.conversation_id)
    (message,) = [each for each in view.messages if each.message_id == outgoing.message_id]
    return message.delivery, message.delivery_sentence


@pytest.mark.parametrize("text", [POSTFIX, EXCHANGE, GMAIL])
async def test_a_reply_that_came_back_has_failed_and_its_clock_runs(tmp_path: Path, text: str) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here)
        (row,) = await here.inbox.rows([outgoing.conversation_id])
        assert not row.unanswered
        await report(here, text, outgoing.message_id, told())
        said = "Not delivered to ana@buyer.example (“550 5.1.1 no such user”)."
        assert await state(here, outgoing) == (Delivery.FAILED, said)
        (row,) = (await here.inbox.page(ListQuery("failed"))).rows
        assert (row.id, row.delivery, row.unanswered) == (outgoing.conversation_id, Delivery.FAILED, True)
        (problem,) = await Replies(here.drafts, here.inbox, by_hand(here), here.clock).problems()
        assert (problem.state, problem.why) == ("fail", said)
        assert problem.actions[:2] == (Action.RETRY, Action.ARRIVED)


def by_hand(here: Desk) -> ByHand:
    return ByHand(here.database, here.clock, Timeline(()), here.sender.wake)


async def test_a_delay_is_said_and_changes_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here)
        await report(here, POSTFIX, outgoing.message_id, told(action="delayed", why="451 4.4.1 connection timed out"))
        said = ("Delayed on its way to ana@buyer.example; the mail server keeps trying "
                "(“451 4.4.1 connection timed out”).")
        assert await state(here, outgoing) == (Delivery.DONE, said)
        await report(here, EXCHANGE, outgoing.message_id, told())
        assert (await state(here, outgoing))[0] is Delivery.FAILED


@pytest.mark.parametrize(("old", "new"), [
    ("Return-Path: <>", "Return-Path: <ana@buyer.example>"),
    ("MAILER-DAEMON@relay.example (Mail Delivery System)", "Ana <ana@buyer.example>"),
    ("Return-Path: <>\nDate", "Date"), ("Final-Recipient: rfc822; ana@", "Final-Recipient: rfc822; eve@"),
    ("Message-ID: {about}", "Message-ID: <never-sent@seller.example>"), ("Action: failed", "Action: delivered"),
    ("Action: failed", "Action: relayed"), ("multipart/report; report-type=delivery-status;", "multipart/mixed;"),
])
async def test_what_only_looks_like_a_report_changes_nothing(tmp_path: Path, old: str, new: str) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here)
        text = POSTFIX.replace("{recipients}", told())
        assert old in text
        forged = text.replace(old, new)
        if old.startswith("Return-Path: <>\n"):
            forged = forged.replace("MAILER-DAEMON@relay.example (Mail Delivery System)", "Ana <ana@buyer.example>")
        await report(here, forged, outgoing.message_id, "")
        assert await state(here, outgoing) == (Delivery.DONE, "")


async def test_of_several_only_who_did_not_get_it_is_named_and_tried_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here, cc=(CC,))
        assert here.transport.handed[0].recipients == (BUYER.email, CC.email)
        both = told("li@buyer.example", why="552 mailbox full") + "\n" + told("ana@buyer.example", "delivered")
        await report(here, POSTFIX, outgoing.message_id, both)
        assert await state(here, outgoing) == (
            Delivery.DONE, "Not delivered to li@buyer.example (“552 mailbox full”).")
        assert await here.drafts.outgoing() == ()


async def test_where_the_buyer_did_not_get_it_only_the_buyer_gets_it_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here, cc=(CC,))
        (before,) = [m for m in (await here.inbox.conversation(outgoing.conversation_id)).messages
                     if m.message_id == outgoing.message_id]
        await report(here, POSTFIX, outgoing.message_id, told())
        (waiting,) = await here.drafts.outgoing()
        here.transport.in_sent.add(outgoing.message_id)
        await here.drafts.retry(waiting.id)
        await here.sender.step()
        assert [envelope.recipients for envelope in here.transport.handed[1:]] == [(BUYER.email,)]
        assert await state(here, outgoing) == (Delivery.DONE, "")
        (after,) = [m for m in (await here.inbox.conversation(outgoing.conversation_id)).messages
                    if m.message_id == outgoing.message_id]
        assert after.at == before.at, "what the hub was told of is never changed"
        assert len(here.records.kept) == 1


async def test_a_person_says_that_it_arrived_another_way(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here)
        await report(here, GMAIL, outgoing.message_id, told())
        (waiting,) = await here.drafts.outgoing()
        await by_hand(here).arrived(waiting.id)
        assert await state(here, outgoing) == (Delivery.DONE, "")
        assert await here.drafts.outgoing() == ()


async def test_the_same_report_twice_is_said_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await sent(here)
        for text in (POSTFIX, POSTFIX, EXCHANGE):
            await report(here, text, outgoing.message_id, told())
        assert (await state(here, outgoing))[1].count("Not delivered") == 1


def test_a_report_of_thousands_is_bounded() -> None:
    many = "\n".join(told(f"b{n}@buyer.example") for n in range(3_000))
    raw = POSTFIX.replace("{about}", "<1@x.example>").replace("{recipients}", many).encode()
    assert len(parse(raw, received_at=NOW).bounces) <= 100
