"""Small windows beside the main one: an attached text, a source's raw answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from ui.theme import fonts
from ui.widgets.screen import open_within
from workstation.kernel.i18n import ngettext

LONGEST = 1_000_000
"""Bytes of a source that are shown."""
LONGEST_LINE = 2_000
"""Characters; longer lines are broken to be shown, a line of a megabyte would stop the window for seconds."""
MOST_LINES = 10_000


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
        open_within(self, 820, 620)


def readable(content: bytes) -> str:
    """Bytes as text: UTF-8, and Latin-1 where they are not; what is cut is said."""
    head = content[:LONGEST]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    lines = [piece for line in text.split("\n") for piece in _pieces(line)]
    rest = len(content) - len(head)
    if len(lines) > MOST_LINES:
        rest += sum(map(len, lines[MOST_LINES:]))
        lines = lines[:MOST_LINES]
    if rest:
        lines.append(ngettext("… {n} more byte is not shown.", "… {n} more bytes are not shown.", rest).format(n=rest))
    return "\n".join(lines)


def as_text(part: bytes) -> str:
    """A part of a source for a field of text: undecodable bytes as signs, no line that is endless."""
    text = part.decode("utf-8", "replace").replace("\r\n", "\n")
    return "\n".join(piece for line in text.split("\n") for piece in _pieces(line))


def _pieces(line: str) -> list[str]:
    return [line[at : at + LONGEST_LINE] for at in range(0, len(line), LONGEST_LINE)] or [""]
