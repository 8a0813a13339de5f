"""How far the hub's clock is ahead, for what is sealed here."""

from __future__ import annotations

import asyncio
import contextlib

from workstation.domain.events import SyncChanged
from workstation.kernel.errors import Busy
from workstation.store import meta
from workstation.store.database import Database
from workstation.sync import facts


class HubOffset:
    """How far the hub's clock is ahead of ours, in milliseconds, as last measured; None before the first contact."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._value: int | None = None
        self._reading: asyncio.Task[None] | None = None

    def __call__(self) -> int | None:
        return self._value

    def on_sync(self, _event: SyncChanged) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.ensure_future(self._read_again())

    async def _read_again(self) -> None:
        """The last batch of a closing core announces itself when the store takes no more questions."""
        with contextlib.suppress(Busy):
            await self.read()

    async def read(self) -> None:
        text = await self._database.read(lambda connection: meta.get(connection, facts.OFFSET))
        self._value = int(text) if text else None
