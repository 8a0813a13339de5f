"""What playbooks may know of conversations, checks and evidence, in the shape they ask for. Nothing here decides
anything but which records are proofs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from workstation.evidence.service import EvidenceService
from workstation.inbox import placing, states
from workstation.kernel.clock import Clock
from workstation.kernel.paths import resources
from workstation.playbooks import repo
from workstation.playbooks.ports import CheckStand, Note, ProofStand, Stand
from workstation.playbooks.service import PlaybooksService, hear
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.sync.collections import MirrorCollection
from workstation.verification.service import VerificationService

if TYPE_CHECKING:
    from workstation.evidence.repo import Stored
    from workstation.playbooks.book import Book

MOST_PROOFS = 400
"""Records of one case that are looked at, the newest."""


def playbooks(
    database: Database, clock: Clock, root: Path, verification: VerificationService, evidence: EvidenceService,
    me: Callable[[], str],
) -> PlaybooksService:
    """The service, with the playbooks that ship and those in the home's folder. Their files are read when first needed.
    """
    def book() -> Book:
        from workstation.playbooks.book import OWN, Book

        return Book(resources() / "playbooks", root / OWN)

    return PlaybooksService(
        database, clock, book, Conversations(), CheckStands(verification), CaseProofs(), StepSeals(evidence), me)


def playbook_collections() -> tuple[MirrorCollection, ...]:
    """What people said of playbooks."""
    def apply(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
        hear(Conversations(), unit, entity_id, body)

    return (MirrorCollection(repo.COLLECTION, apply),)


def forget(unit: Unit, cases: Sequence[str], at: int) -> None:
    """What was said of the playbooks of erased cases goes with them: a reason may be in a buyer's words."""
    asked = json.dumps(list(cases))
    twins = [str(twin) for (twin,) in unit.conn.exec_driver_sql(_TWINS, (asked,))]
    told = [name for _id, name in states.told_names(unit.conn, cases)]
    repo.forget(unit, [*cases, *twins], told, at)


class Conversations:
    """Fulfils `playbooks.ports.Conversations`."""

    def stand(self, connection: Connection, conversation_id: str) -> Stand | None:
        row = connection.exec_driver_sql(_STAND, (conversation_id,)).first()
        if row is None:
            return None
        members = placing.members(connection, conversation_id)
        asked = json.dumps(members)
        twins = [str(twin) for (twin,) in connection.exec_driver_sql(_TWINS, (asked,))]
        pictures = connection.exec_driver_sql(_PICTURES, (asked,)).first() is not None
        told = tuple(name for _id, name in states.told_names(connection, [conversation_id]))
        return Stand(str(row[0]), str(row[1]), pictures, tuple(dict.fromkeys((*members, *twins))), told)

    def home(self, connection: Connection, entity_id: str) -> str:
        twin = connection.exec_driver_sql(_TWIN, (entity_id,)).scalar()
        return placing.shown_in(connection, str(twin or entity_id))

    def name(self, connection: Connection, member_id: str) -> str:
        return str(connection.exec_driver_sql("SELECT name FROM member WHERE id = ?", (member_id,)).scalar() or "")


class CheckStands:
    """Fulfils `playbooks.ports.Checks` with the panel as it is stored; no source is asked."""

    def __init__(self, verification: VerificationService) -> None:
        self._verification = verification

    async def of(self, conversation_id: str) -> Sequence[CheckStand]:
        panel = await self._verification.panel(conversation_id)
        return [CheckStand(each.id, str(each.verdict), each.fact, each.source, each.fetched_at, each.answer_id)
                for each in panel.checks]


class CaseProofs:
    """Fulfils `playbooks.ports.Proofs` with the records of this desktop. What was erased is no proof any more."""

    def of(self, connection: Connection, case_ids: Sequence[str]) -> Sequence[ProofStand]:
        from workstation.evidence import repo as records

        found = [self._proof(stored) for stored in records.exhibits(connection, *case_ids)[-MOST_PROOFS:]]
        return [each for each in found if each is not None]

    def _proof(self, stored: Stored) -> ProofStand | None:
        kind = _kind(stored) if stored.erased_at is None else ""
        return ProofStand(kind, stored.id, stored.record_hash, stored.at, stored.sequence) if kind else None


class StepSeals:
    """Fulfils `playbooks.ports.Seals`."""

    def __init__(self, evidence: EvidenceService) -> None:
        self._evidence = evidence

    def monotonic_ns(self) -> int:
        from workstation.evidence import surroundings

        return surroundings.monotonic_ns()

    async def seal(self, note: Note, done: Callable[[Unit, str], None]) -> None:
        from workstation.evidence.stepping import Stepping

        def also(unit: Unit, stored: Stored) -> None:
            done(unit, stored.id)

        await Stepping(self._evidence.sealer).seal(
            note.case_id, dict(note.what), note.private, note.text, note.at, note.monotonic_ns, also)


def _kind(stored: Stored) -> str:
    """Which proof a record can be, "" for none. A file counts when the buyer sent it and it is a picture or a film."""
    if stored.kind in ("capture", "answer"):
        return stored.kind
    if stored.kind != "file":
        return ""
    from workstation.evidence import record, views
    from workstation.kernel.errors import Tampered

    try:
        said = views.statement(stored)
    except Tampered:
        return ""   # what cannot be read proves nothing
    what, mime = record.part(said, "what"), record.text(record.part(said, "file"), "mime")
    delivered = record.text(what, "scope") == "message_file" and what.get("received") is True
    return "photo" if delivered and mime.startswith(("image/", "video/")) else ""


_STAND = "SELECT issue, channel FROM conversation WHERE id = ?"
_TWINS = "SELECT id FROM conversation_twin WHERE conversation_id IN (SELECT value FROM json_each(?)) ORDER BY id"
_TWIN = "SELECT conversation_id FROM conversation_twin WHERE id = ?"
_PICTURES = (
    "SELECT 1 FROM message m JOIN attachment a ON a.message_id = m.id "
    "WHERE m.conversation_id IN (SELECT value FROM json_each(?)) AND m.direction = 'in' "
    "AND (a.mime LIKE 'image/%' OR a.mime LIKE 'video/%') AND a.inline = 0 LIMIT 1"
)
