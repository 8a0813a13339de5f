"""One record: its picture up close, or its text, and everything it says about itself."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QPlainTextEdit, QWidget

from ui.conversation.pictures import PictureView, decode
from ui.conversation.windows import readable
from ui.evidence import words
from ui.theme import fonts
from ui.widgets.labels import label
from workstation.evidence.model import RecordView
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _


class RecordWindow(QDialog):
    """Shows a record whose seal was checked a moment ago."""

    def __init__(self, record: RecordView, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(record.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        side = QWidget()
        side.setFixedWidth(300)
        form = QFormLayout(side)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(4)
        for name, value in words.facts(record):
            shown = label(_breakable(value), wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(label(name, "caption"), shown)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.addWidget(_content(record, content), 1)
        layout.addWidget(side)
        self.resize(1_000, 640)


def _content(record: RecordView, content: bytes) -> QWidget:
    if record.mime.startswith("image/"):
        try:
            image = decode(content)
        except InputError as problem:
            return label(str(problem), wrap=True)
        view = PictureView()
        view.show_image(image, record.title)
        return view
    field = QPlainTextEdit()
    field.setReadOnly(True)
    field.setFont(fonts.fixed())
    field.setAccessibleName(_("Content of the record"))
    field.setPlainText(readable(content))
    return field


def _breakable(text: str) -> str:
    """A hash has no blank to break at: let it break after every eighth sign."""
    return " ".join(text[at:at + 8] for at in range(0, len(text), 8)) if len(text) == 64 else text
