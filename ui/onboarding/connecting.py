"""What every short connect dialog is: a sentence, fields, what went wrong, and a button that waits for the core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class ConnectDialog(QDialog):
    """Opened with `.open()`. What was typed stays when connecting fails, with the reason above the button."""

    def __init__(self, bridge: Bridge, title: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._done = ""
        self.message = label(wrap=True)
        self.message.hide()
        self.progress = ProgressLine(cancellable=False)
        self.connect_button = QPushButton(_("Connect"))
        self.fields = QVBoxLayout()
        self._lay_out(about)

    def ask(self, command: Callable[[Core], Awaitable[object]], done: str) -> None:
        """Run `command`; on success say `done` and close."""
        self._done = done
        self.progress.start(_("Connecting"))
        self.connect_button.setEnabled(False)
        self._bridge.call(command, self._on_connected, self, self._on_problem)

    def ready(self, complete: bool) -> None:
        """Something was typed; `complete` lets the person connect."""
        self.connect_button.setEnabled(complete)
        self.message.hide()

    def _lay_out(self, about: str) -> None:
        self.connect_button.setProperty("role", "primary")
        self.connect_button.setDefault(True)
        self.connect_button.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.connect_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(about, wrap=True))
        layout.addLayout(self.fields)
        layout.addWidget(self.message)
        layout.addWidget(self.progress)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def _on_connected(self, _result: object) -> None:
        self.progress.stop()
        self._bridge.notice(self._done)
        self.accept()

    def _on_problem(self, problem: WorkstationError) -> None:
        self.progress.stop()
        self.connect_button.setEnabled(True)
        self.message.setText(str(problem))
        set_role(self.message, "error")
        self.message.show()
