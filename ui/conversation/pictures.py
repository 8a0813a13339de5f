"""Pictures from outside, decoded within limits and looked at up to five times their size."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_PICTURE = 40_000_000
"""Pixels. At four bytes each that is 160 MB, the most a picture may take while it is shown."""
LARGEST_INLINE = 16_000_000
"""Pixels of a picture between a mail's lines."""
MOST_INLINE = 20
"""Pictures between a mail's lines."""
WIDEST_INLINE = 640
CLOSEST = 5.0
STEP = 1.25

# Formats that are decoded, by their first bytes. SVG is none of them: it can point at files and grow without end.
_FORMATS = ((b"\x89PNG\r\n\x1a\n", b"png"), (b"\xff\xd8\xff", b"jpeg"), (b"GIF8", b"gif"), (b"BM", b"bmp"))


def decode(content: bytes, most: int = LARGEST_PICTURE) -> QImage:
    """The picture in `content`. Raises InputError when it is too large, in bytes or pixels, or is none.

    The header is asked first; nothing is decoded before its size is known, and Qt itself is held to the same size.
    May be called on any thread.
    """
    return _Source(content, most).read()


def decode_inline(content: bytes) -> QImage:
    """A picture between a mail's lines, no wider than WIDEST_INLINE. Raises InputError as `decode` does."""
    source = _Source(content, LARGEST_INLINE)
    size = source.size
    if size.width() > WIDEST_INLINE:
        source.reader.setScaledSize(QSize(WIDEST_INLINE, max(1, size.height() * WIDEST_INLINE // size.width())))
    return source.read()


class _Source:
    """A picture whose first bytes name its format and whose header states its size; nothing is decoded yet."""

    def __init__(self, content: bytes, most: int) -> None:
        if len(content) > LARGEST_FILE:
            raise InputError(_("The picture is larger than 20 MB and is not shown."), _("Save it to look at it."))
        self._buffer = QBuffer()                      # the reader does not keep it alive
        self._buffer.setData(QByteArray(content))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        QImageReader.setAllocationLimit(LARGEST_PICTURE * 4 // 1_000_000 + 10)
        self.reader = QImageReader(self._buffer, QByteArray(_format(content)))
        self.reader.setAutoDetectImageFormat(False)
        self.reader.setAutoTransform(True)
        self.size = self.reader.size()
        if not self.size.isValid():
            raise _no_picture()
        if self.size.width() * self.size.height() > most:
            raise InputError(_("The picture has more than {n} million pixels.").format(n=most // 1_000_000),
                             _("Save it to look at it."))

    def read(self) -> QImage:
        image = self.reader.read()
        if image.isNull():
            raise InputError(_("The picture is damaged."), _("Save it, or ask the buyer to send it again."))
        return image


def _format(content: bytes) -> bytes:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return b"webp"
    found = next((name for start, name in _FORMATS if content.startswith(start)), b"")
    if not found:
        raise _no_picture()
    return found


def _no_picture() -> InputError:
    return InputError(_("This file is not a picture that can be shown."), _("Save it to look at it."))


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
