"""A case with real exhibits for the claims desks: captures, photos, papers, mails, answers, letters and facts."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from tests.support.evidence import CASE, NOW, Bench, bench, make_grab
from workstation.evidence.claims.binder import BinderService
from workstation.evidence.claims.desks import Desks
from workstation.evidence.claims.model import Fact, Letter
from workstation.evidence.claims.press import Press
from workstation.evidence.claims.printing import ChildPrinter
from workstation.evidence.model import Kind
from workstation.evidence.ports import Printer
from workstation.evidence.record import Statement
from workstation.evidence.sealer import Entry, Prepared
from workstation.kernel.errors import Unsupported
from workstation.kernel.paths import resources

FACTS = {
    "order_number": "702-1234567-1234567", "ordered_on": "2026-08-01", "amount": "USD 812.50", "items": "1 × Lamp",
    "carrier": "DHL", "tracking_number": "JD014600003RU", "shipped_on": "2026-08-03", "delivered_on": "2026-08-09",
    "delivery_status": "Delivered", "delivered_place": "10115 Berlin",
}


@dataclass
class Known:
    """Fulfils `evidence.ports.CaseFacts` with what a test says."""

    values: dict[str, str] = field(default_factory=lambda: dict(FACTS))
    stale: set[str] = field(default_factory=set)
    said: list[Letter] = field(default_factory=list)

    def known(self, connection: Connection, case_id: str) -> bool:
        return case_id == CASE

    def facts(self, connection: Connection, case_id: str) -> Sequence[Fact]:
        return [Fact(name, "", value, "17track", NOW - 60_000, name in self.stale)
                for name, value in self.values.items()]

    def letters(self, connection: Connection, case_id: str) -> Sequence[Letter]:
        return self.said


def letters(count: int = 3, words: str = "O pacote ainda não chegou.") -> list[Letter]:
    """A conversation in Portuguese with English beside it."""
    return [
        Letter(f"m{n}", NOW + n * 60_000, n % 2 == 0, "Ana", "pt", words, "en", "The parcel has not arrived yet.",
               "argos 1.9", own_words=n % 2 == 1)
        for n in range(count)
    ]


@dataclass
class Case:
    """A binder over a bench."""

    made: Bench
    known: Known
    binder: BinderService

    async def add(
        self, content: bytes, mime: str, kind: Kind = Kind.FILE, what: Statement | None = None, purpose: str = "",
    ) -> str:
        """Seal a file into the case."""
        self.made.clock.advance(1_000)
        entry = Entry(kind, CASE, what or {"scope": "added_file"}, {"purpose": purpose}, self.made.clock.now(), 1)
        return (await self.made.service.sealer.add(entry, Prepared(content, mime))).id

    async def capture(self, purpose: str, width: int = 640, height: int = 400, seed: int = 0) -> str:
        self.made.clock.advance(1_000)
        self.made.screen.picture = make_grab(width, height, seed)
        return (await self.made.service.capture(self.made.request(purpose=purpose))).id


class LongPress(Press):
    """A converting process that serves several forms, so that a test does not wait for one each time."""

    async def shutdown(self) -> None:
        """Only when it broke; `end` ends it."""
        if self._process is not None and self._process.returncode is not None:
            await super().shutdown()

    async def end(self) -> None:
        await super().shutdown()


@asynccontextmanager
async def case(folder: Path, printer: Printer | None = None, press: Press | None = None) -> AsyncIterator[Case]:
    async with bench(folder) as made:
        known = Known()
        yield Case(made, known, BinderService(
            made.database, made.clock, lambda: Desks(resources() / "claims"), known, made.service,
            printer or ChildPrinter(), lambda _connection, case_id: (case_id,), (lambda: press) if press else None))


def photo(width: int, height: int, kind: str = "JPEG", noisy: bool = True, **options: object) -> bytes:
    """A photo that does not shrink well (noise), or a plain one."""
    from PIL import Image

    image = Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)) if noisy else Image.new(
        "RGB", (width, height), (200, 30, 30))
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def paper(pages: int = 1, filling: int = 0) -> bytes:
    """A PDF of blank pages, with so many bytes in it that do not shrink."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, NameObject

    writer = PdfWriter()
    for _number in range(pages):
        page = writer.add_blank_page(595, 842)
        if filling:
            stream = DecodedStreamObject()
            stream.set_data(b"%" + os.urandom(filling // pages).hex().encode() + b"\n")
            page[NameObject("/Contents")] = writer._add_object(stream)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


@dataclass
class Sheets:
    """A printer without Qt: a blank page for each 2,000 characters, the text itself beside it for tests to read."""

    printed: list[str] = field(default_factory=list)
    reason: str = ""

    def available(self) -> str:
        return self.reason

    async def pdf(self, pages: Sequence[str]) -> tuple[bytes, ...]:
        self._take(pages)
        return tuple(paper(1 + len(page) // 2_000) for page in pages)

    async def pictures(self, pages: Sequence[str]) -> tuple[tuple[bytes, ...], ...]:
        self._take(pages)
        return tuple(
            tuple(photo(620, 877, "PNG", noisy=False) for _sheet in range(1 + len(page) // 2_000)) for page in pages)

    def _take(self, pages: Sequence[str]) -> None:
        if self.reason:
            raise Unsupported(self.reason)
        self.printed += pages


MB = 1_000_000


@dataclass(frozen=True)
class Rules:
    """What a desk accepts; 0 and empty: nothing is published."""

    formats: frozenset[str] = frozenset()
    each: int = 0
    total: int = 0
    files: int = 0
    pages: int = 0
    name: int = 0
    dpi: int = 0
    pixels: int = 0


RULES = {
    "amazon_a_to_z": Rules(total=10 * MB),
    "ebay": Rules(frozenset({"JPEG", "PNG"}), total=1_750_000, files=5),
    "paypal": Rules(frozenset({"JPEG", "GIF", "PNG", "PDF"}), each=10 * MB, total=50 * MB),
    "stripe": Rules(frozenset({"PDF", "JPEG", "PNG"}), each=5 * MB),
    "shopify_payments": Rules(),
    "visa_13_1": Rules(total=2 * MB),
    "visa_13_3": Rules(total=2 * MB),
    "mastercard": Rules(frozenset({"JPEG", "TIFF", "PDF"}), total=18 * MB, name=16, dpi=300, pixels=30 * MB),
    "amex": Rules(files=5, each=5 * MB, total=25 * MB),
    "discover": Rules(pages=20, total=3 * MB),
    "tiktok_shop": Rules(),
    "shopee": Rules(frozenset({"JPEG", "PNG"}), each=10 * MB),
}
"""Copied by hand from the desks' pages and not read from our own data."""


def outside(desk: str, folder: Path) -> list[str]:
    """What in a form's `files` folder breaks the desk's rules, looked at with Pillow and pypdf alone."""
    rules = RULES[desk]
    files = sorted(folder.iterdir())
    looked = [_look(file) for file in files]
    wrong = [f"{one.name}: {what}" for one in looked for what in _broken(one, rules)]
    size, pages = sum(one.size for one in looked), sum(one.pages for one in looked)
    wrong += [f"together {size}"] if rules.total and size >= rules.total else []
    wrong += [f"{len(files)} files"] if rules.files and len(files) > rules.files else []
    wrong += [f"{pages} pages"] if rules.pages and pages > rules.pages else []
    return wrong


def _broken(one: Looked, rules: Rules) -> Iterator[str]:
    if rules.formats and one.format not in rules.formats:
        yield one.format
    if rules.each and one.size >= rules.each:
        yield f"{one.size} bytes"
    if rules.name and (len(one.name) > rules.name or not one.name.isascii()):
        yield "its name"
    if rules.pixels and one.pixels >= rules.pixels:
        yield f"{one.pixels} pixels"
    if rules.dpi and one.dpi > rules.dpi:
        yield f"{one.dpi} dpi"


@dataclass(frozen=True)
class Looked:
    """A file that opens: the most pixels of a picture in it, and the most dots an inch."""

    name: str
    size: int
    format: str
    pages: int
    pixels: int
    dpi: int


def _look(file: Path) -> Looked:
    from PIL import Image
    from pypdf import PdfReader

    size = file.stat().st_size
    if file.suffix == ".pdf":
        reader = PdfReader(file, strict=True)
        pictures = [(page, one.image) for page in reader.pages for one in page.images if one.image is not None]
        dots = [image.width / float(page.mediabox.width) * 72 for page, image in pictures]
        most = max((image.width * image.height for _page, image in pictures), default=0)
        return Looked(file.name, size, "PDF", len(reader.pages), most, round(max(dots, default=0)))
    with Image.open(file) as image:
        image.load()
        dots_there = max(image.info.get("dpi", (72, 72)))
        return Looked(file.name, size, image.format or "", 1, image.width * image.height, round(float(dots_there)))
