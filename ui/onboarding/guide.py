"""The guide, to read while nothing else can be opened: the shipped text, in a window without links to the outside."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from ui.widgets.screen import open_within
from workstation.kernel.i18n import _, language
from workstation.kernel.paths import resources


def guide() -> Path | None:
    """The guide in the interface's language, or in English; None where it was not shipped."""
    beside = resources().parent / "docs"
    wished = [beside / "zh" / "user-guide.md"] if language() == "zh_CN" else []
    return next((path for path in (*wished, beside / "user-guide.md") if path.is_file()), None)


class GuideDialog(QDialog):
    """Opened with `.open()`."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Guide"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(_("Guide"))
        self.text.setMarkdown(path.read_text(encoding="utf-8"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
        open_within(self, 760, 640)
