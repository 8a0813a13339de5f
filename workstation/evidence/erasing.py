"""Erasing personal data: the keys and the words die in the transaction that records it, the files after it.

    what goes is read ▶ record of kind `erase` + keys, values, thumbnails, texts, messages, orders deleted, hub told:
                        one commit ▶ ciphertexts removed ▶ the log is written back, so that no old page holds a word

Killed between commit and removal, the files are what no row knows, and are swept at the next start. Nothing can be
taken back once it has run; until a planned erasure runs, it can.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from workstation.domain.events import EvidenceSealed
from workstation.evidence import erasing_rows as rows
from workstation.evidence import repo, surroundings
from workstation.evidence.erasing_rows import Target
from workstation.evidence.erasure.model import COLLECTION, Erased, ErasePreview, Hold, Rule
from workstation.evidence.erasure.ports import Data, Due, Gone, Json, Look, NoData, Part
from workstation.evidence.holds import Kin, held, held_already
from workstation.evidence.model import Kind
from workstation.evidence.ports import Copies
from workstation.evidence.record import Json as Public
from workstation.evidence.record import Statement
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Entry, Sealer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound, WorkstationError
from workstation.kernel.i18n import _
from workstation.store import outbox
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.erased import Mark, ids_digest
from workstation.store.search import purging
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
MOST_AT_ONCE = 500
"""Records that one erasure's record lists; a larger case takes several."""
BETWEEN_STEPS = 0.05
"""Seconds between two steps of rewriting a large search index."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it is erased: a platform's rule with the moment it fell due, or an earlier erasure that has to be repeated
    because the store was restored from an older copy or another desktop made it; neither when a person asks."""

    rule: Rule | None = None
    due_at: int = 0
    again: str = ""
    reason: str = ""              # a person's own words
    mark: Mark | None = None      # of an erasure that is repeated: its own moment and rule

    def statement(self) -> Statement:
        rule: Public = None
        if self.rule is not None:
            rule = {"id": self.rule.id, "channel": self.rule.channel, "after": self.rule.after, "days": self.rule.days,
                    "source": self.rule.source, "due_ns": str(self.due_at * 1_000_000)}
        return {"rule": rule, "again": self.again or None}

    def marks(self, stored: Stored) -> Mark:
        """What stands beside everything that this erases."""
        if self.mark is not None:
            return self.mark._replace(erase_id=stored.id)
        return Mark(stored.id, stored.at, self.rule.id if self.rule is not None else "")


BY_HAND = Cause()


@dataclass(slots=True)
class _Piece:
    """What one record of an erasure says."""

    part: Part
    targets: Sequence[Target]
    look: Look | None             # of what is no evidence; None: another record takes it
    gone: Gone = field(default_factory=Gone)
    addresses: list[str] = field(default_factory=list)


