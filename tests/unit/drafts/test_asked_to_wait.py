"""A server that asks to wait is left alone that long, whatever else happens, and the person is told until when."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.store import Desk, desk, mail
from workstation.domain.conversation import Delivery
from workstation.drafts.model import Draft, Mode, Outgoing, Receipt
from workstation.drafts.patience import asked_pause
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import HOUR, MINUTE, SECOND
from workstation.kernel.errors import AskedToWait, Offline


async def held(here: Desk) -> Outgoing:
    """A reply whose undo time is over."""
    account_id = await here.with_account()
    await here.inbox.receive(account_id, [mail(1)])
    (row,) = (await here.inbox.page(ListQuery(queue="all"))).rows
    draft = await here.drafts.load(row.id, Mode.REPLY)
    outgoing = await here.drafts.send(
        Draft(**{**{name: getattr(draft, name) for name in draft.__slots__}, "body": "On its way.",
                 "target_language": ""}))
    here.clock.advance(16 * SECOND)
    return outgoing


async def step(here: Desk) -> Outgoing | None:
    """What the sender does when it looks, without its sleep."""
    here.sender.wake()
    await here.sender._send_due()
    return next(iter(await here.drafts.outgoing()), None)


async def test_greylisted_it_goes_when_the_server_said_and_not_when_the_network_is_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await held(here)
        here.transport.outcome = AskedToWait("mail.example does not take the mail now: 451 greylisted.", "", 300)
        waiting = await step(here)
        assert waiting is not None
        again = here.clock.now() + 300 * SECOND
        assert (waiting.state, waiting.next_try_at) == (Delivery.QUEUED, again)
        assert "greylisted" in waiting.sentence
        assert "asks to wait" in waiting.sentence
        assert time.strftime("%H:%M", time.localtime(again / SECOND)) in waiting.sentence

        here.transport.outcome = Receipt("250 ok")
        await here.sender.network_back()
        here.clock.advance(299 * SECOND)
        assert await step(here) is not None
        assert len(here.transport.handed) == 1
        here.clock.advance(1 * SECOND)
        assert await step(here) is None
        assert len(here.transport.handed) == 2


async def test_a_person_may_try_sooner(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await held(here)
        here.transport.outcome = AskedToWait("Later.", "", 3_600)
        await step(here)
        here.transport.outcome = Receipt("250 ok")
        await here.drafts.retry(outgoing.id)
        assert await step(here) is None


async def test_what_only_waits_for_the_network_goes_when_it_is_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await held(here)
        here.transport.outcome = Offline("No network.")
        await step(here)
        here.transport.outcome = Receipt("250 ok")
        await here.sender.network_back()
        assert await step(here) is None


async def test_whom_the_server_refused_is_told_with_its_words(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        outgoing = await held(here)
        here.transport.outcome = Receipt("250 ok", ("a@x.example", "b@x.example"), ("550 no such user", ""))
        await step(here)
        view = await here.inbox.conversation(outgoing.conversation_id)
        (reply,) = [message for message in view.messages if message.delivery_sentence]
    assert reply.delivery is Delivery.DONE
    assert reply.delivery_sentence == "Not delivered to a@x.example (“550 no such user”). Not delivered to b@x.example."


@pytest.mark.parametrize(("seconds", "tries", "minutes"), [(300, 0, 5), (0, 0, 2), (0, 1, 5), (0, 4, 30), (0, 99, 30)])
def test_a_server_that_says_no_time_is_asked_less_and_less_often(seconds: int, tries: int, minutes: int) -> None:
    assert asked_pause(seconds, tries) == minutes * MINUTE


@pytest.mark.parametrize("back", [2 * 24 * HOUR, 6 * HOUR])
async def test_a_clock_that_was_put_back_while_the_program_was_closed_holds_nothing(tmp_path: Path, back: int) -> None:
    async with desk(tmp_path) as here:
        await held(here)
        here.transport.outcome = AskedToWait("Later.", "", 300)
        await step(here)
        here.transport.outcome = Receipt("250 ok")
        here.clock.advance(-back)
        assert await step(here) is None


async def test_a_held_reply_does_not_wait_for_a_clock_that_was_put_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await held(here)
        here.clock.advance(-24 * HOUR)
        assert await step(here) is None
        assert len(here.transport.handed) == 1


async def test_a_clock_put_back_while_it_runs_leaves_every_pause_as_long_as_it_was(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await held(here)
        here.transport.outcome = AskedToWait("Later.", "", 300)
        await step(here)
        here.transport.outcome = Receipt("250 ok")
        ran = [0.0]
        here.sender._monotonic = lambda: ran[0]
        here.sender._before = (here.clock.now(), 0.0)
        ran[0] = 10.0
        here.clock.advance(10 * SECOND - 30 * MINUTE)
        await here.sender._keep_pace()
        assert await step(here) is not None
        ran[0] = 299.0
        here.clock.advance(289 * SECOND)
        await here.sender._keep_pace()
        assert await step(here) is not None
        here.clock.advance(1 * SECOND)
        assert await step(here) is None
        assert len(here.transport.handed) == 2
