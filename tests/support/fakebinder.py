"""A binder in memory over the shipped desks: what the window asks of the core, with pauses that tests choose."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from PySide6.QtGui import QColor, QImage, QPainter

from tests.support.fakecore import HOUR, NOW, World
from tests.support.fakecore_rest import PIXEL, FakeEvidence
from ui.composer.files import png
from workstation.api import Progress
from workstation.domain.events import BinderChanged
from workstation.domain.undo import Undo
from workstation.evidence.claims import deadline, meter, shown
from workstation.evidence.claims.desks import Desks
from workstation.evidence.claims.model import (
    CORRESPONDENCE,
    OTHER,
    Binder,
    Claim,
    CompiledFile,
    CompileReport,
    Desk,
    Exhibit,
    Fact,
    LeftOut,
    OpenClaim,
    TextSlot,
    TextValue,
    Translation,
)
from workstation.evidence.model import Kind, RecordView
from workstation.kernel.errors import NotFound
from workstation.kernel.paths import resources

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
LETTERS = Exhibit(CORRESPONDENCE, CORRESPONDENCE, "Correspondence", 0, "", "communication", True, True, PDF, 0)


@cache
def shipped() -> Desks:
    return Desks(resources() / "claims")


@cache
def known() -> tuple[Desk, ...]:
    return tuple(shown.desk(part) for part in shipped())


def exhibit(number: int, title: str, *, kind: Kind = Kind.FILE, slot: str = OTHER, caption: str = "",
            proposed: bool = True, included: bool = True, mime: str = JPEG, real: bool = True,
            stamped: bool = False) -> Exhibit:
    return Exhibit(f"r{number}", kind, title, NOW - number * HOUR, caption, slot, proposed, included, mime,
                   100_000 + number, number, real_screen=real, time_stamped=stamped)


def record(one: Exhibit, case_id: str = "pt") -> RecordView:
    """The record behind an exhibit."""
    return RecordView(one.record_id, case_id, Kind(one.kind), one.title, one.at, one.sequence, "ab" * 32, one.size,
                      one.mime, one.real_screen, one.time_stamped, False)


FACTS = (
    Fact("order_number", "Order number", "702-1234567-1234567", "simulated shop", NOW - 9 * 60_000),
    Fact("amount", "Amount", "BRL 129.90", "simulated shop", NOW - 9 * 60_000),
    Fact("carrier", "Carrier", "Correios", "simulated carrier", NOW - 80 * HOUR, stale=True),
    Fact("tracking_number", "Tracking number", "LB123456785CN", "simulated shop", NOW - 9 * 60_000),
    Fact("shipped_on", "Shipped on", "2026-11-09", "simulated shop", NOW - 9 * 60_000),
    Fact("delivered_on", "Delivered on", "", why="The carrier has not said that it was delivered."),
)
EXHIBITS = (
    exhibit(1, "Region of screen 1, 1180×760", kind=Kind.CAPTURE, slot="proof_of_delivery", mime=PNG, stamped=True,
            caption="The carrier's page: delivered on 18 November", proposed=False),
    exhibit(2, "foto da caixa.jpg", slot="damage_photos", caption="箱子外观：左下角破损，胶带完好"),
    exhibit(3, "Screen 1, 1920×1080", kind=Kind.CAPTURE, mime=PNG, real=False, included=False),
    exhibit(4, "فاتورة الطلب 702-1234567-1234567.pdf", slot="receipt", mime=PDF,
            caption="فاتورة الطلب 702-1234567-1234567 بقيمة 129.90"),
    LETTERS,
)


class CaseEvidence(FakeEvidence):
    """Says which thumbnails were asked for; what is no picture has none."""

    async def thumbnail(self, record_id: str) -> bytes:
        self.world.calls.append(("thumbnail", record_id))
        found = next(one for one in self.world.records if one.id == record_id)
        if not found.mime.startswith("image/"):
            raise NotFound("This record has no picture.")
        return PIXEL


class PicturedEvidence(CaseEvidence):
    """Thumbnails that can be looked at, made on Qt's thread, which draws them."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._pictures = [png(_drawn(number)) for number in range(8)]

    async def thumbnail(self, record_id: str) -> bytes:
        await super().thumbnail(record_id)
        return self._pictures[int(record_id[1:]) % 8]


