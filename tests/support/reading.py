"""Pictures with text, and a process that answers as the one that reads does, as a test tells it to."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.support.evidence import PaintedScreen, make_grab
from tests.support.secrets import MemorySecrets
from tests.support.store import Desk, desk
from workstation.evidence.model import CaptureRequest, RecordView
from workstation.evidence.reading.process import Reader
from workstation.evidence.reading.service import Ground, ReadingService
from workstation.evidence.service import EvidenceService
from workstation.inbox import placing
from workstation.runtime.jobs import Jobs

CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
LATIN = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LINES = [[10, 10, 300, 20, 0.99, "Order 702-5512873-9046218 marmalade"], [10, 40, 300, 20, 0.98, "LX473124829CN"]]
"""What the scripted process reads unless it is told otherwise."""

SCRIPT = """
import hashlib, json, os, sys, time
folder = sys.argv[1]
while line := sys.stdin.buffer.readline():
    asked = json.loads(line)
    picture = sys.stdin.buffer.read(asked["size"])
    with open(os.path.join(folder, "asked"), "a") as log:
        log.write(hashlib.sha256(picture).hexdigest() + chr(10))
    with open(os.path.join(folder, "answer.json")) as file:
        told = json.load(file)
    if told.get("die"):
        os.abort()
    while told.get("hang"):
        time.sleep(60)
    print(json.dumps({"id": asked["id"], **told}), flush=True)
"""


@dataclass(frozen=True)
class Script:
    """What the scripted process does, and what it was asked: SHA-256 of each picture."""

    folder: Path

    def reader(self, idle_seconds: float = 20.0, seconds: float = 60.0) -> Reader:
        return Reader([sys.executable, "-S", "-c", SCRIPT, str(self.folder)], idle_seconds, seconds)

    def answer(self, **told: object) -> None:
        (self.folder / "answer.json").write_text(json.dumps(told))

    def lines(self, *lines: object) -> None:
        self.answer(width=640, height=480, lines=list(lines))

    @property
    def asked(self) -> list[str]:
        log = self.folder / "asked"
        return log.read_text().split() if log.exists() else []


def script(folder: Path) -> Script:
    """A scripted process that reads `LINES` in every picture."""
    made = Script(folder)
    made.lines(*LINES)
    return made


@dataclass
class ReadingDesk:
    """A desk with evidence, whose pictures a scripted process reads."""

    inner: Desk
    evidence: EvidenceService
    reading: ReadingService
    script: Script
    screen: PaintedScreen
    wanted: bool = True
    unplugged: bool = False

    async def capture(self, case_id: str, seed: int = 0) -> RecordView:
        self.screen.picture = make_grab(64, 48, seed)
        return await self.evidence.capture(CaptureRequest(case_id))

    async def settle(self, most: int = 40) -> None:
        """Read all that waits."""
        for _turn in range(most):
            source = await self.reading._next()
            if source is None:
                return
            await self.reading._one_of_many(source)
        raise AssertionError("there is no end of it")


@asynccontextmanager
async def reading_desk(folder: Path, known: Sequence[str] = ()) -> AsyncIterator[ReadingDesk]:
    """In `folder`; opening the same folder again finds what was kept. `known`: order numbers that are known."""
    (folder / "script").mkdir(exist_ok=True)
    async with desk(folder) as inner:
        screen, jobs = PaintedScreen(), Jobs(inner.events.append)
        evidence = EvidenceService(
            inner.database, inner.blobs, MemorySecrets(), inner.clock, screen, "device-1", "0.1.0",
            kin=placing.members)
        made = ReadingDesk(inner, evidence, None, script(folder / "script"), screen)  # type: ignore[arg-type]
        made.reading = ReadingService(
            Ground(inner.database, inner.blobs, inner.clock, jobs, inner.inbox, placing.shown_in,
                   lambda _conn, number: [number] if number in known else []),
            wanted=lambda: made.wanted, reader=made.script.reader(), on_battery=lambda: made.unplugged, quiet=0.0,
            first_look=0.0)
        try:
            yield made
        finally:
            await made.reading.shutdown()


def png(lines: Sequence[tuple[str, int]] = (), size: tuple[int, int] = (900, 240), font: str = "") -> bytes:
    """A white picture with lines of (text, size in pixels), as a screen shows them."""
    image = Image.new("RGB", size, "white")
    draw, y = ImageDraw.Draw(image), 12
    for text, height in lines:
        face = ImageFont.truetype(font, height) if font and Path(font).exists() else ImageFont.load_default(height)
        draw.text((16, y), text, fill="#202020", font=face)
        y += int(height * 1.9)
    return encoded(image)


def encoded(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
