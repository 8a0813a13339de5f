"""A small chooser over the list: type to narrow, arrows to walk, Enter to apply, Escape to leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui import a11y
from ui.inbox.choice_lines import CHOICE, ChoiceDelegate
from ui.widgets.composing import Composing
from ui.widgets.labels import label, plain_tip

WIDTH, ROOM = 320, 8
MOST = 10
"""Lines that are shown at once."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the chooser: what it stands for, its words, a quiet hint behind them, whether it is set already."""

    value: str
    text: str
    hint: str = ""
    checked: bool = False


Typed = Callable[[str], None]


class Picker(QFrame):
    """Opened with choices; hidden again after one was taken or it was left. The focus goes back to where it was."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self._choices: Sequence[Choice] = ()
        self._taken: Callable[[str], None] | None = None
        self._typed: Typed | None = None
        self._new = ""
        self._before: QWidget | None = None
        self._title = label(role="caption")
        self.field = QLineEdit()
        self.list = QListWidget()
        self._lines = ChoiceDelegate(self.list)
        self.list.setItemDelegate(self._lines)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._on_clicked)
        self.field.textEdited.connect(self._on_typed)
        self._composing = Composing(self.field)
        self.field.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for part in (self._title, self.field, self.list):
            layout.addWidget(part)
        self.hide()

    def ask(
        self, title: str, choices: Sequence[Choice], taken: Callable[[str], None], *, new: str = "",
        typed: Typed | None = None, hint: str = "",
    ) -> None:
        """Let the person choose. `hint` stands in the empty field.

        `new` is the line for something that is not among the choices ("New tag “{text}”");
        `typed` is told what is typed, to offer more choices by `offer`."""
        self._before = self._before if self.isVisible() else self.window().focusWidget()
        self._choices, self._taken, self._new, self._typed = choices, taken, new, typed
        self._title.setText(title)
        self.field.setAccessibleName(title)
        self.field.setPlaceholderText(hint)
        self.list.setAccessibleName(title)
        self.field.clear()
        self._narrow("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Other choices for what is typed; nothing when the chooser was left meanwhile."""
        if self.isVisible():
            self._choices = choices
            self._narrow(self.field.text() if self._typed is None else "")

    def leave(self) -> None:
        if not self.isVisible():
            return
        before, self._before, self._taken = self._before, None, None
        self.hide()
        if before is not None:
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.left.emit()

    def lines(self) -> list[str]:
        """What is offered, as it is read."""
        return [self.list.item(at).text() for at in range(self.list.count())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while it is open every key is the chooser's: none sends or resolves behind it
            return True
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event.key())
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            if not self.window().isActiveWindow() or self.isAncestorOf(self.window().focusWidget() or self):
                return False
            self._before = None
            self.leave()
        return super().eventFilter(watched, event)

    def _on_key(self, key: int) -> bool:
        if self._composing.active:  # Enter and the arrows choose a word of the input method
            return key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}.get(Qt.Key(key))
        if step is not None:
            self.list.setCurrentRow(max(0, min(self.list.currentRow() + step, self.list.count() - 1)))
            self._speak()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True

    def _speak(self) -> None:
        """The list never has the focus, so its current line is said."""
        if (item := self.list.currentItem()) is not None:
            a11y.announce(self.field, item.text())

    def _on_clicked(self, item: QListWidgetItem) -> None:
        self._take(item)

    def _take(self, item: QListWidgetItem | None) -> None:
        taken = self._taken
        if item is None or taken is None:
            return
        value = str(item.data(Qt.ItemDataRole.UserRole))
        self.leave()
        taken(value)

    def _on_typed(self, text: str) -> None:
        if self._typed is not None:
            self._typed(text)
        else:
            self._narrow(text)

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        fitting = [choice for choice in self._choices if wanted in choice.text.casefold()]
        self.list.clear()
        self._lines.ticks = any(choice.checked for choice in fitting)
        for choice in fitting:
            self._add(choice)
        known = any(choice.text.casefold() == wanted for choice in fitting)
        if self._new and text.strip() and not known:
            self._add(Choice(text.strip(), self._new.format(text=text.strip())))
        self.list.setCurrentRow(0 if self.list.count() else -1)
        self._place()

    def _add(self, choice: Choice) -> None:
        words = f"{choice.text}   {choice.hint}" if choice.hint else choice.text
        item = QListWidgetItem(f"✓ {words}" if choice.checked else words)
        item.setData(Qt.ItemDataRole.UserRole, choice.value)
        item.setData(CHOICE, (choice.text, choice.hint, choice.checked))
        item.setToolTip(plain_tip(choice.text))
        self.list.addItem(item)

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(WIDTH, parent.width() - 2 * ROOM)
        lines = sum(self.list.sizeHintForRow(at) for at in range(min(self.list.count(), MOST)))
        self.list.setFixedHeight(lines + 2 * self.list.frameWidth() + 4)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((parent.width() - width) // 2, 48)
