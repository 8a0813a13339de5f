"""The mailbox step: address and password; the servers are known, each step is tried, and mail is fetched."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.onboarding.mailbox_form import MailboxForm
from ui.onboarding.page import Page, Said
from ui.onboarding.session import Session
from ui.widgets.labels import label
from ui.widgets.marks import Mark
from workstation.api import Core
from workstation.inbox.model import Account
from workstation.kernel.i18n import _


class MailboxPage(Page):
    """Next tests and connects; connected mailboxes are listed above the form, and more can be added."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Connect a mailbox"), _(
            "Mail from your shop or your marketplace arrives here and is answered from here. Your password goes to "
            "the keyring, or encrypted into your home; never into a file or a log."))
        self.form = MailboxForm(session.bridge, session.of_home())
        self.all_box = QCheckBox(_("Show servers and everything else"))
        self.anyway_button = QPushButton(_("Connect it anyway"))
        self.more_button = QPushButton(_("Connect another mailbox…"))
        self.list = QVBoxLayout()
        self.said = Said()
        self.addresses: list[str] = []
        self._adding = True
        self._lay_out()
        self._wire()
        session.bridge.call(_accounts, self._on_accounts, self)

    @property
    def ready(self) -> bool:
        fields = self.form.fields
        return not self.form.busy and (not self._adding or bool(fields.address.text() and fields.password.text()))

    @property
    def done(self) -> bool:
        return bool(self.addresses) and not self._typed()

    @property
    def busy(self) -> bool:
        return self.form.busy

    @property
    def next_text(self) -> str:
        return _("Test and &connect") if self._adding else _("&Next")

    def first(self) -> QWidget | None:
        return self.form.fields.address if self._adding else None

    def proceed(self) -> bool:
        if not self._adding:
            return True
        self.form.test_and_save()
        self.changed.emit()
        return False

    def stop(self) -> None:
        self.form.cancel()

    def _typed(self) -> bool:
        return self._adding and bool(self.form.fields.address.text())

    def _lay_out(self) -> None:
        self.list.setSpacing(8)
        self.body.addLayout(self.list)
        self.body.addWidget(self.said)
        self.body.addWidget(self.more_button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.form)
        row = QHBoxLayout()
        row.addWidget(self.all_box)
        row.addStretch(1)
        row.addWidget(self.anyway_button)
        self.body.addLayout(row)
        self.body.addWidget(self.form.progress)
        self.body.addStretch(1)
        self.form.fields.show_all(False)
        self.anyway_button.hide()
        self.more_button.hide()

    def _wire(self) -> None:
        for button in (self.anyway_button, self.more_button):
            button.setAutoDefault(False)
        self.all_box.toggled.connect(self.form.fields.show_all)
        self.anyway_button.clicked.connect(self.form.save)
        self.more_button.clicked.connect(self._add_one)
        self.form.changed.connect(self._on_changed)
        self.form.failed.connect(self._on_failed)
        self.form.connected.connect(self._on_connected)

    def _on_changed(self) -> None:
        self.anyway_button.hide()
        self.changed.emit()

    def _on_failed(self) -> None:
        """What failed may be a server's name that we only guessed."""
        self.anyway_button.show()
        if not self.form.fields.known_provider:
            self.all_box.setChecked(True)

    def _on_accounts(self, accounts: tuple[Account, ...]) -> None:
        for account in accounts:
            self._list_account(account)
        if accounts and not self._typed():
            self._show_form(False)

    def _on_connected(self, account: Account) -> None:
        self._list_account(account)
        address = account.settings.address
        self.session.finish_step("mailbox", address)
        for field in (self.form.fields.address, self.form.fields.password):
            field.clear()
        self._show_form(False)
        self.said.say(_("{address} is connected; its mail is being fetched.").format(address=address), "pass")
        self.settled.emit()

    def _list_account(self, account: Account) -> None:
        address = account.settings.address
        if address in self.addresses:
            return
        self.addresses.append(address)
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Mark("pass"))
        row.addWidget(label(address, "title"), 1)
        self.list.addWidget(line)
        self.session.finish_step("mailbox", ", ".join(self.addresses))

    def _add_one(self) -> None:
        self.said.clear()
        self._show_form(True)
        self.form.fields.address.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_form(self, shown: bool) -> None:
        self._adding = shown
        for part in (self.form, self.all_box):
            part.setVisible(shown)
        self.more_button.setVisible(not shown)
        self.anyway_button.hide()
        self.changed.emit()


async def _accounts(core: Core) -> tuple[Account, ...]:
    return await core.accounts.list()
