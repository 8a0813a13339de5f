"""The conversation column: header, messages, bars for what changed and what is selected, and where a link leads."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPushButton, QStackedLayout, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.conversation.acting import Opening, below, message_menu
from ui.conversation.attachments import AttachmentFiles
from ui.conversation.bars import ChangeBar, SelectionBar
from ui.conversation.header import Header
from ui.conversation.link_bar import LinkBar
from ui.conversation.presenter import ConversationPresenter
from ui.conversation.source import SourceWindow
from ui.conversation.timeline import Timeline
from ui.shell.actions import Actions
from ui.widgets.empty import EmptyState
from ui.widgets.progress import PATIENCE_MS
from workstation.domain.conversation import Attachment
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.settings import Settings


class ConversationView(QWidget):
    """Shows one conversation. Give `settings` to keep the choice of side by side."""

    language_wanted = Signal()
    """There is no engine for what the buyer writes: a language is to be added."""

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.presenter = ConversationPresenter(bridge, self)
        self._actions = actions
        self._settings = settings
        self._clock = clock or SystemClock()
        self._side_by_side = settings.flag("translate_side_by_side") if settings else False
        self.header = Header(actions, self._clock)
        self.files = AttachmentFiles(bridge, self)
        self.files.pictures = self._pictures
        self.files.place = self._place
        self.timeline = Timeline(self.files, self._clock)
        self.opening = Opening(bridge, self, self.timeline)
        self.link_bar = LinkBar()
        self.changes = ChangeBar()
        self.selection = SelectionBar()
        self.setAccessibleName(_("Conversation"))  # it has the focus until the first message is there
        self._empty = EmptyState()
        self._arrived = QPushButton(_("New messages below"))
        self._arrived.hide()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._on_waiting)
        self._lay_out()
        self._wire()
        self._act(actions)
        self.timeline.set_side_by_side(self._side_by_side)
        self._turning = False
        self._on_opened()

    @property
    def source(self) -> SourceWindow | None:
        """The window with a message's source that was opened last."""
        return self.opening.shown if isinstance(self.opening.shown, SourceWindow) else None

    def show_conversation(self, conversation_id: str | None, message_id: str = "") -> None:
        """Turn to a conversation, or to none; at a message when one is named (the hit of a search)."""
        self.presenter.show(conversation_id, message_id)

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
            self.opening.source(bubble.entry.message.id)

    @Slot()
    def next_message(self) -> None:
        self.timeline.step(1)

    @Slot()
    def previous_message(self) -> None:
        self.timeline.step(-1)

    @Slot()
    def select_message(self) -> None:
        self.timeline.select()

    @Slot()
    def split(self) -> None:
        """The selected messages go to a conversation of their own."""
        if chosen := self.timeline.chosen():
            self.presenter.split(chosen)
            self.timeline.select_none()

    @Slot()
    def go_to_unread(self) -> None:
        """To the first message that was new when the conversation was opened."""
        if self.presenter.unread:
            self.presenter.go_to(self.presenter.unread)

    @Slot()
    def choose_day(self) -> None:
        """Ask for a day, then go there."""
        from ui.conversation.goto import DayChooser

        held = self.presenter.held
        if held.messages:
            bubble = self.timeline.current_bubble()
            at = bubble.entry.message.at if bubble else held.messages[-1].at
            chooser = DayChooser(at, self._clock.now(), self)
            chooser.chosen.connect(self.presenter.go_to_time)
            chooser.open_at(self.timeline.mapToGlobal(QPoint(self.timeline.width() // 3, 8)))

    @Slot()
    def see_change(self) -> None:
        """Where the news is: the newest message."""
        self.changes.forget()
        self.timeline.to_newest()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus goes on to the message that is being read."""
        super().focusInEvent(event)
        if not self._turning and (bubble := self.timeline.current_bubble()):
            bubble.setFocus(event.reason())

    def _lay_out(self) -> None:
        talk = QWidget()
        inside = QVBoxLayout(talk)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.header)
        inside.addWidget(self.timeline, 1)
        inside.addWidget(self._arrived, 0, Qt.AlignmentFlag.AlignHCenter)
        for bar in (self.changes, self.selection, self.link_bar):
            inside.addWidget(bar)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(talk)

    def _wire(self) -> None:
        presenter, timeline = self.presenter, self.timeline
        presenter.opened.connect(self._on_opened)
        presenter.changed.connect(self._on_changed)
        presenter.missing.connect(self._on_missing)
        presenter.jumped.connect(self._on_jumped)
        presenter.told.connect(self._on_told)
        timeline.acted.connect(self._on_acted)
        timeline.link.connect(self.link_bar.show_link)
        timeline.want.connect(presenter.want)
        timeline.missed.connect(self._on_missed)
        timeline.page_wanted.connect(presenter.page)
        timeline.menu_asked.connect(self._on_menu)
        timeline.line_asked.connect(self._on_line)
        timeline.day_asked.connect(self.choose_day)
        timeline.selected.connect(self.selection.show_count)
        self._arrived.clicked.connect(timeline.to_newest)
        self.changes.seen.connect(self.see_change)
        self.selection.split.connect(self.split)
        self.selection.cleared.connect(timeline.select_none)

    def _act(self, actions: Actions) -> None:
        for name, slot in (
            ("original", self.toggle_original), ("side_by_side", self.toggle_side_by_side),
            ("quoted", self.toggle_quoted), ("source", self.show_source), ("next_message", self.next_message),
            ("previous_message", self.previous_message), ("select_message", self.select_message),
            ("split", self.split), ("part", self.presenter.part), ("date", self.choose_day),
            ("first_unread", self.go_to_unread), ("see_change", self.see_change),
        ):
            actions.on(f"conversation.{name}", slot)
        actions.on("evidence.keep_files", self.keep_files)

    @Slot()
    def keep_files(self) -> None:
        """The current message's files join the case as evidence."""
        bubble = self.timeline.current_bubble()
        if bubble is not None and bubble.entry.message.attachments:
            self.files.keep(*bubble.entry.message.attachments)
        else:
            self._bridge.notice(_("This message has no files to keep."), tone="warn")

    def _place(self, attachment: Attachment) -> tuple[str, int] | None:
        found = ((message.id, message.attachments.index(attachment)) for message in self.presenter.held.messages
                 if attachment in message.attachments)
        return next(found, None)

    def _pictures(self) -> list[Attachment]:
        return [attachment for message in self.presenter.held.messages for attachment in message.attachments]

    @Slot()
    def _on_opened(self) -> None:
        if (focused := self.window().focusWidget()) is not None and self.timeline.isAncestorOf(focused):
            self._turning = True
            self.setFocus(Qt.FocusReason.OtherFocusReason)   # or Qt gives the keys to whatever comes next: a button
            self._turning = False
        self.timeline.clear()
        self.header.show_view(None)
        self.link_bar.hide()
        self.changes.forget()
        waiting = self.presenter.conversation_id is not None
        self._empty.show_state("" if waiting else _("Choose a conversation to read it here."))
        self._stack.setCurrentIndex(0)
        self._patience.start() if waiting else self._patience.stop()

    @Slot()
    def _on_waiting(self) -> None:
        """It takes long: the program is just starting, or the store is brought up to date."""
        self._empty.show_state(_("Loading the conversation…"))

    @Slot()
    def _on_changed(self) -> None:
        presenter = self.presenter
        if presenter.view:
            self._patience.stop()
            self.header.show_view(presenter.view)
            self._stack.setCurrentIndex(1)
            held = presenter.held
            self.timeline.show_entries(
                presenter.entries(), presenter.lines(), held.earlier, held.later, presenter.unread,
                presenter.landing)
            if self.window().focusWidget() is self and (
                    bubble := self.timeline.bubble_of(presenter.unread) or self.timeline.current_bubble()):
                bubble.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_missing(self, sentence: str) -> None:
        self._on_opened()
        self._patience.stop()
        self._empty.show_state(sentence, _("Try again"), self.presenter.reload, tone="error")

    @Slot(str, int)
    def _on_jumped(self, message_id: str, top: int) -> None:
        self.timeline.show_message(message_id, top if top >= 0 else None)
        self.timeline.on_focused(message_id)

    @Slot(object)
    def _on_told(self, sentences: tuple[str, ...]) -> None:
        self.changes.say(sentences, self._actions.hint("conversation.see_change"))

    @Slot(str, str)
    def _on_acted(self, action: str, about: str) -> None:
        acts = {"undo": self.presenter.undo, "retry": self.presenter.retry, "look": self.presenter.look,
                "again": self.presenter.translate_again, "language": self._want_language}
        acts[action](about)

    def _want_language(self, _message_id: str) -> None:
        self.language_wanted.emit()

    @Slot(str, object)
    def _on_menu(self, message_id: str, place: QPoint) -> None:
        self.timeline.on_focused(message_id)
        if bubble := self.timeline.current_bubble():
            menu = message_menu(self._actions, self.timeline, bubble, self)
            menu.popup(place if isinstance(place, QPoint) else below(bubble))
            menu.setActiveAction(menu.actions()[0])

    @Slot(object, str)
    def _on_line(self, line: SystemLine, what: str) -> None:
        if what == "part":
            self.presenter.part()
        elif not self.opening.line(line, self.presenter.conversation_id or ""):
            self.presenter.go_to(line.ref)

    @Slot(int)
    def _on_missed(self, count: int) -> None:
        self._arrived.setVisible(count > 0)
        text = ngettext("{n} new message below", "{n} new messages below", count).format(n=count)
        self._arrived.setText(text)
        self._arrived.setAccessibleName(text)
