"""Connecting a mailbox: fill in, test step by step with a remedy beside what failed, save."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.bridge import Bridge, Call
from ui.onboarding.mailbox_fields import MailboxFields
from ui.widgets.labels import label, set_role
from ui.widgets.marks import Mark
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.inbox.model import Account, AccountSettings, ConnectionReport, ConnectionStep, Provider
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings


class MailboxDialog(QDialog):
    """Opened with `.open()`. What was typed stays until the person closes it."""

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Connect a mailbox"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._call: Call | None = None
        self.fields = MailboxFields(settings.number("first_sync_days"))
        self.result_ = label(wrap=True)
        self.result_.hide()
        self.steps = QGridLayout()
        self.steps.setColumnStretch(1, 1)
        self.progress = ProgressLine()
        self.test_button = QPushButton(_("Test connection"))
        self.save_button = QPushButton(_("Connect"))
        self._lay_out()
        self.fields.changed.connect(self._forget_result)
        self.fields.address.textEdited.connect(self._ask_provider)
        self.fields.address.setFocus()

    def shown_steps(self) -> list[str]:
        """The test's steps as text: mark, name, sentence and remedy."""
        return self._lines

    def _lay_out(self) -> None:
        self._lines: list[str] = []
        self.save_button.setProperty("role", "primary")
        self.save_button.setDefault(True)
        self.test_button.setAutoDefault(False)
        self.test_button.clicked.connect(self._test)
        self.save_button.clicked.connect(self._save)
        self.progress.cancelled.connect(self._cancel)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.test_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.rejected.connect(self.reject)
        page = QWidget()
        page.setProperty("role", "page")
        inner = QVBoxLayout(page)
        inner.setSpacing(12)
        for part in (self.fields, self.result_):
            inner.addWidget(part)
        inner.addLayout(self.steps)
        inner.addStretch(1)
        self._scroll = scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(page)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.progress)
        layout.addWidget(buttons)
        self.resize(640, 760)

    def _ask_provider(self, address: str) -> None:
        command = partial(_ask_preset, address.strip())
        self._bridge.call(command, self.fields.show_provider, self, self._on_problem, replaces="provider")

    def _settings(self) -> AccountSettings | None:
        try:
            return self.fields.settings()
        except InputError as problem:
            self._say(str(problem), "error")
            return None

    def _test(self) -> None:
        settings = self._settings()
        if settings is not None:
            self._begin(_("Testing the connection"))
            command = partial(_ask_test, settings, self.fields.password.text())
            self._call = self._bridge.call(command, self._on_tested, self, self._on_problem, replaces="try")

    def _save(self) -> None:
        settings = self._settings()
        if settings is not None:
            self._begin(_("Connecting"))
            command = partial(_add, settings, self.fields.password.text())
            self._call = self._bridge.call(command, self._on_saved, self, self._on_problem, replaces="try")

    def _begin(self, title: str) -> None:
        self._forget_result()
        self.progress.start(title)
        for button in (self.test_button, self.save_button):
            button.setEnabled(False)

    def _end(self) -> None:
        self.progress.stop()
        for button in (self.test_button, self.save_button):
            button.setEnabled(True)

    def _cancel(self) -> None:
        if self._call is not None:
            self._call.cancel()
        self._end()

    def _on_tested(self, report: ConnectionReport) -> None:
        self._end()
        for number, step in enumerate(report.steps):
            self._show_step(number, step)
        if report.ok:
            self._say(_("Everything answered. Connect it to fetch mail."), "")
        else:
            self._say(_("One step failed; nothing was saved."), "error")

    def _on_saved(self, account: Account) -> None:
        self._end()
        text = _("{address} is connected; its mail is being fetched.")
        self._bridge.notice(text.format(address=account.settings.address))
        self.accept()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._end()
        self._say(str(problem), "error")

    def _show_step(self, number: int, step: ConnectionStep) -> None:
        state = {True: "pass", False: "fail", None: "pending"}[step.ok]
        self.steps.addWidget(Mark(state), number, 0, Qt.AlignmentFlag.AlignTop)
        text = f"{step.name}: {step.sentence}" if step.sentence else step.name
        text = f"{text}\n{step.remedy}" if step.remedy else text
        self.steps.addWidget(label(text, "" if step.ok is not None else "quiet", wrap=True), number, 1)
        self._lines.append(f"{state} {text}")

    def _forget_result(self) -> None:
        self._lines = []
        self.result_.hide()
        while (item := self.steps.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()

    def _say(self, text: str, role: str) -> None:
        self.result_.setText(text)
        set_role(self.result_, role)
        self.result_.show()
        QTimer.singleShot(0, self._show_end)

    def _show_end(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())


async def _ask_preset(address: str, core: Core) -> Provider | None:
    return await core.accounts.preset(address)


async def _ask_test(settings: AccountSettings, password: str, core: Core) -> ConnectionReport:
    return await core.accounts.test(settings, password)


async def _add(settings: AccountSettings, password: str, core: Core) -> Account:
    return await core.accounts.add(settings, password)
