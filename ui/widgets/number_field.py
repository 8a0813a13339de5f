"""A field for a whole number between two limits: no arrows to aim at, only digits to type."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class NumberField(QLineEdit):
    """`value` is always within the limits; Up and Down change it by one."""

    value_changed = Signal(int)

    def __init__(self, least: int, most: int, value: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = least, most
        self._value = least
        self.setValidator(QIntValidator(least, most, self))
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.setFixedWidth(88)
        self.set_value(value)
        self.editingFinished.connect(self._take)

    @property
    def value(self) -> int:
        return int(self.text()) if self.hasAcceptableInput() else self._value

    def set_value(self, value: int) -> None:
        value = max(self._least, min(value, self._most))
        self.setText(str(value))
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.set_value(self.value + step)
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        self.set_value(self.value)
