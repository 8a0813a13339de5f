"""One person's message. The translation comes first, its original is a key away; what did not survive is said."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from ui.conversation import words
from ui.conversation.attachments import AttachmentFiles, AttachmentRow
from ui.conversation.buttons import flat_button
from ui.conversation.html_view import SafeHtml
from ui.conversation.pieces import DeliveryLine, Prose, StateLine
from ui.conversation.presenter import Entry
from ui.theme import current, fonts, theme
from ui.widgets.labels import ElidedLabel, chip, label
from workstation.domain.conversation import Direction
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _

WIDEST = 720
"""Pixels; longer lines are hard to read."""


class Bubble(QFrame):
    """Draws an Entry. `acted` carries what to do ("undo", "retry", "look", "again") and to which id."""

    acted = Signal(str, str)
    link = Signal(str)
    focused = Signal(str)

    def __init__(self, entry: Entry, files: AttachmentFiles, clock: Clock, side_by_side: bool = False) -> None:
        super().__init__()
        self.entry = entry
        self._clock = clock
        self._original = False
        self._side_by_side = side_by_side
        self._html: SafeHtml | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaximumWidth(WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._build(files)
        self._fill()
        theme().changed.connect(self._on_theme)

    def show_entry(self, entry: Entry) -> None:
        """News of the same message."""
        if entry != self.entry:
            self.entry = entry
            self._fill()

    def set_side_by_side(self, wanted: bool) -> None:
        self._side_by_side = wanted
        self._fill_text()

    def toggle_original(self) -> None:
        """The original in place of the translation, or back."""
        if self.entry.message.translation:
            self._original = not self._original
            self._fill_text()

    def toggle_quoted(self) -> None:
        """Unfold or fold the quoted history."""
        if self.entry.message.quoted:
            if not self._quoted.plain:
                self._quoted.show_text(self.entry.message.quoted)
            self._quoted.setVisible(self._quoted.isHidden())
            self._fill_quoted()

    def toggle_html(self) -> None:
        """The mail's own look, or plain text."""
        if self._html is None and self.entry.message.html:
            self._html = SafeHtml()
            self._html.link.connect(self.link)
            self._html.show_html(self.entry.message.html)
            self._body.insertWidget(1, self._html)
        elif self._html is not None:
            self._html.deleteLater()
            self._html = None
        self._fill_text()

    def shown_texts(self) -> tuple[str, ...]:
        """What can be read now, first text first."""
        return tuple(prose.plain for prose in (self._first, self._second) if not prose.isHidden())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, note = current(), self.entry.message.direction is Direction.NOTE
        fill = {Direction.IN: tokens.bubble_in, Direction.OUT: tokens.bubble_out, Direction.NOTE: tokens.note_surface}
        painter.setBrush(QColor(fill[self.entry.message.direction]))
        focused = self.hasFocus()
        edge = tokens.focus if focused else tokens.note_line if note else tokens.line
        painter.setPen(QPen(QColor(edge), 2 if focused else 1, Qt.PenStyle.DashLine if note else Qt.PenStyle.SolidLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self.entry.message.id)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def _build(self, files: AttachmentFiles) -> None:
        message = self.entry.message
        self._first, self._second, self._quoted = Prose(), Prose(), Prose()
        self._translation, self._lost, self._delivery = StateLine(), StateLine(), DeliveryLine(self._clock)
        self._fold = flat_button("")
        self._fold.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for prose in (self._first, self._second, self._quoted):
            prose.linkActivated.connect(self.link)
        self._quoted.setProperty("role", "quiet")
        self._quoted.hide()
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(12, 6, 12, 8)
        self._body.setSpacing(4)
        self._body.addLayout(self._head())
        self._body.addLayout(self._texts())
        for part in (self._translation, self._lost):
            self._body.addWidget(part)
        for problem in message.problems:
            line = StateLine()
            line.say("warn", problem)
            self._body.addWidget(line)
        self._body.addWidget(self._fold)
        self._body.addWidget(self._quoted)
        for attachment in message.attachments:
            self._body.addWidget(AttachmentRow(attachment, files))
        self._body.addWidget(self._delivery)
        self._fold.clicked.connect(self.toggle_quoted)
        self._translation.pressed.connect(self._on_again)
        self._delivery.chosen.connect(self._on_delivery)

    def _head(self) -> QHBoxLayout:
        message = self.entry.message
        who = ElidedLabel(message.author.shown)
        who.setFont(fonts.font(bold=True))
        who.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        when = label(words.local_time(message.at, self._clock.now()), "caption")
        when.setToolTip(words.full_time(message.at))
        self._pair = chip("")
        self._swap = flat_button("")
        self._look = flat_button(_("Layout"), _("Show the mail as it was laid out"))
        self._look.setVisible(bool(message.html))
        self._swap.clicked.connect(self.toggle_original)
        self._look.clicked.connect(self.toggle_html)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(who)
        row.addWidget(when)
        if message.direction is Direction.NOTE:
            row.addWidget(chip(_("note"), tip=_("Only your team sees this")))
        row.addWidget(self._pair)
        row.addStretch(1)
        row.addWidget(self._swap)
        row.addWidget(self._look)
        return row

    def _texts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for prose in (self._first, self._second):
            row.addWidget(prose, 1, Qt.AlignmentFlag.AlignTop)
        return row

    def _fill(self) -> None:
        message = self.entry.message
        self.setAccessibleName(_("{who}, {when}: {text}").format(
            who=message.author.shown, when=words.local_time(message.at, self._clock.now()), text=message.text[:200]))
        self._fill_text()
        self._fill_translation()
        self._fill_quoted()
        self._fill_delivery()

    def _fill_text(self) -> None:
        message, translation = self.entry.message, self.entry.message.translation
        plain = self._html is None
        both = bool(translation) and self._side_by_side
        first = translation.text if translation and (both or not self._original) else message.text
        self._first.show_text(first, message.survivors)
        self._first.setVisible(plain)
        self._second.setVisible(plain and both)
        if both:
            self._second.show_text(message.text, message.survivors)
        self._swap.setVisible(bool(translation) and not both and plain)
        self._swap.setText(_("Translation") if self._original else _("Original"))
        self._swap.setAccessibleName(_("Show the translation") if self._original else _("Show the original"))
        self._look.setText(_("Text") if not plain else _("Layout"))

    def _fill_translation(self) -> None:
        message, translation = self.entry.message, self.entry.message.translation
        self._pair.setVisible(bool(translation) or bool(message.language and message.direction is Direction.IN))
        if translation:
            ends = (message.language, translation.language)
            self._pair.setText(words.pair(*ends))
            self._pair.setToolTip(words.pair_names(*ends))
        else:
            self._pair.setText(message.language)
            self._pair.setToolTip(words.language_name(message.language))
        self._translation.say(*_translation_state(self.entry))
        lost = ", ".join(translation.lost) if translation else ""
        self._lost.say("fail", _("Did not survive translation: {items}").format(items=lost) if lost else "")

    def _fill_quoted(self) -> None:
        self._fold.setVisible(bool(self.entry.message.quoted))
        hidden = self._quoted.isHidden()
        self._fold.setText(_("Show quoted text") if hidden else _("Fold quoted text"))
        self._fold.setAccessibleName(self._fold.text())

    def _fill_delivery(self) -> None:
        message, reply = self.entry.message, self.entry.outgoing
        if message.direction is Direction.OUT:
            sentence = (reply.sentence if reply else "") or message.delivery_sentence
            state = reply.state if reply else message.delivery
            self._delivery.show_delivery(state, sentence, reply.release_at if reply else None, reply is not None)

    def _on_theme(self) -> None:
        """Links carry their colour in the text."""
        self._fill_text()
        self.update()

    def _on_again(self) -> None:
        self.acted.emit("again", self.entry.message.id)

    def _on_delivery(self, action: str) -> None:
        if self.entry.outgoing:
            self.acted.emit(action, self.entry.outgoing.id)


def _translation_state(entry: Entry) -> tuple[str, str, str]:
    if entry.message.translation or not entry.translation:
        return "pending", "", ""
    if entry.translation == "working":
        return "pending", _("Translating…"), ""
    return "unknown", entry.problem, _("Try again")
