"""The dialog that connects a mailbox: the form with its buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.onboarding.mailbox_form import MailboxForm
from ui.widgets.screen import open_within
from workstation.inbox.model import Account
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings


class MailboxDialog(QDialog):
    """Opened with `.open()`. What was typed stays until the person closes it."""

    def __init__(
        self, bridge: Bridge, settings: Settings, parent: QWidget | None = None, form: MailboxForm | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Connect a mailbox"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self.form = form or MailboxForm(bridge, settings)
        self.fields, self.result_ = self.form.fields, self.form.result_
        self.test_button = QPushButton(_("Test connection"))
        self.save_button = QPushButton(_("Connect"))
        self._lay_out()
        self.form.changed.connect(self._on_changed)
        self.form.connected.connect(self._on_connected)
        self.form.said.connect(self._on_said)
        self.fields.address.setFocus()

    def shown_steps(self) -> list[str]:
        """The test's steps as text: mark, name, sentence and remedy."""
        return self.form.shown_steps()

    def _lay_out(self) -> None:
        self.save_button.setProperty("role", "primary")
        self.save_button.setDefault(True)
        self.test_button.setAutoDefault(False)
        self.test_button.clicked.connect(self._test)
        self.save_button.clicked.connect(self._save)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.test_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.rejected.connect(self.reject)
        page = QWidget()
        page.setProperty("role", "page")
        inner = QVBoxLayout(page)
        inner.addWidget(self.form)
        inner.addStretch(1)
        self._scroll = scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(page)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.form.progress)
        layout.addWidget(buttons)
        open_within(self, 640, 760)

    def _test(self) -> None:
        self.form.test()
        self._on_changed()

    def _save(self) -> None:
        self.form.save()
        self._on_changed()

    def _on_changed(self) -> None:
        for button in (self.test_button, self.save_button):
            button.setEnabled(not self.form.busy)

    def _on_connected(self, account: Account) -> None:
        text = _("{address} is connected; its mail is being fetched.")
        self._bridge.notice(text.format(address=account.settings.address))
        self.accept()

    def _on_said(self) -> None:
        QTimer.singleShot(0, self._show_end)

    def _show_end(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())
