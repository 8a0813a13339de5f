"""The desk's text fields: made of the facts, written over by a person, counted, copied, and never cut in silence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import words
from ui.binder.scrolling import replace
from ui.conversation.buttons import WrapLabel, flat_button
from ui.widgets.labels import label, set_role
from workstation.evidence.claims.model import TextValue
from workstation.kernel.i18n import _

PAUSE_MS = 600
"""After so long without a key what was written is kept."""
SHOWN_LINES = 5


class Field(QPlainTextEdit):
    """A text field that says when it is left. Tab goes on: a desk's text has no tabs."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * SHOWN_LINES + 18)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class TextBox(QFrame):
    """One text field. `written` carries its id and its text ("" goes back to the facts), `copied` title and text."""

    written = Signal(str, str)
    copied = Signal(str, str)

    def __init__(self, value: TextValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._sent = value.text
        self.field = Field()
        self.field.setAccessibleName(value.slot.title)
        self._name = WrapLabel(value.slot.title)
        self._counter = label(role="caption")
        self._note = WrapLabel(role="caption")
        self.copy_button = flat_button(_("Copy"), _("Copy {what}").format(what=value.slot.title))
        self.back_button = flat_button(
            _("Use the values"), _("Write {what} from the values again").format(what=value.slot.title))
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.keep)
        self._lay_out()
        self._set(value.text)
        self.show_value(value)
        self.field.textChanged.connect(self._on_typed)
        self.field.left.connect(self.keep)
        self.copy_button.clicked.connect(self._on_copy)
        self.back_button.clicked.connect(self._on_back)

    @property
    def counter(self) -> str:
        return self._counter.text()

    def show_value(self, value: TextValue) -> None:
        """As the core has it. What is being written is not written over."""
        known, self.value = self.value.text, value
        self._sent = value.text
        typed = self.field.toPlainText()
        if typed != value.text and typed == known and not self._timer.isActive():
            self._set(value.text)
        self._say()

    def keep(self) -> None:
        """Hand on what was written, if it is anything else."""
        self._timer.stop()
        text = self.field.toPlainText()
        if text != self._sent:
            self._sent = text
            self.written.emit(self.value.slot.id, text)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self.back_button)
        head.addWidget(self.copy_button)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.field)
        column.addLayout(foot)

    def _set(self, text: str) -> None:
        self.field.blockSignals(True)
        self.field.setPlainText(text)
        self.field.blockSignals(False)

    def _say(self) -> None:
        length, most = len(self.field.toPlainText()), self.value.slot.characters
        text, too_long = words.counter(length, most), most is not None and length > most
        self._counter.setText(text)
        set_role(self._counter, "error" if too_long else "caption")
        self.field.setAccessibleDescription(text)
        self.back_button.setVisible(self.value.written)
        self._note.setText(self._noted(length))

    def _noted(self, length: int) -> str:
        """Whose words they are, and what the facts say that did not fit."""
        if self.value.dropped:
            return _("No room for: {lines}").format(lines="; ".join(self.value.dropped))
        if not length:
            return _("Required; nothing is written yet.") if self.value.slot.required else _("Nothing is written yet.")
        return _("Written by a person") if self.value.written else _("Written from the values; change it as you like")

    def _on_typed(self) -> None:
        self._timer.start()
        self._say()

    def _on_copy(self) -> None:
        self.copied.emit(self.value.slot.title, self.field.toPlainText())

    def _on_back(self) -> None:
        self._timer.stop()
        self._set(self.value.text)
        self.written.emit(self.value.slot.id, "")


class Texts(QWidget):
    """All text fields of the desk, with what they may have together."""

    written = Signal(str, str)
    copied = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[TextBox] = []
        self._together = WrapLabel(role="caption")
        self._rows = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(label(_("Texts for the form"), "title"))
        self._column.addWidget(self._rows)
        self._column.addWidget(self._together)

    def show_texts(self, texts: Sequence[TextValue], together: int | None) -> None:
        """`together`: characters of all fields, None when the desk publishes no such limit."""
        if [box.value.slot for box in self.boxes] != [value.slot for value in texts]:
            self._rebuild(texts)
        for box, value in zip(self.boxes, texts, strict=True):
            box.show_value(value)
        total = sum(len(value.text) for value in texts)
        self._together.setText(_("All fields: {count}").format(count=words.counter(total, together)))
        self._together.setVisible(together is not None)
        set_role(self._together, "error" if together is not None and total > together else "caption")

    def keep(self) -> None:
        """Nothing that was written is left behind: before another desk is chosen, a pack is made, the window closes."""
        for box in self.boxes:
            box.keep()

    def box(self, field: str) -> TextBox | None:
        return next((box for box in self.boxes if box.value.slot.id == field), None)

    def _rebuild(self, texts: Sequence[TextValue]) -> None:
        """New fields, all of them before they are seen."""
        rows, self.boxes = QWidget(), []
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for value in texts:
            box = TextBox(value)
            box.written.connect(self.written)
            box.copied.connect(self.copied)
            column.addWidget(box)
            self.boxes.append(box)
        replace(self._column, self._rows, rows)
        self._rows = rows
        self._together.raise_()      # it is read after them
        a11y.tab_order(a11y.stops(self.boxes))
