"""Sets the key that captures while another program is in front. Empty: none, which is how it is at first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QLineEdit, QPushButton, QWidget

from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

SETTING = "capture_key"


class HotKeyField(QWidget):
    """`changed` names the setting once it has a new value."""

    changed = Signal(str)

    def __init__(self, settings: Settings, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.edit = QKeySequenceEdit(QKeySequence(settings.text(SETTING)))
        self.edit.setMaximumSequenceLength(1)
        for field in (self.edit, *self.edit.findChildren(QLineEdit)):
            field.setAccessibleName(name)
        self.remove = QPushButton(_("No key"))
        self.remove.setAccessibleName(_("No key for captures from other programs"))
        self.remove.setAutoDefault(False)
        self.edit.editingFinished.connect(self._on_edited)
        self.remove.clicked.connect(self._on_remove)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.remove)

    def _on_edited(self) -> None:
        self._set(self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    def _on_remove(self) -> None:
        self.edit.clear()
        self._set("")

    def _set(self, keys: str) -> None:
        if keys != self._settings.text(SETTING):
            self._settings.set(SETTING, keys)
            self.changed.emit(SETTING)
