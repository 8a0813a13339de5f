"""What evidence asks of the inbox and of verification, in the shape it asks for. Nothing here decides anything."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from workstation.evidence.ports import AnswerBehind, DeliveredFile
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.store import blobs
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database

if TYPE_CHECKING:
    from workstation.inbox.service import InboxService
    from workstation.orders.service import OrdersService
    from workstation.verification.model import Panel
    from workstation.verification.service import VerificationService

_FILE = (
    "SELECT a.id, a.name, a.mime, m.conversation_id, m.message_id, m.direction FROM attachment a "
    "JOIN message m ON m.id = a.message_id WHERE a.message_id = ? AND a.position = ?"
)


class MessageFiles:
    """Fulfils `evidence.ports.Messages`."""

    def __init__(self, database: Database, files: BlobFiles, inbox: Callable[[], InboxService]) -> None:
        self._database = database
        self._files = files
        self._inbox = inbox

    async def file(self, message_id: str, position: int) -> DeliveredFile:
        """Raises NotFound."""
        row = await self._database.read(
            lambda conn: conn.exec_driver_sql(_FILE, (message_id, position)).first())
        if row is None:
            raise NotFound(_("This message has no such file."), _("Open its conversation again."))
        attachment_id, name, mime, case_id, named, direction = row
        content = await self._content(attachment_id)
        return DeliveredFile(
            case_id, named or message_id, position, name, mime, content, direction == "in", await self._mail(message_id)
        )

    async def _content(self, attachment_id: str) -> bytes:
        """A file of our own reply lies sealed whatever its size, one that came in where the inbox put it."""
        try:
            sealed = await self._database.read(lambda conn: blobs.find(conn, attachment_id))
        except NotFound:
            return (await self._inbox().attachment(attachment_id))[2]
        return await asyncio.to_thread(self._files.open, sealed)

    async def _mail(self, message_id: str) -> str:
        """SHA-256 of the raw mail, hex; "" for what never was a mail."""
        try:
            raw = await self._inbox().raw_source(message_id)
        except NotFound:
            return ""
        return await asyncio.to_thread(lambda: hashlib.sha256(raw).hexdigest())


class AnswersBehind:
    """Fulfils `evidence.ports.Answers`: of the orders a case is about, what each check rests on."""

    def __init__(
        self, database: Database, verification: Callable[[], VerificationService], orders: Callable[[], OrdersService]
    ) -> None:
        self._database = database
        self._verification = verification
        self._orders = orders

    async def behind(self, case_id: str) -> Sequence[AnswerBehind]:
        checks = self._verification()
        first = await checks.panel(case_id)
        others = [await checks.panel(case_id, ref) for ref in first.others]
        return await self._database.read(lambda conn: self._read(conn, (first, *others)))

    def _read(self, connection: Connection, panels: Sequence[Panel]) -> list[AnswerBehind]:
        found = []
        for panel in panels:
            checks: dict[str, list[str]] = {}
            for check in panel.checks:
                if check.answer_id:
                    checks.setdefault(check.answer_id, []).append(check.id)
            for answer_id, names in checks.items():
                try:
                    kept = self._orders().answer(connection, answer_id)
                except NotFound:
                    continue   # erased: there is nothing to keep any more
                found.append(AnswerBehind(
                    tuple(names), kept.source, str(panel.order or ""), kept.first_at or kept.fetched_at,
                    kept.fetched_at, kept.content_type, kept.body, kept.asked, kept.status,
                ))
        return found
