"""Chooses a region on the captured image itself, so that what was seen when it was taken is what is cut.

The image is shown pixel for pixel. Mouse: drag. Keys: arrows move by one pixel, with Shift they resize, with Ctrl in
steps of ten; Enter accepts, Esc gives up.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QScreen,
)
from PySide6.QtWidgets import QWidget

from ui.evidence.selection import Selection
from ui.theme import current, fonts
from workstation.evidence.model import Grab
from workstation.kernel.i18n import _

_MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}
SHADE = 120
"""Opacity, of 255, of what is not chosen."""


def to_pixmap(grab: Grab) -> QPixmap:
    """The grab as the screen wants it: turned once here, or it would be at every movement of the mouse."""
    image = QImage(grab.rgba, grab.width, grab.height, grab.width * 4, QImage.Format.Format_RGBX8888)
    return QPixmap.fromImage(image)


class RegionOverlay(QWidget):
    """Covers the screen with the captured image. `accepted` carries a Rect in its physical pixels."""

    accepted = Signal(object)
    cancelled = Signal()

    def __init__(self, grab: Grab, screen: QScreen | None = None, *, whole: bool = False) -> None:
        """`whole`: all of it is chosen to begin with."""
        kind = Qt.WindowType
        super().__init__(None, kind.Window | kind.FramelessWindowHint | kind.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setWindowTitle(_("Choose a region"))
        self._shown = to_pixmap(grab)
        begin = Selection.whole if whole else Selection.middle
        self.selection = begin(grab.width, grab.height)
        self._start: tuple[int, int] | None = None
        self._answered = False
        self._name()
        if screen:
            self.setGeometry(screen.geometry())

    @property
    def scale(self) -> float:
        """Widget coordinates for one pixel of the image; 1 / device pixel ratio when it covers its screen."""
        return min(self.width() / self._shown.width(), self.height() / self._shown.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _MOVES:
            self._step(key, event.modifiers())
        elif key == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._select(Selection.whole(self._shown.width(), self._shown.height()))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._accept()
        elif key == Qt.Key.Key_Escape:
            self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start = self._pixel(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start:
            end = self._pixel(event.position())
            self._select(Selection.between(self._start, end, self._shown.width(), self._shown.height()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._start = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._answered:
            self._answered = True
            self.cancelled.emit()
        super().closeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        size = QSizeF(self._shown.size()) * self.scale
        painter.drawPixmap(QRectF(QPointF(0, 0), size), self._shown, QRectF(self._shown.rect()))
        chosen = self._on_screen()
        shade = QColor(0, 0, 0, SHADE)
        whole = QRectF(self.rect())
        for part in _around(whole, chosen):
            painter.fillRect(part, shade)
        painter.setPen(QPen(QColor(current().focus), 2))
        painter.drawRect(chosen)
        self._paint_hint(painter, whole)

    def _paint_hint(self, painter: QPainter, whole: QRectF) -> None:
        text, room = self.accessibleDescription(), whole.adjusted(32, 0, -32, 0).toRect()
        painter.setFont(fonts.font())
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        box = QRectF(painter.fontMetrics().boundingRect(room, flags, text)).adjusted(-12, -8, 12, 8)
        box.moveCenter(QPointF(whole.center().x(), whole.bottom() - 16 - box.height() / 2))
        painter.fillRect(box, QColor(current().surface_raised))
        painter.setPen(QColor(current().text))
        painter.drawText(box, flags, text)

    def _step(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
        by = 10 if modifiers & Qt.KeyboardModifier.ControlModifier else 1
        dx, dy = _MOVES[key]
        resize = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        change = self.selection.resized if resize else self.selection.moved
        self._select(change(dx * by, dy * by))

    def _select(self, selection: Selection) -> None:
        self.selection = selection
        self._name()
        self.update()

    def _accept(self) -> None:
        if self.selection.usable and not self._answered:
            self._answered = True
            self.accepted.emit(self.selection.rect)
            self.close()

    def _name(self) -> None:
        chosen = self.selection
        self.setAccessibleName(_("Region of the screen"))
        place = _("{width} × {height} pixels at {x}, {y}").format(
            width=chosen.width, height=chosen.height, x=chosen.x, y=chosen.y)
        keys = _("arrows move, Shift resizes, Ctrl in tens, Ctrl+A takes all, Enter keeps, Esc leaves")
        self.setAccessibleDescription(f"{place}   ·   {keys}")

    def _on_screen(self) -> QRectF:
        chosen, scale = self.selection, self.scale
        return QRectF(chosen.x * scale, chosen.y * scale, chosen.width * scale, chosen.height * scale)

    def _pixel(self, place: QPointF | QPoint) -> tuple[int, int]:
        return int(place.x() / self.scale), int(place.y() / self.scale)


def _around(whole: QRectF, hole: QRectF) -> tuple[QRectF, ...]:
    """The four parts of `whole` beside `hole`."""
    return (
        QRectF(whole.left(), whole.top(), whole.width(), hole.top() - whole.top()),
        QRectF(whole.left(), hole.bottom(), whole.width(), whole.bottom() - hole.bottom()),
        QRectF(whole.left(), hole.top(), hole.left() - whole.left(), hole.height()),
        QRectF(hole.right(), hole.top(), whole.right() - hole.right(), hole.height()),
    )
