"""Pictures from outside, decoded within limits and looked at up to five times their size."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_PICTURE = 40_000_000
"""Pixels. At four bytes each that is 160 MB, the most a picture may take while it is shown."""
CLOSEST = 5.0
STEP = 1.25


def decode(content: bytes) -> QImage:
    """The picture in `content`. Raises InputError when it is too large, in bytes or pixels, or is none.

    The header is asked first; nothing is decoded before its size is known. May be called on any thread.
    """
    if len(content) > LARGEST_FILE:
        raise InputError(_("The picture is larger than 20 MB and is not shown."), _("Save it to look at it."))
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        raise InputError(_("This file is not a picture that can be shown."), _("Save it to look at it."))
    if size.width() * size.height() > LARGEST_PICTURE:
        raise InputError(_("The picture has more than 40 million pixels."), _("Save it to look at it."))
    image = reader.read()
    if image.isNull():
        raise InputError(_("The picture is damaged."), _("Save it, or ask the buyer to send it again."))
    return image


class PictureView(QGraphicsView):
    """A picture: fits at first; + and - or Ctrl with the wheel go closer, 0 fits again, the arrows move it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._scene.addItem(self._item)
        self._fits = True
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(_("Picture"))
        self.setToolTip(_("+ and − zoom, 0 fits, arrows move"))

    @property
    def zoom(self) -> float:
        """How many screen pixels a picture's pixel takes."""
        return self.transform().m11()

    def show_image(self, image: QImage, name: str) -> None:
        self._item.setPixmap(QPixmap.fromImage(image))
        self._scene.setSceneRect(self._item.boundingRect())
        self.setAccessibleName(_("Picture: {name}").format(name=name))
        self.fit()

    def fit(self) -> None:
        """The whole picture, never larger than it is."""
        self._fits = True
        self.resetTransform()
        size, room = self._item.boundingRect().size(), self.viewport().size()
        if not size.isEmpty():
            scale = min(1.0, room.width() / size.width(), room.height() / size.height())
            self.scale(scale, scale)

    def zoom_by(self, factor: float) -> None:
        """Closer or farther, between a twentieth and five times."""
        wanted = min(CLOSEST, max(0.05, self.zoom * factor))
        self._fits = False
        self.scale(wanted / self.zoom, wanted / self.zoom)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_by(1 / STEP)
        elif event.key() == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(STEP if event.angleDelta().y() > 0 else 1 / STEP)
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()
