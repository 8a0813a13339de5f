"""Tells where this person is and what they do there, and holds who else is in the conversation on show."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.events import PresenceChanged
from workstation.kernel.errors import WorkstationError
from workstation.team.model import Doing, Presence

WRITING_MS = 12_000
"""Without a key for so long a person reads rather than writes."""
AWAY_MS = 30_000
"""A window that is not in front for so long is left."""
LOOK_AGAIN_MS = 5_000
"""Who falls silent lapses without an event, also while the hub is away."""


class TeamPresenter(QObject):
    """`others` are in the conversation on show, writers first."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.others: tuple[Presence, ...] = ()
        self._bridge = bridge
        self._conversation = ""
        self._told: tuple[str, Doing | None] = ("", None)
        self._writing = QTimer(self, singleShot=True, interval=WRITING_MS)
        self._writing.timeout.connect(self._tell)
        self._away = QTimer(self, singleShot=True, interval=AWAY_MS)
        self._away.timeout.connect(self._tell)
        self._again = QTimer(self, interval=LOOK_AGAIN_MS)
        self._again.timeout.connect(self._ask)
        bridge.presence_changed.connect(self._on_presence)
        bridge.attached.connect(self._on_attached)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application)

    def show(self, conversation_id: str | None) -> None:
        """Another conversation is on show, or none."""
        if (conversation_id or "") == self._conversation:
            return
        self._conversation = conversation_id or ""
        self._writing.stop()
        self._take(())
        self._tell()

    def typed(self) -> None:
        """The person typed a part of an answer."""
        begins = not self._writing.isActive()
        self._writing.start()
        if begins:
            self._tell()

    @Slot()
    def _on_attached(self) -> None:
        self._told = ("", None)
        self._tell()

    def _on_application(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
            self._tell()
        elif not self._away.isActive():
            self._away.start()

    def _doing(self) -> Doing | None:
        in_front = QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive
        if not self._conversation or not (in_front or self._away.isActive()):
            return None
        return Doing.WRITING if self._writing.isActive() else Doing.VIEWING

    @Slot()
    def _tell(self) -> None:
        now = (self._conversation, self._doing())
        if now == self._told or self._bridge.core is None:
            return
        before, self._told = self._told, now
        if now[1] is None and before[0]:
            self._bridge.call(partial(_here, before[0], None), _nothing, self)
        elif now[1] is not None:
            self._bridge.call(partial(_here, *now), _nothing, self)
        self._set_looking()

    def _set_looking(self) -> None:
        if self.others and not self._again.isActive():
            self._again.start()
        elif not self.others:
            self._again.stop()

    def _on_presence(self, event: PresenceChanged) -> None:
        if event.conversation_id == self._conversation:
            self._ask()

    @Slot()
    def _ask(self) -> None:
        if self._conversation:
            wanted = self._conversation
            self._bridge.call(
                partial(_others, wanted), partial(self._on_others, wanted), self, self._on_unknown, "presence")

    def _on_others(self, conversation_id: str, others: tuple[Presence, ...]) -> None:
        if conversation_id == self._conversation:
            self._take(others)

    def _on_unknown(self, _problem: WorkstationError) -> None:
        self._take(())

    def _take(self, others: tuple[Presence, ...]) -> None:
        before, self.others = self.others, others
        self._set_looking()
        if [(one.name, one.doing) for one in before] != [(one.name, one.doing) for one in others]:
            self.changed.emit()


async def _here(conversation_id: str, doing: Doing | None, core: Core) -> None:
    if core.team is not None:
        core.team.here(conversation_id, doing)


async def _others(conversation_id: str, core: Core) -> tuple[Presence, ...]:
    return await core.team.presence(conversation_id) if core.team is not None else ()


def _nothing(_result: None) -> None:
    """The events say the rest."""
