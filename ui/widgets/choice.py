"""A box to choose from whose name is heard everywhere.

On Linux Qt tells a screen reader the chosen value where other systems tell the name (it expects a label beside the
box that names it), so a box always brings one: hidden, because what can be seen is laid out by the page.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox, QLabel, QWidget


class Choice(QComboBox):
    """A combo box called `name`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._label = QLabel(name, parent)
        self._label.setBuddy(self)
        self._label.hide()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ParentChange:
            self._label.setParent(self.parentWidget())
        super().changeEvent(event)
