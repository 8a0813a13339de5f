"""A mail's own look, sealed: nothing is ever loaded from the network, the disk or the text itself, and a link only
says where it leads. Pictures that came inside the mail are shown after they were decoded within limits."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QColor, QImage, QPalette, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from ui.conversation.bounded import bounded
from workstation.kernel.i18n import _

TALLEST = 480
"""Pixels; longer mails scroll inside."""


class SealedDocument(QTextDocument):
    """Qt's own document falls back to the disk and to data: addresses when nobody answers; this one answers all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures: Mapping[str, QImage] = {}
        """The mail's own pictures by content id, already decoded."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A picture of the mail itself, an empty picture, or nothing, whatever is asked for."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return b""
        address = name if isinstance(name, str) else name.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        scheme, _colon, content_id = address.partition(":")
        own = self.pictures.get(unquote(content_id)) if scheme.lower() == "cid" else None
        return _EMPTY.pixel() if own is None else own


class _Empty:
    """One clear pixel, made when the first picture is refused."""

    def pixel(self) -> QImage:
        image = QImage(1, 1, QImage.Format.Format_ARGB32)
        image.fill(0)
        return image


_EMPTY = _Empty()


class SafeHtml(QTextBrowser):
    """Shows cleaned HTML on paper white, as its writer saw it."""

    link = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = ""
        self._sealed = SealedDocument(self)
        self.setDocument(self._sealed)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setAccessibleName(_("The mail as it was laid out"))
        self.setAutoFillBackground(True)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor("white"))
        palette.setColor(QPalette.ColorRole.Text, QColor("black"))
        self.setPalette(palette)
        self.anchorClicked.connect(self._on_anchor)

    def show_html(self, html: str) -> None:
        """`html` was cleaned by the core; colours are the mail's own, on white."""
        self._inner = bounded(html)
        self._draw()

    def show_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """The mail's own pictures have come, by content id."""
        self._sealed.pictures = pictures
        self._draw()

    def _draw(self) -> None:
        self.document().setDefaultStyleSheet("body { color: #000000; background: #ffffff; } a { color: #1c4a96; }")
        self.setHtml(f"<body bgcolor='#ffffff' text='#000000'>{self._inner}</body>")
        self._fit()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answered by the document, never from anywhere."""
        return self._sealed.loadResource(kind, name)

    def sizeHint(self) -> QSize:
        return QSize(400, min(TALLEST, round(self.document().size().height()) + 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = self.sizeHint().height()
        if self.height() != wanted:
            self.setFixedHeight(wanted)

    def _on_anchor(self, address: QUrl) -> None:
        self.link.emit(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
