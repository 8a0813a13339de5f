"""Sealed files coming up: resumable, and stored only after the whole file was read back and hashed.

Order: bytes → fsync → offset row; then at the end re-hash from disk → rename → fsync folder → row → "stored".
So an offset never counts bytes that a power cut could lose, and "stored" is never said about unread bytes.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from workstation.hub import erasing, problems
from workstation.hub.model import MAX_AT_ONCE, MAX_UPLOAD, UPLOAD_LIFETIME, Upload
from workstation.hub.objects import hash_file
from workstation.hub.ports import Objects, Rows
from workstation.hub.spool import Checksum, Spool, keep_whole
from workstation.hub.tables import BlobStoredRow, UploadRow
from workstation.kernel.clock import Clock
from workstation.kernel.ids import new_id
from workstation.store.tables import table

_UPLOAD = table(UploadRow)
_STORED = table(BlobStoredRow)
Body = AsyncIterator[bytes]
_JOINED = 1024 * 1024   # bytes written to the spool at a time


class Cut(Exception):
    """The sender went away in the middle of its bytes."""


class Uploads:
    """The tus side of the hub, without HTTP. One upload for each (device, address)."""

    def __init__(self, rows: Rows, objects: Objects, spool: Path, clock: Clock) -> None:
        self._rows = rows
        self._objects = objects
        self._folder = spool
        self._clock = clock
        self._busy: set[tuple[str, str]] = set()
        spool.mkdir(parents=True, exist_ok=True)

    async def create(self, device_id: str, address: str, length: int) -> Upload:
        """Begin an upload, or find the one that was begun, or the finished file."""
        if length > MAX_UPLOAD:
            raise problems.too_large()
        known = await self._find(device_id, address)
        if known is not None and (known.stored or known.length == length):
            return known
        if await self._adopt_orphan(device_id, address):
            return Upload(address, length, length, 0, stored=True)
        if length > await asyncio.to_thread(self._objects.free):
            raise problems.no_room()
        return await self._begin(device_id, address, length)

    async def create_with(
        self, device_id: str, address: str, length: int, body: Body, checksum: Checksum | None
    ) -> Upload:
        """Begin an upload whose first bytes came along (tus creation-with-upload).

        All of a small file is stored at once, without a row for its beginning. When it is cut nothing is kept: its
        sender never learnt that it had begun (raises Cut).
        """
        if length > MAX_AT_ONCE:
            upload = await self.create(device_id, address, length)
            if not upload.stored and upload.offset == 0:
                return await self.append(device_id, address, 0, body, checksum)
            await _collect(body, length, keep=False)   # an answer is read only by who was let finish speaking
            return upload
        content = await _collect(body, length)
        known = await self._find(device_id, address)
        if known is not None and (known.stored or (known.length == length and known.offset > 0)):
            return known
        if len(content) == length:
            return await self._at_once(device_id, address, content, checksum)
        await self.create(device_id, address, length)
        return await self.append(device_id, address, 0, _once(content), checksum)

    async def _at_once(self, device_id: str, address: str, content: bytes, checksum: Checksum | None) -> Upload:
        size = len(content)
        with self._turn(device_id, address), _disk():
            await asyncio.to_thread(keep_whole, self._objects, self._folder / new_id(), content, address, checksum)
            await self._keep(device_id, address, size)
        return Upload(address, size, size, 0, stored=True)

    async def _begin(self, device_id: str, address: str, length: int) -> Upload:
        upload = Upload(address, length, 0, self._clock.now() + UPLOAD_LIFETIME)
        name = new_id()
        with self._turn(device_id, address), _disk():
            await asyncio.to_thread(Spool.create, self._folder / name)
            await self._rows.write(lambda conn: _begin(conn, device_id, upload, name))
            return await self._finish(device_id, upload, self._folder / name) if length == 0 else upload

    async def state(self, device_id: str, address: str) -> Upload:
        """Where an upload stands. Raises HubProblem 404, or 410 when it was left alone too long."""
        upload = await self._find(device_id, address)
        if upload is None:
            raise problems.no_upload()
        return upload

    async def append(self, device_id: str, address: str, offset: int, body: Body, checksum: Checksum | None) -> Upload:
        """Take bytes from `offset` on; keeps what came when the sender goes away (then raises Cut)."""
        with self._turn(device_id, address):
            upload = await self.state(device_id, address)
            if upload.stored or offset != upload.offset:
                raise problems.wrong_offset(upload.offset)
            path = self._folder / await self._spool(device_id, address)
            with _disk():
                end, cut = await self._take(path, upload, body, checksum)
            upload = await self._advance(device_id, upload, end)
            if cut:
                raise Cut
            return await self._finish(device_id, upload, path) if end == upload.length else upload

    async def rehash(self, address: str) -> bool:
        """Read a stored file again: is it still what its address says? If not it no longer counts as stored.

        Raises HubProblem 404.
        """
        found = await asyncio.to_thread(self._objects.rehash, address)
        row = await self._rows.read(lambda conn: _stored(conn, address))
        if row is None:
            raise problems.no_upload()
        if found != address:
            await self._rows.write(lambda conn: conn.execute(delete(_STORED).where(_STORED.c.address == address)))
        return found == address

    async def open(self, address: str) -> int:
        """Size of a stored file. Raises HubProblem 404."""
        size = await self._rows.read(lambda conn: _stored(conn, address))
        if size is None or await asyncio.to_thread(self._objects.size, address) != size:
            raise problems.no_upload()
        return size

    def chunks(self, address: str, start: int, length: int) -> Iterator[bytes]:
        return self._objects.chunks(address, start, length)

    async def missing(self, addresses: list[str]) -> list[str]:
        """Which of these are not stored here."""
        held = await self._rows.read(lambda conn: {
            row[0] for row in conn.execute(select(_STORED.c.address).where(_STORED.c.address.in_(addresses)))
        })
        wanted = [address for address in addresses if address in held]
        there = await asyncio.to_thread(lambda: {a for a in wanted if self._objects.size(a) is not None})
        return [address for address in addresses if address not in there]

    async def drop_erased(self) -> int:
        """Take away the objects of files that were erased. Returns how many there may have been."""
        addresses = await self._rows.read(erasing.waiting)
        for address in addresses:
            await asyncio.to_thread(self._objects.remove, address)
        if addresses:
            now = self._clock.now()
            await self._rows.write(lambda conn: erasing.removed(conn, addresses, now))
        return len(addresses)

    async def _keep(self, device_id: str, address: str, size: int) -> None:
        """The file is there for good, unless it was erased while it came. Raises HubProblem 451."""
        now = self._clock.now()
        if not await self._rows.write(lambda conn: _store(conn, device_id, address, size, now)):
            await self.drop_erased()
            raise problems.erased()

    async def sweep(self) -> int:
        """Forget uploads that were left alone, and spool files no row knows. Returns how many files went."""
        now = self._clock.now()
        await self.drop_erased()
        await self._rows.write(lambda conn: conn.execute(delete(_UPLOAD).where(_UPLOAD.c.expires_at < now)))
        known = await self._rows.read(lambda conn: set(conn.execute(select(_UPLOAD.c.spool)).scalars()))
        return await asyncio.to_thread(_sweep, self._folder, known)

    @contextmanager
    def _turn(self, device_id: str, address: str) -> Iterator[None]:
        key = (device_id, address)
        if key in self._busy:
            raise problems.upload_busy()
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)

    async def _find(self, device_id: str, address: str) -> Upload | None:
        size, row, gone = await self._rows.read(lambda conn: (
            _stored(conn, address), _unfinished(conn, device_id, address), erasing.erased(conn, address)))
        if gone:
            raise problems.erased()
        if size is not None and await asyncio.to_thread(self._objects.size, address) == size:
            return Upload(address, size, size, 0, stored=True)
        if row is None:
            return None
        if row.expires_at < self._clock.now():
            await self._rows.write(lambda conn: _forget(conn, device_id, address))
            raise problems.upload_expired()
        return row

    async def _spool(self, device_id: str, address: str) -> str:
        here = (_UPLOAD.c.device_id == device_id) & (_UPLOAD.c.address == address)
        return await self._rows.read(lambda conn: str(conn.execute(select(_UPLOAD.c.spool).where(here)).scalar_one()))

    async def _take(self, path: Path, upload: Upload, body: Body, checksum: Checksum | None) -> tuple[int, bool]:
        """Write and sync what comes. Returns where the file ends now and whether the sender went away."""
        spool = await asyncio.to_thread(Spool, path, upload.offset, upload.length, checksum)
        cut = False
        try:
            try:
                async for piece in _joined(body):
                    await asyncio.to_thread(spool.write, piece)
            except Cut:
                cut = True
            return await asyncio.to_thread(spool.sync, cut), cut
        except BaseException:
            spool.undo()
            raise
        finally:
            spool.close()

    async def _advance(self, device_id: str, upload: Upload, end: int) -> Upload:
        moved = Upload(upload.address, upload.length, end, self._clock.now() + UPLOAD_LIFETIME)
        here = (_UPLOAD.c.device_id == device_id) & (_UPLOAD.c.address == upload.address)
        values = {"offset": end, "expires_at": moved.expires_at}
        await self._rows.write(lambda conn: conn.execute(update(_UPLOAD).where(here).values(**values)))
        return moved

    async def _finish(self, device_id: str, upload: Upload, path: Path) -> Upload:
        if await asyncio.to_thread(hash_file, path) != upload.address:
            await self._rows.write(lambda conn: _forget(conn, device_id, upload.address))
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise problems.wrong_content()
        with _disk():
            await asyncio.to_thread(self._objects.adopt, path, upload.address)
        await self._keep(device_id, upload.address, upload.length)
        return Upload(upload.address, upload.length, upload.length, 0, stored=True)

    async def _adopt_orphan(self, device_id: str, address: str) -> bool:
        """The hub died between rename and row: the file is there and right, only its row is missing."""
        if await asyncio.to_thread(self._objects.rehash, address) != address:
            return False
        size = await asyncio.to_thread(self._objects.size, address) or 0
        await self._keep(device_id, address, size)
        return True


async def _collect(body: Body, length: int, *, keep: bool = True) -> bytes:
    """The bytes of a request, at most `length`. Raises HubProblem 413 when more comes, Cut."""
    content, came = bytearray(), 0
    async for piece in body:
        came += len(piece)
        if came > length:
            raise problems.too_large()
        if keep:
            content += piece
    return bytes(content)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _joined(body: Body) -> AsyncIterator[bytes]:
    """Larger pieces: a thread is asked once for each. What came before the sender went away is given, then Cut raised.
    """
    gathered: list[bytes] = []
    size = 0
    try:
        async for piece in body:
            gathered.append(piece)
            size += len(piece)
            if size >= _JOINED:
                yield b"".join(gathered)
                gathered, size = [], 0
    except Cut:
        yield b"".join(gathered)
        raise
    yield b"".join(gathered)


@contextmanager
def _disk() -> Iterator[None]:
    """A full disk is known: 507. Anything else a disk does is not."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise problems.no_room() from problem
        raise


