"""A picture to its pixels: fitted, or with a zoom of which 100 % is one pixel of the picture on one of the screen.

Above 100 % a pixel is a square, never smoothed: what is looked at is what was sealed. Below, the picture is drawn from
halves made beforehand on another thread, so that a large one does not hold the window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.theme import current
from workstation.evidence.model import Rect
from workstation.kernel.i18n import _

STEPS = (0.05, 0.1, 0.15, 0.25, 0.33, 0.5, 0.67, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
CLOSEST, FARTHEST = 32.0, 0.02
_SMALLEST_LEVEL = 512
_EDGE = 3
"""Logical pixels around the picture, for the frame of the focus: it covers nothing of what is looked at."""
_PAN = 48
"""Logical pixels a key moves the picture."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}


def levels(image: QImage) -> tuple[QImage, ...]:
    """The picture and its halves, quarters, …. On any thread."""
    made = [image.convertToFormat(QImage.Format.Format_RGB32)]   # what Qt draws fastest
    while max(made[-1].width(), made[-1].height()) > _SMALLEST_LEVEL:
        last = made[-1]
        size = QSize(max(1, last.width() // 2), max(1, last.height() // 2))
        mode = Qt.TransformationMode.SmoothTransformation
        made.append(last.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, mode))
    return tuple(made)


class Canvas(QAbstractScrollArea):
    """Shows a picture. Keys: + − 0 1 2 4 zoom, arrows move; the wheel zooms where the pointer is.

    `keys` is asked first with every key; `over` paints above the picture, in its pixels.
    """

    viewed = Signal()
    """Zoom or place are other ones."""
    dragged = Signal(object, object, bool)
    """From which pixel to which; True when the button was let go. Only while `drawing`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys: Callable[[QKeyEvent], bool] | None = None
        self.over: Callable[[QPainter, float], None] | None = None
        self.drawing = False
        self._levels: tuple[QImage, ...] = ()
        self._zoom = 1.0
        self._fits = True
        self._held: QPointF | None = None
        self._start: tuple[int, int] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Picture"))
        self.viewport().setMouseTracking(False)

    @property
    def image(self) -> QImage | None:
        return self._levels[0] if self._levels else None

    @property
    def zoom(self) -> float:
        """Pixels of the screen that a pixel of the picture takes, each way."""
        return self._zoom

    @property
    def fits(self) -> bool:
        return self._fits

    @property
    def scale(self) -> float:
        """Logical pixels for one pixel of the picture."""
        return self._zoom / self.devicePixelRatioF()

    @property
    def centre(self) -> tuple[float, float]:
        """Which place of the picture is in the middle, in its pixels."""
        room, corner = self.viewport().rect(), self._corner()
        return (room.width() / 2 - corner.x()) / self.scale, (room.height() / 2 - corner.y()) / self.scale

    def seen(self) -> Rect:
        """What of the picture is seen."""
        if self.image is None:
            return Rect(0, 0, 1, 1)
        corner, room = self._corner(), self.viewport().rect()
        left, top = max(0, int(-corner.x() / self.scale)), max(0, int(-corner.y() / self.scale))
        right = min(self.image.width(), math.ceil((room.width() - corner.x()) / self.scale))
        bottom = min(self.image.height(), math.ceil((room.height() - corner.y()) / self.scale))
        return Rect(left, top, max(1, right - left), max(1, bottom - top))

    def show_levels(self, made: Sequence[QImage], name: str) -> None:
        """Show a picture and its halves (`levels`), fitted."""
        self._levels = tuple(made)
        self.setAccessibleName(_("Picture: {name}").format(name=name))
        self.fit()

    def clear(self) -> None:
        self._levels = ()
        self.setAccessibleName(_("Picture"))
        self._place()

    def fit(self) -> None:
        """The whole picture, never larger than it is."""
        self._fits = True
        if self.image is not None:
            room, ratio = self.viewport().size(), self.devicePixelRatioF()
            wide = (room.width() - 2 * _EDGE) * ratio / self.image.width()
            high = (room.height() - 2 * _EDGE) * ratio / self.image.height()
            self._zoom_to(min(1.0, wide, high))

    def zoom_to(self, zoom: float) -> None:
        """The middle stays where it is."""
        self._fits = False
        centre = self.centre
        self._zoom_to(zoom)
        self.go_to(*centre)

    def zoom_by(self, steps: int) -> None:
        """To the next of the usual zooms, or the one before."""
        self.zoom_to(_next(self._zoom, steps))

    def go_to(self, x: float, y: float) -> None:
        """Put a place of the picture in the middle, as far as the edges allow."""
        room = self.viewport().rect()
        self.horizontalScrollBar().setValue(round(x * self.scale + _EDGE - room.width() / 2))
        self.verticalScrollBar().setValue(round(y * self.scale + _EDGE - room.height() / 2))
        self._moved()

    def reveal(self, rect: Rect) -> None:
        """Bring an area into view, when it is outside of it."""
        seen = self.seen()
        inside = seen.x <= rect.x and rect.x + rect.width <= seen.x + seen.width and seen.y <= rect.y and (
            rect.y + rect.height <= seen.y + seen.height)
        if not inside and not self._fits:
            self.go_to(rect.x + rect.width / 2, rect.y + rect.height / 2)

    def follow(self, zoom: float, centre: tuple[float, float]) -> None:
        """Look as another canvas looks."""
        self._fits = False
        self._zoom_to(zoom)
        self.go_to(*centre)

    def pixel(self, place: QPointF) -> tuple[int, int]:
        """The picture's pixel at a place of the viewport, held inside the picture."""
        corner = self._corner()
        width, height = (self.image.width(), self.image.height()) if self.image else (1, 1)
        x, y = (place.x() - corner.x()) / self.scale, (place.y() - corner.y()) / self.scale
        return max(0, min(width - 1, math.floor(x))), max(0, min(height - 1, math.floor(y)))

    def _zoom_to(self, zoom: float) -> None:
        self._zoom = min(CLOSEST, max(FARTHEST, zoom))
        self._place()
        self.viewed.emit()

    def _place(self) -> None:
        """Scroll bars for what does not fit."""
        room = self.viewport().size()
        width, height = (self.image.width(), self.image.height()) if self.image else (0, 0)
        for bar, whole, part in (
            (self.horizontalScrollBar(), width * self.scale + 2 * _EDGE, room.width()),
            (self.verticalScrollBar(), height * self.scale + 2 * _EDGE, room.height()),
        ):
            bar.setRange(0, max(0, math.ceil(whole - part)) if not self._fits else 0)
            bar.setPageStep(part)
            bar.setSingleStep(_PAN)
        self.viewport().update()

    def _corner(self) -> QPointF:
        """Where the picture's upper left corner is: in the middle when it is smaller than the room."""
        room = self.viewport().rect()
        if self.image is None:
            return QPointF(0, 0)
        wide, high = self.image.width() * self.scale, self.image.height() * self.scale
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        x = _EDGE - across.value() if wide + 2 * _EDGE > room.width() else (room.width() - wide) / 2
        y = _EDGE - down.value() if high + 2 * _EDGE > room.height() else (room.height() - high) / 2
        ratio = self.devicePixelRatioF()
        return QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio)   # on whole pixels of the screen

    def _moved(self) -> None:
        self.viewport().update()
        self.viewed.emit()

    # Qt calls

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(current().surface_sunken))
        if self.image is not None:
            self._paint_picture(painter)
            if self.over is not None:
                painter.translate(self._corner())
                painter.scale(self.scale, self.scale)
                self.over(painter, self.scale)
                painter.resetTransform()
        if self.hasFocus():
            painter.setPen(QPen(QColor(current().focus), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def _paint_picture(self, painter: QPainter) -> None:
        level = max(0, min(len(self._levels) - 1, math.floor(math.log2(1 / self._zoom)) if self._zoom < 1 else 0))
        image, seen, corner = self._levels[level], self.seen(), self._corner()
        wide, high = image.width() / self._levels[0].width(), image.height() / self._levels[0].height()
        source = QRectF(seen.x * wide, seen.y * high, seen.width * wide, seen.height * high)
        target = QRectF(corner.x() + seen.x * self.scale, corner.y() + seen.y * self.scale, seen.width * self.scale,
                        seen.height * self.scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._zoom < 1)
        painter.drawImage(target, image, source)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            self.fit()
        else:
            self._place()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self._moved()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y()
        if turn and self.image is not None:
            under, place = self.pixel(event.position()), event.position()
            self._fits = False
            self._zoom_to(_next(self._zoom, 1 if turn > 0 else -1))
            self.horizontalScrollBar().setValue(round(under[0] * self.scale + _EDGE - place.x()))
            self.verticalScrollBar().setValue(round(under[1] * self.scale + _EDGE - place.y()))
            self._moved()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keys is not None and self.keys(event):
            return
        act = self._zooming().get(Qt.Key(event.key()))
        arrow = _ARROWS.get(Qt.Key(event.key()))
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if act is not None and plain:
            act()
        elif arrow is not None and plain:
            far = 8 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            for bar, by in ((self.horizontalScrollBar(), arrow[0]), (self.verticalScrollBar(), arrow[1])):
                bar.setValue(bar.value() + by * _PAN * far)
        else:
            event.ignore()

    def _zooming(self) -> dict[Qt.Key, Callable[[], None]]:
        keys = Qt.Key
        return {
            keys.Key_Plus: partial(self.zoom_by, 1), keys.Key_Equal: partial(self.zoom_by, 1),
            keys.Key_Minus: partial(self.zoom_by, -1), keys.Key_0: self.fit, keys.Key_1: partial(self.zoom_to, 1.0),
            keys.Key_2: partial(self.zoom_to, 2.0), keys.Key_4: partial(self.zoom_to, 4.0),
            keys.Key_8: partial(self.zoom_to, 8.0),
        }

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.image is not None:
            self._held = event.position()
            self._start = self.pixel(event.position()) if self.drawing else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self.dragged.emit(self._start, self.pixel(event.position()), False)
        elif self._held is not None:
            by = event.position() - self._held
            self._held = event.position()
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - round(by.x()))
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - round(by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._start is not None:
            self.dragged.emit(self._start, self.pixel(event.position()), True)
        self._held = self._start = None


def _next(zoom: float, steps: int) -> float:
    if steps > 0:
        return next((step for step in STEPS if step > zoom * 1.001), CLOSEST)
    return next((step for step in reversed(STEPS) if step < zoom * 0.999), FARTHEST)
