"""A real encrypted store with the evidence service over it, and a screen whose every pixel the test chose."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.fresh import fresh
from tests.support.secrets import MemorySecrets
from workstation.evidence.model import CaptureRequest, Grab, Monitor
from workstation.evidence.service import EvidenceService
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.events import Event
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database

KEY = b"e" * 32
NOW = 1_790_000_000_000
CASE = "0197b0c4-0000-7000-8000-00000000case"


def pixels(width: int, height: int, seed: int = 0) -> bytes:
    """An opaque picture in which every pixel tells where it is."""
    rows = []
    for y in range(height):
        row = bytearray(width * 4)
        row[0::4] = bytes((x + seed) & 255 for x in range(width))
        row[1::4] = bytes([y & 255]) * width
        row[2::4] = bytes((x >> 8) * 16 + (y >> 8) & 255 for x in range(width))
        row[3::4] = b"\xff" * width
        rows.append(bytes(row))
    return b"".join(rows)


def make_grab(width: int = 64, height: int = 48, seed: int = 0, scale: float = 1.0) -> Grab:
    monitor = Monitor("test-1", 0, 0, round(width / scale), round(height / scale), width, height, scale)
    return Grab(width, height, pixels(width, height, seed), (monitor,), 0, "test", real_screen=False,
                window_title="Orders <of> Ana", warnings=("a warning",), versions=(("qt", "6.11.3"),))


@dataclass
class PaintedScreen:
    """A capture back end that shows `picture`, or refuses."""

    picture: Grab = field(default_factory=make_grab)
    reason: str = ""
    refuses: bool = False

    def available(self) -> str:
        return self.reason

    async def grab(self, screen: int) -> Grab:
        if self.refuses:
            raise CaptureRefused("The system gave no image.")
        return self.picture


@dataclass
class Bench:
    """Everything a test of evidence touches."""

    folder: Path
    database: Database
    blobs: BlobFiles
    secrets: MemorySecrets
    clock: FixedClock
    screen: PaintedScreen
    events: list[Event]
    service: EvidenceService

    def request(self, **changes: object) -> CaptureRequest:
        values: dict[str, object] = {"case_id": CASE, "purpose": "delivery page", **changes}
        return CaptureRequest(**values)  # type: ignore[arg-type]

    async def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Reach into the database as somebody with its key could."""
        def run(unit: object) -> list[tuple[object, ...]]:
            cursor = unit.conn.exec_driver_sql(statement, values)  # type: ignore[attr-defined]
            return [tuple(row) for row in cursor] if cursor.returns_rows else []

        return await self.database.write(run)


@asynccontextmanager
async def bench(folder: Path, secrets: MemorySecrets | None = None, **options: object) -> AsyncIterator[Bench]:
    """A bench in `folder`; opening the same folder again finds what was kept."""
    events: list[Event] = []
    fresh(folder / "workstation.db", KEY)
    database = Database(folder / "workstation.db", KEY, events.append)
    made = Bench(
        folder, database, BlobFiles(folder / "blobs"), secrets or MemorySecrets(), FixedClock(NOW), PaintedScreen(),
        events, None,  # type: ignore[arg-type]
    )
    made.service = EvidenceService(
        database, made.blobs, made.secrets, made.clock, made.screen, "device-1", "0.1.0", operator="Li Wei",
        **options,  # type: ignore[arg-type]
    )
    try:
        yield made
    finally:
        database.close()


async def small_case(made: Bench) -> list[str]:
    """Two captures and a reply. Returns the ids."""
    first = await made.service.capture(made.request())
    made.clock.advance(1_000)
    made.screen.picture = make_grab(80, 40, seed=7)
    second = await made.service.capture(made.request(url="https://carrier.example/1", url_learnt="typed"))
    made.clock.advance(1_000)
    await made.service.keep_reply(CASE, "<reply-1@seller.example>", b"Subject: Hello\r\n\r\nBody", "250 queued")
    reply = (await made.service.list(CASE))[-1]
    return [first.id, second.id, reply.id]


def small_pack(folder: Path) -> Path:
    """The pack of a small case, and its home, in a folder of their own."""
    async def make() -> Path:
        async with bench(folder) as made:
            await small_case(made)
            return await made.service.export(folder / "case.zip", case_id=CASE)

    return asyncio.run(make())


Change = Callable[[bytes], bytes]


def rewrite(
    pack: Path, out: Path, change: Mapping[str, Change | None], extra: Mapping[str, bytes] | None = None
) -> Path:
    """A copy of a pack with files changed (by their name inside the bag), left out (None) or added."""
    with zipfile.ZipFile(pack) as source, zipfile.ZipFile(out, "w") as target:
        top = source.namelist()[0].split("/")[0]
        for entry in source.infolist():
            name = entry.filename.removeprefix(f"{top}/")
            edit = change.get(name, _same)
            if edit is not None:
                target.writestr(entry.filename, edit(source.read(entry)))
        for name, content in (extra or {}).items():
            target.writestr(f"{top}/{name}", content)
    return out


def _same(content: bytes) -> bytes:
    return content


def flip(content: bytes, at: int = -1) -> bytes:
    """One bit different."""
    place = at % len(content)
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]


def inside(pack: Path) -> dict[str, bytes]:
    """Files of a pack by their name inside the bag."""
    with zipfile.ZipFile(pack) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def payload_of(envelope: bytes) -> dict[str, object]:
    import base64

    found = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    assert isinstance(found, dict)
    return found
