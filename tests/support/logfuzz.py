"""Several desktops that seal, one hub that is cut off, killed, restored from backups and, where asked, lies: a seeded
walk over the hub's log of evidence.

The oracle reads the hub's leaves from its own file and works out roots by the recursion of RFC 6962 as it is printed.
After every cycle that went through it says whether the log goes on from what this desktop had accepted: then the
desktop must be content, otherwise it must say so; and it must never call a restored hub a liar, nor a liar restored.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.evidence import CASE, PaintedScreen, make_grab
from tests.support.hub import Desktop, HubHouse
from tests.support.proxy import CLEAN, Fault, Proxy
from workstation.evidence import checkpoint, log_rows, log_words
from workstation.evidence.log_rows import Break, Kept
from workstation.evidence.model import CaptureRequest
from workstation.evidence.service import EvidenceService
from workstation.hub import log, verifying
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import WorkstationError

_FAULTS = (
    Fault(refuse=True), Fault(lose_reply=True), Fault(lose_reply=True), Fault(cut_up=300), Fault(truncate=40),
    Fault(duplicate=True), Fault(duplicate=True), CLEAN, CLEAN, CLEAN,
)


def root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


@dataclass
class Seat:
    """A desktop that seals, its cable, and what happened to the hub since its last sound look at the log."""

    desktop: Desktop
    proxy: Proxy
    sealed: set[str] = field(default_factory=set)
    restored: bool = False
    rewritten: bool = False

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Over the store as it is open now; every request may meet a fault of its own."""
        here = self.desktop
        here.http = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))
        here.rewire()
        self.evidence = EvidenceService(here.database, here.files, here.secrets, here.clock,
                                        PaintedScreen(make_grab(8, 6)), here.name, "0.1.0")

    async def seal(self) -> None:
        await self.evidence.capture(CaptureRequest(CASE))
        self.sealed |= set(await self._column("SELECT record_hash FROM evidence_record"))

    async def acknowledged(self) -> set[str]:
        """Own records the hub gave a receipt for."""
        return set(await self._column(
            "SELECT record_hash FROM evidence_record WHERE id NOT IN (SELECT entity_id FROM outbox)"))

    async def proved(self, origin: str) -> set[str]:
        return set(await self._column(f"SELECT record_hash FROM evidence_inclusion WHERE origin = '{origin}'"))  # noqa: S608

    async def kept(self, origin: str) -> tuple[Kept, ...]:
        return await self.desktop.database.read(lambda conn: log_rows.checkpoints(conn, origin))

    async def broken(self) -> Break | None:
        return await self.desktop.database.read(log_rows.open_break)

    async def _column(self, query: str) -> list[str]:
        return await self.desktop.database.read(lambda conn: [row[0] for row in conn.exec_driver_sql(query)])


