"""What a server says to a reply: refusals by name and in its words, its patience, and what it can and cannot take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.email.test_smtp import BUYER, SECOND, send
from tests.support.mail import ADDRESS, PASSWORD, account, raw_mail
from tests.support.mail_smtp import postman
from tests.support.mail_tls import Worded
from workstation.connectors.email.smtp_session import SmtpSession, TryLater
from workstation.connectors.email.smtp_session import send as converse
from workstation.drafts.model import Envelope
from workstation.kernel.errors import AskedToWait, Refused

EIGHT_BITS = "Subject: é\r\n\r\nOlá\r\n".encode()


async def test_everyone_who_was_refused_comes_with_the_servers_words_for_them() -> None:
    with postman() as (handler, port):
        handler.refuse = {SECOND: "550 5.1.1 no such user", ADDRESS: "552 5.2.2 mailbox full"}
        receipt = await send(port, BUYER, SECOND, ADDRESS)
    assert receipt.refused == (SECOND, ADDRESS)
    assert receipt.reasons == ("550 5.1.1 no such user", "552 5.2.2 mailbox full")
    assert handler.taken[0][1] == (BUYER,)


async def test_a_server_that_asks_to_wait_says_for_how_long() -> None:
    with postman() as (handler, port):
        handler.refuse = {BUYER: "450 4.2.0 Greylisted, please try again in 300 seconds"}
        with pytest.raises(TryLater, match="Greylisted") as caught:
            await send(port)
    assert isinstance(caught.value, AskedToWait)
    assert caught.value.seconds == 300
    assert handler.taken == []


@pytest.mark.parametrize(("offered", "announced"), [("250-8BITMIME\r\n", True), ("", False)])
async def test_characters_beyond_ascii_go_only_where_they_are_taken(offered: str, announced: bool) -> None:
    envelope = Envelope("acc", ADDRESS, (BUYER,), "<r@home.example>", EIGHT_BITS)
    with Worded("smtp", words={"EHLO": f"250-here\r\n{offered}250 AUTH PLAIN\r\n"}) as server:
        session = SmtpSession(account(1, server.port), 3.0)
        if announced:
            await converse(session, PASSWORD, envelope)
        else:
            with pytest.raises(Refused, match="beyond ASCII"):
                await converse(session, PASSWORD, envelope)
        mail = [told for _encrypted, told in server.told if told.startswith("MAIL")]
    assert ["BODY=8BITMIME" in told for told in mail] == ([True] if announced else [])


async def test_a_size_is_announced_where_it_is_asked_for_and_an_address_in_another_script_needs_its_extension() -> None:
    envelope = Envelope("acc", ADDRESS, (BUYER,), "<r@home.example>", raw_mail("r"))
    with Worded("smtp") as server:
        await converse(SmtpSession(account(1, server.port), 3.0), PASSWORD, envelope)
        (mail,) = [told for _encrypted, told in server.told if told.startswith("MAIL")]
        foreign = replace(envelope, recipients=("顾客@home.example",))
        with pytest.raises(Refused, match="another script"):
            await converse(SmtpSession(account(1, server.port), 3.0), PASSWORD, foreign)
    assert f"SIZE={len(envelope.raw)}" in mail


async def test_a_refusal_full_of_tricks_is_shown_tame() -> None:
    tricks = "550-5.7.1 \x1b[31mGo to\r\n550 5.7.1 \x07evil.example" + "!" * 600 + "\r\n"
    with Worded("smtp", words={"MAIL": tricks}) as server:
        envelope = Envelope("acc", ADDRESS, (BUYER,), "<r@home.example>", raw_mail("r"))
        with pytest.raises(Refused) as caught:
            await converse(SmtpSession(account(1, server.port), 3.0), PASSWORD, envelope)
    assert caught.value.sentence.isprintable()
    assert len(caught.value.sentence) < 300
