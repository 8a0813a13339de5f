"""What the composer holds and does, without a widget. Its one promise: a text belongs to the conversation and mode it
was typed in, and nothing but its writer ever replaces it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from ui.composer import rules
from ui.composer.elsewhere import Elsewhere, load
from ui.composer.files import Files
from ui.composer.keeper import Keeper, Key, key_of
from ui.composer.previews import Previews
from ui.composer.sending import Sending
from workstation.api import Core
from workstation.drafts.model import Draft, Mode
from workstation.inbox.model import ConversationRow
from workstation.kernel.clock import Clock
from workstation.kernel.errors import WorkstationError

SAVE_MS = 500
"""Pause after which the draft is saved."""
BLOCKERS_MS = 150


class ComposerPresenter(QObject):
    """State of one composer. The view shows `draft` when `replaced` fires, and only then touches the editors."""

    typed = Signal()
    """The person changed the draft."""
    replaced = Signal()
    """Another draft is here: fill every field."""
    translated = Signal()
    """Only the buyer's text is new: fill that field."""
    changed = Signal()
    """Anything beside the texts is new: marks, blockers, files, state."""
    conflict = Signal(object)
    """The stored draft (a Draft) was changed elsewhere while this one has words of its own."""
    history_read = Signal(object)
    """Earlier drafts of this conversation and mode, newest first."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self.draft: Draft | None = None
        self.row: ConversationRow | None = None
        self.blockers: tuple[str, ...] = ()
        self.problem = ""
        self.keeper = Keeper(bridge, self)
        self.previews = Previews(bridge, self)
        self.files = Files(bridge, self)
        self.sending = Sending(bridge, self.keeper, self, clock)
        self.elsewhere = Elsewhere(bridge, self.keeper, self, self)
        self._bridge = bridge
        self._key: Key | None = None
        self._touched = False
        self._save_timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._save_timer.timeout.connect(self.flush)
        self._blockers_timer = QTimer(self, singleShot=True, interval=BLOCKERS_MS)
        self._blockers_timer.timeout.connect(self._ask_blockers)
        self._wire()

    @property
    def key(self) -> Key | None:
        """The conversation and mode on show."""
        return self._key

    @property
    def unsaved(self) -> bool:
        return self._touched or (self._key is not None and self.keeper.unsaved(self._key) is not None)

    @property
    def editable(self) -> bool:
        return self.draft is not None and not self.sending.busy(self._key)

    def show(self, conversation_id: str | None, mode: Mode = Mode.REPLY) -> None:
        """Turn to a draft. What was typed is handed to be saved first; until the other is read nothing can be typed."""
        key = (conversation_id, mode) if conversation_id else None
        if key == self._key:
            return
        self.flush()
        if not (key and self._key and key[0] == self._key[0]):
            self.row = None
        self._key, self.draft, self.blockers, self.problem, self._touched = key, None, (), "", False
        self.previews.stop()
        self.replaced.emit()
        if key:
            self._open(key)

    @Slot()
    def flush(self) -> None:
        """Hand what was typed to be saved now."""
        self._save_timer.stop()
        if self._touched and self.draft:
            self._touched = False
            self.keeper.put(self.draft)
            self.changed.emit()

    def set_body(self, text: str) -> None:
        if self.draft and text != self.draft.body:
            self._edit(replace(self.draft, body=text))
            self.previews.typed(self.draft)

    def set_translated(self, text: str) -> None:
        """The person changed the buyer's text by hand."""
        if self.draft and text != self.draft.translated:
            self._edit(rules.with_hand_edit(self.draft, text, self.previews.items))
            self.previews.edited(self.draft)

    def set_cc(self, line: str) -> str:
        """Take the Cc line; returns the first piece that is no address, "" when all are."""
        addresses, wrong = rules.parse_cc(line)
        if self.draft and not wrong and addresses != self.draft.cc:
            self._edit(replace(self.draft, cc=addresses))
        return wrong

    def accept_lost(self, accepted: bool) -> None:
        if self.draft and accepted != self.draft.accepted_lost:
            self._edit(replace(self.draft, accepted_lost=accepted))

    def translate_again(self) -> None:
        """A fresh translation, in place of one changed by hand."""
        if self.draft:
            self._edit(replace(self.draft, edited=False))
            self.previews.ask(self.draft)

    def send(self) -> None:
        """Save, then send what is on the screen now; nothing can be typed meanwhile."""
        if self.draft and self._key and not self.sending.busy(self._key):
            if rules.is_stale(self.draft) and not self.draft.edited:
                self.previews.ask(self.draft)
            self._touched = True
            self.flush()
            self.sending.start(self.draft, self.row.who if self.row else "")
            self.changed.emit()

    def walk_to(self, earlier: Draft) -> None:
        """Put an earlier draft on the desk; the present one is saved first, so it can be walked back to."""
        if self.draft and key_of(earlier) == self._key:
            self.flush()
            self.draft = replace(earlier, files=self.draft.files, cc=self.draft.cc)
            self._touch()
            self.replaced.emit()
            self.previews.ask(self.draft)

    def take(self, stored: Draft) -> None:
        """Show the stored draft in place of the typed one."""
        self.keeper.adopt(stored)
        self._touched = False
        self._show(stored)

    def keep_mine(self, stored: Draft) -> None:
        """Save the typed draft over the stored one."""
        self.keeper.adopt(stored)
        self._touched = True
        self.flush()

    def history(self) -> None:
        """Ask for earlier drafts; they come with `history_read`."""
        if self._key:
            self._bridge.call(partial(_history, self._key), self._on_history, self, replaces="history")

    def _wire(self) -> None:
        self.keeper.saved.connect(self._on_saved)
        self.previews.ready.connect(self._on_preview)
        self.previews.changed.connect(self._on_preview_state)
        self.files.attached.connect(self.elsewhere.add_file)
        self.sending.undoing.connect(self.flush)
        self.sending.sent.connect(self._on_sent)
        self.sending.blocked.connect(self._on_blocked)
        self.sending.returned.connect(self._on_returned)

    def _open(self, key: Key) -> None:
        kept = self.keeper.unsaved(key)
        if self.row is None:
            self._bridge.call(partial(_row, key[0]), self._on_row, self, replaces="row")
        if kept:
            self._show(kept)
        else:
            self._bridge.call(partial(load, key), partial(self._on_loaded, key), self, self.say_problem, "load")

    def _on_loaded(self, key: Key, draft: Draft) -> None:
        if key == self._key and self.draft is None:
            self.keeper.adopt(draft)
            self._show(self.keeper.unsaved(key) or draft)

    def _on_row(self, rows: tuple[ConversationRow, ...]) -> None:
        if rows and self._key and rows[0].id == self._key[0]:
            self.row = rows[0]
            self.changed.emit()

    def _show(self, draft: Draft) -> None:
        self.draft, self.problem = draft, ""
        self.replaced.emit()
        self.previews.opened(draft)
        self._blockers_timer.start()

    def _edit(self, draft: Draft) -> None:
        self.draft = draft
        self.typed.emit()
        self._touch()

    def _touch(self) -> None:
        self._save_timer.start()
        self._note_change()

    def _note_change(self) -> None:
        """The draft is not as stored any more. A pause that is under way is not begun anew."""
        self._touched = True
        if not self._save_timer.isActive():
            self._save_timer.start()
        self._blockers_timer.start()
        self.changed.emit()

    def _on_preview(self, draft: Draft) -> None:
        if self.draft and key_of(draft) == self._key and draft.body == self.draft.body and not self.draft.edited:
            fresh = replace(
                self.draft, translated=draft.translated, translated_from=draft.translated_from, lost=draft.lost,
                accepted_lost=self.draft.accepted_lost and draft.lost == self.draft.lost)
            if fresh != self.draft:
                self.draft = fresh
                self._note_change()
            self.translated.emit()

    def _on_preview_state(self) -> None:
        self.changed.emit()

    def _on_saved(self, stored: Draft) -> None:
        if key_of(stored) == self._key:
            self.problem = ""
            self._take_judgement(stored)
            self._blockers_timer.start()
            self.changed.emit()

    def _take_judgement(self, stored: Draft) -> None:
        """What a person typed as the translation is judged by the core when it is saved."""
        mine = self.draft
        if mine is not None and mine.edited and rules.same_words(stored, mine) and stored.lost != mine.lost:
            self.draft = replace(mine, lost=stored.lost, accepted_lost=stored.accepted_lost)

    @property
    def idle(self) -> bool:
        """Nothing typed waits to be saved and nothing is being sent."""
        return not (self._touched or self.sending.busy(self._key))

    def put_in(self, draft: Draft, save: bool) -> None:
        """The same words with other files; `save` when the core does not know them yet."""
        self.draft = draft
        if save:
            self._note_change()
        else:
            self.changed.emit()

    def offer(self, stored: Draft) -> None:
        """The stored draft has other words: the person chooses."""
        if key_of(stored) == self._key and not self.sending.busy(self._key):
            self.conflict.emit(stored)

    def say_problem(self, problem: WorkstationError) -> None:
        self.problem = str(problem)
        self.changed.emit()

    def remove_file(self, file_id: str) -> None:
        """Leave a file out; the draft is what names its files."""
        if self.draft:
            self._edit(replace(self.draft, files=tuple(f for f in self.draft.files if f.id != file_id)))

    def _on_sent(self, key: Key) -> None:
        if key == self._key:
            self.draft, self._touched, self.blockers = None, False, ()
            self._save_timer.stop()
            self.previews.stop()
            self.replaced.emit()
            self._open(key)

    def _on_blocked(self, key: Key, reasons: tuple[str, ...]) -> None:
        if key == self._key:
            self.blockers = reasons
            self.changed.emit()

    def _on_returned(self, draft: Draft) -> None:
        """A reply was taken back: the exact draft is on the desk again, when its conversation is."""
        self.keeper.adopt(draft)
        if not self._key or self._key[0] != draft.conversation_id:
            return
        if self._key == key_of(draft) and self._touched:
            self.conflict.emit(draft)
            return
        self.flush()
        self._key, self._touched = key_of(draft), False
        self._show(draft)

    def _ask_blockers(self) -> None:
        if self.draft and not self.draft.empty:
            self._bridge.call(
                partial(_blockers, self.draft), partial(self._on_blockers, self._key), self, replaces="blockers")
        else:
            self._on_blockers(self._key, ())

    def _on_blockers(self, key: Key | None, reasons: Iterable[str]) -> None:
        if key == self._key:
            self.blockers = tuple(reasons)
            self.changed.emit()

    def _on_history(self, drafts: tuple[Draft, ...]) -> None:
        self.history_read.emit(tuple(draft for draft in drafts if key_of(draft) == self._key))


async def _row(conversation_id: str, core: Core) -> tuple[ConversationRow, ...]:
    return await core.inbox.rows((conversation_id,))


async def _blockers(draft: Draft, core: Core) -> tuple[str, ...]:
    return await core.drafts.blockers(draft)


async def _history(key: Key, core: Core) -> tuple[Draft, ...]:
    return await core.drafts.history(*key)
