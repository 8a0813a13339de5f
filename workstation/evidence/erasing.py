"""Erasing a case's personal data: the keys die in the transaction that records it, the files after it.

    what goes is read ▶ record of kind `erase` + keys, values, thumbnails, texts deleted, hub told: one commit
                      ▶ ciphertexts removed ▶ the log is written back, so that no old page holds a key

Killed between commit and removal, the files are what no row knows, and are swept at the next start. Nothing can be
taken back once it has run; until a planned erasure runs, it can.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.domain.events import EvidenceSealed
from workstation.evidence import erasing_rows as rows
from workstation.evidence import repo, surroundings
from workstation.evidence.erasing_rows import Target
from workstation.evidence.erasure.model import COLLECTION, Erased, ErasePreview, Rule
from workstation.evidence.holds import Kin, held, held_already
from workstation.evidence.model import Kind
from workstation.evidence.ports import Copies
from workstation.evidence.record import Json, Statement
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Entry, Sealer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import NotFound, WorkstationError
from workstation.kernel.i18n import _
from workstation.store import outbox
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
MOST_AT_ONCE = 500
"""Records that one erasure's record lists; a larger case takes several."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it is erased: a platform's rule with the moment it fell due, or an earlier erasure that has to be repeated
    because the store was restored from an older copy; neither when a person asks."""

    rule: Rule | None = None
    due_at: int = 0
    again: str = ""
    reason: str = ""              # a person's own words

    def statement(self) -> Statement:
        rule: Json = None
        if self.rule is not None:
            rule = {"id": self.rule.id, "channel": self.rule.channel, "after": self.rule.after, "days": self.rule.days,
                    "source": self.rule.source, "due_ns": str(self.due_at * 1_000_000)}
        return {"rule": rule, "again": self.again or None}


BY_HAND = Cause()


class Erasing:
    """Destroys, and says so in the chain."""

    def __init__(
        self, database: Database, files: BlobFiles, sealer: Sealer, clock: Clock, kin: Kin, copies: Copies,
    ) -> None:
        """`kin`: every case that is one with a case. `copies`: of records' files, outside of evidence."""
        self._copies = copies
        self._database = database
        self._files = files
        self._sealer = sealer
        self._clock = clock
        self._kin = kin
        self._turn = asyncio.Lock()

    async def preview(self, case_id: str) -> ErasePreview:
        """What would go. Nothing is changed."""
        return await self._database.read(lambda conn: self._preview(conn, case_id))

    async def erase(self, case_id: str, cause: Cause = BY_HAND, only: Sequence[str] = ()) -> Erased:
        """Destroy what a case's records hold of a buyer. `only`: of these records.

        Raises NotFound when there is nothing (any more), InputError when the case is held, KeyringProblem, DiskFull.
        """
        async with self._turn:
            found = await self._database.read(lambda conn: rows.targets(conn, self._kin(conn, case_id), only))
            if not found:
                raise nothing_left()
            done = [await self._destroy(case_id, cause, part) for part in _parts(found)]
        await self._database.flush_log()
        last = done[-1]
        return Erased(last.record_id, last.at, len(found), sum(one.files for one in done),
                      sum(one.values for one in done), sum(one.left for one in done))

    async def _destroy(self, case_id: str, cause: Cause, targets: Sequence[Target]) -> Erased:
        gone: list[str] = []

        def work(unit: Unit, stored: Stored) -> None:
            cases = self._kin(unit.conn, case_id)
            hold = held(unit.conn, cases)
            if hold is not None:
                raise held_already(hold)
            copies = self._copies(unit.conn, [target.stored.id for target in targets])
            gone.extend(rows.destroy(unit, targets, copies, stored.id, stored.at))
            rows.drop_plan(unit.conn, cases)
            if not cause.again:   # then it is the hub's own word
                outbox.append(unit, COLLECTION, stored.id, "append", _told(stored, targets), stored.at)
            unit.emit(EvidenceSealed(case_id, stored.id))

        stored = await self._sealer.add(self._entry(case_id, cause, targets), also=work)
        left = await asyncio.to_thread(self._remove, gone)
        files = sum(bool(target.address) for target in targets)
        return Erased(stored.id, stored.at, len(targets), files, sum(len(target.names) for target in targets), left)

    def _entry(self, case_id: str, cause: Cause, targets: Sequence[Target]) -> Entry:
        what: Statement = {
            "scope": "case", **cause.statement(), "records": [_listed(target) for target in targets],
        }
        automatic = cause.rule is not None or bool(cause.again)
        return Entry(Kind.ERASE, case_id, what, {"reason": cause.reason}, self._clock.now(),
                     surroundings.monotonic_ns(), automatic)

    def _remove(self, addresses: Sequence[str]) -> int:
        """Their keys are gone; a file that cannot be removed now is swept at the next start. Returns how many."""
        left = 0
        for address in addresses:
            try:
                self._files.forget(address)
            except OSError as problem:
                log.warning("the ciphertext of an erased file stays until the next start: %s", problem.strerror)
                left += 1
        return left

    def _preview(self, connection: Connection, case_id: str) -> ErasePreview:
        cases = self._kin(connection, case_id)
        found = rows.targets(connection, cases)
        ids = [target.stored.id for target in found]
        every = repo.of_case(connection, *cases) if cases else ()
        return ErasePreview(
            case_id, len(found), sum(bool(target.address) for target in found), sum(target.size for target in found),
            tuple(sorted({name for target in found for name in target.names})), len(rows.texts(connection, ids)),
            len(self._copies(connection, ids)), len(every), sum(row.kind == "export" for row in every),
            held(connection, cases),
        )

    async def again(self) -> int:
        """Erase what the hub says was erased and a restored store holds once more. Returns how many records."""
        found = await self._database.read(rows.heard_again)
        count = 0
        for (erase_id, case_id), ids in found.items():
            try:
                count += (await self.erase(case_id, Cause(again=erase_id), ids)).records
            except WorkstationError as problem:
                log.warning("what was erased before is here again and stays for now: %s", type(problem).__name__)
        return count


def nothing_left() -> NotFound:
    return NotFound(_("There is nothing left to erase in this case."), _("Its records stay as proof."))


def heard(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    """The hub tells of an erasure, this desktop's or another's. Odd bodies are passed over: nothing is destroyed."""
    case_id, named = body.get("case_id"), body.get("records")
    if isinstance(case_id, str) and isinstance(named, list):
        ids = [one["id"] for one in named if isinstance(one, dict) and isinstance(one.get("id"), str)]
        rows.hear(unit.conn, entity_id, case_id, ids)


def _parts(found: Sequence[Target]) -> list[Sequence[Target]]:
    return [found[start:start + MOST_AT_ONCE] for start in range(0, len(found), MOST_AT_ONCE)]


def _listed(target: Target) -> Statement:
    """A record as its erasure names it: what of it was destroyed, never a value."""
    return {
        "id": target.stored.id, "record_sha256": target.stored.record_hash, "file": bool(target.address),
        "values": list(target.names),
    }


def _told(stored: Stored, targets: Sequence[Target]) -> dict[str, object]:
    """What the hub gets: which of its ciphertexts nobody can open any more."""
    return {
        "case_id": stored.case_id, "at": stored.at,
        "records": [{"id": target.stored.id, "address": target.address} for target in targets],
    }
