"""The conversation column: header, messages, a banner for what arrived unseen, and where a link leads."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPushButton, QStackedLayout, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.conversation.attachments import AttachmentFiles
from ui.conversation.header import Header
from ui.conversation.link_bar import LinkBar
from ui.conversation.presenter import ConversationPresenter
from ui.conversation.timeline import Timeline
from ui.conversation.windows import TextWindow
from ui.shell.actions import Actions
from ui.widgets.empty import EmptyState
from workstation.api import Core
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.settings import Settings


class ConversationView(QWidget):
    """Shows one conversation. Give `settings` to keep the choice of side by side."""

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(parent)
        self.presenter = ConversationPresenter(bridge, self)
        self._bridge = bridge
        self._settings = settings
        self._side_by_side = settings.flag("translate_side_by_side") if settings else False
        clock = clock or SystemClock()
        self.header = Header(actions, clock)
        self.timeline = Timeline(AttachmentFiles(bridge, self), clock)
        self.link_bar = LinkBar()
        self.source: TextWindow | None = None
        self._empty = EmptyState()
        self._arrived = QPushButton(_("New messages below"))
        self._arrived.hide()
        self._lay_out()
        self._wire(actions)
        self.timeline.set_side_by_side(self._side_by_side)
        self._on_opened()

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        self.presenter.show(conversation_id)

    @Slot()
    def toggle_original(self) -> None:
        if bubble := self.timeline.current_bubble():
            bubble.toggle_original()

    @Slot()
    def toggle_side_by_side(self) -> None:
        """Both texts beside each other, or the translation alone; kept as a preference."""
        self._side_by_side = not self._side_by_side
        if self._settings:
            self._settings.set("translate_side_by_side", self._side_by_side)
        self.timeline.set_side_by_side(self._side_by_side)

    @Slot()
    def toggle_quoted(self) -> None:
        if bubble := self.timeline.current_bubble():
            bubble.toggle_quoted()

    @Slot()
    def show_source(self) -> None:
        """The current message as it came, in a window."""
        if bubble := self.timeline.current_bubble():
            message_id = bubble.entry.message.id

            async def read(core: Core) -> bytes:
                return await core.inbox.raw_source(message_id)

            self._bridge.call(read, self._on_source, self, replaces="source")

    @Slot()
    def next_message(self) -> None:
        self.timeline.step(1)

    @Slot()
    def previous_message(self) -> None:
        self.timeline.step(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus goes on to the message that is being read."""
        super().focusInEvent(event)
        if bubble := self.timeline.current_bubble():
            bubble.setFocus(event.reason())

    def _lay_out(self) -> None:
        talk = QWidget()
        inside = QVBoxLayout(talk)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.header)
        inside.addWidget(self.timeline, 1)
        inside.addWidget(self._arrived, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self.link_bar)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(talk)

    def _wire(self, actions: Actions) -> None:
        self.presenter.opened.connect(self._on_opened)
        self.presenter.changed.connect(self._on_changed)
        self.presenter.missing.connect(self._on_missing)
        self.timeline.acted.connect(self._on_acted)
        self.timeline.link.connect(self.link_bar.show_link)
        self.timeline.want.connect(self.presenter.want)
        self.timeline.missed.connect(self._on_missed)
        self._arrived.clicked.connect(self.timeline.to_newest)
        actions.on("conversation.original", self.toggle_original)
        actions.on("conversation.side_by_side", self.toggle_side_by_side)
        actions.on("conversation.quoted", self.toggle_quoted)
        actions.on("conversation.source", self.show_source)
        actions.on("conversation.next_message", self.next_message)
        actions.on("conversation.previous_message", self.previous_message)

    @Slot()
    def _on_opened(self) -> None:
        self.timeline.clear()
        self.header.show_view(None)
        self.link_bar.hide()
        self._empty.show_state("" if self.presenter.conversation_id else _("Choose a conversation to read it here."))
        self._stack.setCurrentIndex(0)

    @Slot()
    def _on_changed(self) -> None:
        view = self.presenter.view
        if view:
            self.header.show_view(view)
            self._stack.setCurrentIndex(1)
            self.timeline.show_entries(self.presenter.entries(), self.presenter.lines(), view.earlier)

    @Slot(str)
    def _on_missing(self, sentence: str) -> None:
        self._on_opened()
        self._empty.show_state(sentence, _("Try again"), self.presenter.reload, tone="error")

    @Slot(str, str)
    def _on_acted(self, action: str, about: str) -> None:
        acts = {"undo": self.presenter.undo, "retry": self.presenter.retry, "look": self.presenter.look,
                "again": self.presenter.translate_again}
        acts[action](about)

    @Slot(int)
    def _on_missed(self, count: int) -> None:
        self._arrived.setVisible(count > 0)
        text = ngettext("{n} new message below", "{n} new messages below", count).format(n=count)
        self._arrived.setText(text)
        self._arrived.setAccessibleName(text)

    def _on_source(self, content: bytes) -> None:
        self.source = TextWindow(_("Source of the message"), content, self)
        self.source.show()
