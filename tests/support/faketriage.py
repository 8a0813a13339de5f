"""A triage in memory: what a test says of each conversation, and corrections with their undo."""

from __future__ import annotations

from dataclasses import replace

from tests.support.fakecore import World
from workstation.domain.events import ConversationsChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import NotFound
from workstation.triage.model import Finding, Triage


def findings(issue: str = "late", urgency: int = 0, risk: str = "") -> tuple[Finding, ...]:
    return (
        Finding("issue", issue, 0.9, ("says “where is my”", "promised delivery passed 6 days ago")),
        Finding("language", "pt", 0.9, ()), Finding("market", "BR", 0.9, ()),
        Finding("urgency", str(urgency), 0.8, ("messages without an answer: 3 in 2 days",) if urgency else ()),
        Finding("risk", risk, 0.8, ("says “chargeback”",) if risk else ()),
    )


class FakeTriage:
    """Fulfils `api.TriageApi`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.told: dict[str, tuple[Finding, ...]] = {}
        self._undo: dict[str, tuple[str, tuple[Finding, ...]]] = {}

    async def of(self, conversation_id: str) -> Triage:
        return Triage(conversation_id, self.told.get(conversation_id, findings()))

    async def correct(self, conversation_id: str, kind: str, value: str) -> Undo:
        self.world.note("correct", (conversation_id, kind, value))
        before = self.told.get(conversation_id, findings())
        undo = Undo(f"triage-{len(self._undo)}", "Triage corrected", (conversation_id,))
        self._undo[undo.id] = (conversation_id, before)
        self.told[conversation_id] = tuple(
            replace(each, value=value, reasons=("set by a person",), by="person") if each.kind == kind else each
            for each in before)
        self.world.bus.publish(ConversationsChanged((conversation_id,)))
        return undo

    async def undo(self, undo_id: str) -> None:
        self.world.note("undo_triage", undo_id)
        if undo_id not in self._undo:
            raise NotFound("There is nothing to undo.", "Change it by hand.")
        conversation_id, before = self._undo.pop(undo_id)
        self.told[conversation_id] = before
        self.world.bus.publish(ConversationsChanged((conversation_id,)))
