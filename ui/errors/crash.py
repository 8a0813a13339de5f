"""The crash dialog: what happened, that the work is safe, and a trace without private data to send to us."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from ui.errors.catcher import trace
from ui.theme import fonts
from ui.widgets.labels import label
from workstation.kernel.i18n import _


class CrashDialog(QDialog):
    """Shows one bug. The program goes on; opened with `.open()`."""

    def __init__(self, bug: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Something went wrong in the program"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = trace(bug)
        view = QPlainTextEdit(self.text, readOnly=True)
        view.setFont(fonts.fixed(fonts.CAPTION))
        view.setAccessibleName(_("What happened, in technical words"))
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons = QDialogButtonBox()
        copy = buttons.addButton(_("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(_("Go on working"), QDialogButtonBox.ButtonRole.RejectRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(label(_("This is a fault of the program, not of yours."), "title"))
        layout.addWidget(label(_(
            "Everything saved before is safe. You can go on working; if it happens again, send us the text below. "
            "Addresses, numbers and keys were taken out of it."), wrap=True))
        layout.addWidget(view, 1)
        layout.addWidget(buttons)
        self.resize(640, 420)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
