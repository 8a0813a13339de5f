"""Exhibits that are no captures: files of messages, files and pictures a person adds, answers behind checks.

The original bytes are sealed as they came; nothing is decoded, turned or stripped. The same bytes in the same case are
kept once, however often and by whatever way they come, and the record says how they came first.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from workstation.evidence import mimes, repo, small, surroundings
from workstation.evidence.model import Kind
from workstation.evidence.ports import AnswerBehind, Answers, DeliveredFile, Messages
from workstation.evidence.record import Statement
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Entry, Prepared, Sealer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, Unsupported
from workstation.kernel.i18n import _
from workstation.store import streaming
from workstation.store.database import Database

MOST_FILE = 200_000_000
"""Bytes of one exhibit."""
MOST_ANSWERS = 40
"""Answers of one case that are kept at a time; a case with more orders than that is no case."""
_SECRET = re.compile(
    rb'(?i)("(?:access_?token|refresh_?token|id_?token|api_?key|client_?secret|secret(?:_?key)?|password|authorization'
    rb'|x-shopify-access-token|17token)"\s*:\s*)"(?:[^"\\]|\\.)*"'
)
_BLACKED = rb'\1"[removed]"'


@dataclass(frozen=True, slots=True)
class Sources:
    """Where exhibits come from; a part that nobody wired is None."""

    messages: Messages | None = None
    answers: Answers | None = None


NOTHING = Sources()
"""No feature hands anything in: files and pictures can be kept all the same."""


class Exhibits:
    """Keeps them as records, each at most once in a case."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, sources: Sources,
        kin: Callable[[Connection, str], tuple[str, ...]],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._sources = sources
        self._kin = kin
        self._turn = asyncio.Lock()   # who asks twice at once gets one record twice

    async def attachment(self, message_id: str, position: int) -> Stored:
        """A file of a message. Raises NotFound, InputError, DiskFull."""
        if self._sources.messages is None:
            raise _unwired()
        found = await self._sources.messages.file(message_id, position)
        if len(found.content) > MOST_FILE:
            raise _too_large()
        what: Statement = {
            "scope": "message_file", "received": found.received, "mime_told": mimes.told(found.mime),
            "mail_sha256": found.mail_sha256 or None,
        }
        private = {"message_id": found.message_id, "position": str(found.position), "file_name": found.name}
        return await self._keep_bytes(found.case_id, found.content, _type(found), what, private)

    async def file(self, case_id: str, path: Path) -> Stored:
        """A file on this computer; read twice, a megabyte at a time. Raises InputError, DiskFull, ReadOnly."""
        _require_case(case_id)
        measured = await asyncio.to_thread(streaming.measure, path, MOST_FILE)
        _require_content(measured.size)
        mime = mimes.decide(measured.head, "", path.name)
        async with self._turn:
            known = await self._known(case_id, measured.sha256)
            if known is not None:
                return known
            thumbnail = await asyncio.to_thread(small.small_png, path, mime)
            prepared = Prepared(b"", mime, thumbnail=thumbnail, source=(path, measured))
            return await self._seal(Kind.FILE, case_id, {"scope": "added_file"}, {"file_name": path.name}, prepared)

    async def picture(self, case_id: str, content: bytes, name: str, encoded: bool) -> Stored:
        """A picture that was pasted or dropped. Raises InputError when it is none."""
        _require_case(case_id)
        mime = mimes.sniff(content[:64])
        if not mime.startswith("image/"):
            raise InputError(_("What was pasted is no picture; nothing was kept."), _("Copy a picture and try again."))
        what: Statement = {"scope": "pasted_picture", "encoded_here": encoded}
        return await self._keep_bytes(case_id, content, mime, what, {"file_name": name})

    async def answers(self, case_id: str) -> tuple[Stored, ...]:
        """What stands behind the checks of a case now, a record for each answer."""
        _require_case(case_id)
        if self._sources.answers is None:
            raise _unwired()
        found = await self._sources.answers.behind(case_id)
        return tuple([await self._answer(case_id, each) for each in found[:MOST_ANSWERS]])

    async def _answer(self, case_id: str, answer: AnswerBehind) -> Stored:
        body, removed = blacked(answer.body)
        what: Statement = {
            "scope": "answer", "source": answer.source, "checks": list(answer.checks),
            "asked": answer.asked or None, "status": answer.status or None, "credentials_removed": removed,
            "first_ns": str(answer.first_at * 1_000_000), "last_ns": str(answer.last_at * 1_000_000),
        }
        mime = mimes.told(answer.content_type) or mimes.UNKNOWN
        return await self._keep_bytes(case_id, body, mime, what, {"order": answer.order}, Kind.ANSWER)

    async def _keep_bytes(
        self, case_id: str, content: bytes, mime: str, what: Statement, private: Mapping[str, str],
        kind: Kind = Kind.FILE,
    ) -> Stored:
        _require_content(len(content))
        if len(content) > MOST_FILE:
            raise _too_large()
        digest = await asyncio.to_thread(_sha256, content)
        async with self._turn:
            known = await self._known(case_id, digest)
            if known is not None:
                return known
            thumbnail = await asyncio.to_thread(small.small_png, content, mime)
            return await self._seal(kind, case_id, what, private, Prepared(content, mime, thumbnail=thumbnail))

    async def _known(self, case_id: str, sha256: str) -> Stored | None:
        return await self._database.read(lambda conn: repo.exhibit_of(conn, self._kin(conn, case_id), sha256))

    async def _seal(
        self, kind: Kind, case_id: str, what: Statement, private: Mapping[str, str], prepared: Prepared
    ) -> Stored:
        entry = Entry(kind, case_id, what, private, self._clock.now(), surroundings.monotonic_ns())
        return await self._sealer.add(entry, prepared)


def blacked(body: bytes) -> tuple[bytes, int]:
    """An answer without the values of credentials in its JSON, and how many there were. An answer that has none, which
    is every answer our connectors know, stays byte for byte what it was."""
    return _SECRET.subn(_BLACKED, body)


def _type(found: DeliveredFile) -> str:
    return mimes.decide(found.content[:64], found.mime, found.name)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _require_case(case_id: str) -> None:
    if not case_id:
        raise InputError(_("An exhibit needs a case to belong to; nothing was kept."), _("Open a conversation first."))


def _require_content(size: int) -> None:
    if not size:
        raise InputError(_("The file is empty; nothing was kept."), _("Choose another file."))


def _too_large() -> InputError:
    return InputError(_("The file is larger than {n} MB; it was not kept.").format(n=MOST_FILE // 1_000_000),
                      _("Keep a smaller one, or a part of it."))


def _unwired() -> Unsupported:
    return Unsupported(_("This cannot be kept here."), _("Open the conversation in the window."))
