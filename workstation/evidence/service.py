"""Use cases of evidence: capture, keep, list, open, export, verify. Opening and exporting are records too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from workstation.evidence import (
    erasing_rows,
    log_check,
    pack,
    printed,
    proofs,
    record,
    repo,
    signing,
    surroundings,
    verify,
    views,
)
from workstation.evidence.approving import Approving
from workstation.evidence.capturing import Capturing
from workstation.evidence.deriving import Deriving
from workstation.evidence.exhibits import NOTHING, Exhibits, Sources
from workstation.evidence.looking import Looking
from workstation.evidence.model import (
    CaptureRequest,
    DeriveRequest,
    Details,
    Difference,
    Grab,
    Handed,
    Kind,
    Look,
    Monitor,
    OpenWindow,
    RecordView,
    VerifyReport,
)
from workstation.evidence.pack_check import check_pack
from workstation.evidence.photos import Photos
from workstation.evidence.ports import CaptureBackend, Painter, Printer
from workstation.evidence.record import Statement
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Device, Entry, Prepared, Sealer, WrapKey
from workstation.evidence.store_check import Held, Keys, check_held, check_record, check_store, held, known_keys
from workstation.kernel.clock import Clock, iso
from workstation.kernel.errors import NotFound, Tampered, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.secrets import Secrets
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database

_PICTURES = 200
"""Small pictures in a printed report."""


class EvidenceService:
    """Fulfils `api.EvidenceApi`, `drafts.ports.SentRecords` and `drafts.ports.Exhibits`."""

    def __init__(
        self, database: Database, blobs: BlobFiles, secrets: Secrets, clock: Clock, capture: CaptureBackend,
        device_id: str, app_version: str, operator: str = "", hub_offset: Callable[[], int | None] = lambda: None,
        wrap_key: WrapKey | None = None,
        kin: Callable[[Connection, str], tuple[str, ...]] = lambda _conn, case_id: (case_id,),
        exhibits: Sources = NOTHING, damaged_pages: Callable[[], Sequence[int]] | None = None,
        printer: Printer | None = None,
    ) -> None:
        """`kin`: a case and those that were merged into it. A record's own case is sealed and never changes.
        `damaged_pages` names the pages of the store whose seal is wrong; it blocks."""
        self._kin = kin
        self._printer = printer
        self._damaged_pages = damaged_pages
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._sealer = Sealer(
            database, blobs, secrets, clock, Device(device_id, app_version, operator, hub_offset, wrap_key)
        )
        self._approving = Approving(database, self._sealer)
        self._exhibits = Exhibits(database, self._sealer, clock, exhibits, kin)
        self._capturing = Capturing(capture, self._sealer, clock)
        self._photos = Photos()
        self._deriving = Deriving(database, self._sealer, clock, self._checked, self._photos)
        self._looking = Looking(database, self._checked, self._opened, self._photos)

    @property
    def sealer(self) -> Sealer:
        """The one writer of the chain, for what else becomes a record."""
        return self._sealer

    @staticmethod
    def show(stored: Stored) -> RecordView:
        """A record that was just made, as a list shows it."""
        return views.view(stored, ())

    async def capture(self, request: CaptureRequest) -> RecordView:
        """The screen or region, sealed. Raises CaptureRefused, InputError, DiskFull and their relatives."""
        return await self._capturing.capture(request)

    async def grab(self, screen: int) -> Grab:
        """The screen's pixels, checked, with the moment they were taken. Nothing is kept."""
        return await self._capturing.grab(screen)

    async def screens(self) -> tuple[Monitor, ...]:
        """The screens as `grab` counts them; empty where there is one picture of all of them."""
        return await self._capturing.screens()

    async def windows(self) -> tuple[OpenWindow, ...]:
        """What is open on the desktop, the uppermost first. Raises Unsupported, CaptureRefused."""
        return await self._capturing.windows()

    async def seal(self, grab: Grab, request: CaptureRequest) -> RecordView:
        """Seal a grab, whole or the request's region, as a record of the case."""
        return await self._capturing.seal(grab, request)

    async def keep_reply(self, case_id: str, message_id: str, raw: bytes, receipt: str) -> None:
        """Keep a reply as it was really sent. Keeping the same one again changes nothing."""
        known = await self._database.read(lambda conn: repo.reply_of(conn, case_id, message_id))
        if known:
            return
        await self._approving.seal(case_id, raw)
        entry = Entry(
            Kind.REPLY, case_id, {"scope": "message"}, {"message_id": message_id, "receipt": receipt},
            self._clock.now(), surroundings.monotonic_ns(),
        )
        await self._sealer.add(entry, Prepared(raw, "message/rfc822"))

    async def keep_attachment(self, message_id: str, position: int) -> RecordView:
        """As `Exhibits.attachment`."""
        return await self._view(await self._exhibits.attachment(message_id, position))

    async def keep_file(self, case_id: str, path: Path) -> RecordView:
        """As `Exhibits.file`."""
        return await self._view(await self._exhibits.file(case_id, path))

    async def keep_picture(self, case_id: str, content: bytes, name: str = "", encoded: bool = False) -> RecordView:
        """As `Exhibits.picture`."""
        return await self._view(await self._exhibits.picture(case_id, content, name, encoded))

    async def keep_answers(self, case_id: str) -> tuple[RecordView, ...]:
        """As `Exhibits.answers`."""
        return tuple([await self._view(kept) for kept in await self._exhibits.answers(case_id)])

    async def list(self, case_id: str = "", custody: bool = False) -> tuple[RecordView, ...]:
        """Records with a file, oldest first; with `custody`, openings and exports as well."""
        def read(conn: Connection) -> tuple[RecordView, ...]:
            cases = self._kin(conn, case_id) if case_id else ()
            rows = repo.of_case(conn, *cases) if custody else repo.exhibits(conn, *cases)
            fields = repo.private(conn, [row.id for row in rows])
            return tuple(views.view(row, fields.get(row.id, ())) for row in rows)

        return await self._database.read(read)

    async def thumbnail(self, record_id: str) -> bytes:
        """The small PNG of a capture. Raises NotFound for records without one."""
        found = await self._database.read(lambda conn: repo.thumbnails(conn, [record_id]))
        if record_id not in found:
            raise NotFound(_("This record has no picture."), _("Export it to see what it holds."))
        return found[record_id]

    async def open(self, record_id: str) -> bytes:
        """The sealed file, after signature, binding and hash were checked. Raises NotFound, Tampered."""
        found, content = await self._checked(record_id)
        await self._opened(found)
        return content

    async def look(self, record_id: str) -> Look:
        """As `open`, with the picture decoded or the text made readable. Raises NotFound, Tampered."""
        return await self._looking.look(record_id)

    async def plain_picture(self, content: bytes, side: int = 0) -> bytes:
        """A photo of a format that the window does not read, as JPEG. Raises InputError."""
        return await self._photos.small(content, side)

    async def details(self, record_id: str) -> Details:
        """All that a record says of itself, its originals and its copies. Raises NotFound, Tampered."""
        return await self._looking.details(record_id)

    async def compare(self, one_id: str, other_id: str) -> Difference:
        """Two records' pictures, pixel by pixel. Raises NotFound, Tampered, InputError."""
        return await self._looking.compare(one_id, other_id)

    async def derive(self, request: DeriveRequest, painter: Painter | None = None) -> RecordView:
        """A redacted, annotated or cropped copy, sealed. Raises as `Deriving.derive`."""
        return await self._view(await self._deriving.derive(request, painter))

    async def file(self, record_id: str, to: Handed = Handed.REPLY) -> tuple[str, str, bytes]:
        """Name, MIME type and content, to leave the store. Recorded as an export of one file, and where it went."""
        found, content = await self._checked(record_id)
        await self._custody(Kind.EXPORT, found.case_id, {"scope": to.value, "records": _reference(found)})
        statement = views.statement(found)
        name = pack.file_name(statement).rpartition("/")[2]
        return name, record.text(record.part(statement, "file"), "mime"), content

    async def sealed(self, record_id: str) -> tuple[str, str, bytes]:
        """As `claims.parts.Records`: for a claim's form, whose own record names what it was made of."""
        found, content = await self._checked(record_id)
        return found.record_hash, record.text(record.part(views.statement(found), "file"), "sha256"), content

    async def claimed(self, case_id: str, what: Statement) -> str:
        """Record that a claim's form was made; the id of the record."""
        return (await self._custody(Kind.EXPORT, case_id, what)).id

    async def export(
        self, out: Path, case_id: str = "", record_ids: Sequence[str] = (), pages: Sequence[tuple[str, bytes]] = (),
    ) -> Path:
        """Write a pack of these records, of a case, or of all. `pages` go in beside, by their names in the bag. Raises
        NotFound, InputError, Tampered, DiskFull."""
        chosen = await self._untampered(case_id, record_ids)
        temporary = await asyncio.to_thread(pack.reserve, out)
        try:
            complete = not case_id and not record_ids
            listed = [(row.id, row.record_hash) for row in chosen]
            export = await self._custody(Kind.EXPORT, case_id or _common_case(chosen, complete), {
                "scope": "pack", "complete": complete, "count": len(listed),
                "records_sha256": pack.listing_hash(listed),
            })
            packed = await self._database.read(lambda conn: _pack(conn, (*chosen, export), export))
            key = await self._sealer.key()
            ids = [row.id for row in chosen[:_PICTURES]]
            small = await self._database.read(lambda conn: repo.thumbnails(conn, ids))
            packed = replace(packed, pages=(*await printed.report(self._printer, packed, key.key_id, small), *pages))
            await asyncio.to_thread(pack.write, packed, temporary, out, key, self._blobs.open)
        finally:
            temporary.unlink(missing_ok=True)
        return out

    async def verify(self, pack: Path | None = None) -> VerifyReport:
        """Check a pack, or the whole store when None. Raises InputError when the pack cannot be read."""
        if pack is None:
            return await check_store(self._database, self._blobs, self._damaged_pages)
        own, loop = await self._database.read(repo.keys), asyncio.get_running_loop()

        def known(places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
            sequences = sorted({sequence for key_id, sequence in places
                                if key_id in own and 0 < sequence < 1 << 63})
            work = self._database.read(lambda conn: repo.own_hashes(conn, sequences))
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        shown = await self._database.read(log_check.own)
        return await asyncio.to_thread(check_pack, pack, own, known, shown)

    async def key_id(self) -> str:
        """The id of this device's signing key, for `doctor` to show. Raises KeyringProblem."""
        return (await self._sealer.key()).key_id

    async def _view(self, stored: Stored) -> RecordView:
        fields = await self._database.read(lambda conn: repo.private(conn, [stored.id]))
        return views.view(stored, fields.get(stored.id, ()))

    async def _checked(self, record_id: str) -> tuple[Stored, bytes]:
        """A record and its file, both checked. Raises NotFound, Tampered."""
        tally = verify.Tally()

        def read(conn: Connection) -> tuple[Held, Keys]:
            return held(conn, [repo.get(conn, record_id)])[0], known_keys(conn, tally)

        beside, keys = await self._database.read(read)
        content = await asyncio.to_thread(check_held, tally, beside, keys, self._blobs)
        _refuse(tally)
        if not beside.stored.blob_id:
            raise NotFound(_("This record has no file."), _("Choose a record that has one."))
        if beside.sealed is None:
            raise absent(beside.stored)
        return beside.stored, content

    async def _untampered(self, case_id: str, record_ids: Sequence[str]) -> tuple[Stored, ...]:
        """The records to export, each checked but for its file, which is checked as it is written. Raises Tampered."""
        tally = verify.Tally()

        def read(conn: Connection) -> tuple[list[Held], Keys]:
            cases = self._kin(conn, case_id) if case_id else ()
            return held(conn, _chosen(conn, cases, record_ids)), known_keys(conn, tally)

        beside, keys = await self._database.read(read)
        await asyncio.to_thread(_check_records, tally, beside, keys)
        _refuse(tally)
        for one in beside:
            if one.stored.blob_id and one.sealed is None and one.stored.erased_at is None:
                raise absent(one.stored)
        return tuple(one.stored for one in beside)

    async def _opened(self, found: Stored) -> Stored:
        return await self._custody(Kind.VIEW, found.case_id, {"scope": "view", "records": _reference(found)})

    async def _custody(self, kind: Kind, case_id: str, what: Statement) -> Stored:
        return await self._sealer.add(
            Entry(kind, case_id, what, {}, self._clock.now(), surroundings.monotonic_ns())
        )


def _check_records(tally: verify.Tally, beside: Sequence[Held], keys: Keys) -> None:
    for one in beside:
        check_record(tally, one, keys)


def _refuse(tally: verify.Tally) -> None:
    """Raises Tampered when anything was found."""
    if tally.findings:
        raise Tampered(
            _("The record does not match its seal: {what}.").format(what=tally.findings[0].what),
            _("Run workstation evidence verify --all, and restore the file from the hub."),
            [f"{finding.where}: {finding.what}" for finding in tally.findings],
        )


def absent(stored: Stored) -> WorkstationError:
    """Why a record's file cannot be opened: it was erased, or somebody took its key away."""
    if stored.erased_at is None:
        return Tampered(_("The key of this record's file is missing, and no record says that it was erased."),
                        _("Run workstation evidence verify --all, and restore the store from a backup."), [stored.id])
    return NotFound(_("This file was erased on {date}. Its record still proves what it was.").format(
        date=iso(stored.erased_at)[:10]), _("Look at the case's records: one says by whom and by which rule."))


def _reference(stored: Stored) -> record.Json:
    return record.references([(stored.id, stored.record_hash)])


def _chosen(conn: Connection, cases: Sequence[str], record_ids: Sequence[str]) -> tuple[Stored, ...]:
    """The records to export, in chain order. Raises NotFound when there are none."""
    chosen = repo.by_ids(conn, record_ids) if record_ids else repo.of_case(conn, *cases)
    if not any(row.blob_id for row in chosen):
        raise NotFound(_("There is no evidence to export here."), _("Capture something first."))
    said = erasing_rows.erasing(conn, [row.id for row in chosen])   # without them a file that was erased is missing
    return repo.by_ids(conn, [*(row.id for row in chosen), *said]) if said else chosen


def _common_case(chosen: Sequence[Stored], complete: bool) -> str:
    """The case an export of single records belongs to, "" when they are of several."""
    cases = {row.case_id for row in chosen}
    return "" if complete or len(cases) != 1 else cases.pop()


def _pack(conn: Connection, rows: Sequence[Stored], export: Stored) -> pack.Pack:
    """Everything the pack needs, read in one transaction."""
    used = {record.text(record.part(views.statement(row), "who"), "key_id") for row in rows}
    keys = [(key_id, raw) for key_id, raw in sorted(repo.keys(conn).items()) if key_id in used]
    items = tuple(pack.Item(one.stored, one.private, one.sealed) for one in held(conn, rows))
    pems = tuple((key_id, signing.to_pem(signing.from_raw(raw))) for key_id, raw in keys)
    return pack.Pack(export.id, export.at, items, pems, proofs.gather(conn, rows))
