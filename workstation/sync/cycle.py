"""One full cycle: hand in, copy files, take in, compare; and what a difference leads to."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from workstation.kernel.clock import Clock
from workstation.runtime.jobs import Progress
from workstation.store import outbox
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.sync import blobs, digest, facts
from workstation.sync.blobs import BlobUploader
from workstation.sync.digest import Verdict
from workstation.sync.model import SyncReport
from workstation.sync.ports import Collection, Hub, Offers
from workstation.sync.pull import Puller
from workstation.sync.push import push
from workstation.sync.wire import Digests

_ROUNDS = 3   # a difference is walked through at most twice; if it stays, a person is told
Find = Callable[[str], Collection]
Greeted = Callable[[str], Awaitable[None]]


async def unheard(_member: str) -> None:
    """Nobody asks whose device this is."""


class Cycle:
    """The order matters: events first, so that a feed read later shows them; files before the comparison.

    `agreed`: what both sides had when they were last found equal, None to compute in any case. `stuck` is told of
    every file that does not go up, by address.
    """

    def __init__(
        self, database: Database, files: BlobFiles, hub: Hub, find: Find, clock: Clock, agreed: Digests | None,
        stuck: dict[str, str], offers: Offers | None = None, greeted: Greeted = unheard,
    ) -> None:
        """`greeted` hears whose device the hub says this is, before anything is handed in."""
        self.agreed = agreed
        self._greeted = greeted
        self._database = database
        self._hub = hub
        self._find = find
        self._clock = clock
        self._offers = offers
        self._puller = Puller(database, hub, find, clock)
        self._uploader = BlobUploader(database, files, hub, clock, stuck)
        self._pushed = self._refused = self._pulled = self._uploaded = 0
        self._done = self._total = 0
        self._progress: Progress = lambda _done, _total: None

    async def run(
        self, progress: Progress, marks: tuple[str, str] = ("", ""), *, retry_parked: bool
    ) -> SyncReport:
        """Raises ConnectError when the hub cannot be used; what was settled before stays settled.

        `marks`: what this home left at the hub before, and what it leaves now.
        """
        started = time.monotonic()
        self._progress = progress
        offset = await self._hub.hello(*marks)
        await self._greeted(offset.member)
        if marks[0] != marks[1]:
            await self._database.write(lambda unit: facts.mark_left(unit.conn, marks[1]))
        self._total = await self._database.read(lambda conn: (
            outbox.counts(conn)[0] + blobs.count_waiting(conn) + (self._offers.waiting(conn) if self._offers else 0)))
        if retry_parked:
            await self._puller.retry_parked()
        verdict = await self._rounds()
        now = self._clock.now()
        await self._database.write(lambda unit: facts.put_outcome(unit.conn, now, verdict.equal, offset))
        return SyncReport(self._pushed, self._refused, self._pulled, self._uploaded, verdict.equal, verdict.records,
                          time.monotonic() - started)

    async def _rounds(self) -> Verdict:
        verdict = Verdict(None)
        for _round in range(_ROUNDS):
            await self._push()
            rebuilt = await self._pull()
            verdict = await digest.compare(self._database, self._hub, self._find, self._pull, self.agreed)
            self.agreed = verdict.agreed
            if not rebuilt and not verdict.unequal:
                break
            for name in verdict.unequal:
                self._pulled += await self._puller.repull(name)
        return verdict

    async def _push(self) -> None:
        taken, refused = await push(
            self._database, self._hub, self._find, self._moved, self._offers, self._clock.now())
        self._pushed, self._refused = self._pushed + taken, self._refused + refused
        self._uploaded += await self._uploader.upload(self._moved)

    async def _pull(self) -> bool:
        pulled = await self._puller.pull()
        self._pulled += pulled.changed
        if pulled.rebuilt:
            await self._uploader.recheck()
        return pulled.rebuilt

    def _moved(self, count: int) -> None:
        self._done += count
        self._total = max(self._total, self._done)
        self._progress(self._done, self._total)
