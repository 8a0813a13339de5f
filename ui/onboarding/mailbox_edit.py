"""Changing a connected mailbox: the form it was connected with, filled in, but for its password."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.onboarding.mailbox import MailboxDialog
from ui.onboarding.mailbox_fields import MailboxFields
from ui.onboarding.mailbox_form import MailboxForm
from workstation.inbox.model import Account, AccountSettings
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings


class EditForm(MailboxForm):
    """The password never leaves the keyring, so it is asked for again; the address is what makes it this mailbox, so
    it stays."""

    def __init__(self, bridge: Bridge, settings: Settings, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(bridge, settings, parent)
        fill(self.fields, account.settings)
        self.fields.address.setReadOnly(True)
        self.fields.address.setEnabled(False)
        self.fields.password.setPlaceholderText(_("needed to test and to save"))

    def settings(self) -> AccountSettings | None:
        if not self.fields.password.text():
            self.say(_("The password is needed again to test or save this mailbox."), "error")
            self.fields.password.setFocus(Qt.FocusReason.OtherFocusReason)
            return None
        return super().settings()


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
