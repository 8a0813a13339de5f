"""Erasure for tests of the window: one case with this and that, and what a person says of it."""

from __future__ import annotations

from dataclasses import replace

from tests.support.fakecore import NOW, World
from workstation.api import Core
from workstation.evidence.erasure.model import GRACE, Due, Erased, ErasePreview, Hold, Rule
from workstation.evidence.model import Kind, RecordView
from workstation.kernel.clock import DAY
from workstation.kernel.errors import InputError

RULE = Rule("amazon-30-days", "amazon", 30, 3, "Amazon, buyer data: encrypted, kept at most 30 days after delivery "
            "unless law requires longer (specifications and platform pages, read in November 2026)")
PREVIEW = ErasePreview(
    "pt", 4, 3, 1_234_567, ("file_name", "message_id", "url", "window_title"), 2, 1, 9, 1, counts={
        "messages": 5, "attachments": 2, "names": 1, "drafts": 1, "replies": 1, "translations": 3, "orders": 1,
        "answers": 2, "customers": 1}, shared=1)


class FakeErasure:
    """Fulfils `api.ErasureApi`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen = PREVIEW
        self.listed: tuple[Due, ...] = ()
        self.refuses = ""

    async def preview(self, case_id: str) -> ErasePreview:
        return replace(self.seen, case_id=case_id)

    async def erase(self, case_id: str, reason: str = "") -> Erased:
        self.world.note("erase", (case_id, reason))
        return Erased("e1", NOW, self.seen.records, self.seen.files, len(self.seen.values))

    async def plan(self, case_id: str, reason: str = "") -> Due:
        self.world.note("plan", (case_id, reason))
        if self.refuses:
            raise InputError(self.refuses)
        due = Due(case_id, "Where is my parcel?", None, NOW, NOW + GRACE, reason)
        self.listed = (due, *self.listed)
        return due

    async def cancel(self, case_id: str) -> None:
        self.world.note("cancel_erasure", case_id)
        self.listed = tuple(due for due in self.listed if due.case_id != case_id)

    async def hold(self, case_id: str, reason: str) -> RecordView:
        self.world.note("hold", (case_id, reason))
        self.seen = replace(self.seen, hold=Hold(case_id, NOW, reason, "h1"))
        return RecordView("h1", case_id, Kind.HOLD, "Legal hold", NOW, 9, "", 0, "", True, False, False)

    async def lift(self, case_id: str, reason: str = "") -> RecordView:
        self.world.note("lift", (case_id, reason))
        self.seen = replace(self.seen, hold=None)
        return RecordView("h2", case_id, Kind.HOLD, "Legal hold lifted", NOW, 10, "", 0, "", True, False, False)

    async def held(self, case_id: str) -> Hold | None:
        return self.seen.hold

    async def rules(self) -> tuple[Rule, ...]:
        return (RULE,)

    async def due(self) -> tuple[Due, ...]:
        return self.listed


def due_list() -> tuple[Due, ...]:
    """Two cases that fall due, one of them held, and one whose delivery is unknown."""
    return (
        Due("pt", "Where is my parcel?", RULE, NOW + 2 * DAY, NOW + 2 * DAY),
        Due("de", "Kaputt angekommen", RULE, NOW + 5 * DAY, NOW + 5 * DAY, hold=Hold("de", NOW, "A-to-z claim", "h")),
        Due("ja", "壊れていました", RULE, None, None),
    )


def with_erasure(core: Core, world: World) -> tuple[Core, FakeErasure]:
    made = FakeErasure(world)
    return replace(core, erasure=made), made
