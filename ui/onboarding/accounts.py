"""The mailboxes that are connected: how each one is, and what can be done about it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.inbox.words import channel_name
from ui.onboarding.mailbox import MailboxDialog
from ui.onboarding.mailbox_edit import EditMailbox
from ui.widgets import timetext
from ui.widgets.empty import EmptyState
from ui.widgets.labels import label
from ui.widgets.marks import Mark
from ui.widgets.screen import open_within
from workstation.api import Core
from workstation.inbox.model import Account
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import N_, _
from workstation.kernel.settings import Settings

STATES = {
    "online": ("pass", N_("online")), "connecting": ("pending", N_("connecting")), "offline": ("warn", N_("offline")),
    "refused": ("fail", N_("mailbox refused")),
}
"""Mark and word for each state of `AccountStatusChanged`."""


class AccountRow(QFrame):
    """One mailbox. Removing it asks once more, in its place."""

    edit_asked = Signal(object)
    """An Account."""
    remove_asked = Signal(str)

    def __init__(self, account: Account, now: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "raised")
        self.account = account
        self._mark = Mark()
        self._name = label(role="title")
        self._state = label(wrap=True)
        self._read = label(role="caption", wrap=True)
        self.edit_button = QPushButton(_("Test or change…"))
        self.remove_button = QPushButton(_("Remove…"))
        self.question = QWidget()
        self.confirm_button = QPushButton(_("Remove"))
        self.keep_button = QPushButton(_("Keep"))
        self._lay_out()
        self._wire()
        self.show_account(account, now)

    @property
    def line(self) -> str:
        """The row as text: mark, address, state and last reading."""
        return f"{self._mark.state} {self._name.text()}: {self._state.text()} ({self._read.text()})"

    def show_account(self, account: Account, now: int) -> None:
        """The same mailbox as it is now; a question that is open stays open."""
        self.account = account
        address = account.settings.address
        mark, word = STATES.get(account.state, ("unknown", account.state))
        self._mark.set_state(mark)
        self._name.setText(address)
        said = _("{state}: {reason}").format(state=_(word), reason=account.sentence) if account.sentence else _(word)
        self._state.setText(said)
        self._read.setText(_reading(account, now))
        for button in (self.edit_button, self.remove_button, self.confirm_button, self.keep_button):
            button.setAccessibleName(f"{button.text()} {address}")

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for part in (self._name, self._state, self._read):
            words.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self.edit_button, self.remove_button):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        self.confirm_button.setProperty("role", "danger")
        asked = QHBoxLayout(self.question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.addWidget(label(_(
            "Its password is forgotten and no more mail is fetched. Its conversations stay."), wrap=True), 1)
        asked.addWidget(self.keep_button)
        asked.addWidget(self.confirm_button)
        self.question.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.question)

    def _wire(self) -> None:
        for button in (self.edit_button, self.remove_button, self.confirm_button, self.keep_button):
            button.setAutoDefault(False)
        self.edit_button.clicked.connect(self._on_edit)
        self.remove_button.clicked.connect(self._ask)
        self.keep_button.clicked.connect(self._keep)
        self.confirm_button.clicked.connect(self._on_confirmed)

    def _ask(self) -> None:
        self.question.show()
        self.remove_button.setEnabled(False)
        self.keep_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self) -> None:
        self.question.hide()
        self.remove_button.setEnabled(True)
        self.remove_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_edit(self) -> None:
        self.edit_asked.emit(self.account)

    def _on_confirmed(self) -> None:
        self.confirm_button.setEnabled(False)
        self.remove_asked.emit(self.account.id)


class MailboxesDialog(QDialog):
    """Opened with `.open()`. Follows what happens to the mailboxes while it is open."""

    def __init__(
        self, bridge: Bridge, settings: Settings, parent: QWidget | None = None, clock: Clock | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Mailboxes"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge, self._settings, self._clock = bridge, settings, clock or SystemClock()
        self.rows: list[AccountRow] = []
        self.form: MailboxDialog | None = None
        self.empty = EmptyState()
        self.message = label(role="error", wrap=True)
        self.message.hide()
        self.fetch_button = QPushButton(_("Fetch now"))
        self.add_button = QPushButton(_("Connect a mailbox…"))
        self._list = QVBoxLayout()
        self._lay_out()
        for changed in (bridge.accounts_changed, bridge.account_status_changed):
            changed.connect(self.reload)
        self.reload()

    def reload(self) -> None:
        """Read the mailboxes again."""
        self._bridge.call(_accounts, self._on_accounts, self, replaces="accounts")

    def _lay_out(self) -> None:
        self.empty.show_state(_("No mailbox is connected."), icon="mail")
        self.empty.hide()
        self._list.setSpacing(8)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button, slot in ((self.add_button, self._connect_one), (self.fetch_button, self._fetch)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(self._list)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.message)
        layout.addStretch(1)
        layout.addWidget(buttons)
        open_within(self, 640, 320)

    def _on_accounts(self, accounts: tuple[Account, ...]) -> None:
        known = {row.account.id: row for row in self.rows}
        now = self._clock.now()
        self.rows = [known.get(account.id) or self._row(account, now) for account in accounts]
        for row, account in zip(self.rows, accounts, strict=True):
            row.show_account(account, now)
        for gone in (row for row in known.values() if row not in self.rows):
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self.empty.setVisible(not accounts)
        self.fetch_button.setEnabled(bool(accounts))

    def _row(self, account: Account, now: int) -> AccountRow:
        row = AccountRow(account, now)
        row.edit_asked.connect(self._edit)
        row.remove_asked.connect(self._remove)
        self._list.addWidget(row)
        row.show()
        return row

    def _edit(self, account: Account) -> None:
        self.form = EditMailbox(self._bridge, self._settings, account, self)
        self.form.open()

    def _connect_one(self) -> None:
        self.form = MailboxDialog(self._bridge, self._settings, self)
        self.form.open()

    def _remove(self, account_id: str) -> None:
        self.message.hide()
        self._bridge.call(partial(_remove, account_id), self._on_removed, self, self._on_problem)

    def _fetch(self) -> None:
        self.message.hide()
        self._bridge.call(_fetch, self._on_fetching, self, self._on_problem)

    def _on_removed(self, _nothing: None) -> None:
        self._bridge.notice(_("The mailbox is removed; its conversations stay."))

    def _on_problem(self, problem: WorkstationError) -> None:
        self.message.setText(str(problem))
        self.message.show()
        for row in self.rows:
            row.confirm_button.setEnabled(True)

    def _on_fetching(self, _nothing: None) -> None:
        self._bridge.notice(_("Looking for new mail."))


def _reading(account: Account, now: int) -> str:
    at = account.last_sync_at
    read = _("last read {time}").format(time=timetext.when(at, now)) if at is not None else _("not read yet")
    channel, store = channel_name(account.settings.channel), account.settings.store
    return " · ".join(part for part in (read, channel, store) if part)


async def _accounts(core: Core) -> tuple[Account, ...]:
    return await core.accounts.list()


async def _remove(account_id: str, core: Core) -> None:
    await core.accounts.remove(account_id)


async def _fetch(core: Core) -> None:
    await core.accounts.fetch_now()
