"""Our own icons: SVG with a stroke of 1.5, drawn at 16 or 20 px in a colour of the theme.

What draws them is loaded with the first icon, which is after the first paint.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter

from ui.theme.state import current
from workstation.kernel.paths import resources

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap

SMALL, LARGE = 16, 20
OWN = "workstation"
"""The program's sign, beside the launcher's file: it has colours of its own."""


def icon(name: str, colour: str = "") -> QIcon:
    """The icon `name` (a file in resources/icons) in `colour`, or quiet text colour; paler when disabled."""
    from PySide6.QtGui import QIcon

    tokens = current()
    scale = _scale()
    result = QIcon(pixmap(name, colour or tokens.text_quiet, SMALL, scale))
    result.addPixmap(pixmap(name, tokens.text_disabled, SMALL, scale), QIcon.Mode.Disabled)
    return result


def own() -> QIcon:
    """The program's own sign, in its colours, in the sizes of title bars, task bars and switchers."""
    from PySide6.QtGui import QIcon

    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128):
        result.addPixmap(pixmap(OWN, "", size))
    return result


def _scale() -> float:
    """The finest screen's scale, so that an icon is drawn once and is sharp everywhere."""
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int = SMALL, scale: float = 1.0) -> QPixmap:
    """The icon as a pixmap of `size` logical pixels, for painted rows."""
    from PySide6.QtGui import QPixmap
    from PySide6.QtSvg import QSvgRenderer

    image = QPixmap(round(size * scale), round(size * scale))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode())).render(
        painter, QRectF(0, 0, size * scale, size * scale))
    painter.end()
    image.setDevicePixelRatio(scale)
    return image


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    folder = "desktop" if name == OWN else "icons"
    return (resources() / folder / f"{name}.svg").read_text(encoding="utf-8")
