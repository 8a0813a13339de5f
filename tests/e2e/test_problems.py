"""The queue of what failed over the real core: a server that refuses, one that says nothing, a hub that says no."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.cli import opened, prepared
from tests.support.hub import running_hub, until
from tests.support.mail import ADDRESS, PASSWORD, free_port
from tests.support.mail_smtp import CuttingSmtp, postman
from workstation.app.wiring import Running
from workstation.domain.events import ProblemsChanged
from workstation.domain.problem import Problem
from workstation.domain.states import Delivery
from workstation.drafts.model import Draft, Mode
from workstation.inbox.model import AccountSettings, ListQuery, Security, ServerSettings
from workstation.kernel.actions import Action
from workstation.store import outbox

BUYER = "ana@buyer.example"
MAIL = (f"Message-ID: <one@buyer.example>\r\nFrom: Ana Souza <{BUYER}>\r\nTo: {ADDRESS}\r\nSubject: Chaleira\r\n"
        f"Date: {email.utils.formatdate()}\r\n\r\nWhere is it?\r\n")


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """The product at work on a home with one buyer's mail; replies leave without an undo time."""
    (tmp_path / "one.eml").write_bytes(MAIL.encode())
    async with opened(prepared(tmp_path)) as made:
        await made.start()
        yield made


async def connect(running: Running, folder: Path, port: int) -> None:
    """A mailbox whose mail leaves by this port, and the buyer's mail in it. Nothing answers for IMAP."""
    smtp = ServerSettings("127.0.0.1", port, Security.PLAIN)
    imap = ServerSettings("127.0.0.1", free_port(), Security.PLAIN)
    await running.core.accounts.add(AccountSettings(ADDRESS, ADDRESS, imap, smtp), PASSWORD)
    await running.core.inbox.import_mail(folder / "one.eml")


async def conversation(running: Running) -> str:
    return (await running.core.inbox.page(ListQuery(queue="all"))).rows[0].id


async def answer(running: Running) -> str:
    """Write and send a reply at once; its id."""
    draft = await running.core.drafts.load(await conversation(running), Mode.REPLY)
    sent = await running.core.drafts.send(replace(draft, body="It leaves today.", target_language="en"))
    return sent.id


async def waits_for_a_look(running: Running, about: str) -> Problem:
    """The problem of one thing, once it is listed."""
    found: list[Problem] = []
    for _try in range(500):
        found = [one for one in await running.core.problems.list() if one.id == about]
        if found:
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"{about} is not listed")


async def is_settled(running: Running, about: str) -> None:
    for _try in range(500):
        if about not in [one.id for one in await running.core.problems.list()]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{about} is still listed")


async def nothing_waits(running: Running) -> None:
    for _try in range(500):
        if not await running.core.drafts.outgoing():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("a reply still waits")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.app.wiring.Ground.undo_seconds", lambda _ground: 0)


async def test_a_refused_reply_is_put_right_and_sent_once(running: Running, tmp_path: Path) -> None:
    told: list[object] = []
    running.core.bus.subscribe(ProblemsChanged, told.append)
    with postman() as (smtp, port):
        smtp.refuse[BUYER] = "550 5.1.1 no such user"
        await connect(running, tmp_path, port)
        reply = f"reply:{await answer(running)}"
        failed = await waits_for_a_look(running, reply)
        assert failed.state == "fail"
        assert "Ana Souza" in failed.what
        assert "no such user" in failed.why
        assert failed.actions == (Action.RETRY, Action.TAKE_BACK, Action.OPEN_CONVERSATION)
        await until(lambda: bool(told))
        smtp.refuse.clear()
        await running.core.problems.act(reply, Action.RETRY)
        await is_settled(running, reply)
        await nothing_waits(running)
        view = await running.core.inbox.conversation(await conversation(running))
        assert [message.delivery for message in view.messages] == [Delivery.DONE, Delivery.DONE]
        assert len(smtp.taken) == 1


async def test_a_refused_reply_is_taken_back_as_it_was_written(running: Running, tmp_path: Path) -> None:
    with postman() as (smtp, port):
        smtp.refuse[BUYER] = "550 5.1.1 no such user"
        await connect(running, tmp_path, port)
        reply = f"reply:{await answer(running)}"
        await waits_for_a_look(running, reply)
        await running.core.problems.act(reply, Action.TAKE_BACK)
        draft: Draft = await running.core.drafts.load(await conversation(running), Mode.REPLY)
        assert draft.body == "It leaves today."
        await is_settled(running, reply)
        assert await running.core.drafts.outgoing() == ()
        assert smtp.taken == []


async def test_a_reply_of_unknown_outcome_goes_again_only_when_a_person_says_so(
    running: Running, tmp_path: Path,
) -> None:
    with CuttingSmtp("dot") as cutting:
        await connect(running, tmp_path, cutting.port)
        reply = f"reply:{await answer(running)}"
        unknown = await waits_for_a_look(running, reply)
    assert (unknown.state, Action.RETRY in unknown.actions) == ("unknown", False)
    with postman() as (smtp, port):
        await connect(running, tmp_path, port)
        await running.core.accounts.fetch_now()
        assert smtp.taken == []
        await running.core.problems.act(reply, Action.SEND_AGAIN)
        await is_settled(running, reply)
        await until(lambda: len(smtp.taken) == 1)
        assert unknown.id == reply
        assert cutting.got.count(b"Message-ID:") == 1
        first = next(line for line in cutting.got.splitlines() if line.startswith(b"Message-ID:"))
        assert first in smtp.taken[0][2].replace(b"\r\n", b"\n").splitlines(), "the same Message-ID, so it can be told"


async def test_a_person_who_saw_it_arrive_settles_it(running: Running, tmp_path: Path) -> None:
    with CuttingSmtp("dot") as cutting:
        await connect(running, tmp_path, cutting.port)
        reply = f"reply:{await answer(running)}"
        await waits_for_a_look(running, reply)
        await running.core.problems.act(reply, Action.ARRIVED)
        await is_settled(running, reply)
    view = await running.core.inbox.conversation(await conversation(running))
    assert view.messages[-1].delivery is Delivery.DONE
    assert not view.row.unanswered


async def test_one_event_a_hub_refuses_holds_up_no_other_and_is_dismissed(running: Running, tmp_path: Path) -> None:
    async def append(entity_id: str, number: int) -> str:
        return await running.database.write(
            lambda unit: outbox.append(unit, "record", entity_id, "append", {"n": number}, 1))

    with running_hub(tmp_path / "hub") as hub:
        await running.core.sync.connect(hub.invite())
        await append("r", 1)
        poison = f"copying:{await append('r', 2)}"
        await append("after", 3)
        await running.core.sync.run()
        refused = await waits_for_a_look(running, poison)
        assert set(hub.entities("record")) >= {"r", "after"}
        assert hub.entities("record")["r"] == {"n": 1}
        assert refused.actions[:2] == (Action.RETRY, Action.DISMISS)
        await running.core.problems.dismiss(poison)
        await is_settled(running, poison)
        assert (await running.core.sync.status()).poisoned == 0
