"""Where the machine saw words in a picture: a frame around each line, and numbers of orders and parcels as links.

Shown on demand and drawn over the picture only; nothing of it is in the file. A frame that is drawn and not filled was
seen and not read.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from ui.evidence.canvas import Canvas
from ui.evidence.marking import MarkBar
from ui.evidence.read_text import ReadText
from ui.theme import current
from workstation.evidence.model import Rect
from workstation.evidence.reading.model import FoundNumber, Line

_STILL = 4
"""Logical pixels that a mouse may move and still have clicked."""


class FoundWords(QObject):
    """Draws over the canvas while `on`, and rests while something is marked."""

    def __init__(self, canvas: Canvas, read: ReadText, marks: MarkBar) -> None:
        super().__init__(canvas)
        self.on = False
        self.pointed: FoundNumber | None = None
        """The number whose button has the focus."""
        self._canvas, self._read, self._marks = canvas, read, marks
        self._pressed: QPointF | None = None
        canvas.viewport().installEventFilter(self)
        marks.left.connect(self.show)
        read.pointed.connect(self._on_pointed)
        read.words_wanted.connect(self.set_on)
        read.presenter.changed.connect(self.show)

    @property
    def lines(self) -> Sequence[Line]:
        told = self._read.presenter.told
        return told.lines if told is not None else ()

    @Slot()
    def toggle(self) -> None:
        self.set_on(not self.on)

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        self.on = on
        self._read.words.setChecked(on)
        self.show()

    @Slot()
    def show(self) -> None:
        """As it stands now."""
        if self._marks.isHidden():
            self._canvas.over = self._paint if self.on else None
            self._canvas.viewport().setMouseTracking(self.on)
            self._canvas.viewport().unsetCursor()
        self._canvas.viewport().update()

    def number_at(self, x: int, y: int) -> FoundNumber | None:
        """The number whose frame this pixel of the picture is in."""
        return next((number for line in self.lines if _holds(line.rect, x, y)
                     if (number := self._number(line)) is not None), None)

    def frames(self) -> list[tuple[Rect, str]]:
        """Each line's place and how it is drawn: "number", "read" or "unread"."""
        return [(line.rect, "unread" if not line.text else "number" if self._number(line) else "read")
                for line in self.lines]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and self.on and self._marks.isHidden():   # else it may be the window's end
            self._mouse(event)
        return super().eventFilter(watched, event)

    def _mouse(self, event: QMouseEvent) -> None:
        number = self.number_at(*self._canvas.pixel(event.position()))
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.position()
        elif event.type() == QEvent.Type.MouseMove and not event.buttons():
            viewport = self._canvas.viewport()
            viewport.setCursor(Qt.CursorShape.PointingHandCursor if number else Qt.CursorShape.ArrowCursor)
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            moved, self._pressed = event.position() - self._pressed, None
            if number is not None and moved.manhattanLength() <= _STILL:
                self._read.follow(number)

    def _number(self, line: Line) -> FoundNumber | None:
        """The order's or parcel's number in a line, however it is spaced there."""
        told = self._read.presenter.told
        plain = _plain(line.text)
        found = [one for one in (told.numbers if told is not None else ()) if _plain(one.value) in plain]
        return max(found, key=lambda one: len(one.value), default=None) if plain else None

    def _paint(self, painter: QPainter, scale: float) -> None:
        tokens = current()
        for rect, kind in self.frames():
            colour = QColor(tokens.accent if kind == "number" else tokens.text_quiet)
            painter.setPen(QPen(colour, (2.0 if kind == "number" else 1.0) / scale,
                                Qt.PenStyle.DashLine if kind == "unread" else Qt.PenStyle.SolidLine))
            colour.setAlpha(46 if kind == "number" else 18 if kind == "read" else 0)
            painter.setBrush(colour)
            painter.drawRect(QRectF(rect.x, rect.y, rect.width, rect.height))
        if self.pointed is not None:
            self._point(painter, scale)

    def _point(self, painter: QPainter, scale: float) -> None:
        """A second frame around the number whose button has the focus."""
        painter.setPen(QPen(QColor(current().focus), 3.0 / scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in self.lines:
            if self._number(line) == self.pointed:
                room = 4.0 / scale
                rect = QRectF(line.rect.x, line.rect.y, line.rect.width, line.rect.height)
                painter.drawRect(rect.adjusted(-room, -room, room, room))

    @Slot(object)
    def _on_pointed(self, number: FoundNumber | None) -> None:
        self.pointed = number
        place = next((line.rect for line in self.lines if number is not None and self._number(line) == number), None)
        if self.on and place is not None:
            self._canvas.reveal(place)
        self._canvas.viewport().update()


def _holds(rect: Rect, x: int, y: int) -> bool:
    return rect.x <= x < rect.x + rect.width and rect.y <= y < rect.y + rect.height


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
