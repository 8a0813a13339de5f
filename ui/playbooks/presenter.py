"""What the playbook's section knows: the course of the conversation on show, asked anew when something it rests on
changed. What is only leafed past is not asked about."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.conversation import Direction
from workstation.domain.events import ChecksChanged, ConversationsChanged, EvidenceSealed, PlaybookChanged
from workstation.domain.undo import Undo
from workstation.kernel.errors import WorkstationError
from workstation.playbooks.model import Course, State, Title

DWELL_MS = 200
"""A conversation that stays open so long has its playbook asked; and news of one burst are one question."""
MOST_PICTURES = 30


class PlaybookPresenter(QObject):
    """State of one section. `course` is None while nothing is on show or it is not known yet."""

    changed = Signal()
    titles_read = Signal(object)
    """Every playbook there is, to choose from."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.course: Course | None = None
        self.conversation_id = ""
        self._bridge = bridge
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._ask)
        bridge.playbook_changed.connect(self._on_changed)
        bridge.checks_changed.connect(self._on_checks)
        bridge.evidence_sealed.connect(self._on_sealed)
        bridge.conversations_changed.connect(self._on_conversations)

    def show(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        if (conversation_id or "") == self.conversation_id:
            return
        self.conversation_id = conversation_id or ""
        self._take(None)
        if conversation_id:
            self._dwell.start()
        else:
            self._dwell.stop()

    def read_titles(self) -> None:
        """They come with `titles_read`."""
        self._bridge.call(_titles, self._on_titles, self, replaces="titles")

    def choose(self, playbook_id: str) -> None:
        """Follow this one; "" what the conversation is about."""
        self._act(partial(_choose, self.conversation_id, playbook_id))

    def mark(self, step_id: str, state: State, reason: str = "") -> None:
        """A person says how a step stands."""
        self._act(partial(_mark, self.conversation_id, step_id, state, reason))

    def keep_pictures(self) -> None:
        """What the buyer sent joins the case as evidence; what was kept before is not kept twice."""
        if self.conversation_id:
            self._bridge.call(partial(_keep, self.conversation_id), self._on_kept, self)

    def _act(self, command: Callable[[Core], Coroutine[object, object, Undo | None]]) -> None:
        if self.conversation_id:
            self._bridge.call(command, self._on_done, self)

    @Slot()
    def _ask(self) -> None:
        wanted = self.conversation_id
        if wanted:
            self._bridge.call(partial(_of, wanted), self._on_read, self, self._on_unknown, replaces="course")

    def _on_read(self, course: Course | None) -> None:
        if course is None or course.conversation_id == self.conversation_id:
            self._take(course)

    def _on_unknown(self, _problem: WorkstationError) -> None:
        """It is gone or cannot be read; whoever opens it says so."""
        self._take(None)

    def _take(self, course: Course | None) -> None:
        if course != self.course:
            self.course = course
            self.changed.emit()

    def _on_titles(self, read: tuple[tuple[Title, ...], tuple[str, ...]]) -> None:
        titles, problems = read
        self.titles_read.emit(titles)
        if problems:   # of one's own; the rest can be chosen
            self._bridge.notice(problems[0], tone="warn")

    def _on_done(self, undo: Undo | None) -> None:
        if undo is not None:
            self._bridge.notice(undo.sentence, partial(self._undo, undo.id))

    def _undo(self, undo_id: str) -> None:
        self._bridge.call(partial(_undo, undo_id), self._on_undone, self)

    def _on_undone(self, _nothing: None) -> None:
        """`PlaybookChanged` says the rest."""

    def _on_kept(self, _count: int) -> None:
        """`EvidenceSealed` says the rest."""

    def _on_changed(self, event: PlaybookChanged) -> None:
        if event.conversation_id == self.conversation_id:
            self._ask()

    def _on_checks(self, event: ChecksChanged) -> None:
        if event.conversation_id == self.conversation_id:
            self._dwell.start()

    def _on_sealed(self, event: EvidenceSealed) -> None:
        if event.case_id == self.conversation_id:
            self._dwell.start()

    def _on_conversations(self, event: ConversationsChanged) -> None:
        if self.conversation_id in event.ids:
            self._dwell.start()


async def _of(conversation_id: str, core: Core) -> Course | None:
    return await core.playbooks.of(conversation_id) if core.playbooks is not None else None


async def _titles(core: Core) -> tuple[tuple[Title, ...], tuple[str, ...]]:
    if core.playbooks is None:
        return (), ()
    return await core.playbooks.list(), await core.playbooks.problems()


async def _choose(conversation_id: str, playbook_id: str, core: Core) -> Undo | None:
    return await core.playbooks.choose(conversation_id, playbook_id) if core.playbooks is not None else None


async def _mark(conversation_id: str, step_id: str, state: State, reason: str, core: Core) -> Undo | None:
    if core.playbooks is None:
        return None
    return await core.playbooks.mark(conversation_id, step_id, state, reason)


async def _undo(undo_id: str, core: Core) -> None:
    if core.playbooks is not None:
        await core.playbooks.undo(undo_id)


async def _keep(conversation_id: str, core: Core) -> int:
    view = await core.inbox.conversation(conversation_id)
    found = [(message.id, at) for message in view.messages if message.direction is Direction.IN
             for at, file in enumerate(message.attachments) if file.mime.startswith(("image/", "video/"))]
    for message_id, at in found[-MOST_PICTURES:]:
        await core.evidence.keep_attachment(message_id, at)
    return len(found)
