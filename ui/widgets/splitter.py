"""A splitter whose sizes can be kept, and whose handle is a hairline that is easy to grab."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget


class Splitter(QSplitter):
    """Columns or rows. `sizes_changed` is emitted when a person moved a handle."""

    sizes_changed = Signal()

    def __init__(
        self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None,
    ) -> None:
        super().__init__(orientation, parent)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._on_moved)

    def addWidget(self, widget: QWidget) -> None:
        """At the end. Qt puts a new part below the others, which is the order a screen reader reads them in."""
        super().addWidget(widget)
        widget.raise_()
        for at in range(self.count()):
            self.handle(at).raise_()

    def restore(self, sizes: list[int]) -> None:
        """Use kept sizes if they still fit the parts."""
        if len(sizes) == self.count() and sum(sizes) > 0:
            self.setSizes(sizes)

    def _on_moved(self, _position: int, _index: int) -> None:
        self.sizes_changed.emit()
