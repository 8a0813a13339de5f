"""Sealed files to the hub: resumed where they stopped, secured only when the hub re-hashed what it stored."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from workstation.domain.events import SyncChanged
from workstation.kernel.clock import Clock
from workstation.kernel.errors import BadAnswer, Refused
from workstation.kernel.i18n import _
from workstation.store.blobs import BlobFiles
from workstation.store.core import table
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.sync.mapper import odd
from workstation.sync.ports import Hub, UploadMoved
from workstation.sync.wire import UploadState

log = logging.getLogger(__name__)
_BLOB = table("blob")
_WAITING = _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_(None)
_ASKED = 500
_PAUSES = (0.1, 0.5, 2.0)   # seconds before asking again where an upload stands
_AT_ONCE = 1024 * 1024      # a file up to this size goes up in the request that creates it
_PART = 32 * 1024 * 1024    # bytes of a larger file in one request: the hub waits for its disk once for each
_PIECE = 512 * 1024         # bytes handed to the network at a time: each has the client's 20 seconds
_SIDE_BY_SIDE = 4           # small files on their way at once, so that one's wait for the disk is another's transfer
_MARK_SECONDS = 0.2         # what became secured is written down together, at most this late


class BlobUploader:
    """Copies files of one store to one hub. `stuck` keeps why one does not go up, by address."""

    def __init__(self, database: Database, files: BlobFiles, hub: Hub, clock: Clock, stuck: dict[str, str]) -> None:
        self._database = database
        self._files = files
        self._hub = hub
        self._clock = clock
        self._stuck = stuck
        self._large = asyncio.Lock()
        self._secured: list[str] = []
        self._marked_at = time.monotonic()

    async def upload(self, moved: Callable[[int], None]) -> int:
        """Copy every file that waits; `moved` is told each. Returns how many became secured.

        A file that is gone here or that the hub will not have keeps waiting and holds up no other.
        """
        addresses = iter(await self._database.read(waiting))
        ways = [asyncio.ensure_future(self._copy(addresses, moved)) for _way in range(_SIDE_BY_SIDE)]
        try:
            return sum(await asyncio.gather(*ways))
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await self._mark_secured()

    async def recheck(self) -> int:
        """Ask a restored hub whether it still holds what counts as secured. Returns how many wait again."""
        addresses = await self._database.read(_held)
        lost: set[str] = set()
        for start in range(0, len(addresses), _ASKED):
            lost |= await self._hub.missing(addresses[start:start + _ASKED])
        if lost:
            await self._database.write(lambda unit: _mark(unit, sorted(lost), None))
        return len(lost)

    async def _copy(self, addresses: Iterator[str], moved: Callable[[int], None]) -> int:
        """One of several ways up: takes the next file until there is none."""
        secured = 0
        for address in addresses:
            secured += await self._one(address)
            moved(1)
        return secured

    async def _one(self, address: str) -> bool:
        try:
            stored = await self._send(address, self._files.path(address))
        except FileNotFoundError:
            return self._keeps_waiting(address, _("A sealed file is missing on this disk and could not be copied."))
        except (Refused, BadAnswer) as problem:
            return self._keeps_waiting(address, problem.sentence)
        if stored != address:
            return self._keeps_waiting(address, _("The hub stored something else than was sent."))
        self._stuck.pop(address, None)
        self._secured.append(address)
        if time.monotonic() - self._marked_at > _MARK_SECONDS:
            await self._mark_secured()
        return True

    async def _mark_secured(self) -> None:
        addresses, self._secured, self._marked_at = self._secured, [], time.monotonic()
        if addresses:
            await self._database.write(lambda unit: _mark(unit, addresses, self._clock.now()))

    def _keeps_waiting(self, address: str, sentence: str) -> bool:
        if self._stuck.get(address) != sentence:   # once, not with every cycle
            log.warning("a sealed file does not go up: %s", sentence)
        self._stuck[address] = sentence
        return False

    async def _send(self, address: str, path: Path) -> str:
        """Returns the address the hub computed over what it stored."""
        size = (await asyncio.to_thread(path.stat)).st_size
        if size > _AT_ONCE:
            async with self._large:
                return await self._resumed(address, path, size, b"")
        content = await asyncio.to_thread(path.read_bytes)
        _require(hashlib.sha256(content).hexdigest(), address)
        return await self._resumed(address, path, size, content)

    async def _resumed(self, address: str, path: Path, size: int, content: bytes) -> str:
        if not content and address in self._stuck:   # damaged the last time: do not send it again to find that out
            _require(await asyncio.to_thread(_hash, hashlib.sha256(), path, 0, size), address)
        for pause in _PAUSES:
            try:
                return await self._go_on(address, path, size, await self._hub.begin_upload(address, size, content))
            except UploadMoved:  # a request that was cut may still be being written down over there
                await asyncio.sleep(pause)
        return await self._go_on(address, path, size, await self._hub.begin_upload(address, size))

    async def _go_on(self, address: str, path: Path, size: int, state: UploadState) -> str:
        """From where the hub stands; the last part leaves only when all of the file is what its address says."""
        hashed, known = hashlib.sha256(), 0
        while not state.stored:
            end = min(size, state.offset + _PART)
            found = await asyncio.to_thread(_hash, hashed, path, known, end)
            if end == size:
                _require(found, address)
            known, start = max(known, end), state.offset
            state = await self._hub.upload(address, start, end - start, _pieces(path, start, end))
            if not (state.stored or start < state.offset < size):
                raise odd()
        return state.stored


def waiting(connection: Connection) -> list[str]:
    """Addresses that are not yet secured, oldest first."""
    return list(connection.execute(select(_BLOB.c.address).where(_WAITING).distinct().order_by(_BLOB.c.id)).scalars())


def count_waiting(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(_BLOB).where(_WAITING)).scalar_one())


def _held(connection: Connection) -> list[str]:
    held = _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_not(None)
    return list(connection.execute(select(_BLOB.c.address).where(held).distinct()).scalars())


def _mark(unit: Unit, addresses: Sequence[str], at: int | None) -> None:
    for address in addresses:
        here = (_BLOB.c.address == address) & _BLOB.c.upstream.is_(True)
        unit.conn.execute(update(_BLOB).where(here).values(secured_at=at))
    unit.emit(SyncChanged())


def _require(found: str, address: str) -> None:
    """What is really on the disk: a damaged file must not be sent again and again."""
    if found != address:
        raise Refused(_("A sealed file was changed on this disk and was not copied."),
                          _("Restore it from a backup."))


def _hash(hashed: hashlib._Hash, path: Path, start: int, end: int) -> str:
    """Take in the bytes from `start` to `end` and say what all of them hash to so far."""
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while start < end and (piece := file.read(min(_PIECE, end - start))):
            hashed.update(piece)
            start += len(piece)
    return hashed.hexdigest()


async def _pieces(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    """A part of a file, a piece at a time; shorter when the file was cut off meanwhile, which the hub will notice."""
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while start < end and (piece := await asyncio.to_thread(file.read, min(_PIECE, end - start))):
            start += len(piece)
            yield piece
