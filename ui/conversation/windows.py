"""Small windows beside the main one: a message's source, and an attached picture or text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from ui.conversation.pictures import PictureView
from ui.theme import fonts
from workstation.kernel.i18n import _

LONGEST = 2_000_000
"""Bytes of a source that are shown."""


class TextWindow(QDialog):
    """Text as it came, in a font of fixed width; it can be selected and copied."""

    def __init__(self, title: str, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QPlainTextEdit()
        self.field.setReadOnly(True)
        self.field.setFont(fonts.fixed())
        self.field.setAccessibleName(title)
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setPlainText(readable(content))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.field)
        self.resize(820, 620)


class PictureWindow(QDialog):
    """One picture."""

    def __init__(self, name: str, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = PictureView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.resize(820, 640)
        self.view.show_image(image, name)


def readable(content: bytes) -> str:
    """Bytes as text: UTF-8, and Latin-1 where they are not; the cut is said."""
    head = content[:LONGEST]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    rest = len(content) - len(head)
    return text + ("\n" + _("… {n} more bytes are not shown.").format(n=rest) if rest else "")
