"""Drafts that changed elsewhere: in another window, by an exhibit added from the case, by a file that was read slowly.
What only adds a file joins; what changes words is offered, never laid over the person's own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Slot

from ui.bridge import Bridge
from ui.composer import rules
from ui.composer.keeper import Keeper, Key, key_of
from workstation.api import Core
from workstation.domain.events import DraftSaved
from workstation.drafts.model import Draft, DraftFile, Mode
from workstation.kernel.errors import WorkstationError


class Desk(Protocol):
    """The draft on show, as this file needs it."""

    draft: Draft | None

    @property
    def key(self) -> Key | None: ...

    @property
    def idle(self) -> bool:
        """Nothing typed waits to be saved and nothing is being sent."""

    def put_in(self, draft: Draft, save: bool) -> None:
        """The same words with other files; `save` when the core does not know them yet."""

    def take(self, stored: Draft) -> None:
        """Show the stored draft in place of the one on show."""

    def offer(self, stored: Draft) -> None:
        """Let the person choose between the stored draft and their own."""

    def say_problem(self, problem: WorkstationError) -> None: ...


class Elsewhere(QObject):
    """Brings the stored draft and the one on show together."""

    def __init__(self, bridge: Bridge, keeper: Keeper, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._keeper = keeper
        self._desk = desk
        keeper.refused.connect(self._on_refused)
        bridge.draft_saved.connect(self._on_draft_saved)

    def add_file(self, conversation_id: str, file: DraftFile) -> None:
        """A file was kept for this conversation's reply, which may not be on show any more."""
        key = (conversation_id, Mode.REPLY)
        draft = self._desk.draft
        if draft and key == self._desk.key:
            self._desk.put_in(replace(draft, files=(*draft.files, file)), save=True)
        else:
            self._bridge.call(partial(load, key), partial(self._on_loaded_for, key, file), self)

    def _on_loaded_for(self, key: Key, file: DraftFile, stored: Draft) -> None:
        self._keeper.adopt(stored)
        draft = self._desk.draft if key == self._desk.key else None
        mine = draft or self._keeper.unsaved(key) or stored
        joined = replace(mine, files=(*mine.files, file))
        if draft:
            self._desk.put_in(joined, save=False)
        self._keeper.put(joined)

    def _on_refused(self, refused: Draft, problem: WorkstationError) -> None:
        compare = partial(self._on_compared, refused, problem)
        self._bridge.call(partial(load, key_of(refused)), compare, self, self._desk.say_problem)

    def _on_compared(self, mine: Draft, problem: WorkstationError, stored: Draft) -> None:
        """A save was refused: was the draft changed elsewhere, or is something else wrong?"""
        key, draft = key_of(mine), self._desk.draft
        shown = key == self._desk.key and draft is not None
        if stored.revision <= self._keeper.revision(key):
            self._desk.say_problem(problem)
        elif not shown or draft is None:
            self._keeper.put(self._joined(mine, stored))
        elif rules.same_words(stored, draft) or self._only_files_differ(stored):
            joined = self._joined(draft, stored)
            self._desk.put_in(joined, save=False)
            self._keeper.put(joined)
        else:
            self._desk.offer(stored)

    @Slot(object)
    def _on_draft_saved(self, event: DraftSaved) -> None:
        key = self._desk.key
        if key and key[0] == event.conversation_id and self._keeper.unsaved(key) is None:
            self._bridge.call(partial(load, key), partial(self._on_news, key), self, replaces="news")

    def _on_news(self, key: Key, stored: Draft) -> None:
        """This conversation's draft was saved. Our own saves come by here too and change nothing."""
        draft = self._desk.draft
        ours = stored.revision <= self._keeper.revision(key) or self._keeper.unsaved(key) is not None
        if key != self._desk.key or draft is None or ours:
            return
        if self._only_files_differ(stored):
            self._desk.put_in(self._joined(draft, stored), save=False)
        elif draft.empty and self._desk.idle:
            self._desk.take(stored)
        else:
            self._desk.offer(stored)

    def _joined(self, mine: Draft, stored: Draft) -> Draft:
        """My words with the files that joined the stored draft; its revision is known from now on."""
        joined = rules.with_files_of(mine, stored, self._keeper.stored(key_of(mine)))
        self._keeper.adopt(stored)
        return joined

    def _only_files_differ(self, stored: Draft) -> bool:
        base = self._keeper.stored(key_of(stored))
        return base is not None and rules.same_words(stored, base)


async def load(key: Key, core: Core) -> Draft:
    """The stored draft of a conversation and mode."""
    return await core.drafts.load(*key)
