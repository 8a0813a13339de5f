"""A place to drop a file on, with a button that chooses one for whoever uses the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QPushButton, QVBoxLayout, QWidget

from ui.widgets.labels import label, set_role


class DropPlace(QFrame):
    """Takes one file at a time."""

    dropped = Signal(str)
    """Its path."""

    def __init__(self, words: str, button: str, kinds: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self.setAcceptDrops(True)
        self.setAccessibleName(words)
        self._kinds = kinds
        self.chooser: QFileDialog | None = None
        self.button = QPushButton(button)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._choose)
        text = label(words, "quiet", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(text)
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file(event):
            set_role(self, "raised")
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        set_role(self, "sunken")

    def dropEvent(self, event: QDropEvent) -> None:
        set_role(self, "sunken")
        path = _file(event)
        if path:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def _choose(self) -> None:
        self.chooser = QFileDialog(self, self.button.text().replace("&", ""), "", self._kinds)
        self.chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.chooser.fileSelected.connect(self.dropped)
        self.chooser.open()


def _file(event: QDropEvent) -> str:
    """The path of the one local file that is dragged, "" when it is anything else."""
    urls = event.mimeData().urls()
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else ""
