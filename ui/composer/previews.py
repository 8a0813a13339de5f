"""The buyer's text while the agent writes: asked for after a pause, dropped when the words moved on, translated back
so that its writer can judge it, and never laid over what a person changed by hand."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from ui.bridge import Bridge
from ui.composer import rules
from ui.composer.keeper import Key, key_of
from workstation.api import Core
from workstation.drafts.model import Draft
from workstation.kernel.actions import Action
from workstation.kernel.errors import WorkstationError
from workstation.translation.model import Preview, Translation

PREVIEW_MS = 400
"""Pause after which a preview is asked for."""


class State(StrEnum):
    NONE = ""
    WORKING = "working"
    FRESH = "fresh"
    MISSING = "missing"      # no engine, or it failed: `problem` says which


class Previews(QObject):
    """`ready` carries the draft with its new translation; `changed` says that the state, items or back text moved."""

    ready = Signal(object)
    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = State.NONE
        self.problem = ""
        self.absent = False
        """There is no engine: a language can be added."""
        self.items: tuple[str, ...] = ()
        self.back = ""
        self.back_of = ""
        self._bridge = bridge
        self._draft: Draft | None = None
        self._timer = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._timer.timeout.connect(self._due)
        bridge.engines_changed.connect(self._on_engines)

    def stop(self) -> None:
        """Another draft comes: forget this one."""
        self._timer.stop()
        self._draft, self.items, self.back, self.back_of = None, (), "", ""
        self._set(State.NONE)

    def opened(self, draft: Draft) -> None:
        """A draft was put on the desk: find out what it must keep and how it reads back."""
        self.stop()
        self.items = draft.lost
        if draft.body.strip():
            self.ask(draft)

    def typed(self, draft: Draft) -> None:
        """The agent's text changed."""
        self._draft = draft
        self._timer.start()

    def edited(self, draft: Draft) -> None:
        """The buyer's text was changed by hand."""
        self._draft = draft
        self._timer.start()

    def ask(self, draft: Draft) -> None:
        """Do it now."""
        self._draft = draft
        self._timer.stop()
        self._due()

    def _due(self) -> None:
        draft = self._draft
        if draft is None or not rules.needs_translation(draft):
            self._set(State.NONE)
        elif draft.edited:
            self._ask_back(draft)
        elif draft.body.strip():
            self._set(State.WORKING)
            failed = partial(self._on_failed, key_of(draft))
            self._bridge.call(partial(_preview, draft), partial(self._on_preview, draft), self, failed, "preview")
        else:
            self.items, self.back, self.back_of = (), "", ""
            self.ready.emit(replace(draft, translated="", translated_from=draft.body, lost=()))
            self._set(State.NONE)

    def _ask_back(self, draft: Draft) -> None:
        self._set(State.FRESH)
        if draft.translated.strip():
            done, failed = partial(self._on_back, draft), partial(self._on_failed, key_of(draft))
            self._bridge.call(partial(_back, draft), done, self, failed, "preview")

    def _on_preview(self, asked: Draft, preview: Preview) -> None:
        if not self._is_current(key_of(asked)):
            return
        forward = preview.forward
        self.items = tuple(dict.fromkeys((*forward.survived, *forward.lost)))
        self.back, self.back_of = preview.back, forward.target
        self._set(State.FRESH)
        self.ready.emit(replace(asked, translated=forward.target, translated_from=asked.body, lost=forward.lost))

    def _on_back(self, asked: Draft, translation: Translation) -> None:
        if self._is_current(key_of(asked)):
            self.back, self.back_of = translation.target, asked.translated
            self.changed.emit()

    def _on_failed(self, key: Key, problem: WorkstationError) -> None:
        if self._is_current(key):
            self.back, self.back_of = "", ""
            absent = problem.action is Action.INSTALL_LANGUAGE
            self._set(State.MISSING, problem.sentence if absent else str(problem), absent=absent)

    def _on_engines(self, _event: object) -> None:
        """A language was added, perhaps the one that was missing."""
        if self.state is State.MISSING:
            self._due()

    def _is_current(self, key: Key) -> bool:
        return self._draft is not None and key_of(self._draft) == key

    def _set(self, state: State, problem: str = "", *, absent: bool = False) -> None:
        self.state, self.problem, self.absent = state, problem, absent
        self.changed.emit()


async def _preview(draft: Draft, core: Core) -> Preview:
    return await core.translation.preview(draft.body, draft.source_language, draft.target_language)


async def _back(draft: Draft, core: Core) -> Translation:
    return await core.translation.translate(draft.translated, draft.target_language, draft.source_language)
