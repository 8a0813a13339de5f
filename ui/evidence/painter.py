"""Draws marks into the copy that is sealed, on a worker thread: the window has every script's fonts, the core none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import qVersion
from PySide6.QtGui import QImage, QPainter

from ui.evidence.drawing import draw
from ui.theme import fonts
from workstation.evidence.model import Mark, Picture


class QtPainter:
    """Fulfils `evidence.ports.Painter`. Make it on the main thread, where fonts are looked up."""

    def __init__(self) -> None:
        fonts.font(bold=True, tabular=False)

    @property
    def name(self) -> str:
        return f"qt {qVersion()}"

    def paint(self, picture: Picture, marks: Sequence[Mark]) -> Picture:
        image = to_image(picture)
        painter = QPainter(image)
        for mark in marks:
            painter.save()
            draw(painter, mark, picture.width)
            painter.restore()
        painter.end()
        return Picture(picture.width, picture.height, bytes(image.constBits()))


def to_image(picture: Picture) -> QImage:
    """The picture as an image that owns its pixels. On any thread."""
    kind = QImage.Format.Format_RGBX8888
    return QImage(bytes(picture.rgba), picture.width, picture.height, picture.width * 4, kind).copy()
