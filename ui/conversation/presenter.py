"""What the conversation column shows and does, without a widget: it loads, pages, follows events, asks for translations
one at a time, and acts on replies that are on their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from ui.conversation import changes, reading, slices
from ui.conversation.reading import Loaded
from ui.conversation.slices import PAGE, Slice
from workstation.domain.conversation import Direction
from workstation.domain.events import ConversationsChanged, DeliveryChanged, TranslationStored
from workstation.domain.undo import Undo
from workstation.drafts.model import Draft, Outgoing
from workstation.inbox.model import (
    ConversationView,
    MessageCursor,
    MessagePage,
    MessageView,
    SystemLine,
    TranslationView,
)
from workstation.kernel.actions import Action
from workstation.kernel.errors import NotFound, WorkstationError
from workstation.kernel.i18n import _
from workstation.translation.model import Translation

SPINNER_MS = 300
"""A wait shorter than this is not shown."""
MOST_QUEUED = 60
"""Messages that wait to be translated."""
MISSING = ("missing", "absent")
UNDER_HEADING = 40
"""Pixels above a message that was jumped to: what stands above it says where one is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message and what is happening to it. `translation`: "" nothing, "working", "missing" (an engine failed),
    "absent" (no engine: a language can be added)."""

    message: MessageView
    outgoing: Outgoing | None = None
    translation: str = ""
    problem: str = ""


class ConversationPresenter(QObject):
    """State of one conversation column."""

    opened = Signal()
    """Another conversation is here (or none): draw from the start."""
    changed = Signal()
    """The same conversation has news: apply the differences."""
    missing = Signal(str)
    """The conversation could not be opened: a sentence."""
    jumped = Signal(str, int)
    """Show this message, so many pixels below the upper edge; -1: wherever it can be seen."""
    told = Signal(object)
    """What others did meanwhile: sentences."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.conversation_id: str | None = None
        self.view: ConversationView | None = None
        self.held = Slice()
        self.unread = ""
        """The message that was the first unread one when the conversation was opened."""
        self._paging: tuple[str, int] | None = None
        self._next_page: tuple[str, int] | None = None
        self._elsewhere = False
        self._target = ""
        self.landing: tuple[str, int] | None = None
        """While `changed` is told: the message that is to stand so many pixels below the upper edge."""
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

    def show(self, conversation_id: str | None, message_id: str = "") -> None:
        """Turn to a conversation, or to none; at a message when one is named."""
        if conversation_id == self.conversation_id:
            if message_id:
                self.go_to(message_id)
            return
        self._forget()
        self.conversation_id = conversation_id
        self._target = message_id
        self.opened.emit()
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Read the conversation again."""
        if self.conversation_id:
            wanted = self.conversation_id
            work = partial(reading.again, wanted, self.held, self._elsewhere) if self.view else partial(
                reading.opened, wanted, self._target)
            self._bridge.call(work, self._on_loaded, self, self._on_missing, "load")

    def entries(self) -> tuple[Entry, ...]:
        """The messages in memory in time order, each with what is happening to it."""
        return tuple(map(self._entry, self.held.messages))

    def lines(self) -> tuple[SystemLine, ...]:
        return self.held.lines

    def page(self, which: str, number: int = 0) -> None:
        """Read "earlier" or "later" messages, or those "at" a number of the whole conversation. One page is on its way
        at a time; of what is asked for meanwhile the newest wish counts."""
        if self.conversation_id is None or self.view is None:
            return
        if self._paging is not None:
            near = which in ("earlier", "later") and self._next_page is not None
            if not near:        # the edge of what is about to be left is of no interest
                self._next_page = (which, number) if (which, number) != self._paging else None
            return
        self._paging = (which, number)
        at = {"earlier": self.held.first(), "later": self.held.last()}.get(which)
        self._read_page(at or MessageCursor(position=max(0, number - PAGE // 2)), PAGE if at else PAGE + 10)

    def go_to(self, message_id: str) -> None:
        """Show a message, wherever in the conversation it is."""
        if any(message.id == message_id for message in self.held.messages):
            self.jumped.emit(message_id, -1)
        else:
            self._jump(("message", 0), MessageCursor(message_id=message_id), message_id)

    def go_to_time(self, at: int) -> None:
        """Show the first message from a moment (ms UTC) on, or the newest one."""
        self._jump(("time", 0), MessageCursor(at=max(1, at), later=True))

    def part(self) -> None:
        """Take apart what was joined into this conversation."""
        if wanted := self.conversation_id:
            self._bridge.call(lambda core: core.inbox.unmerge(wanted), self._on_undoable, self)

    def split(self, message_ids: Iterable[str]) -> None:
        """Give these messages a conversation of their own."""
        if wanted := self.conversation_id:
            ids = tuple(message_ids)
            self._bridge.call(lambda core: core.inbox.split(wanted, ids), self._on_undoable, self)

    def want(self, message_ids: Iterable[str]) -> None:
        """These messages came into sight: read them in the agent's language, one after another, the newest wish first.
        What was scrolled past long before its turn is asked for again when it comes back."""
        messages = {message.id: message for message in self.held.messages}
        for wanted in message_ids:
            message = messages.get(wanted)
            if message and self._needs_translation(message):
                self._asked.add(wanted)
                self._queue.append(wanted)
        while len(self._queue) > MOST_QUEUED:
            self._asked.discard(self._queue.pop(0))
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
        self.held, self.unread, self._target, self._elsewhere = Slice(), "", "", False
        self._paging = self._next_page = None
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
        before, self.view, self._outgoing = self.view, loaded.view, loaded.outgoing
        if before is None:
            self._on_first(loaded)
            return
        self.held = _read_again(self.held, loaded)
        sentences = changes.told(before, loaded.view, loaded.members) if self._elsewhere else ()
        self._elsewhere = False
        self.changed.emit()
        if sentences:
            self.told.emit(sentences)
        if not self.held.later:
            self.want(message.id for message in self.held.messages[-1:])

    def _on_first(self, loaded: Loaded) -> None:
        self.unread = loaded.view.first_unread
        self.held = slices.of(loaded.page) if loaded.page else _newest(loaded.view)
        self._land(self._target or self.unread, UNDER_HEADING)

    def _land(self, message_id: str, top: int) -> None:
        """Other messages are in memory: they are shown from this one on, in one step, so that nobody asks for what was
        there before."""
        self.landing = (message_id, top) if message_id else None
        self.changed.emit()
        self.landing = None
        if message_id:
            self.jumped.emit(message_id, top)

    def _read_page(self, at: MessageCursor, limit: int, target: str = "") -> None:
        wanted = self.conversation_id or ""
        self._bridge.call(
            partial(reading.page_of, wanted, at, limit), partial(self._on_page, wanted, target), self,
            self._on_no_page, "page")

    def _jump(self, why: tuple[str, int], at: MessageCursor, target: str = "") -> None:
        """Somewhere else in the conversation; a page that is on its way is of no use any more."""
        if self.view is not None:
            self._paging, self._next_page = why, None
            self._read_page(at, PAGE + 10, target)

    def _on_page(self, conversation_id: str, target: str, page: MessagePage) -> None:
        if conversation_id != self.conversation_id or self._paging is None:
            return
        (which, number), self._paging = self._paging, None
        if which in ("earlier", "later"):
            self.held = slices.before(self.held, page) if which == "earlier" else slices.after(self.held, page)
            self.changed.emit()
        elif page.messages:
            self.held = slices.of(page)
            place = number - page.earlier if which == "at" else 0
            reached = target or page.messages[max(0, min(len(page.messages) - 1, place))].id
            self._land(reached, UNDER_HEADING if which != "at" else 8)
        elif which == "time" and page.earlier:
            self.page("at", page.earlier - 1)
        wish, self._next_page = self._next_page, None
        if wish is not None and self._paging is None and self._still_wanted(wish):
            self.page(*wish)

    def _still_wanted(self, wish: tuple[str, int]) -> bool:
        """A page that was asked for while another one came may be here by now; ends are asked for again by who sees
        them."""
        which, number = wish
        return which == "at" and not self.held.earlier <= number < self.held.total - self.held.later

    def _on_no_page(self, problem: WorkstationError) -> None:
        self._paging = self._next_page = None
        self._bridge.problem.emit(problem)

    def _on_missing(self, problem: WorkstationError) -> None:
        self._forget()
        gone = isinstance(problem, NotFound)
        self.missing.emit(_("This conversation is no longer here.") if gone else str(problem))

    def _next(self) -> None:
        if self._busy or not self._queue:
            return
        self._busy = self._queue.pop()
        self._spinner.start()
        done, failed = partial(self._on_read, self._busy), partial(self._on_unread, self._busy)
        self._bridge.call(partial(reading.translated, self._busy), done, self, failed)

    def _on_read(self, message_id: str, translation: Translation | None) -> None:
        if translation is not None:
            self._translated[message_id] = TranslationView(
                translation.target_language, translation.target, translation.engine, translation.lost)
        self._settle(message_id, ("", ""))

    def _on_unread(self, message_id: str, problem: WorkstationError) -> None:
        absent = problem.action is Action.INSTALL_LANGUAGE
        self._settle(message_id, ("absent", problem.sentence) if absent else ("missing", str(problem)))

    def _settle(self, message_id: str, state: tuple[str, str]) -> None:
        if message_id != self._busy:      # of a conversation that was left
            self._translated.pop(message_id, None)
            return
        self._busy = ""
        self._spinner.stop()
        news = message_id in self._translated or self._state.get(message_id, ("", "")) != state
        self._state[message_id] = state
        if news:
            self.changed.emit()
        self._next()

    @Slot()
    def _show_working(self) -> None:
        self._state[self._busy] = ("working", "")
        self.changed.emit()

    @Slot(object)
    def _on_conversations(self, event: ConversationsChanged) -> None:
        if self.conversation_id in event.ids:
            self._elsewhere = self._elsewhere or event.elsewhere
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
        again = [message_id for message_id, (state, _why) in self._state.items() if state in MISSING]
        self._asked.difference_update(again)
        self.want(again)

    def _on_undone(self, _draft: Draft) -> None:
        self.reload()

    def _after_action(self, _result: object) -> None:
        self.reload()

    def _on_undoable(self, undo: Undo) -> None:
        self._bridge.notice(undo.sentence, undo=partial(self._take_back, undo.id))

    def _take_back(self, undo_id: str) -> None:
        self._bridge.call(lambda core: core.inbox.undo(undo_id), self._after_action, self)


def _newest(view: ConversationView) -> Slice:
    return Slice(view.messages, view.lines, view.earlier, 0)


def _read_again(held: Slice, loaded: Loaded) -> Slice:
    """What was in memory as it is now; the newest messages too when those are what the person reads."""
    page = loaded.page
    if page is None or not page.messages:
        return _newest(loaded.view)
    known = slices.of(page)
    if not held.later and page.later:
        newest = loaded.view
        return slices.after(known, MessagePage(newest.messages, newest.lines, newest.earlier, 0)) if (
            page.later <= len(newest.messages)) else _newest(newest)
    return known
