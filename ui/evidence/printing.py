"""The process that prints: pages of HTML from standard input, PDFs or pictures to standard output.

Nothing is loaded that a page names, from the network or from the disk: a page is what it says itself.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from workstation.kernel import frames

if TYPE_CHECKING:
    from PySide6.QtGui import QTextDocument

MOST_SHEETS = 400
_MARGIN_MM = 15.0
_DPI = 150
_A4_MM = (210.0, 297.0)


def main() -> int:
    """Print what is asked for and end."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([sys.argv[0]])
    request = frames.read(sys.stdin.buffer)
    if request is None:
        return 2
    header, pages = request
    draw: Callable[[str], list[bytes]] = _pictures if header.get("form") == "png" else _pdf
    for page in pages:
        sys.stdout.buffer.write(frames.pack({}, draw(page.decode())))
    sys.stdout.buffer.flush()
    application.quit()
    return 0


def _document(html: str) -> QTextDocument:
    """The page as Qt lays it out; anything it would load is empty, but for small PNGs that it holds itself."""
    from PySide6.QtCore import QByteArray, QUrl
    from PySide6.QtGui import QFont, QTextDocument

    class Closed(QTextDocument):
        def loadResource(self, _kind: int, name: QUrl | str) -> object:
            said = name if isinstance(name, str) else name.toString()
            head, _comma, body = said.partition(",")
            content = base64.b64decode(body) if head == "data:image/png;base64" else b""
            return QByteArray(content if content.startswith(b"\x89PNG\r\n\x1a\n") else b"")

    document = Closed()
    font = QFont("Noto Sans")
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPointSizeF(10.0)
    document.setDefaultFont(font)
    document.setDocumentMargin(0.0)
    document.setHtml(html)
    return document


def _pdf(html: str) -> list[bytes]:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
    from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter

    content = QByteArray()
    target = QBuffer(content)
    target.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(target)
    writer.setResolution(_DPI)
    writer.setCreator("Workstation")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
    document = _document(html)
    document.print_(writer)
    target.close()
    return [bytes(content.data())]


def _pictures(html: str) -> list[bytes]:
    """Each sheet as a PNG, A4 at 150 DPI. Raises ValueError for more sheets than are bearable."""
    from PySide6.QtCore import QSizeF

    document = _document(html)
    width, height = (side / 25.4 * _DPI for side in _A4_MM)
    margin = _MARGIN_MM / 25.4 * _DPI
    scale = _DPI / 96
    document.setPageSize(QSizeF((width - 2 * margin) / scale, (height - 2 * margin) / scale))
    if document.pageCount() > MOST_SHEETS:
        raise ValueError("more sheets than anybody reads")
    return list(_sheets(document, document.pageCount(), (int(width), int(height)), margin, scale))


def _sheets(
    document: QTextDocument, count: int, size: tuple[int, int], margin: float, scale: float
) -> Iterator[bytes]:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
    from PySide6.QtGui import QImage, QPainter

    for number in range(count):
        image = QImage(*size, QImage.Format.Format_RGB32)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        shown = QRectF(0, number * document.pageSize().height(), *document.pageSize().toTuple())
        painter.translate(margin, margin)
        painter.scale(scale, scale)
        painter.translate(0, -shown.top())
        document.drawContents(painter, shown)
        painter.end()
        content = QByteArray()
        target = QBuffer(content)
        target.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(target, "PNG")  # type: ignore[call-overload]
        target.close()
        yield bytes(content.data())


if __name__ == "__main__":
    sys.exit(main())
