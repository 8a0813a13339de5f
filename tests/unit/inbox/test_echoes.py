"""A reply that its server renamed is one reply; a mail that only resembles it is a mail of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import BUYER, SameLanguage, mail
from tests.unit.inbox.test_accounts import SETTINGS, Office, office
from workstation.domain.conversation import Address
from workstation.drafts.model import Mode
from workstation.inbox.model import FetchedMail, FolderCursor, IncomingMail, ListQuery, PreparedMail
from workstation.inbox.preparing import prepare_mail
from workstation.kernel.clock import SECOND, SystemClock

OURS = Address("Shop@seller.example")


async def replied(here: Office) -> tuple[str, str, IncomingMail]:
    """Mailbox, conversation, and our reply as a server that renames mails keeps it in its folder of sent mail."""
    account_id = (await here.accounts.add(SETTINGS, "one")).id
    await here.desk.inbox.receive(account_id, [mail(1)])
    (row,) = (await here.desk.inbox.page(ListQuery(queue="all"))).rows
    draft = replace(await here.desk.drafts.load(row.id, Mode.REPLY), body="On its way.\nSoon.", target_language="")
    made = SystemClock().now()
    await here.desk.drafts.send(draft)
    here.desk.clock.advance(16 * SECOND)
    here.desk.sender.wake()
    await here.desk.sender._send_due()
    copy = mail(
        9, message_id="<0100abc@email.provider.example>", author=OURS, to=(BUYER,), own=True, references=(),
        text="On its way.\n\nSoon. ", at=made // SECOND * SECOND)
    return account_id, row.id, copy


async def texts(here: Office, conversation_id: str) -> int:
    view = await here.desk.inbox.conversation(conversation_id)
    return len(view.messages)


async def arrive(here: Office, account_id: str, folder: str, *mails: IncomingMail | PreparedMail) -> None:
    fetched = [FetchedMail(account_id, folder, 7, uid, one) for uid, one in enumerate(mails, 1)]
    await asyncio.to_thread(here.accounts.deliver, account_id, folder, fetched, FolderCursor(7, len(mails)))


@pytest.mark.parametrize("elsewhere", [False, True], ids=["as it came", "prepared in another process"])
async def test_a_renamed_copy_is_the_reply_itself_and_the_buyer_may_answer_to_either_name(
    tmp_path: Path, elsewhere: bool
) -> None:
    async with office(tmp_path) as here:
        account_id, conversation_id, copy = await replied(here)
        prepared = prepare_mail(copy, lambda text: (text, ""), SameLanguage())
        await arrive(here, account_id, "Sent", prepared if elsewhere else copy)
        assert await texts(here, conversation_id) == 2
        answer = mail(3, in_reply_to=copy.message_id, references=(copy.message_id,), subject="Thanks")
        await arrive(here, account_id, "INBOX", answer)
        assert await texts(here, conversation_id) == 3


@pytest.mark.parametrize("changes", [
    {"text": "On its way. Later."}, {"to": (Address("else@buyer.example"),)}, {"at_later": 60 * SECOND},
    {"author": Address("other@seller.example")}, {"own": False},
])
async def test_what_only_resembles_it_is_a_mail_of_its_own(tmp_path: Path, changes: dict[str, object]) -> None:
    async with office(tmp_path) as here:
        account_id, _conversation, copy = await replied(here)
        later = int(str(changes.pop("at_later", 0)))
        other = replace(copy, at=copy.at + later, **changes)  # type: ignore[arg-type]
        await arrive(here, account_id, "Sent", other)
        query = "SELECT count(*) FROM message"
        assert await here.desk.database.read(lambda c: c.exec_driver_sql(query).scalar()) == 3
