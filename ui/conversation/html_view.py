"""A mail's own look, sealed: nothing is ever loaded from the network, the disk or the text itself, and a link only
says where it leads."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, QUrl, Signal
from PySide6.QtGui import QColor, QImage, QPalette, QResizeEvent, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from workstation.kernel.i18n import _

TALLEST = 480
"""Pixels; longer mails scroll inside."""
LONGEST = 500_000
"""Characters of HTML that are laid out; the source viewer has the rest."""


_OUTSIDE = re.compile(r"<\s*/?\s*(?:link|base|meta)\b[^>]*>", re.IGNORECASE)
"""Elements that point outside. Qt's parser drops everything after a style sheet it was refused."""


class SealedDocument(QTextDocument):
    """Qt's own document falls back to the disk and to data: addresses when nobody answers; this one answers all."""

    def loadResource(self, kind: int, _name: QUrl | str) -> object:
        """An empty picture or nothing, whatever is asked for."""
        return _EMPTY.pixel() if kind == QTextDocument.ResourceType.ImageResource.value else b""


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
        self.setDocument(SealedDocument(self))
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
        self.document().setDefaultStyleSheet("body { color: #000000; background: #ffffff; } a { color: #1c4a96; }")
        inner = _OUTSIDE.sub("", html[:LONGEST])
        self.setHtml(f"<body bgcolor='#ffffff' text='#000000'>{inner}</body>")
        self._fit()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answered by the document, never from anywhere."""
        return SealedDocument.loadResource(self.document(), kind, name)  # type: ignore[arg-type]

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
