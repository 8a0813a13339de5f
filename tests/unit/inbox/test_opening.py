"""Opening a conversation finishes what its arrival put off: HTML is cleaned then, files are found in their mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.store import Desk, NoClues, NoTranslations, SameLanguage, desk
from workstation.app.mail.worker import read
from workstation.connectors.email.opener import Opener
from workstation.inbox.model import LATER, ClockRule, Formatted, IncomingAttachment, MessageView
from workstation.inbox.prepare import Preparer
from workstation.inbox.service import InboxService
from workstation.inbox.viewing import Views
from workstation.kernel.errors import NotFound
from workstation.runtime.jobs import Jobs
from workstation.translation.detector import Detector

AT = 1_790_000_000_000
PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 40
EVIL = '<b>Bold</b><script>alert(1)</script><a href="https://evil.example/">https://bank.example/</a>'


class Counting(Opener):
    """The real opener; counts, and breaks when it is told to."""

    def __init__(self) -> None:
        self.count = 0
        self.broken = False

    def formatted(self, raw: bytes) -> Formatted:
        self.count += 1
        if self.broken:
            raise ValueError("broken")
        return super().formatted(raw)


class Moved(Opener):
    """An opener of a later version, which finds one more file, at the front."""

    def files(self, raw: bytes) -> Sequence[IncomingAttachment]:
        return (IncomingAttachment("new", "text/plain", b"new"), *super().files(raw))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as here:
        yield here


def _inbox(at: Desk, opener: Opener) -> tuple[InboxService, Jobs]:
    jobs = Jobs(lambda _event: None)
    rules: Sequence[ClockRule] = ()
    return InboxService(
        at.database, at.blobs, at.clock, jobs, rules=rules, archive=at.archive, clues=NoClues(),
        preparer=Preparer(at.blobs, lambda text: (text, ""), SameLanguage()),
        views=Views(NoTranslations(), (), lambda text: (), lambda: "en"), opener=opener,
    ), jobs


def _raw() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@mail.example", "shop@shop.example", "Hello"
    mail["Date"], mail["Message-ID"] = "Fri, 20 Nov 2026 10:00:00 +0000", "<1@mail.example>"
    mail.set_content("Bold")
    mail.add_alternative(EVIL, subtype="html")
    mail.add_attachment(PICTURE, "image", "jpeg", filename="box.jpg")
    return mail.as_bytes()


async def _arrived(at: Desk, inbox: InboxService) -> str:
    assert await inbox.receive("", [read((_raw(), AT, False, ()), Detector())]) == 1
    return str(await _value(at, "SELECT id FROM conversation"))


async def _value(at: Desk, query: str) -> object:
    return await at.database.read(lambda c: c.exec_driver_sql(query).scalar())


async def _opened(inbox: InboxService, conversation_id: str) -> MessageView:
    (message,) = (await inbox.conversation(conversation_id)).messages
    return message


async def test_html_is_cleaned_once_when_its_conversation_is_opened(at: Desk) -> None:
    opener = Counting()
    inbox, jobs = _inbox(at, opener)
    conversation_id = await _arrived(at, inbox)
    assert await _value(at, "SELECT html FROM mail_body") == LATER

    first = await _opened(inbox, conversation_id)
    for _turn in range(2):   # the first lets what was kept aside into the queue, the second waits behind it
        await at.database.write(lambda unit: None)
    second = await _opened(inbox, conversation_id)

    assert first == second
    assert "<b>Bold</b>" in first.html
    assert "script" not in first.html
    assert any("evil.example" in sentence for sentence in first.problems)
    assert await _value(at, "SELECT html FROM mail_body") == first.html
    assert opener.count == 1   # neither at the arrival nor again
    await jobs.shutdown()


async def test_html_that_cannot_be_read_shows_the_text(at: Desk) -> None:
    opener = Counting()
    opener.broken = True
    inbox, jobs = _inbox(at, opener)
    conversation_id = await _arrived(at, inbox)

    message = await _opened(inbox, conversation_id)

    assert (message.html, message.text.strip()) == ("", "Bold")
    assert await _value(at, "SELECT html FROM mail_body") == LATER   # another version may read it
    await jobs.shutdown()


async def test_a_small_file_is_kept_once_and_found_in_its_mail(at: Desk) -> None:
    inbox, jobs = _inbox(at, Opener())
    (file,) = (await _opened(inbox, await _arrived(at, inbox))).attachments

    assert await _value(at, "SELECT content FROM attachment") is None
    assert await inbox.attachment(file.id) == ("box.jpg", "image/jpeg", PICTURE)
    later, more = _inbox(at, Moved())
    assert await later.attachment(file.id) == ("box.jpg", "image/jpeg", PICTURE)
    await jobs.shutdown()
    await more.shutdown()


async def test_a_file_whose_mail_does_not_hold_it_is_not_another_file(at: Desk) -> None:
    inbox, jobs = _inbox(at, Opener())
    (file,) = (await _opened(inbox, await _arrived(at, inbox))).attachments
    await at.database.write(lambda unit: unit.conn.exec_driver_sql("UPDATE attachment SET size = size + 1"))

    with pytest.raises(NotFound):
        await inbox.attachment(file.id)
    await jobs.shutdown()


async def test_files_kept_beside_their_mail_by_an_earlier_version_are_given_as_they_are(at: Desk) -> None:
    inbox, jobs = _inbox(at, Opener())
    (file,) = (await _opened(inbox, await _arrived(at, inbox))).attachments
    await at.database.write(lambda unit: unit.conn.exec_driver_sql("UPDATE attachment SET content = x'6f6c64'"))

    assert (await inbox.attachment(file.id))[2] == b"old"
    await jobs.shutdown()