def _drawn(number: int) -> QImage:
    """A small page with a block of its own colour."""
    image = QImage(320, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#e8ecf2"))
    painter = QPainter(image)
    painter.fillRect(16, 16, 288, 34, QColor("#3f63c9"))
    painter.fillRect(16, 66, 120, 118, QColor.fromHsv(number * 47 % 360, 120, 200))
    for line in range(4):
        painter.fillRect(152, 70 + 28 * line, 140 - 20 * line, 12, QColor("#8a929c"))
    painter.end()
    return image


@dataclass
class FakeBinder:
    """Fulfils `api.BinderApi` for every case alike. `gate` holds back a compile, `failures` are raised in turn."""

    world: World
    exhibits: list[Exhibit] = field(default_factory=lambda: list(EXHIBITS))
    facts: tuple[Fact, ...] = FACTS
    choice: tuple[str, str] = ("", "")
    written: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    failure: BaseException | None = None
    ways_back: dict[str, tuple[list[Exhibit], dict[str, str]]] = field(default_factory=dict)
    case_id: str = "pt"
    claims_at: dict[str, Claim] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.world.records = [record(one, self.case_id) for one in self.exhibits if one is not LETTERS]

    async def desks(self) -> tuple[Desk, ...]:
        return known()

    async def desk_problems(self) -> tuple[str, ...]:
        return self.problems

    async def binder(self, case_id: str, desk: str = "", reason: str = "") -> Binder:
        self.world.calls.append(("binder", (case_id, desk, reason)))     # fails only where a test says so
        if not desk:
            desk, reason = self.choice
        if not desk:
            return Binder(case_id, "", "", tuple(self.exhibits), facts=self.facts)
        part = shipped().get(desk)
        wanted = part.wanted(reason or part.reason[0].id)
        asked = shown.reason(part, wanted)
        facts = {fact.id: fact for fact in self.facts}
        wanted_slots = {slot.id for slot in asked.slots}
        seen = tuple(one if one.slot in wanted_slots else replace(one, slot=OTHER) for one in self.exhibits)
        marks = meter.measure(asked.slots, meter.Case(seen, facts, NOW))
        texts = tuple(self._text(slot) for slot in asked.texts)
        claim = self.claims_at.get(desk, Claim())
        told = deadline.facts(claim, part.clock) if claim != Claim() else ()
        return Binder(case_id, desk, wanted.id, seen, marks, (*told, *self.facts), texts, claim,
                      deadline.deadlines(claim, part.clock))

    async def claim(self, case_id: str, desk: str, claim: Claim) -> Undo:
        self.world.note("claim", (desk, claim))
        undo = self._before(case_id)
        self.claims_at[desk] = deadline.checked(claim)
        return self._told(undo)

    async def claims(self) -> tuple[OpenClaim, ...]:
        return ()

    def _text(self, slot: TextSlot) -> TextValue:
        mine = self.written.get(slot.id, "")
        text = mine or "Order 702-1234567-1234567, for BRL 129.90."
        return TextValue(slot, text, bool(mine), max(0, len(text) - (slot.characters or len(text))))

    async def choose(self, case_id: str, desk: str, reason: str) -> None:
        self.world.note("choose", (case_id, desk, reason))
        self.choice = desk, reason
        self.world.bus.publish(BinderChanged(case_id))

    async def move(self, case_id: str, record_id: str, to: int) -> Undo:
        self.world.note("move", (record_id, to))
        undo = self._before(case_id)
        one = self._one(record_id)
        self.exhibits.remove(one)
        self.exhibits.insert(to, one)
        return self._told(undo)

    async def caption(self, case_id: str, record_id: str, text: str) -> Undo:
        self.world.note("caption", (record_id, text))
        return self._change(case_id, (record_id,), caption=text)

    async def assign(self, case_id: str, record_id: str, slot: str) -> Undo:
        self.world.note("assign", (record_id, slot))
        return self._change(case_id, (record_id,), slot=slot or OTHER, proposed=not slot)

    async def include(self, case_id: str, record_ids: Sequence[str], included: bool) -> Undo:
        self.world.note("include", (tuple(record_ids), included))
        return self._change(case_id, record_ids, included=included)

    async def translate(
        self, case_id: str, record_id: str, language: str, translation: Translation | None = None
    ) -> Undo:
        self.world.note("translate", (record_id, language, translation))
        return self._change(case_id, (record_id,), language=language, translation=translation)

    async def write(self, case_id: str, desk: str, reason: str, field: str, text: str) -> Undo:
        self.world.note("write", (desk, reason, field, text))
        undo = self._before(case_id)
        self.written[field] = text
        return self._told(undo)

    async def undo(self, undo_id: str) -> None:
        self.world.note("undo_binder", undo_id)
        if undo_id not in self.ways_back:
            raise NotFound("There is nothing to undo.")
        self.exhibits, self.written = self.ways_back.pop(undo_id)
        self.world.bus.publish(BinderChanged(self.case_id))

    async def compile(
        self, case_id: str, desk: str, reason: str, out: Path, progress: Progress | None = None
    ) -> CompileReport:
        self.world.note("compile", (desk, reason, out))
        if progress:
            progress(1, 3)
        if self.gate is not None:
            await self.gate.wait()
        return report(desk, reason, out)

    def _one(self, record_id: str) -> Exhibit:
        found = next((one for one in self.exhibits if one.record_id == record_id), None)
        if found is None:
            raise NotFound("There is no such exhibit in this binder.", "Open the binder again.")
        return found

    def _change(self, case_id: str, record_ids: Sequence[str], **changes: object) -> Undo:
        undo = self._before(case_id)
        for name in record_ids:
            self.exhibits[self.exhibits.index(self._one(name))] = replace(
                self._one(name), **changes)  # type: ignore[arg-type]
        return self._told(undo)

    def _before(self, case_id: str) -> Undo:
        undo = Undo(f"u{len(self.world.calls)}", "", (case_id,))
        self.ways_back[undo.id] = list(self.exhibits), dict(self.written)
        return undo

    def _told(self, undo: Undo) -> Undo:
        self.world.bus.publish(BinderChanged(undo.ids[0]))
        return undo


def report(desk: str, reason: str, out: Path) -> CompileReport:
    """A pack with a scaled picture, a merged paper, one exhibit that did not fit, and a text."""
    files = (
        CompiledFile("01-proof-of-delivery.jpg", JPEG, 412_300, "cd" * 32, "proof_of_delivery", "", 0, 1_200, 773,
                     ("r1",), ("ab" * 32,), ("converted from PNG to JPEG", "scaled to 1200×773")),
        CompiledFile("02-receipt.pdf", PDF, 91_402, "ef" * 32, "receipt", "receipt", 3, 0, 0, ("r4", CORRESPONDENCE),
                     ("ab" * 32,), ("merged of 2 exhibits",)),
    )
    left = (LeftOut("r2", "foto da caixa.jpg", "No room: this desk takes 1.75 MB in all."),)
    slot = next(text for one in known() if one.id == desk for each in one.reasons if each.id == reason
                for text in each.texts)
    return CompileReport(out, desk, reason, files, (TextValue(slot, "Order 702-1234567-1234567.", False),), left,
                         ("A file name was shortened.",), "r9", out.with_name(f"{out.stem}-full.zip"))
