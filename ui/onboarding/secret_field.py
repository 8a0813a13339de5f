"""A field for a passphrase: hidden unless it is wanted, and it says when Caps Lock is on. It remembers nothing."""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.widgets.labels import label
from workstation.kernel.i18n import _


class SecretField(QWidget):
    """A line, a box that shows it, and a warning about Caps Lock."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName(name)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase)
        self.show_box = QCheckBox(_("Show"))
        self.show_box.setAccessibleName(_("Show {field}").format(field=name))
        self.caps = label(_("Caps Lock is on."), "warn")
        self.caps.hide()
        self.line.textChanged.connect(self.changed)
        self.show_box.toggled.connect(self._show)
        self.line.installEventFilter(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.show_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.caps)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    def clear(self) -> None:
        """Forget what was typed."""
        self.line.clear()
        self.show_box.setChecked(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._tell_caps(event)
        return super().eventFilter(watched, event)

    def _tell_caps(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_CapsLock and not self.caps.isHidden():
            self._say_caps(False)
            return
        on = caps_lock(event)
        if on is not None:
            self._say_caps(on)

    def _say_caps(self, on: bool) -> None:
        if on and self.caps.isHidden():
            from ui import a11y

            a11y.announce(self.line, self.caps.text())
        self.caps.setVisible(on)

    def _show(self, shown: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


def caps_lock(event: QKeyEvent) -> bool | None:
    """Whether Caps Lock is on, as far as a key tells; None for a key that does not.

    Qt has no question for it. A letter tells on every system: a capital without Shift, or a small one with it; macOS
    ignores Shift while Caps Lock is on. An X server or Windows says it with the key's native modifiers besides.
    """
    text = event.text()
    if sys.platform.startswith("linux") and event.nativeModifiers():
        return bool(event.nativeModifiers() & 0x2)  # LockMask (X11/X.h)
    if len(text) != 1 or not text.isalpha() or text.lower() == text.upper():
        return None
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return text.isupper() != shift
