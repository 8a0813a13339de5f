"""A folder that a person chooses: its name, and a button for another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from ui.widgets.labels import ElidedLabel


class FolderRow(QWidget):
    """`name` says what the folder is for, `button` what is on the button, `none` what stands there before."""

    chosen = Signal(Path)

    def __init__(self, name: str, button: str, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.folder: Path | None = None
        self.chooser: QFileDialog | None = None
        self.place = ElidedLabel(none, "caption", mode=Qt.TextElideMode.ElideMiddle)
        self.place.setAccessibleDescription(name)
        self.button = QPushButton(button)
        self.button.setAutoDefault(False)
        self.button.setAccessibleDescription(name)
        self.button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.place, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.button)

    def show_folder(self, folder: Path) -> None:
        self.folder = folder
        self.place.set_full_text(str(folder))

    def use(self, path: str) -> None:
        """As chosen by a person."""
        self.show_folder(Path(path))
        self.chosen.emit(Path(path))

    def _choose(self) -> None:
        start = str(self.folder.parent) if self.folder is not None else ""
        self.chooser = QFileDialog(self, self._name, start)
        self.chooser.setFileMode(QFileDialog.FileMode.Directory)
        self.chooser.setOption(QFileDialog.Option.ShowDirsOnly)
        self.chooser.fileSelected.connect(self.use)
        self.chooser.open()