def stored_addresses(connection: Connection) -> list[str]:
    return [str(address) for address in connection.execute(select(_STORED.c.address)).scalars()]


def _stored(connection: Connection, address: str) -> int | None:
    size = connection.execute(select(_STORED.c.size).where(_STORED.c.address == address)).scalar()
    return None if size is None else int(size)


def _unfinished(connection: Connection, device_id: str, address: str) -> Upload | None:
    here = (_UPLOAD.c.device_id == device_id) & (_UPLOAD.c.address == address)
    row = connection.execute(select(_UPLOAD).where(here)).mappings().first()
    return None if row is None else Upload(address, row["length"], row["offset"], row["expires_at"])


def _begin(connection: Connection, device_id: str, upload: Upload, spool: str) -> None:
    _forget(connection, device_id, upload.address)
    connection.execute(insert(_UPLOAD).values(
        address=upload.address, device_id=device_id, spool=spool, length=upload.length, offset=0,
        expires_at=upload.expires_at,
    ))


def _forget(connection: Connection, device_id: str, address: str) -> None:
    connection.execute(delete(_UPLOAD).where((_UPLOAD.c.device_id == device_id) & (_UPLOAD.c.address == address)))


def _store(connection: Connection, device_id: str, address: str, size: int, now: int) -> bool:
    """Replaces the row of a file that had gone missing or was changed, and was uploaded again. False: it was erased."""
    if erasing.erased(connection, address):
        _forget(connection, device_id, address)
        erasing.came_again(connection, address)
        return False
    connection.execute(delete(_STORED).where(_STORED.c.address == address))
    connection.execute(insert(_STORED).values(address=address, size=size, device_id=device_id, stored_at=now))
    _forget(connection, device_id, address)
    return True


def _sweep(folder: Path, known: set[str]) -> int:
    orphans = [path for path in folder.iterdir() if path.name not in known]
    for orphan in orphans:
        orphan.unlink(missing_ok=True)
    return len(orphans)