class LogWorld:
    """One walk: `run`, `heal`, `check`, `close`. `lies`: the hub also writes its log anew now and then."""

    def __init__(self, seed: int, hub: HubHouse, folder: Path, desktops: int = 2, *, lies: bool = False) -> None:
        self.breaks: list[str] = []
        self.restores = 0
        self._random = random.Random(seed)
        self._hub = hub
        self._backup = folder / "backup"
        self._lies = lies
        self._seats = [Seat(Desktop(folder / f"d{n}", f"d{n}"), Proxy(hub.url)) for n in range(desktops)]
        ((hub_id,),) = hub.rows("SELECT value FROM hub_meta WHERE name = 'hub_id'")
        self._origin = f"workstation.hub/{hub_id}"

    async def connect(self) -> None:
        for seat in self._seats:
            await seat.proxy.plug_in()
            await seat.desktop.sync.connect(self._hub.invite(url=seat.proxy.url))

    async def run(self, steps: int) -> None:
        for _step in range(steps):
            await self._step(self._random.choice(self._seats))

    async def restored_once(self) -> None:
        """Everybody copies, the hub goes back to a backup from before the last records, and is filled again in another
        order."""
        for seat in self._seats:
            await self._seal(seat)
            await self._cycle(seat)
        await self._back_up(self._seats[0])
        for seat in reversed(self._seats):       # sealed in one order and taken in the other
            await self._seal(seat)
        for seat in self._seats:
            await self._cycle(seat)
        await self._restore(self._seats[0])
        for seat in reversed(self._seats):
            await self._cycle(seat)
            await self._accept(seat)

    async def heal(self, rounds: int = 3) -> None:
        """Everybody is heard; a person accepts what a restored or lying hub shows."""
        for _round in range(rounds):
            for seat in self._seats:
                seat.proxy.forgive()
                await seat.proxy.plug_in()
                await self._cycle(seat)
                if await self._accept(seat):
                    await self._cycle(seat)

    async def check(self) -> None:
        leaves = self._leaves()
        assert len(leaves) == len(set(leaves)), "a record is in the log twice"
        assert set(leaves) == {hashed for seat in self._seats for hashed in seat.sealed}
        for seat in self._seats:
            assert await seat.acknowledged() == seat.sealed == await seat.proved(self._origin) & seat.sealed
            assert await seat.broken() is None
            for kept in await seat.kept(self._origin):
                assert self._begins_with(leaves, kept)
        report = await asyncio.to_thread(verifying.verify, self._hub.folder)
        assert (report.findings, report.records) == ([], len(leaves))

    async def close(self) -> None:
        for seat in self._seats:
            await seat.desktop.close()
            await seat.proxy.unplug()

    # steps

    async def _step(self, seat: Seat) -> None:
        acts = [self._seal, self._sync, self._sync_and_die, self._cable, self._hub_restarts, self._back_up,
                self._restore, self._rewrite]
        await self._random.choices(acts, weights=(30, 38, 6, 4, 2, 5, 4, 5 if self._lies else 0))[0](seat)

    async def _seal(self, seat: Seat) -> None:
        for _record in range(self._random.randrange(1, 4)):
            await seat.seal()

    async def _sync(self, seat: Seat) -> None:
        seat.proxy.next(*self._random.choices(_FAULTS, k=self._random.choice((0, 0, 1, 2, 3))))
        await self._cycle(seat)
        if self._random.random() < 0.5:
            await self._accept(seat)

    async def _sync_and_die(self, seat: Seat) -> None:
        """The program is ended in the middle of a cycle and started again."""
        before = await self._last(seat)
        attempt = asyncio.ensure_future(seat.desktop.sync.run())
        await asyncio.sleep(self._random.random() * 0.08)
        await seat.desktop.close()
        seat.desktop.open()
        seat.open()
        (done,) = await asyncio.gather(attempt, return_exceptions=True)
        await self._judge(seat, before, through=not isinstance(done, BaseException))

    async def _cable(self, seat: Seat) -> None:
        await (seat.proxy.unplug() if self._random.random() < 0.5 else seat.proxy.plug_in())

    async def _hub_restarts(self, _seat: Seat) -> None:
        await asyncio.to_thread(self._hub.restart)

    async def _back_up(self, _seat: Seat) -> None:
        shutil.rmtree(self._backup, ignore_errors=True)
        await asyncio.to_thread(self._hub.back_up, self._backup)

    async def _restore(self, _seat: Seat) -> None:
        if not self._backup.is_dir():
            return
        await asyncio.to_thread(self._hub.restore, self._backup)
        self.restores += 1
        for seat in self._seats:
            seat.restored = True

    async def _rewrite(self, _seat: Seat) -> None:
        """Whoever runs the hub puts the records of its log into another order, and signs that."""
        await asyncio.to_thread(self._hub.stop)
        rows = SqliteRows(self._hub.folder / "hub.db")
        leaves = rows.now(lambda conn: [*conn.exec_driver_sql("SELECT record_hash, entity_id FROM log_leaf")])
        self._random.shuffle(leaves)
        for name in ("log_leaf", "log_node", "log_checkpoint"):
            rows.now(lambda conn, name=name: conn.exec_driver_sql(f"DELETE FROM {name}"))  # type: ignore[misc]  # noqa: S608
        for hashed, entity_id in leaves:
            rows.now(lambda conn, h=hashed, e=entity_id: log.append(conn, h, e, 1))  # type: ignore[misc]
        rows.close()
        await asyncio.to_thread(self._hub.restart)
        for seat in self._seats:
            seat.rewritten = True

    # the oracle

    async def _cycle(self, seat: Seat) -> None:
        before = await self._last(seat)
        try:
            await seat.desktop.sync.run()
        except WorkstationError:
            await self._judge(seat, before, through=False)
        else:
            await self._judge(seat, before, through=True)

    async def _judge(self, seat: Seat, before: tuple[Kept | None, Break | None], *, through: bool) -> None:
        """What the desktop found, beside what is so."""
        last, was_broken = before
        broken = await seat.broken()
        if was_broken is not None:
            assert broken == was_broken, "a break stays until a person accepted it"
            return
        sound = last is None or self._begins_with(self._leaves(), last)
        if broken is not None:
            assert not sound, f"{broken.code}: the log goes on from what was seen"
            self._check_name(seat, broken.code)
            self.breaks.append(broken.code)
        elif through:
            assert sound, "the log does not go on from what was seen, and nobody was told"
            seat.restored = seat.rewritten = False

    def _check_name(self, seat: Seat, code: str) -> None:
        assert code.partition(" ")[0] in ("shrunk", "rewritten", "forked")
        assert seat.rewritten or "altered" not in code, "a restored hub is no liar"
        assert seat.restored or not log_words.restored(code), "a liar was not restored"

    async def _accept(self, seat: Seat) -> bool:
        broken = await seat.broken()
        if broken is not None:
            await seat.desktop.sync.accept_log(broken.id)
            seat.restored = seat.rewritten = False
        return broken is not None

    async def _last(self, seat: Seat) -> tuple[Kept | None, Break | None]:
        kept = await seat.kept(self._origin)
        return (kept[-1] if kept else None), await seat.broken()

    def _leaves(self) -> list[str]:
        return [hashed for (hashed,) in self._hub.rows("SELECT record_hash FROM log_leaf ORDER BY leaf")]

    def _begins_with(self, leaves: list[str], kept: Kept) -> bool:
        said = kept.note.decode().split("\n")
        assert int(said[1]) == kept.size
        first = [bytes.fromhex(one) for one in leaves[:kept.size]]
        shown = checkpoint.Checkpoint(said[0], kept.size, root(first)).text.split("\n")
        return len(first) == kept.size and shown[2] == said[2]
