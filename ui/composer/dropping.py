"""Files dragged over the composer or the conversation go along with what is being written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class FileDrop(QObject):
    """Lets local files be dropped on a widget, wherever no part of it takes them itself."""

    files = Signal(object)
    """A tuple of paths."""
    hovering = Signal(bool)
    """Files are over it; they left, or were let go."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        over.setAcceptDrops(True)
        over.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.hovering.emit(False)
        elif isinstance(event, QDragEnterEvent) and paths(event):
            event.acceptProposedAction()
            self.hovering.emit(True)
            return True
        elif event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent) and (dropped := paths(event)):
            event.acceptProposedAction()
            self.hovering.emit(False)
            self.files.emit(dropped)
            return True
        return super().eventFilter(watched, event)


def paths(event: QDropEvent) -> tuple[Path, ...]:
    """The local files that are dragged."""
    return tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
