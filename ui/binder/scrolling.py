"""A page of wrapped words that scrolls and is as high as its words need.

Qt's own asks a page for its height when the page is told that something inside has changed, which is before the parts
inside have settled on theirs: the last of several changes is then not seen, and lines lie over each other.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class PageScroll(QScrollArea):
    """Scrolls up and down; its page is as wide as there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._settled = QTimer(self, singleShot=True, interval=0)
        self._settled.timeout.connect(self._look)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._settled.start()
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        """Ask once more when the page is not as high as it would be now."""
        page = self.widget()
        if page is not None and page.height() != max(self.viewport().height(), page.heightForWidth(page.width())):
            QCoreApplication.postEvent(page, QEvent(QEvent.Type.LayoutRequest))


def replace(column: QVBoxLayout, before: QWidget, after: QWidget) -> None:
    """Put a part that is whole in another's place, and let that one go."""
    column.insertWidget(column.indexOf(before), after)
    column.removeWidget(before)
    before.hide()
    before.deleteLater()
    after.show()    # now: a layout shows what is added to it only when Qt is next idle
