"""Saves drafts, one at a time for each conversation and mode, the latest text winning, so that switching in the middle
of a save neither loses a word nor meets its own revision as a conflict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from ui.bridge import Bridge
from workstation.api import Core
from workstation.drafts.model import Draft, Mode
from workstation.kernel.errors import WorkstationError

Key = tuple[str, Mode]
"""Conversation id and mode: what a draft belongs to."""


def key_of(draft: Draft) -> Key:
    return draft.conversation_id, draft.mode


@dataclass(slots=True)
class _Slot:
    revision: int = 0
    stored: Draft | None = None
    flying: Draft | None = None
    waiting: Draft | None = None
    then: list[Callable[[], None]] = field(default_factory=list)


class Keeper(QObject):
    """Hands drafts to the core. `saved` carries the stored draft, `refused` the draft and the reason."""

    saved = Signal(object)
    refused = Signal(object, object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._slots: dict[Key, _Slot] = {}

    def adopt(self, draft: Draft) -> None:
        """The core's word on a draft: its revision is the base of the next save."""
        slot = self._slot(key_of(draft))
        slot.revision = max(slot.revision, draft.revision)
        slot.stored = draft

    def put(self, draft: Draft) -> None:
        """Save this text. What waits for its turn under the same key is replaced by it."""
        slot = self._slot(key_of(draft))
        slot.waiting = draft
        self._next(slot)

    def unsaved(self, key: Key) -> Draft | None:
        """The newest text of `key` that is not confirmed yet."""
        slot = self._slots.get(key)
        return (slot.waiting or slot.flying) if slot else None

    def stored(self, key: Key) -> Draft | None:
        """What the core last said is stored under `key`."""
        return self._slot(key).stored

    def revision(self, key: Key) -> int:
        return self._slot(key).revision

    def when_idle(self, key: Key, action: Callable[[], None]) -> None:
        """Call `action` as soon as nothing of `key` waits or is under way: at once when that is now."""
        slot = self._slot(key)
        if slot.flying or slot.waiting:
            slot.then.append(action)
        else:
            action()

    def drop(self, key: Key) -> None:
        """Forget what waits under `key`: the reply was sent."""
        self._slot(key).waiting = None

    def _slot(self, key: Key) -> _Slot:
        return self._slots.setdefault(key, _Slot())

    def _next(self, slot: _Slot) -> None:
        if slot.flying or not slot.waiting:
            return
        slot.flying, slot.waiting = replace(slot.waiting, revision=slot.revision), None
        save = partial(_save, slot.flying)
        self._bridge.call(save, partial(self._on_saved, slot), self, partial(self._on_refused, slot))

    def _on_saved(self, slot: _Slot, stored: Draft) -> None:
        slot.flying, slot.revision, slot.stored = None, stored.revision, stored
        self.saved.emit(stored)
        self._go_on(slot)

    def _on_refused(self, slot: _Slot, problem: WorkstationError) -> None:
        refused, slot.flying = slot.flying, None
        if refused is None:
            return
        if slot.waiting is None:
            self.refused.emit(refused, problem)
        self._go_on(slot)

    def _go_on(self, slot: _Slot) -> None:
        self._next(slot)
        if slot.flying is None:
            waiting, slot.then = slot.then, []
            for action in waiting:
                action()


async def _save(draft: Draft, core: Core) -> Draft:
    return await core.drafts.save(draft)
