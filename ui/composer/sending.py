"""Sending, and taking it back. A draft is sent once, after its last save; a held reply can be undone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from ui.bridge import Bridge
from ui.composer.keeper import Keeper, Key, key_of
from workstation.api import Core
from workstation.domain.conversation import Delivery
from workstation.domain.events import DeliveryChanged
from workstation.drafts.model import Draft, Mode, Outgoing
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import SendBlocked, WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.team.model import Doing

_CAN_BE_UNDONE = (Delivery.HELD, Delivery.QUEUED)


class Sending(QObject):
    """`sent` carries the key, `blocked` the key and the reasons, `returned` the draft of an undone reply."""

    undoing = Signal()
    """Save what was typed since: the reply's own draft comes back over it, and this stays in the history."""
    sent = Signal(object)
    blocked = Signal(object, object)
    returned = Signal(object)
    changed = Signal()

    def __init__(
        self, bridge: Bridge, keeper: Keeper, parent: QObject | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self.held: Outgoing | None = None
        self.held_for = ""
        self._bridge = bridge
        self._keeper = keeper
        self._clock = clock or SystemClock()
        self._busy: set[Key] = set()
        self._warned: dict[Key, set[str]] = {}
        bridge.delivery_changed.connect(self._on_delivery)

    def busy(self, key: Key | None) -> bool:
        """Whether this draft is being sent at the moment."""
        return key in self._busy

    def start(self, draft: Draft, who: str) -> None:
        """Send this draft as soon as its last save is confirmed. The same draft is never sent twice."""
        key = key_of(draft)
        if key not in self._busy:
            self._busy.add(key)
            self._keeper.when_idle(key, partial(self._send, draft, who))

    def undo(self) -> bool:
        """Take the last held reply back. False when there is none."""
        if self.held is None:
            return False
        reply, self.held = self.held, None
        self.take_back(reply.id, (reply.conversation_id, Mode.REPLY))
        return True

    def take_back(self, outgoing_id: str, key: Key) -> None:
        """Undo a reply that has not left, after what was typed since is saved."""
        self.undoing.emit()
        self._keeper.when_idle(key, partial(self._undo, outgoing_id))
        self.changed.emit()

    def _undo(self, outgoing_id: str) -> None:
        self._bridge.call(partial(_undo, outgoing_id), self._on_undone, self)

    def _undo_notice(self) -> None:
        self.undo()

    def _send(self, draft: Draft, who: str) -> None:
        done, failed = partial(self._on_sent, draft, who), partial(self._on_failed, draft)
        warned = self._warned.setdefault(key_of(draft), set())
        command = partial(_send, draft, self._keeper.revision(key_of(draft)), warned)
        self._bridge.call(command, done, self, failed)

    def _on_sent(self, draft: Draft, who: str, reply: Outgoing) -> None:
        key = key_of(draft)
        self._busy.discard(key)
        self._warned.pop(key, None)
        self._keeper.drop(key)
        if draft.mode is Mode.REPLY and reply.state in _CAN_BE_UNDONE:
            self.held, self.held_for = reply, who
            self._announce(reply, who)
        self.sent.emit(key)
        self.changed.emit()

    def _announce(self, reply: Outgoing, who: str) -> None:
        seconds = max(0, (reply.release_at - self._clock.now()) // 1_000)
        if seconds:
            sentence = _("The reply to {who} leaves in {n} s.").format(who=who, n=seconds)
            self._bridge.notice(sentence, self._undo_notice, seconds)

    def _on_failed(self, draft: Draft, problem: WorkstationError) -> None:
        key = key_of(draft)
        self._busy.discard(key)
        reasons = problem.reasons if isinstance(problem, SendBlocked) else ()
        self.blocked.emit(key, reasons or (str(problem),))
        self.changed.emit()

    def _on_undone(self, draft: Draft) -> None:
        self.returned.emit(draft)
        self.changed.emit()

    @Slot(object)
    def _on_delivery(self, event: DeliveryChanged) -> None:
        gone = event.state not in (Delivery.HELD, Delivery.QUEUED)
        if self.held and event.outgoing_id == self.held.id and gone:
            self.held = None
            self.changed.emit()


async def _send(draft: Draft, revision: int, warned: set[str], core: Core) -> Outgoing:
    """Two answers to one buyer contradict each other: the first try beside a colleague who writes says so and stops,
    the second goes through. `warned`: of whom this person was told."""
    if draft.mode is Mode.REPLY and core.team is not None:
        there = await core.team.look(draft.conversation_id)
        writing = {one.member_id: one.name for one in there if one.doing is Doing.WRITING}
        if not writing.keys() <= warned:
            warned.update(writing)
            raise SendBlocked(_("A colleague is writing to this buyer, too."), reasons=(ngettext(
                "{names} is writing to this buyer, too: send again to send anyway",
                "{names} are writing to this buyer, too: send again to send anyway", len(writing),
            ).format(names=_(", ").join(writing.values())),))
    return await core.drafts.send(replace(draft, revision=revision))


async def _undo(outgoing_id: str, core: Core) -> Draft:
    return await core.drafts.undo_send(outgoing_id)
