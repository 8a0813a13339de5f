"""A reply that the buyer's address was refused for is not sent, and an end in mid-flight says what was handed over."""

from __future__ import annotations

import asyncio

import pytest

from tests.contract.email.test_smtp import BUYER, send
from tests.support.mail import ADDRESS, raw_mail
from tests.support.mail_smtp import CuttingSmtp, postman
from workstation.drafts.ports import NotHandedOver
from workstation.kernel.errors import Refused


async def test_a_copy_to_ourselves_alone_is_not_a_reply_to_the_buyer() -> None:
    with postman() as (handler, port):
        handler.refuse = {BUYER: "550 5.1.1 no such user"}
        with pytest.raises(Refused, match="no such user"):
            await send(port, BUYER, ADDRESS)
    assert handler.taken == []


@pytest.mark.parametrize("at", ["mail", "data"])
async def test_cancelled_before_the_text_nothing_was_handed_over(at: str) -> None:
    with CuttingSmtp(at, silent=True) as server:
        sending = asyncio.ensure_future(send(server.port))
        await asyncio.sleep(0.3)
        sending.cancel()
        with pytest.raises(NotHandedOver):
            await sending
        assert sending.cancelled()


async def test_cancelled_after_the_dot_nobody_knows() -> None:
    with CuttingSmtp("dot", silent=True) as server:
        sending = asyncio.ensure_future(send(server.port))
        for _turn in range(200):
            if server.got == raw_mail("reply"):
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as ending:
            await sending
        assert not isinstance(ending.value, NotHandedOver)
