"""Sealed files to the hub: resumed where they stopped, secured only when the hub re-hashed what it stored."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from workstation.domain.events import SyncChanged
from workstation.kernel.clock import Clock
from workstation.kernel.errors import BadAnswer, Refused
from workstation.kernel.i18n import _
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.tables import BlobRow, table
from workstation.store.unit import Unit
from workstation.sync.mapper import odd
from workstation.sync.ports import Hub, UploadMoved
from workstation.sync.wire import CHUNK, UploadState

log = logging.getLogger(__name__)
_BLOB = table(BlobRow)
_WAITING = _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_(None)
_ASKED = 500
_PAUSES = (0.1, 0.5, 2.0)   # seconds before asking again where an upload stands


class BlobUploader:
    """Copies files of one store to one hub, one after the other. `stuck` keeps why one does not go up, by address."""

    def __init__(self, database: Database, files: BlobFiles, hub: Hub, clock: Clock, stuck: dict[str, str]) -> None:
        self._database = database
        self._files = files
        self._hub = hub
        self._clock = clock
        self._stuck = stuck

    async def upload(self, moved: Callable[[int], None]) -> int:
        """Copy every file that waits; `moved` is told each. Returns how many became secured.

        A file that is gone here or that the hub will not have keeps waiting and holds up no other.
        """
        secured = 0
        for address in await self._database.read(waiting):
            secured += await self._one(address)
            moved(1)
        return secured

    async def recheck(self) -> int:
        """Ask a restored hub whether it still holds what counts as secured. Returns how many wait again."""
        addresses = await self._database.read(_secured)
        lost: set[str] = set()
        for start in range(0, len(addresses), _ASKED):
            lost |= await self._hub.missing(addresses[start:start + _ASKED])
        if lost:
            await self._database.write(lambda unit: _mark(unit, sorted(lost), None))
        return len(lost)

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
        await self._database.write(lambda unit: _mark(unit, [address], self._clock.now()))
        return True

    def _keeps_waiting(self, address: str, sentence: str) -> bool:
        if self._stuck.get(address) != sentence:   # once, not with every cycle
            log.warning("a sealed file does not go up: %s", sentence)
        self._stuck[address] = sentence
        return False

    async def _send(self, address: str, path: Path) -> str:
        """Returns the address the hub computed over what it stored."""
        size, content = await asyncio.to_thread(_measure, path)
        if content != address:
            raise Refused(_("A sealed file was changed on this disk and was not copied."))
        for pause in _PAUSES:
            state = await self._hub.begin_upload(address, size)
            try:
                return await self._go_on(address, path, size, state)
            except UploadMoved:  # a request that was cut may still be being written down over there
                await asyncio.sleep(pause)
        return await self._go_on(address, path, size, await self._hub.begin_upload(address, size))

    async def _go_on(self, address: str, path: Path, size: int, state: UploadState) -> str:
        while not state.stored:
            if state.offset >= size:
                raise odd()
            state = await self._hub.upload(address, state.offset, await asyncio.to_thread(_read, path, state.offset))
        return state.stored


def waiting(connection: Connection) -> list[str]:
    """Addresses that are not yet secured, oldest first."""
    return list(connection.execute(select(_BLOB.c.address).where(_WAITING).distinct().order_by(_BLOB.c.id)).scalars())


def count_waiting(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(_BLOB).where(_WAITING)).scalar_one())


def _secured(connection: Connection) -> list[str]:
    held = _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_not(None)
    return list(connection.execute(select(_BLOB.c.address).where(held).distinct()).scalars())


def _mark(unit: Unit, addresses: Sequence[str], at: int | None) -> None:
    for address in addresses:
        here = (_BLOB.c.address == address) & _BLOB.c.upstream.is_(True)
        unit.conn.execute(update(_BLOB).where(here).values(secured_at=at))
    unit.emit(SyncChanged())


def _measure(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of what is really on the disk: a damaged file must not be sent again and again."""
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(CHUNK)
