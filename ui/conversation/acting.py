"""What can be done with one message, and what a quiet line leads to."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.bridge import Bridge
from ui.conversation.bubble import Bubble
from ui.conversation.source import SourceWindow
from ui.conversation.timeline import Timeline
from ui.conversation.windows import TextWindow
from ui.shell.actions import Actions
from workstation.api import Core
from workstation.evidence.model import RecordView
from workstation.inbox.model import SystemLine
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.verification.model import RawAnswer

MENU = (
    "conversation.original", "conversation.side_by_side", "conversation.quoted", "conversation.source",
    "evidence.keep_files", "",
    "conversation.select_message", "conversation.split",
)


def message_menu(actions: Actions, timeline: Timeline, bubble: Bubble, parent: QWidget) -> QMenu:
    """The menu of the current message. What it cannot do is disabled, so that every entry keeps its place."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    message = bubble.entry.message
    impossible = {
        "conversation.original": message.translation is None, "conversation.quoted": not message.quoted,
        "conversation.split": not timeline.chosen(), "evidence.keep_files": not message.attachments,
    }
    for name in MENU:
        if not name:
            menu.addSeparator()
            continue
        known = actions.action(name)
        entry = menu.addAction(known.icon(), f"{known.text()}\t{actions.hint(name)}")
        entry.triggered.connect(known.trigger)
        entry.setEnabled(not impossible.get(name, False))
    if message.html:
        entry = menu.addAction(_("Show the mail as it was laid out or as text"))
        entry.triggered.connect(bubble.toggle_html)
    return menu


class Opening(QObject):
    """Opens what a quiet line tells of: the raw answer, the record, the message."""

    def __init__(self, bridge: Bridge, window: QWidget, go_to: Timeline) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._timeline = go_to
        self.shown: QWidget | None = None

    def source(self, message_id: str) -> None:
        """A message as it came, in a window."""
        self._bridge.call(lambda core: core.inbox.raw_source(message_id), self._on_source, self, replaces="source")

    def line(self, line: SystemLine, conversation_id: str) -> bool:
        """Open what `line` is about. False: it is about a message, which the conversation itself shows."""
        if line.kind == "check":
            self._bridge.call(lambda core: core.verification.raw_answer(line.ref), self._on_answer, self)
        elif line.kind in ("evidence", "approval"):
            self._bridge.call(partial(_record, line.ref, conversation_id), self._on_record, self)
        else:
            return False
        return True

    def _on_source(self, content: bytes) -> None:
        self._show(SourceWindow(self._bridge, content, self._window))

    def _on_answer(self, answer: RawAnswer) -> None:
        self._show(TextWindow(_("Raw answer: {source}").format(source=answer.source), answer.body, self._window))

    def _on_record(self, found: RecordView) -> None:
        from ui.evidence.viewer import RecordWindow

        self._show(RecordWindow(self._bridge, found, self._window))

    def _show(self, window: QWidget) -> None:
        self.shown = window
        window.show()


def below(bubble: Bubble) -> QPoint:
    """Where a message's menu opens when a key asked for it."""
    return bubble.mapToGlobal(QPoint(12, min(28, bubble.height())))


async def _record(record_id: str, case_id: str, core: Core) -> RecordView:
    """A record of a case. Raises NotFound."""
    record = next((one for one in await core.evidence.list(case_id) if one.id == record_id), None)
    if record is None:
        raise NotFound(_("There is no such record in this store."), _("It may have been erased."))
    return record
