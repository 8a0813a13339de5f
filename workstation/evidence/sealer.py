"""Makes records: file sealed on disk first, then position, signature, row and outbox event in one transaction.

Order, always (facts/evidence.md, "Durable writing"): ciphertext fsynced and renamed, folder fsynced, commit, and only
then is the record known to anyone. Hashing runs beside encoding; nothing here holds the loop.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from workstation.domain.events import EvidenceSealed
from workstation.evidence import imaging, png, record, repo, surroundings
from workstation.evidence.model import Kind, Picture
from workstation.evidence.record import Content, FilePart, Link, Private, Statement
from workstation.evidence.repo import Stored
from workstation.evidence.signing import DeviceKey
from workstation.kernel.clock import Clock
from workstation.kernel.ids import new_id
from workstation.kernel.secrets import Secrets
from workstation.store import blobs as blob_rows
from workstation.store import outbox
from workstation.store.blobs import BlobFiles, SealedFile
from workstation.store.database import Database
from workstation.store.streaming import Measured
from workstation.store.unit import Unit

WrapKey = Callable[[bytes], str | None]
"""Seals a file's key for the hub's readers. None: it stays here, and the hub holds ciphertext only."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file ready to be sealed: its content, or where it lies and what it was measured to be."""

    content: bytes
    mime: str
    name: str = ""
    pixels: str = ""              # SHA-256 of the decoded RGBA, hex
    width: int = 0
    height: int = 0
    thumbnail: bytes = b""        # PNG
    source: tuple[Path, Measured] | None = None


Also = Callable[[Unit, Stored], None]
"""What belongs to a new record and happens with it or not at all, in its transaction."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new record says, before it has an id and a place."""

    kind: Kind
    case_id: str
    what: Statement
    private: Mapping[str, str]
    at: int                       # when it happened, ms since the epoch, UTC
    monotonic_ns: int
    automation: bool = False
    how: Statement = field(default_factory=dict)
    display: Statement | None = None
    sources: tuple[tuple[str, str], ...] = ()   # copies: id and record hash of what they are copies of
    operations: tuple[str, ...] = ()            # and what was done, see operations.py


@dataclass(frozen=True, slots=True)
class Device:
    """Who seals here. `hub_offset` is the hub's clock minus ours in milliseconds, None when never measured."""

    id: str
    app_version: str
    operator: str = ""
    hub_offset: Callable[[], int | None] = lambda: None
    wrap_key: WrapKey | None = None


async def develop(picture: Picture) -> Prepared:
    """Encode on one thread, hash the pixels and draw the thumbnail on another."""
    content, (pixels, small) = await asyncio.gather(
        asyncio.to_thread(png.encode, picture.width, picture.height, picture.rgba),
        asyncio.to_thread(described, picture)
    )
    return Prepared(content, "image/png", "", pixels, picture.width, picture.height, small)


def described(picture: Picture) -> tuple[str, bytes]:
    """The hash of the pixels, hex, and the thumbnail's PNG. Blocks."""
    small = imaging.thumbnail(picture)
    return _digest(picture.rgba), png.encode(small.width, small.height, small.rgba)


def _digest(content: bytes | bytearray) -> str:
    return hashlib.sha256(content).hexdigest()


