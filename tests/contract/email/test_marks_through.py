"""From the window's "read" to the server's mark and back, through the real store, mailbox and server."""

from __future__ import annotations

import asyncio
import imaplib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.mail import ADDRESS, PASSWORD, account, raw_mail
from tests.support.store import desk
from tests.unit.inbox.test_accounts import Kept
from workstation.connectors.email.imap import Pace
from workstation.connectors.email.setup import MailSetup
from workstation.connectors.simulated.mail import MailServers
from workstation.domain.events import ConversationsChanged
from workstation.inbox import accounts as mailboxes
from workstation.inbox.model import ListQuery


async def soon(condition: Callable[[], object], seconds: float = 8.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return True
        await asyncio.sleep(0.02)
    return False


def on_the_server(port: int, mark: str = "") -> list[bool]:
    """Which mails are marked as read there; first marks the last one, as a phone would."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=10)
    client.login(ADDRESS, PASSWORD)
    client.select("INBOX")
    if mark:
        client.store("2", mark, "(\\Seen)")
    _kind, lines = client.fetch("1:*", "(FLAGS)")
    client.logout()
    return [b"\\Seen" in line for line in lines if isinstance(line, bytes)]


@pytest.mark.parametrize("written", [True, False])
async def test_read_here_is_read_there_and_read_there_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    monkeypatch.setattr(mailboxes, "QUIET", 0.05)
    servers = MailServers({ADDRESS: PASSWORD})
    servers.start()
    async with desk(tmp_path) as here:
        pace = Pace(first_retry=0.05, last_retry=0.2, answer=5.0)
        service = mailboxes.AccountsService(
            here.database, Kept(), MailSetup(pace=pace), here.inbox, here.clock, here.events.append)
        servers.deliver(raw_mail("one", sender="a@home.example"))
        servers.deliver(raw_mail("two", sender="b@home.example"))
        try:
            await service.add(
                replace(account(servers.imap_port, days=0), mark_seen=written), PASSWORD)

            async def rows() -> dict[str, bool]:
                page = await here.inbox.page(ListQuery(queue="all"))
                return {row.subject: row.unread for row in page.rows}

            async def are(wanted: dict[str, bool]) -> bool:
                return await rows() == wanted

            assert await soon(lambda: are({"About one": True, "About two": True}))
            page = await here.inbox.page(ListQuery(queue="all"))
            (first,) = [row for row in page.rows if row.subject == "About one"]
            await here.inbox.mark_read([first.id])
            service.on_changed(ConversationsChanged((first.id,)))
            if written:
                assert await soon(lambda: _is(servers, [True, False]))
            await asyncio.to_thread(on_the_server, servers.imap_port, "+FLAGS")
            await service.fetch_now()
            assert await soon(lambda: are({"About one": False, "About two": False}))
            assert await asyncio.to_thread(on_the_server, servers.imap_port) == [written, True]
        finally:
            await service.shutdown()
            servers.stop()


async def _is(servers: MailServers, wanted: list[bool]) -> bool:
    return await asyncio.to_thread(on_the_server, servers.imap_port) == wanted
