"""Connecting a mailbox: fill in, test step by step with a remedy beside what failed, save. One form for the dialog, for
changing a mailbox and for the first run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge, Call
from ui.onboarding.mailbox_fields import MailboxFields
from ui.widgets.labels import label, set_role
from ui.widgets.marks import Mark, word
from ui.widgets.progress import ProgressLine
from workstation.api import Core
from workstation.inbox.model import Account, AccountSettings, ConnectionReport, ConnectionStep, Provider
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

Taken = Callable[[ConnectionStep], None]
Testing = Callable[[Core], Awaitable[ConnectionReport]]
Saving = Callable[[Core], Awaitable[Account]]


class MailboxForm(QWidget):
    """The fields, what a test found, and what is under way. Whoever shows it has the buttons."""

    connected = Signal(object)
    """An Account, saved and being read."""
    failed = Signal()
    """A test or a save did not go through; the reason is shown."""
    changed = Signal()
    """`busy` or what was typed changed."""
    _address_came = Signal(str)
    _step_came = Signal(int, object)
    said = Signal()
    """Something new stands below the fields."""

    def __init__(self, bridge: Bridge, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._call: Call | None = None
        self._lines: list[str] = []
        self._then_save = False
        self._test_number = 0
        self.fields = MailboxFields(settings.number("first_sync_days"))
        self.result_ = label(wrap=True)
        self.result_.hide()
        self.steps = QGridLayout()
        self.steps.setColumnStretch(1, 1)
        self.steps.setHorizontalSpacing(8)
        self.steps.setVerticalSpacing(6)
        self.progress = ProgressLine()
        self.progress.cancelled.connect(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in (self.fields, self.result_):
            layout.addWidget(part)
        layout.addLayout(self.steps)
        self.fields.changed.connect(self._forget_result)
        self.fields.changed.connect(self.changed)
        self.fields.address.textEdited.connect(self._forget_grant)
        self.fields.address.textEdited.connect(self._ask_provider)
        self.fields.password.textEdited.connect(self._on_password)
        self.fields.sign_in_button.clicked.connect(self.sign_in)
        self._address_came.connect(_browse)
        self._step_came.connect(self._on_step)

    @property
    def busy(self) -> bool:
        return self._call is not None

    def shown_steps(self) -> list[str]:
        """The test's steps as text: mark, name, sentence and remedy."""
        return self._lines

    def test(self) -> None:
        """Try every step; nothing is saved."""
        self._test(then_save=False)

    def test_and_save(self) -> None:
        """Try every step, and save the mailbox when all went well."""
        self._test(then_save=True)

    def save(self) -> None:
        """Save it as it is."""
        settings = self.settings()
        if settings is not None:
            self._begin(_("Connecting"))
            self._call = self._bridge.call(self.saving(settings), self._on_saved, self, self.problem, replaces="try")

    def sign_in(self) -> None:
        """Let the provider ask for the password in the browser; its grant stands where a password would."""
        before, self.fields.signed_in = self.fields.signed_in, self.fields.provider_sign_in
        settings = self.settings()
        self.fields.signed_in = before   # until there is a grant a password that was typed is still one
        if settings is None:
            return
        self._begin(_("Waiting for your answer in the browser"))
        command = partial(_sign_in, settings, self._address_came.emit)
        done = partial(self._on_signed_in, settings)
        self._call = self._bridge.call(command, done, self, self.problem, replaces="try")
        self.changed.emit()

    def cancel(self) -> None:
        """Stop a test or a save that is under way."""
        if self._call is not None:
            self._call.cancel()
            self._end()
            self.say(_("Stopped; nothing was saved."), "")

    def settings(self) -> AccountSettings | None:
        """What the form means; None, with the reason said, when it is not complete."""
        try:
            return self.fields.settings()
        except InputError as problem:
            self.say(str(problem), "error")
            return None

    def testing(self, settings: AccountSettings, taken: Taken) -> Testing:
        """The command that tests; `taken` is told each step from any thread."""
        return partial(_test, settings, self.fields.password.text(), taken)

    def saving(self, settings: AccountSettings) -> Saving:
        """The command that saves."""
        return partial(_add, settings, self.fields.password.text())

    def problem(self, problem: WorkstationError) -> None:
        """A known failure: said, and everything typed stays."""
        self._end()
        self.say(str(problem), "error")
        self.failed.emit()

    def say(self, text: str, role: str) -> None:
        self.result_.setText(text)
        set_role(self.result_, role)
        self.result_.show()
        a11y.announce(self.result_, text)
        self.said.emit()

    def _on_signed_in(self, asked: AccountSettings, grant: str) -> None:
        self._end()
        if self.fields.address.text().strip() != asked.address:
            self.say(_("Stopped; nothing was saved."), "")
            return
        self.fields.signed_in = asked.sign_in
        self.fields.password.setText(grant)
        self.say(_("Signed in. The connection can be tested now."), "")

    def _forget_grant(self, _address: str) -> None:
        """A grant is one address's: sent as a password to another's servers it would be given away."""
        if self.fields.signed_in:
            self.fields.signed_in = ""
            self.fields.password.clear()

    def _on_password(self, _text: str) -> None:
        """Who types a password does not use a grant."""
        self.fields.signed_in = ""

    def _ask_provider(self, address: str) -> None:
        command = partial(_preset, address.strip())
        self._bridge.call(command, self.fields.show_provider, self, self.problem, replaces="provider")

    def _test(self, *, then_save: bool) -> None:
        settings = self.settings()
        if settings is not None:
            self._then_save = then_save
            self._begin(_("Testing the connection"))
            self._test_number += 1
            taken = partial(self._step_came.emit, self._test_number)
            self._call = self._bridge.call(
                self.testing(settings, taken), self._on_tested, self, self.problem, replaces="try")

    def _begin(self, title: str) -> None:
        self._forget_result()
        self.progress.start(title)

    def _end(self) -> None:
        self._call = None
        self.progress.stop()
        self.changed.emit()

    def _on_tested(self, report: ConnectionReport) -> None:
        self._end()
        told = len(self._lines)
        self._forget_result()
        for number, step in enumerate(report.steps):   # in order: those of the two servers came mixed
            self.show_step(number, step, aloud=not told)
        if report.ok and self._then_save:
            self.save()
        elif report.ok:
            self.say(_("Everything answered. Connect it to fetch mail."), "")
        else:
            self.say(_("One step failed; nothing was saved."), "error")
            self.failed.emit()

    def _on_saved(self, account: Account) -> None:
        self._end()
        self.connected.emit(account)

    def _on_step(self, number: int, step: ConnectionStep) -> None:
        """A step of the test that runs; one of a test that was stopped is not of interest any more."""
        if self.busy and number == self._test_number:
            self.show_step(len(self._lines), step)
            self.said.emit()

    def show_step(self, number: int, step: ConnectionStep, *, aloud: bool = True) -> None:
        """One line: mark, name, sentence and, below, the remedy."""
        state = {True: "pass", False: "fail", None: "pending"}[step.ok]
        self.steps.addWidget(Mark(state), number, 0, Qt.AlignmentFlag.AlignTop)
        said = _("{name}: {text}").format(name=step.name, text=step.sentence) if step.sentence else step.name
        text = f"{said}\n{step.remedy}" if step.remedy else said
        line = label(text, "" if step.ok is not None else "quiet", wrap=True)
        line.setAccessibleName(f"{word(state)}: {text}")
        self.steps.addWidget(line, number, 1)
        self._lines.append(f"{state} {text}")
        if step.ok is not None and aloud:
            a11y.announce(line, line.accessibleName())

    def _forget_result(self) -> None:
        self._lines = []
        self.result_.hide()
        while (item := self.steps.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _browse(address: str) -> None:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl(address))


async def _sign_in(settings: AccountSettings, opened: Callable[[str], None], core: Core) -> str:
    return await core.accounts.sign_in(settings, opened)


async def _preset(address: str, core: Core) -> Provider | None:
    return await core.accounts.preset(address)


async def _test(settings: AccountSettings, password: str, taken: Taken, core: Core) -> ConnectionReport:
    return await core.accounts.test(settings, password, step=taken)


async def _add(settings: AccountSettings, password: str, core: Core) -> Account:
    return await core.accounts.add(settings, password)
