"""Changing a connected mailbox: the form it was connected with, filled in; its password need not be typed again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.onboarding.mailbox import MailboxDialog
from ui.onboarding.mailbox_fields import MailboxFields
from ui.onboarding.mailbox_form import MailboxForm, Saving, Taken, Testing
from workstation.api import Core
from workstation.inbox.model import Account, AccountSettings, ConnectionReport
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings


class EditForm(MailboxForm):
    """The password stays in the keyring and is never shown; one is typed only to replace it. The address is what makes
    it this mailbox, so it stays."""

    def __init__(self, bridge: Bridge, settings: Settings, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(bridge, settings, parent)
        self._account = account
        fill(self.fields, account.settings)
        self.fields.address.setReadOnly(True)
        self.fields.address.setEnabled(False)
        self.fields.password.setPlaceholderText(_("kept as it is; type one to replace it"))

    def settings(self) -> AccountSettings | None:
        """What the form does not show stays as it was."""
        typed, before = super().settings(), self._account.settings
        if typed is None:
            return None
        grant = (typed if typed.sign_in or self.fields.password.text() else before)
        return replace(typed, folders=before.folders, mark_seen=before.mark_seen, sign_in=grant.sign_in,
                       client_id=grant.client_id)

    def testing(self, settings: AccountSettings, taken: Taken) -> Testing:
        return partial(_test, settings, self.fields.password.text() or None, self._account.id, taken)

    def saving(self, settings: AccountSettings) -> Saving:
        return partial(_update, self._account.id, settings, self.fields.password.text() or None)


class EditMailbox(MailboxDialog):
    """Opened with `.open()`."""

    def __init__(self, bridge: Bridge, settings: Settings, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(bridge, settings, parent, EditForm(bridge, settings, account))
        self.setWindowTitle(_("Change a mailbox"))
        self.save_button.setText(_("Save"))
        self.fields.password.setFocus(Qt.FocusReason.OtherFocusReason)


def fill(fields: MailboxFields, settings: AccountSettings) -> None:
    """Show `settings` in the form."""
    fields.address.setText(settings.address)
    fields.user.setText("" if settings.user == settings.address else settings.user)
    fields.imap.show_settings(settings.imap)
    fields.smtp.show_settings(settings.smtp)
    fields.channel.setCurrentIndex(max(0, fields.channel.findData(settings.channel.value)))
    for field, text in (
        (fields.name, settings.name), (fields.store, settings.store), (fields.sent, settings.sent_folder),
        (fields.market, settings.market), (fields.ca_file, settings.ca_file),
    ):
        field.setText(text)
    fields.days.set_value(settings.first_sync_days)
    fields.self_bcc.setChecked(settings.self_bcc)


async def _test(
    settings: AccountSettings, password: str | None, account_id: str, taken: Taken, core: Core,
) -> ConnectionReport:
    return await core.accounts.test(settings, password, account_id, taken)


async def _update(account_id: str, settings: AccountSettings, password: str | None, core: Core) -> Account:
    return await core.accounts.update(account_id, settings, password)
