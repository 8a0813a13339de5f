"""Pictures from outside, decoded within limits and looked at up to sixteen times their size: a serial number on a label
is a few pixels high."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPixmap, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from workstation.api import Core
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
CLOSEST = 16.0
FARTHEST = 0.02
STEP = 1.25

# Formats that are decoded, by their first bytes. SVG is none of them: it can point at files and grow without end.
_FORMATS = ((b"\x89PNG\r\n\x1a\n", b"png"), (b"\xff\xd8\xff", b"jpeg"), (b"GIF8", b"gif"), (b"BM", b"bmp"))


_FOREIGN_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_FOREIGN_STARTS = (b"II*\x00", b"MM\x00*")


def foreign(content: bytes) -> bool:
    """Whether this is a phone's or a scanner's photo (HEIC, HEIF, AVIF, TIFF), which the core reads for the window."""
    return (content[4:8] == b"ftyp" and content[8:12] in _FOREIGN_BRANDS) or content.startswith(_FOREIGN_STARTS)


async def readable(content: bytes, core: Core, side: int = 0) -> bytes:
    """The picture as something `decode` reads, its longer side at most `side` pixels (0: any). Raises InputError."""
    return await core.evidence.plain_picture(content, side) if foreign(content) else content


def decode(content: bytes, most: int = LARGEST_PICTURE) -> QImage:
    """The picture in `content`. Raises InputError when it is too large, in bytes or pixels, or is none.

    The header is asked first; nothing is decoded before its size is known, and Qt itself is held to the same size.
    May be called on any thread.
    """
    return _Source(content, most).read()


def decode_first(content: bytes) -> tuple[QImage, int]:
    """The picture, and how many pictures the file has: of an animated one the first is shown. Raises InputError."""
    source = _Source(content, LARGEST_PICTURE)
    image = source.read()
    frames = source.reader.imageCount() if source.reader.supportsAnimation() else 1
    return image, max(1, frames)


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
    """A picture: fits at first. The wheel, + and - go closer and away, 0 fits, 1 is its own size, R turns it; dragging
    and the arrows with Shift move it."""

    changed = Signal()
    """Zoom or turn are other ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = QGraphicsScene(self)
        self._item = QGraphicsPixmapItem()
        self._scene.addItem(self._item)
        self._fits = True
        self._zoom = 1.0
        self.turned = 0
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setAccessibleName(_("Picture"))
        self.setToolTip(_("+ and − zoom, 0 fits, 1 is its own size, R turns, Shift with arrows moves"))

    @property
    def zoom(self) -> float:
        """How many screen pixels a picture's pixel takes."""
        return self._zoom

    def show_image(self, image: QImage, name: str) -> None:
        self._item.setPixmap(QPixmap.fromImage(image))
        self._scene.setSceneRect(self._item.boundingRect())
        self.setAccessibleName(_("Picture: {name}").format(name=name))
        self.turned = 0
        self.fit()

    def clear(self) -> None:
        self._item.setPixmap(QPixmap())
        self._scene.setSceneRect(self._item.boundingRect())

    def fit(self) -> None:
        """The whole picture, never larger than it is."""
        self._fits = True
        size, room = self._item.boundingRect().size(), self.viewport().size()
        if not size.isEmpty():
            wide, high = (size.height(), size.width()) if self.turned % 180 else (size.width(), size.height())
            self._zoom_to(min(1.0, room.width() / wide, room.height() / high))

    def actual(self) -> None:
        """A picture's pixel is a pixel of the screen."""
        self._fits = False
        self._zoom_to(1.0)

    def zoom_by(self, factor: float) -> None:
        """Closer or farther, within FARTHEST and CLOSEST."""
        self._fits = False
        self._zoom_to(self._zoom * factor)

    def turn(self, degrees: int = 90) -> None:
        """Turn it; a picture that fitted fits again."""
        self.turned = (self.turned + degrees) % 360
        self._zoom_to(self._zoom)
        if self._fits:
            self.fit()

    def _zoom_to(self, wanted: float) -> None:
        self._zoom = min(CLOSEST, max(FARTHEST, wanted))
        smooth = self._zoom < 2
        self._item.setTransformationMode(
            Qt.TransformationMode.SmoothTransformation if smooth else Qt.TransformationMode.FastTransformation)
        self.setTransform(QTransform().rotate(self.turned).scale(self._zoom, self._zoom))
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: partial(self.zoom_by, STEP), Qt.Key.Key_Equal: partial(self.zoom_by, STEP),
            Qt.Key.Key_Minus: partial(self.zoom_by, 1 / STEP), Qt.Key.Key_0: self.fit, Qt.Key.Key_1: self.actual,
            Qt.Key.Key_R: partial(self.turn, -90 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 90),
        }
        act = acts.get(event.key())
        if act is not None:
            act()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self._moves(event):
            event.ignore()      # the window goes to the picture before or after
        else:
            super().keyPressEvent(event)

    def _moves(self, event: QKeyEvent) -> bool:
        """Shift moves a picture that is larger than the view; so does an arrow alone where no window takes it."""
        return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
            self.zoom_by(STEP if event.angleDelta().y() > 0 else 1 / STEP)
            self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()