class Sealer:
    """The only writer of the chain."""

    def __init__(self, database: Database, files: BlobFiles, secrets: Secrets, clock: Clock, device: Device) -> None:
        self._database = database
        self.files = files
        self._secrets = secrets
        self._clock = clock
        self._device = device
        self._key: DeviceKey | None = None
        self._key_lock = asyncio.Lock()
        self._newest = ""   # hash of the record this process appended last; whether it was committed, the head tells

    @property
    def device_id(self) -> str:
        return self._device.id

    async def key(self) -> DeviceKey:
        """The device's key, read once. Raises KeyringProblem."""
        async with self._key_lock:
            if self._key is None:
                self._key = await asyncio.to_thread(DeviceKey.load, self._secrets)
            return self._key

    async def add(self, entry: Entry, prepared: Prepared | None = None, also: Also | None = None) -> Stored:
        """Seal an entry and append it to the chain; `also` runs in the same transaction, and what it raises undoes it.

        Raises DiskFull, ReadOnly, Busy, KeyringProblem.
        """
        record_id = new_id()
        await self.key()   # without one nothing is put on the disk
        sealed = await asyncio.to_thread(self._seal, record_id, prepared) if prepared is not None else None
        return await self.append(entry, record_id, prepared, sealed, also)

    async def append(
        self, entry: Entry, record_id: str, prepared: Prepared | None, sealed: SealedFile | None,
        also: Also | None = None, down: Future[None] | None = None,
    ) -> Stored:
        """As `add`, for a file that `files` sealed for this record already, or encrypted and is putting on the disk on
        a running thread: the transaction is prepared beside that and waits for `down` before it commits."""
        key = await self.key()
        content = self._content(record_id, entry, key, _file_part(prepared, sealed))
        thumbnail = prepared.thumbnail if prepared else b""

        def work(unit: Unit) -> Stored:
            stored = self._append(unit, content, key, sealed, thumbnail)
            if also is not None:
                also(unit, stored)
            if down is not None:
                down.result()   # a row never points at a file that is not there
            return stored

        return await self._database.write(work)

    def _seal(self, record_id: str, prepared: Prepared) -> SealedFile:
        if prepared.source is None:
            return self.files.seal(record_id, prepared.content)
        return self.files.seal_file(record_id, *prepared.source)

    def _append(
        self, unit: Unit, content: Content, key: DeviceKey, sealed: SealedFile | None, thumbnail: bytes
    ) -> Stored:
        now = self._clock.now()
        last = repo.head(unit.conn)
        dated = replace(content, when={**content.when, "sealed_ns": _nanoseconds(now)})
        payload = record.canonical(record.build(dated, self._link(unit, last, key)))
        stored = Stored(
            content.id, last.sequence + 1, content.case_id, content.kind.value, now, record.record_hash(payload),
            sealed.id if sealed else "", key.sign(payload),
        )
        self._write_rows(unit, stored, content.private, key, thumbnail, sealed)
        self._newest = stored.record_hash
        outbox.append(unit, repo.COLLECTION, stored.id, "append", self._event(stored, key, sealed), now)
        if sealed is not None:
            unit.emit(EvidenceSealed(stored.case_id, stored.id))
        return stored

    def _link(self, unit: Unit, last: Link, key: DeviceKey) -> Link:
        """The next place. A restored home, or one whose key was replaced, says whose chain it goes on with."""
        own = last.sequence == 0 or last.previous == self._newest
        former = "" if own else repo.signer(unit.conn, last.sequence)
        return Link(last.sequence + 1, last.previous, former if former != key.key_id else "")

    def _write_rows(
        self, unit: Unit, stored: Stored, fields: tuple[Private, ...], key: DeviceKey, thumbnail: bytes,
        sealed: SealedFile | None,
    ) -> None:
        repo.remember_key(unit.conn, key.key_id, key.public.public_bytes_raw(), stored.at)
        repo.add(unit.conn, stored)
        repo.add_private(unit.conn, stored.id, fields)
        if thumbnail:
            repo.add_thumbnail(unit.conn, stored.id, thumbnail)
        if sealed is not None:
            blob_rows.record(unit.conn, sealed, upstream=True)

    def _event(self, stored: Stored, key: DeviceKey, sealed: SealedFile | None) -> dict[str, object]:
        """What the hub gets: the signed statement; no personal value, no plaintext, no bare key."""
        wrap = self._device.wrap_key
        return {
            "envelope": base64.b64encode(stored.envelope).decode(), "record_hash": stored.record_hash,
            "case_id": stored.case_id, "kind": stored.kind, "sequence": stored.sequence,
            "device_id": self._device.id, "public_key": base64.b64encode(key.public.public_bytes_raw()).decode(),
            "blob": _blob(sealed) if sealed else None,
            "wrapped_key": wrap(sealed.key) if wrap and sealed else None,
        }

    def _content(self, record_id: str, entry: Entry, key: DeviceKey, file: FilePart | None) -> Content:
        personal = {"operator": self._device.operator, "os_user": surroundings.os_user(), **entry.private}
        return Content(
            id=record_id, kind=entry.kind, case_id=entry.case_id,
            who={"device": self._device.id, "key_id": key.key_id, "by": "automation" if entry.automation else "person"},
            what=entry.what, when=self._when(entry),
            how={
                "application": f"workstation {self._device.app_version}", "session": surroundings.session_type(),
                **surroundings.versions(), **entry.how,
            },
            private=record.private(personal), display=entry.display, file=file,
            derived_from=tuple(source for source, _digest in entry.sources), operations=entry.operations,
            sources=entry.sources,
        )

    def _when(self, entry: Entry) -> Statement:
        return {
            "wall_ns": _nanoseconds(entry.at), "resolution_ns": "1000000", "zone": surroundings.zone(),
            "utc_offset_s": surroundings.utc_offset_s(entry.at), "monotonic_ns": str(entry.monotonic_ns),
            "boot_id": surroundings.boot_id(), "hub_offset_ms": self._device.hub_offset(), "source": "device",
        }


def _nanoseconds(at: int) -> str:
    return str(at * 1_000_000)


def _file_part(prepared: Prepared | None, sealed: SealedFile | None) -> FilePart | None:
    if prepared is None or sealed is None:
        return None
    small = _digest(prepared.thumbnail) if prepared.thumbnail else ""
    return FilePart(
        sealed.sha256, sealed.size, prepared.mime, sealed.address, prepared.name, prepared.pixels, prepared.width,
        prepared.height, small,
    )


def _blob(sealed: SealedFile) -> dict[str, object]:
    return {
        "id": sealed.id, "address": sealed.address, "sha256": sealed.sha256, "size": sealed.size,
        "sealed_size": sealed.size + 16,
    }
