"""What every short connect form is: a sentence, fields, what went wrong, and a button that waits for the core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge, Call
from ui.widgets.labels import label, set_role
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class ConnectForm(QWidget):
    """What was typed stays when connecting fails, with the reason below it."""

    connected = Signal(str)
    """It answered; the sentence that says so."""
    changed = Signal()
    """What was typed, or what is under way."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._call: Call | None = None
        self._done = ""
        self.complete = False
        self.message = label(wrap=True)
        self.message.hide()
        self.progress = ProgressLine()
        self.progress.cancelled.connect(self.cancel)
        self.fields = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(self.fields)
        layout.addWidget(self.message)
        layout.addWidget(self.progress)

    @property
    def busy(self) -> bool:
        return self._call is not None

    def send(self) -> None:
        """Connect with what was typed."""
        raise NotImplementedError

    def ask(self, command: Callable[[Core], Awaitable[object]], done: str) -> None:
        """Run `command`; on success say `done`."""
        self._done = done
        self.message.hide()
        self.progress.start(_("Connecting"))
        self._call = self._bridge.call(command, self._on_connected, self, self._on_problem)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop asking; nothing is connected then."""
        if self._call is not None:
            self._call.cancel()
            self._end()

    def ready(self, complete: bool) -> None:
        """Something was typed; `complete` lets the person connect."""
        self.complete = complete
        self.message.hide()
        self.changed.emit()

    def _end(self) -> None:
        self._call = None
        self.progress.stop()
        self.changed.emit()

    def told(self, _result: object, done: str) -> str:
        """What is said once it answered."""
        return done

    def _on_connected(self, result: object) -> None:
        self._end()
        self.connected.emit(self.told(result, self._done))

    def _on_problem(self, problem: WorkstationError) -> None:
        self._end()
        self.message.setText(str(problem))
        set_role(self.message, "error")
        self.message.show()
        a11y.announce(self.message, str(problem))


class ConnectDialog(QDialog):
    """Opened with `.open()`: a form with its buttons."""

    def __init__(self, bridge: Bridge, title: str, about: str, form: ConnectForm, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self.form, self.message = form, form.message
        self.connect_button = QPushButton(_("Connect"))
        self._lay_out(about)
        self.connect_button.clicked.connect(form.send)
        form.changed.connect(self._on_changed)
        form.connected.connect(self._on_connected)

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
        layout.addWidget(self.form)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def _on_changed(self) -> None:
        self.connect_button.setEnabled(self.form.complete and not self.form.busy)

    def _on_connected(self, done: str) -> None:
        self._bridge.notice(done)
        self.accept()
