"""One person's message. The translation comes first, its original is a key away; what did not survive is said.

Parts are made when there is something to say: a conversation opens in a moment because most messages are only a name,
a time and a text.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import a11y
from ui.conversation import words
from ui.conversation.attachments import AttachmentFiles, AttachmentRow
from ui.conversation.bubble_head import Head
from ui.conversation.buttons import flat_button
from ui.conversation.held import Reading
from ui.conversation.html_view import SafeHtml
from ui.conversation.pieces import DeliveryLine, Prose, StateLine, quiet_line, translation_state
from ui.conversation.presenter import Entry
from ui.conversation.texts import shortened
from ui.theme import current, theme
from workstation.domain.conversation import Direction
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _, ngettext

MOST_FILES = 20
"""Files of one message that are listed at once."""
WIDEST = 720
"""Pixels; longer lines are hard to read."""
WHOLE, HTML, TRANSLATION, LOST, PROBLEMS, NOTES, FOLD, QUOTED, FILES, DELIVERY = range(2, 12)
"""Where a part stands in the bubble, from above; the head and the texts come before."""


_OF_ONE_MESSAGE = frozenset({HTML, PROBLEMS, NOTES, QUOTED, FILES})
"""Parts that are made anew for another message; the others are filled again."""


class Bubble(QFrame):
    """Draws an Entry. `acted` carries what to do ("undo", "retry", "look", "again") and to which id."""

    acted = Signal(str, str)
    link = Signal(str)
    focused = Signal(str)
    menu_asked = Signal(str, object)
    """Which message's, and where on the screen."""

    def __init__(
        self, entry: Entry, files: AttachmentFiles, clock: Clock, side_by_side: bool = False,
        reading: Reading | None = None, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.entry = entry
        self.reading = reading or Reading()
        self._clock = clock
        self._files = files
        self._side_by_side = side_by_side
        self._html: SafeHtml | None = None
        self._second: Prose | None = None
        self._parts: dict[int, QWidget] = {}
        self._ranks = [0, 1]
        self._ordered: tuple[object, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaximumWidth(WIDEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._build()
        self._furnish()
        self._begin()
        theme().changed.connect(self._on_theme)

    def suits(self, entry: Entry) -> bool:
        """Whether it has the parts that this message needs: turning to it changes words and nothing else."""
        mine, other = self.entry.message, entry.message
        return mine.direction is other.direction and bool(mine.quoted) is bool(other.quoted)

    def turn_to(self, entry: Entry, side_by_side: bool, reading: Reading) -> None:
        """Another message, in the same widgets: nothing of the one before is kept."""
        for at in reversed([at for at, rank in enumerate(self._ranks) if rank in _OF_ONE_MESSAGE]):
            item = self._body.takeAt(at)
            part = item.widget() if item is not None else None
            rank = self._ranks.pop(at)
            self._parts.pop(rank, None)
            if part is not None:
                part.hide()
                part.deleteLater()
        for part in self._parts.values():
            part.hide()
            self._ordered = ()
        self._html = None
        self.entry, self.reading, self._side_by_side = entry, reading, side_by_side
        self.head.show_message(entry.message)
        self._furnish()
        self._begin()

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
            self.reading.original = not self.reading.original
            self._fill_text()
            self._name()

    def toggle_quoted(self) -> None:
        """Unfold or fold the quoted history."""
        if self.entry.message.quoted:
            self.reading.quoted = not self.reading.quoted
            self._show_quoted(self.reading.quoted)

    def toggle_html(self) -> None:
        """The mail's own look, or plain text."""
        if self.entry.message.html or self._html is not None:
            self.reading.html = self._html is None
            self._show_html(self.reading.html)

    def toggle_whole(self) -> None:
        """All of a long text, or its beginning."""
        self.reading.whole = not self.reading.whole
        self._fill_text()

    def select(self, wanted: bool) -> None:
        """Choose the message for a common action, or not."""
        self.reading.selected = wanted
        self._name()
        self.update()

    def show_place(self, number: int, total: int) -> None:
        """Which message of how many this is, for a screen reader that meets only those in sight."""
        self.setAccessibleDescription(_("Message {n} of {total}").format(n=number, total=total))

    def shown_texts(self) -> tuple[str, ...]:
        """What can be read now, first text first."""
        return tuple(prose.plain for prose in (self._first, self._second) if prose and not prose.isHidden())

    @property
    def quoted(self) -> Prose | None:
        part = self._parts.get(QUOTED)
        return part if isinstance(part, Prose) else None

    @property
    def delivery(self) -> DeliveryLine | None:
        part = self._parts.get(DELIVERY)
        return part if isinstance(part, DeliveryLine) else None

    def said(self, rank: int) -> str:
        """The sentence of a state line (TRANSLATION, LOST, DELIVERY), "" while it says nothing."""
        part = self._parts.get(rank)
        return part.text if isinstance(part, StateLine) and not part.isHidden() else ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, note = current(), self.entry.message.direction is Direction.NOTE
        fill = {Direction.IN: tokens.bubble_in, Direction.OUT: tokens.bubble_out, Direction.NOTE: tokens.note_surface}
        painter.setBrush(QColor(fill[self.entry.message.direction]))
        focused = self.hasFocus()
        edge = tokens.focus if focused or self.reading.selected else tokens.note_line if note else tokens.line
        painter.setPen(QPen(QColor(edge), 2 if focused else 1, Qt.PenStyle.DashLine if note else Qt.PenStyle.SolidLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        if self.reading.selected:
            painter.fillRect(1, 6, 4, self.height() - 12, QColor(tokens.accent))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the menu of the message itself; in a part of it Enter is the part's."""
        if self.hasFocus() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.menu_asked.emit(self.entry.message.id, self.mapToGlobal(QPoint(12, 28)))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(self.entry.message.id, event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(self.entry.message.id)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _build(self) -> None:
        self.head = Head(self.entry.message, self._clock)
        self.head.swap_chosen.connect(self.toggle_original)
        self.head.look_chosen.connect(self.toggle_html)
        self._first = self._prose()
        self._texts = QHBoxLayout()
        self._texts.setSpacing(16)
        self._texts.addWidget(self._first, 1, Qt.AlignmentFlag.AlignTop)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(12, 6, 12, 8)
        self._body.setSpacing(4)
        self._body.addLayout(self.head)
        self._body.addLayout(self._texts)

    def _begin(self) -> None:
        """Show it as the person left it."""
        self._fill()
        if self.reading.quoted:
            self._show_quoted(True)
        if self.reading.html:
            self._show_html(True)

    def _furnish(self) -> None:
        """The parts that a message has once and for all."""
        message = self.entry.message
        for problem in message.problems:
            line = StateLine()
            self._put(PROBLEMS, line)
            line.say("warn", problem)
        for note in message.notes:
            self._put(NOTES, quiet_line(note))
        if message.quoted and FOLD not in self._parts:
            self._fold = flat_button(_("Show quoted text"))
            self._fold.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._fold.clicked.connect(self.toggle_quoted)
            self._put(FOLD, self._fold)
        elif message.quoted:
            self._fold.show()
            self._fill_fold()
        self._put_files()

    def _show_quoted(self, wanted: bool) -> None:
        quoted = self.quoted
        if quoted is None and wanted:
            quoted = self._prose()
            quoted.setProperty("role", "quiet")
            quoted.show_text(self.entry.message.quoted)
            self._put(QUOTED, quoted)
        elif quoted is not None:
            quoted.setVisible(wanted)
        self._fill_fold()

    def _show_html(self, wanted: bool) -> None:
        if wanted and self.entry.message.html:
            self._html = SafeHtml()
            self._html.link.connect(self.link)
            self._html.show_html(self.entry.message.html)
            self._files.inline(self.entry.message.attachments, self._on_pictures, self._html)
            self._put(HTML, self._html)
        elif self._html is not None:
            self._take(HTML)
            self._html = None
        self._fill_text()

    def _put_files(self) -> None:
        """List files; of very many a few at a time, as they are asked for."""
        files = self.entry.message.attachments
        listed = sum(rank == FILES for rank in self._ranks)
        for attachment in files[listed : listed + MOST_FILES]:
            self._put(FILES, AttachmentRow(attachment, self._files))
        rest = len(files) - listed - MOST_FILES
        if rest > 0:
            more = flat_button(ngettext("Show the other file", "Show more of {n} other files", rest).format(n=rest))
            more.clicked.connect(self._on_more_files)
            self._put(FILES, more)

    def _on_more_files(self) -> None:
        self._take(FILES)
        self._put_files()

    def _on_pictures(self, pictures: dict[str, QImage]) -> None:
        if self._html is not None:
            self._html.show_pictures(pictures)

    def _prose(self) -> Prose:
        prose = Prose()
        prose.linkActivated.connect(self.link)
        return prose

    def _put(self, rank: int, part: QWidget) -> None:
        """Insert a part at its place."""
        at = sum(known <= rank for known in self._ranks)
        self._ranks.insert(at, rank)
        self._parts[rank] = part
        self._body.insertWidget(at, part)
        part.show()

    def _take(self, rank: int) -> None:
        part = self._parts.pop(rank)
        self._ranks.remove(rank)
        self._body.removeWidget(part)
        part.hide()
        part.deleteLater()

    def _say(self, rank: int, state: str, sentence: str, action: str = "") -> None:
        """A state line says something; it is made the first time it does."""
        line = self._parts.get(rank)
        if line is None and sentence:
            line = StateLine()
            line.pressed.connect(self._on_again)
            self._put(rank, line)
        if isinstance(line, StateLine):
            line.say(state, sentence, action)

    def _fill(self) -> None:
        message = self.entry.message
        self._fill_text()
        translation = message.translation
        self.head.show_pair(message, translation)
        self._say(TRANSLATION, *translation_state(self.entry))
        lost = ", ".join(translation.lost) if translation else ""
        self._say(LOST, "fail", _("Did not survive translation: {items}").format(items=lost) if lost else "")
        self._fill_delivery()
        self._name()
        order = (*self._ranks, self.head.count(), self._texts.count())
        if order != self._ordered:
            self._ordered = order
            a11y.reading_order(self)

    def _name(self) -> None:
        """One sentence for a screen reader: who, when, what is shown of it, and how its delivery is doing."""
        message = self.entry.message
        who = words.who(message.author, message.direction)
        if message.direction is Direction.NOTE:
            who = _("{who} (note)").format(who=who)
        text = (self.shown_texts() or message.notes or ("",))[0][:200]
        said = _("{who}, {when}: {text}").format(
            who=who, when=words.local_time(message.at, self._clock.now()), text=text)
        chosen = _("selected") if self.reading.selected else ""
        parts = (said, chosen, self.said(LOST), self.said(DELIVERY))
        self.setAccessibleName(". ".join(part.rstrip(".") for part in parts if part))

    def _fill_text(self) -> None:
        message, translation = self.entry.message, self.entry.message.translation
        plain = self._html is None
        both = bool(translation) and self._side_by_side
        original = self.reading.original
        first = translation.text if translation and (both or not original) else message.text
        shown = first if self.reading.whole else shortened(first)
        self._first.show_text(shown, message.survivors)
        self._fill_whole(plain and (len(shown) < len(first) or (self.reading.whole and shortened(first) != first)))
        self._first.setVisible(plain and not message.erased_at)   # its notes say so
        if both and self._second is None:
            self._second = self._prose()
            self._texts.addWidget(self._second, 1, Qt.AlignmentFlag.AlignTop)
        if self._second and not both:
            self._second.hide()
        elif self._second:
            second = message.text if self.reading.whole else shortened(message.text)
            self._second.show_text(second, message.survivors)
            self._second.setVisible(plain)
        self.head.show_choices(bool(translation) and not both and plain, original, plain)

    def _fill_whole(self, long: bool) -> None:
        button = self._parts.get(WHOLE)
        if long and button is None:
            button = flat_button("")
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self.toggle_whole)
            self._put(WHOLE, button)
        if isinstance(button, QPushButton):
            button.setText(_("Show less") if self.reading.whole else _("Show all"))
            button.setAccessibleName(button.text())
            button.setVisible(long)

    def _fill_fold(self) -> None:
        hidden = self.quoted is None or self.quoted.isHidden()
        self._fold.setText(_("Show quoted text") if hidden else _("Fold quoted text"))
        self._fold.setAccessibleName(self._fold.text())

    def _fill_delivery(self) -> None:
        message, reply = self.entry.message, self.entry.outgoing
        if message.direction is not Direction.OUT:
            if self.delivery:
                self.delivery.rest()
            return
        if self.delivery is None:
            line = DeliveryLine(self._clock)
            line.chosen.connect(self._on_delivery)
            self._put(DELIVERY, line)
        sentence = (reply.sentence if reply else "") or message.delivery_sentence
        state = reply.state if reply else message.delivery
        if self.delivery:
            self.delivery.show_delivery(state, sentence, reply.release_at if reply else None, reply is not None)

    def _on_theme(self) -> None:
        """Links carry their colour in the text."""
        self._fill_text()
        self.head.repaint_icons()
        self.update()

    def _on_again(self) -> None:
        self.acted.emit("language" if self.entry.translation == "absent" else "again", self.entry.message.id)

    def _on_delivery(self, action: str) -> None:
        if self.entry.outgoing:
            self.acted.emit(action, self.entry.outgoing.id)
