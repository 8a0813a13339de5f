"""What a batch of mails binds: SQLite's driver takes plain values as they are and looks for a way to adapt all others,
for longer than it takes to store them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.support.store import Desk, mail
from tests.unit.inbox.test_accounts import office
from tests.unit.inbox.test_flags import connected
from workstation.inbox.model import FolderCursor, IncomingAttachment, Place


async def bound(here: Desk, account_id: str) -> list[tuple[str, object]]:
    """Values of many rows that are no plain text, number, bytes or None, with their statement."""
    found: list[tuple[str, object]] = []
    rows = 0

    def look(_conn: object, _cursor: object, statement: str, given: Any, _context: object, many: bool) -> None:
        nonlocal rows
        for row in given if many else ():
            rows += 1
            found.extend((statement, value) for value in row if type(value) not in (str, int, bytes, type(None)))

    event.listen(here.database.writer, "before_cursor_execute", look)
    file = IncomingAttachment("a.txt", "text/plain", b"x")
    mails = [mail(n, attachments=(file,)) for n in range(3)]
    places = [Place(n, n == 1, n == 2) for n in range(3)]
    await here.inbox.receive(account_id, mails, "INBOX", FolderCursor(1, 3), places)
    event.remove(here.database.writer, "before_cursor_execute", look)
    assert rows > 12, "conversations, messages, bodies, files, names and places"
    return found


async def test_a_batch_binds_plain_values(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        assert not await bound(here.desk, await connected(here))
        kept = await here.desk.database.read(lambda c: c.exec_driver_sql(
            "SELECT m.direction, m.automatic, c.unread, c.channel, a.inline, p.seen, p.answered FROM message m "
            "JOIN conversation c ON c.id = m.conversation_id JOIN attachment a ON a.message_id = m.id "
            "JOIN mail_place p ON p.message_id = m.id ORDER BY m.seq").all())
    assert [tuple(row) for row in kept] == [
        ("in", 0, 1, "email", 0, 0, 0), ("in", 0, 0, "email", 0, 1, 0), ("in", 0, 1, "email", 0, 0, 1)]
