"""Chooses one of the windows on the desktop, to capture the part of the screen where it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.widgets.labels import label
from ui.widgets.screen import open_within
from workstation.evidence.model import OpenWindow
from workstation.kernel.i18n import _

_ID = Qt.ItemDataRole.UserRole
_ROW = 48


class WindowPicker(QDialog):
    """`chosen` carries an `OpenWindow.id`; the dialog is closed by then. Opened with `.open()`."""

    chosen = Signal(str)

    def __init__(self, windows: Sequence[OpenWindow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Capture a window"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Windows on the desktop, the uppermost first"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        for window in windows:
            item = QListWidgetItem(words(window))
            item.setData(_ID, window.id)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words(window).replace("\n", ", "))
            item.setSizeHint(QSize(0, _ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self._on_accept)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.capture = self.buttons.addButton(_("Capture"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.capture.setDefault(True)
        self.capture.setEnabled(bool(windows))
        self.buttons.accepted.connect(self._on_accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(_(
            "What the screen shows where the window is will be kept, without its frame. Whatever lies over it is in "
            "the picture too, and the record says so."), "quiet", wrap=True))
        layout.addWidget(self.list, 1)
        if not windows:
            layout.addWidget(label(_("No other program has a window on the desktop."), wrap=True))
        layout.addWidget(self.buttons)
        open_within(self, 560, 360)

    def _on_accept(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.chosen.emit(str(item.data(_ID)))


def words(window: OpenWindow) -> str:
    """A window in two lines: its title; what must not be overlooked, its size, its program."""
    parts = ["! " + _("partly covered") if window.covered else "", f"{window.width} × {window.height}", window.program]
    return f"{window.title}\n{'   ·   '.join(part for part in parts if part)}"
