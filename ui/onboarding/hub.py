"""Connecting to a hub: paste the invite, see that it answered."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.onboarding.mailbox_fields import line
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _
from workstation.sync.model import SyncStatus


class HubDialog(QDialog):
    """Opened with `.open()`. An invite works once; a wrong one changes nothing."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Connect to a hub"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self.invite = line(_("Invite"), "http://127.0.0.1:8750/#…")
        self.message = label(wrap=True)
        self.message.hide()
        self.progress = ProgressLine(cancellable=False)
        self.connect_button = QPushButton(_("Connect"))
        self._lay_out()

    def _lay_out(self) -> None:
        self.connect_button.setProperty("role", "primary")
        self.connect_button.setDefault(True)
        self.connect_button.setEnabled(False)
        self.connect_button.clicked.connect(self._connect)
        self.invite.textChanged.connect(self._on_typed)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.connect_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(_(
            "The hub keeps a copy of your evidence and of what you did, and checks it before it says so. "
            "Paste the whole invite."), wrap=True))
        for widget in (self.invite, self.message, self.progress):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.resize(520, 220)

    def _on_typed(self, text: str) -> None:
        self.connect_button.setEnabled(bool(text.strip()))
        self.message.hide()

    def _connect(self) -> None:
        self.progress.start(_("Connecting"))
        self.connect_button.setEnabled(False)
        command = partial(_ask, self.invite.text().strip())
        self._bridge.call(command, self._on_connected, self, self._on_problem)

    def _on_connected(self, _status: SyncStatus) -> None:
        self.progress.stop()
        self._bridge.notice(_("The hub is connected. Evidence is on its way upstream."))
        self.accept()

    def _on_problem(self, problem: WorkstationError) -> None:
        self.progress.stop()
        self.connect_button.setEnabled(True)
        self.message.setText(str(problem))
        set_role(self.message, "error")
        self.message.show()


async def _ask(invite: str, core: Core) -> SyncStatus:
    return await core.sync.connect(invite)
