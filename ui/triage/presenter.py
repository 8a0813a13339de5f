"""Holds the triage of the conversation on show and takes a person's corrections, each with its undo."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.events import ChecksChanged, ConversationsChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import WorkstationError
from workstation.triage.model import Triage


class TriagePresenter(QObject):
    """`triage` is None while nothing is on show or it is not known yet."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.triage: Triage | None = None
        self.conversation_id = ""
        self._bridge = bridge
        bridge.conversations_changed.connect(self._on_changed)
        bridge.checks_changed.connect(self._on_checks)
        bridge.attached.connect(self.ask)

    def show(self, conversation_id: str | None) -> None:
        if (conversation_id or "") != self.conversation_id:
            self.conversation_id = conversation_id or ""
            self._take(None)
            self.ask()

    @Slot()
    def ask(self) -> None:
        if self.conversation_id:
            wanted = self.conversation_id
            self._bridge.call(
                partial(_of, wanted), partial(self._on_told, wanted), self, self._on_unknown, replaces="triage")

    def correct(self, kind: str, value: str) -> None:
        """A person knows better."""
        if self.conversation_id:
            self._bridge.call(partial(_correct, self.conversation_id, kind, value), self._on_corrected, self)

    def _on_told(self, conversation_id: str, triage: Triage | None) -> None:
        if conversation_id == self.conversation_id:
            self._take(triage)

    def _on_unknown(self, _problem: WorkstationError) -> None:
        self._take(None)

    def _on_corrected(self, undo: Undo | None) -> None:
        if undo is not None:
            self._bridge.notice(undo.sentence, partial(self._undo, undo.id))
            self.ask()

    def _undo(self, undo_id: str) -> None:
        self._bridge.call(partial(_undo, undo_id), self._on_undone, self)

    def _on_undone(self, _nothing: None) -> None:
        self.ask()

    def _on_changed(self, event: ConversationsChanged) -> None:
        if self.conversation_id in event.ids:
            self.ask()

    def _on_checks(self, event: ChecksChanged) -> None:
        if event.conversation_id == self.conversation_id:
            self.ask()

    def _take(self, triage: Triage | None) -> None:
        if triage != self.triage:
            self.triage = triage
            self.changed.emit()


async def _of(conversation_id: str, core: Core) -> Triage | None:
    return await core.triage.of(conversation_id) if core.triage is not None else None


async def _correct(conversation_id: str, kind: str, value: str, core: Core) -> Undo | None:
    return await core.triage.correct(conversation_id, kind, value) if core.triage is not None else None


async def _undo(undo_id: str, core: Core) -> None:
    if core.triage is not None:
        await core.triage.undo(undo_id)
