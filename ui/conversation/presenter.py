"""What the conversation column shows and does, without a widget: it loads, follows events, asks for translations one
at a time, and acts on replies that are on their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.conversation import Direction
from workstation.domain.events import ConversationsChanged, DeliveryChanged, TranslationStored
from workstation.drafts.model import Draft, Outgoing
from workstation.inbox.model import ConversationView, MessageView, SystemLine, TranslationView
from workstation.kernel.errors import NotFound, WorkstationError
from workstation.kernel.i18n import _
from workstation.translation.model import Translation

SPINNER_MS = 300
"""A wait shorter than this is not shown."""
TRANSLATE_AT_MOST = 40
"""Newest messages that are translated by themselves; earlier ones when they are shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message and what is happening to it. `translation`: "" nothing, "working", "missing" (no engine or failed)."""

    message: MessageView
    outgoing: Outgoing | None = None
    translation: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of a conversation."""

    view: ConversationView
    outgoing: tuple[Outgoing, ...]


class ConversationPresenter(QObject):
    """State of one conversation column."""

    opened = Signal()
    """Another conversation is here (or none): draw from the start."""
    changed = Signal()
    """The same conversation has news: apply the differences."""
    missing = Signal(str)
    """The conversation could not be opened: a sentence."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.conversation_id: str | None = None
        self.view: ConversationView | None = None
        self._bridge = bridge
        self._outgoing: tuple[Outgoing, ...] = ()
        self._translated: dict[str, TranslationView] = {}
        self._state: dict[str, tuple[str, str]] = {}
        self._asked: set[str] = set()
        self._queue: list[str] = []
        self._busy = ""
        self._spinner = QTimer(self, singleShot=True, interval=SPINNER_MS)
        self._spinner.timeout.connect(self._show_working)
        self._listen()

    def show(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        if conversation_id == self.conversation_id:
            return
        self._forget()
        self.conversation_id = conversation_id
        self.opened.emit()
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Read the conversation again."""
        if self.conversation_id:
            wanted = self.conversation_id
            self._bridge.call(partial(_load, wanted), self._on_loaded, self, self._on_missing, "load")

    def entries(self) -> tuple[Entry, ...]:
        """The messages in time order, each with what is happening to it."""
        return tuple(map(self._entry, self.view.messages)) if self.view else ()

    def lines(self) -> tuple[SystemLine, ...]:
        return self.view.lines if self.view else ()

    def want(self, message_ids: Iterable[str]) -> None:
        """These messages came into sight: read them in the agent's language, one after another."""
        messages = {message.id: message for message in self.view.messages} if self.view else {}
        for wanted in message_ids:
            message = messages.get(wanted)
            if message and self._needs_translation(message):
                self._asked.add(wanted)
                self._queue.append(wanted)
        self._next()

    def translate_again(self, message_id: str) -> None:
        """Try a message once more whose translation did not work."""
        self._asked.discard(message_id)
        self._state.pop(message_id, None)
        self.want((message_id,))

    def undo(self, outgoing_id: str) -> None:
        """Take a reply back that has not left."""
        self._bridge.call(lambda core: core.drafts.undo_send(outgoing_id), self._on_undone, self)

    def retry(self, outgoing_id: str) -> None:
        self._bridge.call(lambda core: core.drafts.retry(outgoing_id), self._after_action, self)

    def look(self, outgoing_id: str) -> None:
        """Look whether a reply of unknown outcome arrived."""
        self._bridge.call(lambda core: core.drafts.look_for(outgoing_id), self._after_action, self)

    def _listen(self) -> None:
        self._bridge.conversations_changed.connect(self._on_conversations)
        self._bridge.delivery_changed.connect(self._on_delivery)
        self._bridge.translation_stored.connect(self._on_translation)
        self._bridge.engines_changed.connect(self._on_engines)

    def _forget(self) -> None:
        self.view, self._outgoing, self._busy = None, (), ""
        self._translated, self._state, self._asked, self._queue = {}, {}, set(), []
        self._spinner.stop()

    def _entry(self, message: MessageView) -> Entry:
        if message.translation is None and message.id in self._translated:
            message = replace(message, translation=self._translated[message.id])
        mine = (reply for reply in self._outgoing if message.id == reply.id or message.message_id == reply.message_id)
        state, problem = self._state.get(message.id, ("", ""))
        return Entry(message, next(mine, None) if message.direction is Direction.OUT else None, state, problem)

    def _needs_translation(self, message: MessageView) -> bool:
        waiting = message.translation is None and message.id not in self._asked
        return waiting and message.direction is Direction.IN and bool(message.text.strip())

    @Slot(object)
    def _on_loaded(self, loaded: Loaded) -> None:
        if loaded.view.row.id != self.conversation_id:
            return
        first = self.view is None
        self.view, self._outgoing = loaded.view, loaded.outgoing
        self.changed.emit()
        newest = loaded.view.messages[-TRANSLATE_AT_MOST:] if first else loaded.view.messages[-1:]
        self.want(message.id for message in reversed(newest))

    def _on_missing(self, problem: WorkstationError) -> None:
        self._forget()
        gone = isinstance(problem, NotFound)
        self.missing.emit(_("This conversation is no longer here.") if gone else str(problem))

    def _next(self) -> None:
        if self._busy or not self._queue:
            return
        self._busy = self._queue.pop(0)
        self._spinner.start()
        done, failed = partial(self._on_read, self._busy), partial(self._on_unread, self._busy)
        self._bridge.call(partial(_read, self._busy), done, self, failed)

    def _on_read(self, message_id: str, translation: Translation | None) -> None:
        if translation is not None:
            self._translated[message_id] = TranslationView(
                translation.target_language, translation.target, translation.engine, translation.lost)
        self._settle(message_id, ("", ""))

    def _on_unread(self, message_id: str, problem: WorkstationError) -> None:
        self._settle(message_id, ("missing", str(problem)))

    def _settle(self, message_id: str, state: tuple[str, str]) -> None:
        if message_id != self._busy:      # of a conversation that was left
            self._translated.pop(message_id, None)
            return
        self._busy = ""
        self._spinner.stop()
        self._state[message_id] = state
        self.changed.emit()
        self._next()

    @Slot()
    def _show_working(self) -> None:
        self._state[self._busy] = ("working", "")
        self.changed.emit()

    @Slot(object)
    def _on_conversations(self, event: ConversationsChanged) -> None:
        if self.conversation_id in event.ids:
            self.reload()

    @Slot(object)
    def _on_delivery(self, event: DeliveryChanged) -> None:
        if event.conversation_id == self.conversation_id:
            self.reload()

    @Slot(object)
    def _on_translation(self, event: TranslationStored) -> None:
        ours = event.message_id in self._asked
        if event.conversation_id == self.conversation_id and not ours:
            self.reload()

    @Slot(object)
    def _on_engines(self, _event: object) -> None:
        again = [message_id for message_id, (state, _why) in self._state.items() if state == "missing"]
        self._asked.difference_update(again)
        self.want(again)

    def _on_undone(self, _draft: Draft) -> None:
        self.reload()

    def _after_action(self, _result: object) -> None:
        self.reload()


async def _load(conversation_id: str, core: Core) -> Loaded:
    """The conversation and its replies that are not done."""
    view = await core.inbox.conversation(conversation_id)
    waiting = await core.drafts.outgoing()
    return Loaded(view, tuple(reply for reply in waiting if reply.conversation_id == conversation_id))


async def _read(message_id: str, core: Core) -> Translation | None:
    return await core.translation.read_message(message_id)