class Erasing:
    """Destroys, and says so in the chain."""

    def __init__(
        self, database: Database, files: BlobFiles, sealer: Sealer, clock: Clock, kin: Kin, copies: Copies,
        data: Data | None = None,
    ) -> None:
        """`kin`: every case that is one with a case. `copies`: of records' files, outside of evidence. `data`: what is
        no evidence."""
        self._copies = copies
        self._database = database
        self._files = files
        self._sealer = sealer
        self._clock = clock
        self._kin = kin
        self._data: Data = data or NoData()
        self._turn = asyncio.Lock()

    async def preview(self, subject: str) -> ErasePreview:
        """What would go. Nothing is changed. Raises NotFound for a customer who is not here."""
        return await self._database.read(lambda conn: self._preview(conn, subject))

    async def erase(self, subject: str, cause: Cause = BY_HAND, only: Sequence[str] = ()) -> Erased:
        """Destroy what the store holds of a case's buyer, or of a customer or an order (`erasure.model`). `only`: of
        these records. Of several cases those that are held stay.

        Raises NotFound when there is nothing (any more), InputError when it is held or a reply is still to leave,
        KeyringProblem, DiskFull.
        """
        async with self._turn:
            parts = await self._database.read(lambda conn: self._parts(conn, subject, only))
            done, holds = [], []
            for part in parts:
                hold = await self._database.read(lambda conn, part=part: self._held(conn, part))  # type: ignore[misc]
                if hold is not None:
                    holds.append(hold)
                else:
                    done += await self._erase(part, cause, only)
        if not done:
            raise held_already(holds[0]) if holds else nothing_left()
        await self._database.flush_log()
        return _sum(done, len(holds))

    async def _erase(self, part: Part, cause: Cause, only: Sequence[str]) -> list[Erased]:
        """One case, or orders without one. Empty when there is nothing."""
        found, look = await self._database.read(
            lambda conn: (self._targets(conn, part, only), self._data.look(conn, part)))
        if look.leaving:
            raise still_leaving()
        if not found and (look.empty or only):
            return []
        return [await self._destroy(_Piece(part, targets, None if number or only else look), cause)
                for number, targets in enumerate(_chunks(found))]

    async def _destroy(self, piece: _Piece, cause: Cause) -> Erased:
        def work(unit: Unit, stored: Stored) -> None:
            hold = self._held(unit.conn, piece.part)
            if hold is not None:
                raise held_already(hold)
            self._take(unit, piece, cause, stored)
            rows.drop_plan(unit.conn, piece.part.cases)
            if not cause.again:   # then it is the hub's own word
                for number, body in enumerate(_told(stored, piece)):
                    name = f"{stored.id}.{number}" if number else stored.id
                    outbox.append(unit, COLLECTION, name, "append", body, stored.at)
            unit.emit(EvidenceSealed(piece.part.case_id, stored.id))

        stored = await self._sealer.add(self._entry(piece, cause), also=work)
        left = await asyncio.to_thread(self._remove, piece.addresses)
        files = sum(bool(target.address) for target in piece.targets)
        values = sum(len(target.names) for target in piece.targets)
        return Erased(stored.id, stored.at, len(piece.targets), files, values, left, piece.gone.counts)

    def _take(self, unit: Unit, piece: _Piece, cause: Cause, stored: Stored) -> None:
        """Everything that dies in the record's own transaction."""
        copies = self._copies(unit.conn, [target.stored.id for target in piece.targets])
        piece.addresses = rows.destroy(unit, piece.targets, copies, stored.id, stored.at)
        if piece.look is not None and not piece.look.empty:
            piece.gone = self._data.forget(unit, piece.part, piece.look, cause.marks(stored))
            piece.addresses += piece.gone.addresses

    def _entry(self, piece: _Piece, cause: Cause) -> Entry:
        look = piece.look or Look()
        what: Statement = {
            "scope": "case" if piece.part.cases else "orders", **cause.statement(),
            "records": [_listed(target) for target in piece.targets],
        }
        if not look.empty:
            what |= {"data": {kind: n for kind, n in sorted(look.counts.items()) if n},
                     "data_sha256": ids_digest((*look.messages, *look.orders))}
        automatic = cause.rule is not None or bool(cause.again)
        return Entry(Kind.ERASE, piece.part.case_id, what, {"reason": cause.reason}, self._clock.now(),
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

    async def purge(self) -> None:
        """Drop erased words from a large search index, a little at a time, so that nobody who writes waits long."""
        more = await self._database.read(purging.waiting)
        if not more:
            return
        while more:
            more = await self._database.write(lambda unit: purging.step(unit.conn))
            await asyncio.sleep(BETWEEN_STEPS)
        await self._database.flush_log()

    def _parts(self, connection: Connection, subject: str, only: Sequence[str] = ()) -> tuple[Part, ...]:
        found = () if only else self._data.parts(connection, subject)
        return found or (Part(subject, self._kin(connection, subject)),)

    def _targets(self, connection: Connection, part: Part, only: Sequence[str] = ()) -> list[Target]:
        return rows.targets(connection, part.cases, only) if part.cases and part.only is None else []

    def _held(self, connection: Connection, part: Part) -> Hold | None:
        return held(connection, part.cases) if part.cases else None

    def _preview(self, connection: Connection, subject: str) -> ErasePreview:
        parts = self._parts(connection, subject)
        holds = {part: self._held(connection, part) for part in parts}
        free = [part for part in parts if holds[part] is None] or list(parts)
        found = [target for part in free for target in self._targets(connection, part)]
        looks = [self._data.look(connection, part) for part in free]
        ids = [target.stored.id for target in found]
        every = [row for part in free if part.cases for row in repo.of_case(connection, *part.cases)]
        stay = [hold for hold in holds.values() if hold is not None]
        return ErasePreview(
            subject, len(found), sum(bool(target.address) for target in found), sum(target.size for target in found),
            tuple(sorted({name for target in found for name in target.names})), len(rows.texts(connection, ids)),
            len(self._copies(connection, ids)), len(every), sum(row.kind == "export" for row in every),
            stay[0] if stay and len(stay) == len(parts) else None, _added(look.counts for look in looks),
            sum(look.shared for look in looks), any(look.leaving for look in looks), len(free), len(stay),
        )

    async def again(self) -> int:
        """Erase what the hub says was erased and is here: of a restored store, or told by another desktop. Returns how
        many records and messages."""
        count = 0
        for (erase_id, case_id), ids in (await self._database.read(rows.heard_again)).items():
            count += await self._repeat(self.erase(case_id, Cause(again=erase_id), ids))
        for mark, part in await self._database.read(self._data.again):
            count += await self._repeat(self._erase_part(part, Cause(again=mark.erase_id, mark=mark)))
        return count

    async def _erase_part(self, part: Part, cause: Cause) -> Erased:
        async with self._turn:
            hold = await self._database.read(
                lambda conn: held(conn, self._kin(conn, part.case_id)) if part.cases else None)
            if hold is not None:
                raise held_already(hold)
            done = await self._erase(part, cause, ())
        await self._database.flush_log()
        return _sum(done, 0)

    async def _repeat(self, work: Awaitable[Erased]) -> int:
        try:
            done = await work
        except WorkstationError as problem:
            log.warning("what was erased before is here again and stays for now: %s", type(problem).__name__)
            return 0
        return done.records + done.counts.get("messages", 0)

    async def lonely(self, wanted: Due) -> tuple[tuple[str, int], ...]:
        """Orders that a rule asks for and that no case is about, with their delivery."""
        return await self._database.read(lambda conn: self._data.lonely(conn, wanted))

    async def heal(self) -> None:
        """Who wrote again after an erasure is somebody again."""
        await self._database.write(self._data.heal)


def nothing_left() -> NotFound:
    return NotFound(_("There is nothing left to erase in this case."), _("Its records stay as proof."))


def still_leaving() -> InputError:
    return InputError(_("A reply of this case is still on its way and needs its words; nothing was erased."),
                      _("Wait until it has left, or take it back."))


def heard(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    """The hub tells of an erasure, this desktop's or another's. Odd bodies are passed over: nothing is destroyed."""
    case_id, named = body.get("case_id"), body.get("records")
    if isinstance(case_id, str) and isinstance(named, list):
        ids = [one["id"] for one in named if isinstance(one, dict) and isinstance(one.get("id"), str)]
        rows.hear(unit.conn, entity_id, case_id, ids)


def _chunks(found: Sequence[Target]) -> list[Sequence[Target]]:
    """At least one, which takes what is no evidence."""
    return [found[start:start + MOST_AT_ONCE] for start in range(0, max(1, len(found)), MOST_AT_ONCE)]


def _listed(target: Target) -> Statement:
    """A record as its erasure names it: what of it was destroyed, never a value."""
    return {
        "id": target.stored.id, "record_sha256": target.stored.record_hash, "file": bool(target.address),
        "values": list(target.names),
    }


def _told(stored: Stored, piece: _Piece) -> Iterator[dict[str, object]]:
    """What the hub gets, in pieces: which of its ciphertexts nobody can open any more, and whose words go."""
    about: Json = {"case_id": stored.case_id, "at": stored.at}
    records = [{"id": target.stored.id, "address": target.address} for target in piece.targets]
    first, *others = piece.gone.told or ({},)
    yield {**about, "records": records, **first}
    for other in others:
        yield {**about, "records": [], "erase_id": stored.id, **other}


def _sum(done: Sequence[Erased], held_cases: int) -> Erased:
    """One answer for all records. Raises NotFound when there are none."""
    if not done:
        raise nothing_left()
    last = done[-1]
    return Erased(last.record_id, last.at, sum(one.records for one in done), sum(one.files for one in done),
                  sum(one.values for one in done), sum(one.left for one in done),
                  _added(one.counts for one in done), held_cases)


def _added(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in counted:
        total.update(counts)
    return dict(total)
