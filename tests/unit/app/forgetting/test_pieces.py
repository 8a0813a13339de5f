"""Copies of what was erased, however they come, are recognised; a large index loses its words in steps; a reply that is
still to leave is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.support.store import BUYER, NOW, OWN, Desk, desk, mail
from workstation.app.forgetting.data import Data
from workstation.evidence.erasure.ports import Look, Part
from workstation.inbox.shared import SharedInbox
from workstation.store.erased import Mark
from workstation.store.search import purging
from workstation.store.unit import Unit

MARK = Mark("erase-1", NOW)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        await made.with_account()
        yield made


async def forget(here: Desk) -> Look:
    """The only conversation there is."""
    data = Data(())

    def work(unit: Unit) -> Look:
        ids = [i for (i,) in unit.conn.exec_driver_sql("SELECT id FROM conversation WHERE last_at > 0")]
        part = Part(ids[0], tuple(ids))
        look = data.look(unit.conn, part)
        if not look.leaving:
            data.forget(unit, part, look, MARK)
        return look

    return await here.database.write(work)


async def texts(here: Desk) -> list[str]:
    return await here.database.read(
        lambda conn: [text for (text,) in conn.exec_driver_sql("SELECT text FROM message ORDER BY seq")])


def told(number: int) -> dict[str, Any]:
    """A mail as another desktop's hub entity tells it, that reads the mailbox under another name."""
    one = mail(number)
    return {"conversation_id": "theirs", "direction": "in", "at": one.at, "automatic": False, "subject": one.subject,
            "text": one.text, "quoted": "", "message_id": one.message_id, "author": [BUYER.email, BUYER.name],
            "to": [[OWN.email, OWN.name]], "cc": [], "original": "", "original_language": ""}


async def test_a_mail_that_another_desktop_told_of_is_known_when_it_is_read_after_its_erasure(here: Desk) -> None:
    shared = SharedInbox(())
    await here.database.write(lambda unit: shared.apply_message(unit, "their-id", told(1)))
    assert (await forget(here)).counts["messages"] == 1
    assert await texts(here) == [""]
    assert await here.inbox.receive("account", [mail(1)]) == 0
    assert await texts(here) == [""]
    assert await here.inbox.receive("account", [mail(1, text="something new, under the same Message-ID")]) == 1


async def test_what_was_read_and_erased_is_known_when_another_desktop_tells_of_it(here: Desk) -> None:
    shared = SharedInbox(())
    await here.inbox.receive("account", [mail(1)])
    await forget(here)
    await here.database.write(lambda unit: shared.apply_message(unit, "their-id", told(1)))
    assert await texts(here) == [""]


async def test_a_copy_of_an_erased_reply_is_known_in_whatever_folder(here: Desk) -> None:
    await here.inbox.receive("account", [mail(1)])

    def reply(unit: Unit) -> None:
        unit.conn.exec_driver_sql(
            "UPDATE message SET direction = 'out', outgoing_id = 'o1', content_key = '', message_id = '<r1@shop>', "
            "author_email = ?, text = 'Dear Ana,  your lamp'", (OWN.email,))

    await here.database.write(reply)
    await forget(here)
    copy = replace(mail(9), message_id="<r1@shop>", author=OWN, to=(BUYER,), text="Dear Ana, your\nlamp")
    assert await here.inbox.receive("account", [copy]) == 0
    assert await here.inbox.receive("account", [replace(copy, own=True)], "Sent") == 0
    assert await texts(here) == [""]
    assert await here.inbox.receive("account", [replace(copy, text="Something else")]) == 1


async def test_a_reply_that_is_still_to_leave_is_waited_for_and_one_that_never_left_is_no_failure_any_more(
    here: Desk
) -> None:
    await here.inbox.receive("account", [mail(1)])

    def put(unit: Unit, state: str) -> None:
        (conversation,) = unit.conn.exec_driver_sql("SELECT id FROM conversation").one()
        unit.conn.exec_driver_sql(
            "INSERT INTO outgoing(id, conversation_id, account_id, message_id, in_reply_to, sender, recipients, state, "
            "release_at, next_try_at, tries, sentence, draft, raw, receipt, copied, recorded) VALUES ('o1', ?, "
            "'account', '<r1@shop>', '', 's', '[]', ?, 1, 0, 0, '', '{}', x'41', '', 0, 0) "
            "ON CONFLICT DO UPDATE SET state = excluded.state", (conversation, state))

    await here.database.write(lambda unit: put(unit, "queued"))
    assert (await forget(here)).leaving
    assert await texts(here) != [""]
    await here.database.write(lambda unit: put(unit, "failed"))
    assert not (await forget(here)).leaving
    assert await texts(here) == [""]
    left = await here.database.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM outgoing").scalar())
    assert left == 0


async def test_words_leave_a_large_index_in_steps_that_survive_an_end(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    for number in range(6):
        name = {"references": ("<0@buyer.example>",)} if number else {}
        await here.inbox.receive("account", [mail(number, text=f"zerbrochen{number} {'x' * number}", **name)])
    assert b"erbrochen3" in await here.database.read(_index)
    await forget(here)
    assert b"erbrochen3" in await here.database.read(_index)
    assert await here.database.read(purging.waiting)
    for _turn in range(50):   # each in a transaction of its own, as after a new start
        if not await here.database.write(lambda unit: purging.step(unit.conn)):
            break
    assert b"erbrochen" not in await here.database.read(_index)
    assert not await here.database.read(purging.waiting)


def _index(connection: Connection) -> bytes:
    blocks = connection.exec_driver_sql("SELECT block FROM message_index_data").scalars()
    terms = connection.exec_driver_sql("SELECT term FROM message_index_idx").scalars()
    return b"".join(each if isinstance(each, bytes) else str(each).encode() for each in (*blocks, *terms))
