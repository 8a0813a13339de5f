"""Whether an input method is composing in a field: then Enter and the arrows choose a word, and mean nothing else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QWidget


class Composing(QObject):
    """Watches one field. `active` from the first letter of a composition until it is taken or given up."""

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self.active = False
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QInputMethodEvent):
            self.active = bool(event.preeditString())
        elif event.type() == QEvent.Type.FocusOut:
            self.active = False
        return bool(super().eventFilter(watched, event))
