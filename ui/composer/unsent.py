"""A reply of this conversation that did not go: why, and what can be done, where the next one would be written."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.bridge import Bridge
from ui.conversation.buttons import flat_button
from ui.widgets.labels import ElidedLabel
from ui.widgets.marks import Mark
from workstation.api import Core
from workstation.domain.conversation import Delivery
from workstation.domain.events import DeliveryChanged
from workstation.drafts.model import Outgoing
from workstation.kernel.actions import Action, title
from workstation.kernel.i18n import _

_STUCK = (Delivery.FAILED, Delivery.UNKNOWN)


class Unsent(QObject):
    """Knows the newest reply of the open conversation that is refused or of unknown outcome."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reply: Outgoing | None = None
        self._conversation_id: str | None = None
        self._bridge = bridge
        bridge.delivery_changed.connect(self._on_delivery)

    def show(self, conversation_id: str | None) -> None:
        """Turn to another conversation."""
        if conversation_id != self._conversation_id:
            self._conversation_id, self.reply = conversation_id, None
            self.changed.emit()
            self._ask()

    def retry(self) -> None:
        if self.reply is not None:
            self._bridge.call(partial(_retry, self.reply.id), self._on_done, self, replaces="retry")

    def look(self) -> None:
        if self.reply is not None:
            self._bridge.call(partial(_look, self.reply.id), self._on_done, self, replaces="look")

    def _ask(self) -> None:
        if self._conversation_id:
            self._bridge.call(partial(_stuck, self._conversation_id), self._on_reply, self, replaces="stuck")

    def _on_reply(self, found: tuple[str, Outgoing | None]) -> None:
        if found[0] == self._conversation_id and found[1] != self.reply:
            self.reply = found[1]
            self.changed.emit()

    def _on_done(self, _result: object) -> None:
        self._ask()

    @Slot(object)
    def _on_delivery(self, event: DeliveryChanged) -> None:
        if event.conversation_id == self._conversation_id:
            self._ask()


class UnsentBar(QFrame):
    """One line: what did not go and why, with what can be done. `taken_back` carries the reply."""

    taken_back = Signal(object)
    asked = Signal()
    """For everything about it: the list of problems."""

    def __init__(self, unsent: Unsent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unsent = unsent
        self.setProperty("role", "sunken")
        self._mark = Mark("fail")
        self.text = ElidedLabel()
        self.retry = flat_button(title(Action.RETRY))
        self.take_back = flat_button(title(Action.TAKE_BACK))
        self.look = flat_button(title(Action.LOOK_AGAIN))
        self.more = flat_button(_("More…"), title(Action.SHOW_PROBLEMS))
        self.retry.clicked.connect(unsent.retry)
        self.look.clicked.connect(unsent.look)
        self.take_back.clicked.connect(self._on_take_back)
        self.more.clicked.connect(self.asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self.text, 1)
        for button in (self.retry, self.take_back, self.look, self.more):
            layout.addWidget(button)
        unsent.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        reply = self._unsent.reply
        self.setVisible(reply is not None)
        if reply is None:
            return
        failed = reply.state is Delivery.FAILED
        self._mark.set_state("fail" if failed else "unknown")
        said = (_("Your reply was not sent: {why}") if failed
                else _("It is not known whether your reply arrived: {why}")).format(why=reply.sentence)
        self.text.set_full_text(said)
        self.setAccessibleName(said)
        for button in (self.retry, self.take_back):
            button.setVisible(failed)
        for button in (self.look, self.more):
            button.setVisible(not failed)

    def _on_take_back(self) -> None:
        if self._unsent.reply is not None:
            self.taken_back.emit(self._unsent.reply)


async def _stuck(conversation_id: str, core: Core) -> tuple[str, Outgoing | None]:
    waiting = [one for one in await core.drafts.outgoing()
               if one.conversation_id == conversation_id and one.state in _STUCK]
    return conversation_id, waiting[-1] if waiting else None


async def _retry(outgoing_id: str, core: Core) -> None:
    await core.drafts.retry(outgoing_id)


async def _look(outgoing_id: str, core: Core) -> None:
    await core.drafts.look_for(outgoing_id)
