"""The composer: Reply or Note, the agent's words on the left and the buyer's on the right, and beside the button
whatever stops the send. Its rows keep their height, so nothing moves under the person's hands."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QMenu, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.composer import rules
from ui.composer.bars import BottomBar, TopBar
from ui.composer.dropping import FileDrop
from ui.composer.editors import MOST_TYPED, Editor
from ui.composer.panes import AgentPane, BuyerPane
from ui.composer.presenter import ComposerPresenter
from ui.composer.rules import Field
from ui.composer.strips import ConflictBar, FilesRow
from ui.composer.unsent import Unsent, UnsentBar
from ui.conversation.words import local_time
from ui.shell.actions import Actions
from ui.widgets import timetext
from ui.widgets.labels import set_role
from ui.widgets.splitter import Splitter
from workstation.domain.conversation import Channel
from workstation.drafts.model import Draft, Mode, Outgoing
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _


class Composer(QWidget):
    """Writes replies and notes. `show_conversation` turns to another draft after saving this one."""

    left = Signal()
    """Escape was pressed, or what was written is on its way: single keys shall work again."""
    language_wanted = Signal()
    """There is no engine for this pair: a language is to be added."""

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self.presenter = ComposerPresenter(bridge, self, self._clock)
        self._actions = actions
        self._bridge = bridge
        self._stored: Draft | None = None
        self._online = True
        self._frame = QFrame()
        self._top = TopBar(actions)
        self._cc = QLineEdit()
        self._agent = AgentPane()
        self._buyer = BuyerPane()
        self._files = FilesRow()
        self._conflict = ConflictBar()
        self.unsent = Unsent(bridge, self)
        self.unsent_bar = UnsentBar(self.unsent)
        self._bottom = BottomBar(actions)
        self._lay_out()
        self._wire()
        self._register()
        self._show_draft()

    @property
    def body(self) -> Editor:
        """Where the agent writes."""
        return self._agent.editor

    @property
    def target(self) -> Editor:
        """What the buyer reads."""
        return self._buyer.editor

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to this conversation's reply, or to nothing."""
        self.unsent.show(conversation_id)
        if conversation_id != (self.presenter.key[0] if self.presenter.key else None):
            self.presenter.show(conversation_id)

    def flush(self) -> None:
        """Save what was typed now: before the window closes."""
        self.presenter.flush()

    @Slot()
    def write_reply(self) -> None:
        self._turn(Mode.REPLY)

    @Slot()
    def write_note(self) -> None:
        self._turn(Mode.NOTE)

    @Slot(str)
    def put_wording(self, text: str) -> None:
        """Write `text` into the reply where the cursor is, as if it were typed: it can be changed and undone."""
        self._turn(Mode.REPLY)
        self.body.put(text)

    @Slot()
    def send(self) -> None:
        """Send what is on the screen; not while an input method holds undecided letters."""
        if not (self.body.composing or self.target.composing):
            self.presenter.send()

    @Slot()
    def attach(self) -> None:
        """Choose files to go along."""
        if self.presenter.key:
            dialog = QFileDialog(self, _("Attach files"))
            dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.filesSelected.connect(self._on_files_chosen)
            dialog.open()

    def _lay_out(self) -> None:
        self._cc.setAccessibleName(_("Copy to (Cc)"))
        self._cc.setPlaceholderText(_("Copy to (Cc): addresses, separated by commas"))
        self._cc.hide()
        panes = Splitter()
        panes.setHandleWidth(8)
        panes.setProperty("role", "gap")
        panes.addWidget(self._agent)
        panes.addWidget(self._buyer)
        panes.setSizes([500, 500])
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(8, 4, 8, 8)
        inside.setSpacing(4)
        inside.addWidget(self._top)
        inside.addWidget(self.unsent_bar)
        inside.addWidget(self._conflict)
        inside.addWidget(self._cc)
        inside.addWidget(panes, 1)
        inside.addWidget(self._buyer.foot)
        inside.addWidget(self._files)
        inside.addWidget(self._bottom)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(8, 0, 8, 8)
        outside.addWidget(self._frame)

    def _wire(self) -> None:
        presenter = self.presenter
        presenter.replaced.connect(self._show_draft)
        presenter.translated.connect(self._show_translated)
        presenter.changed.connect(self._show_state)
        presenter.conflict.connect(self._on_conflict)
        presenter.history_read.connect(self._on_history)
        presenter.sending.changed.connect(self._show_state)
        presenter.sending.sent.connect(self._on_sent)
        self.body.typed.connect(self._on_body)
        self.target.typed.connect(self._on_target)
        for editor in (self.body, self.target):
            editor.image_pasted.connect(self._on_image)
            editor.files_dropped.connect(self.add_files)
            editor.refused.connect(self._on_refused)
            editor.left.connect(self.left)
        drop = FileDrop(self)
        drop.files.connect(self.add_files)
        drop.hovering.connect(self.show_dropping)
        self._cc.editingFinished.connect(self._on_cc)
        self._top.reply_chosen.connect(self.write_reply)
        self._top.note_chosen.connect(self.write_note)
        self._top.cc_toggled.connect(self._on_cc_toggled)
        self._buyer.kept.accepted.connect(presenter.accept_lost)
        self._buyer.again.connect(presenter.translate_again)
        self._buyer.language_wanted.connect(self.language_wanted)
        self._files.removed.connect(presenter.remove_file)
        self._conflict.theirs.connect(self._on_theirs)
        self._conflict.mine.connect(self._on_mine)
        self.unsent_bar.taken_back.connect(self._on_taken_back)
        self.unsent_bar.asked.connect(self._actions.action("view.problems").trigger)
        self._bottom.blockers.chosen.connect(self._on_blocker)
        self._bridge.connectivity_changed.connect(self._on_connectivity)

    def _register(self) -> None:
        on = self._actions.on
        on("composer.reply", self.write_reply)
        on("composer.note", self.write_note)
        on("composer.send", self.send)
        on("composer.preview", self.presenter.translate_again)
        on("composer.blocker", self._bottom.blockers.jump)
        on("composer.attach", self.attach)
        on("composer.history", self.presenter.history)

    def _turn(self, mode: Mode) -> None:
        key = self.presenter.key
        if key:
            self._take_cc()
            self.presenter.show(key[0], mode)
            self.body.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.body.hold()

    def _show_draft(self) -> None:
        draft = self.presenter.draft
        self._conflict.hide()
        self.body.show_text(draft.body if draft else "")
        self.target.show_text(draft.translated if draft else "")
        self._cc.setText(rules.cc_line(draft.cc) if draft else "")
        self._show_mode()
        self._show_state()

    def _show_translated(self) -> None:
        if self.presenter.draft:
            self.target.show_text(self.presenter.draft.translated)

    def _show_mode(self) -> None:
        key, draft = self.presenter.key, self.presenter.draft
        note = bool(key and key[1] is Mode.NOTE)
        set_role(self._frame, "note" if note else "raised")
        self._top.show_mode(note, draft if draft and rules.needs_translation(draft) else None)
        self._agent.show_mode(note)
        translated = bool(draft and rules.needs_translation(draft))
        self._buyer.setVisible(translated)
        self._buyer.foot.setVisible(translated)
        self._cc.setVisible(not note and bool(self._cc.text() or self._top.cc_open))
        self._bottom.show_mode(note)

    def _show_state(self) -> None:
        presenter, draft = self.presenter, self.presenter.draft
        editable = presenter.editable
        for editor in (self.body, self.target):
            editor.setReadOnly(not editable)
            editor.mark(presenter.previews.items)
        self._cc.setEnabled(editable)
        self._top.setEnabled(presenter.key is not None)
        self._files.show_files(draft.files if draft else ())
        if draft:
            self._buyer.show_state(draft, presenter.previews)
        self._bottom.show_state(presenter.blockers, self._state_words(), self._count_words(), editable)

    def _state_words(self) -> str:
        presenter, draft = self.presenter, self.presenter.draft
        if presenter.problem:
            return presenter.problem
        if presenter.sending.busy(presenter.key):
            return _("Sending…")
        if not self._online and draft and draft.mode is Mode.REPLY:
            return _("Offline: the reply is queued and leaves by itself.")
        if draft is None or draft.empty:
            return ""
        if presenter.unsaved:
            return _("Saving…")
        return _("Saved {when}").format(when=timetext.clock(draft.saved_at or self._clock.now()))

    def _count_words(self) -> str:
        row, draft = self.presenter.row, self.presenter.draft
        limit = rules.LIMITS.get(row.channel if row else Channel.EMAIL)
        return f"{len(rules.what_is_sent(draft))} / {limit}" if limit and draft and draft.mode is Mode.REPLY else ""

    @Slot()
    def _on_body(self) -> None:
        self.presenter.set_body(self.body.toPlainText())

    @Slot()
    def _on_target(self) -> None:
        self.presenter.set_translated(self.target.toPlainText())

    @Slot()
    def _on_cc(self) -> None:
        self._take_cc()

    @Slot(object)
    def _on_sent(self, _key: object) -> None:
        """Undo, next and resolve are single keys: after a send they must not be typed into the empty field."""
        if self.isAncestorOf(self.focusWidget() or self) and not self.body.toPlainText():
            self.left.emit()

    def _take_cc(self) -> None:
        wrong = self.presenter.set_cc(self._cc.text()) if self.presenter.draft else ""
        self._cc.setProperty("invalid", "true" if wrong else "false")
        self._cc.setToolTip(_("Not an address: {text}").format(text=wrong) if wrong else "")
        set_role(self._cc, "")

    @Slot(bool)
    def _on_cc_toggled(self, wanted: bool) -> None:
        self._cc.setVisible(wanted or bool(self._cc.text()))
        if wanted:
            self._cc.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_image(self, image: QImage) -> None:
        if self.presenter.key:
            self.presenter.files.add_image(self.presenter.key[0], image)

    @Slot(object)
    def add_files(self, paths: tuple[Path, ...]) -> None:
        """Files that were chosen, or dropped here or on the conversation, go along with what is being written."""
        if key := self.presenter.key:
            for path in paths:
                self.presenter.files.add_path(key[0], path)

    @Slot(list)
    def _on_files_chosen(self, names: list[str]) -> None:
        self.add_files(tuple(map(Path, names)))

    @Slot(bool)
    def show_dropping(self, hovering: bool) -> None:
        """Where files that are dragged would go."""
        note = bool(self.presenter.key and self.presenter.key[1] is Mode.NOTE)
        set_role(self._frame, "drop" if hovering else "note" if note else "raised")

    @Slot(int)
    def _on_refused(self, count: int) -> None:
        self._bridge.notice(_("The text is too long for a message: its length is {length}, the limit {most}. Save it "
                              "as a file and attach it.").format(
                                  length=timetext.number(count), most=timetext.number(MOST_TYPED)),
                            seconds=12, tone="warn")

    @Slot(object)
    def _on_conflict(self, stored: Draft) -> None:
        self._stored = stored
        self._conflict.show()

    @Slot()
    def _on_theirs(self) -> None:
        if self._stored:
            self.presenter.take(self._stored)

    @Slot()
    def _on_mine(self) -> None:
        self._conflict.hide()
        if self._stored:
            self.presenter.keep_mine(self._stored)

    @Slot(object)
    def _on_taken_back(self, reply: Outgoing) -> None:
        self.presenter.sending.take_back(reply.id, (reply.conversation_id, Mode.REPLY))

    @Slot(str)
    def _on_blocker(self, sentence: str) -> None:
        draft = self.presenter.draft
        field = rules.points_at(draft, sentence) if draft else Field.BODY
        if field is Field.LOST:
            self._buyer.kept.focus_toggle()
        else:
            if field is Field.CC:
                self._cc.show()
            places: dict[Field, QWidget] = {
                Field.TRANSLATION: self.target, Field.CC: self._cc, Field.FILES: self._files}
            places.get(field, self.body).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(object)
    def _on_history(self, drafts: tuple[Draft, ...]) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        now = self._clock.now()
        for earlier in drafts[:20]:
            words = " ".join(earlier.body.split())[:60] or _("(empty)")
            menu.addAction(f"{local_time(earlier.saved_at, now)}   {words}").setData(earlier)
        if not drafts:
            menu.addAction(_("No earlier drafts")).setEnabled(False)
        menu.triggered.connect(self._on_earlier)
        menu.popup(self._top.mapToGlobal(self._top.rect().bottomLeft()))

    def _on_earlier(self, action: object) -> None:
        earlier = getattr(action, "data", lambda: None)()
        if isinstance(earlier, Draft):
            self.presenter.walk_to(earlier)

    @Slot(object)
    def _on_connectivity(self, event: object) -> None:
        self._online = bool(getattr(event, "online", True))
        self._show_state()
