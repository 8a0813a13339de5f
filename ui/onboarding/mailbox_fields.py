"""The fields of the connect-mailbox form, and what they mean as AccountSettings."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ui.inbox.words import channel_name
from ui.widgets.choice import Choice
from ui.widgets.labels import label
from ui.widgets.number_field import NumberField
from workstation.domain.conversation import Channel
from workstation.inbox.model import AccountSettings, Provider, Security, ServerSettings
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import N_, _

_SECURITY = {Security.TLS: "TLS", Security.STARTTLS: "STARTTLS", Security.PLAIN: N_("none (this computer only)")}
_PORTS = {  # RFC 8314, section 7.3: 993 and 465 with TLS, 143 and 587 with STARTTLS
    "imap": {Security.TLS: 993, Security.STARTTLS: 143, Security.PLAIN: 143},
    "smtp": {Security.TLS: 465, Security.STARTTLS: 587, Security.PLAIN: 25},
}


def line(name: str, placeholder: str = "", *, secret: bool = False) -> QLineEdit:
    """A named one-line field."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    if secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


class ServerFields(QWidget):
    """Host, port and security of one server."""

    edited = Signal()

    def __init__(self, kind: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self.host = line(title, f"{kind}.example.com")
        self.port = NumberField(1, 65_535, 1)
        self.port.setFixedWidth(72)
        self.port.setAccessibleName(_("{server} port").format(server=title))
        self.security = Choice(_("{server} security").format(server=title))
        self.security.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.security.setMinimumContentsLength(9)
        for value, text in _SECURITY.items():
            self.security.addItem(_(text), value.value)
        self.reset_port()
        self.security.currentIndexChanged.connect(self.reset_port)
        self.host.textEdited.connect(self.edited)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.host, 1)
        row.addWidget(self.port)
        row.addWidget(self.security)

    def show_settings(self, server: ServerSettings) -> None:
        """Fill in what is known of this server."""
        self.host.setText(server.host)
        self.security.setCurrentIndex(self.security.findData(server.security.value))
        self.port.set_value(server.port)

    def forget_settings(self) -> None:
        """Back to what is usual; the host stays."""
        self.security.setCurrentIndex(0)
        self.reset_port()

    def settings(self) -> ServerSettings:
        return ServerSettings(self.host.text().strip(), self.port.value, Security(self.security.currentData()))

    def reset_port(self) -> None:
        """The usual port of the chosen security."""
        self.port.set_value(_PORTS[self._kind][Security(self.security.currentData())])


class MailboxFields(QWidget):
    """Everything about a mailbox but the buttons."""

    changed = Signal()

    def __init__(self, first_sync_days: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.address = line(_("Address"), "support@example.com")
        self.password = line(_("Password"), secret=True)
        self.sign_in_button = QPushButton()
        self.sign_in_button.setAutoDefault(False)
        self.client_id = line(_("Client id"), _("from the provider's developer page, for its sign-in"))
        self.signed_in = ""
        self.user = line(_("User name"), _("as the address"))
        self.name = line(_("Sender's name"), _("shown to buyers"))
        self.imap = ServerFields("imap", _("Incoming mail server"))
        self.smtp = ServerFields("smtp", _("Outgoing mail server"))
        self.channel = Choice(_("What arrives in this mailbox"))
        self.store = line(_("Store"), _("for example Loja Azul"))
        self.days = NumberField(0, 3_650, first_sync_days)
        self.sent = line(_("Sent folder"), _("found by itself"))
        self.market = line(_("Market"), _("country code of its buyers, for example BR"))
        self.market.setMaxLength(2)
        self.ca_file = line(_("Own certificate authority"), _("a PEM file; empty for the system's"))
        self.self_bcc = QCheckBox(_("Send myself a hidden copy to prove each send"))
        self.hint = label(role="warn", wrap=True)
        self._guessed = True
        self._provider: Provider | None = None
        self._prepare()
        self._lay_out()

    def settings(self) -> AccountSettings:
        """The form as settings. Raises InputError naming the first field that is missing."""
        address = self.address.text().strip()
        if address.count("@") != 1 or address.startswith("@") or address.endswith("@"):
            raise InputError(_("The address is not complete."), _("Write it like support@example.com."))
        for server, name in ((self.imap, _("incoming")), (self.smtp, _("outgoing"))):
            if not server.host.text().strip():
                sentence = _("The {which} mail server is missing.").format(which=name)
                raise InputError(sentence, _("Your provider names it."))
        return AccountSettings(
            address=address, user=self.user.text().strip() or address, imap=self.imap.settings(),
            smtp=self.smtp.settings(), name=self.name.text().strip(), channel=Channel(self.channel.currentData()),
            store=self.store.text().strip(), first_sync_days=self.days.value, sent_folder=self.sent.text().strip(),
            self_bcc=self.self_bcc.isChecked(), market=self.market.text().strip().upper(),
            ca_file=self.ca_file.text().strip(), sign_in=self.signed_in,
            client_id=self.client_id.text().strip() if self.signed_in else "",
        )

    @property
    def provider_sign_in(self) -> str:
        """The provider's own sign-in that may be used instead of a password; "" where it has none."""
        return self._provider.sign_in if self._provider is not None else ""

    def show_provider(self, provider: Provider | None) -> None:
        """The servers of a provider we know, unless the person named others, and what to do there first."""
        before, self._provider = self._provider, provider
        if self._guessed and provider is not None:
            self.imap.show_settings(provider.imap)
            self.smtp.show_settings(provider.smtp)
        elif self._guessed and before is not None:
            self.imap.forget_settings()
            self.smtp.forget_settings()
        if self.provider_sign_in != self.signed_in:
            self.signed_in = ""
        if provider is not None and provider.sign_in:
            self.sign_in_button.setText(_("Sign in with {provider}…").format(provider=provider.name))
        for part in (self.sign_in_button, self.client_id):
            self._form.setRowVisible(part, bool(provider is not None and provider.sign_in))
        hint = provider.hint if provider is not None else ""
        said = _("{name}: {text}").format(name=provider.name, text=hint) if provider is not None and hint else ""
        self.hint.setText(said)
        self._form.setRowVisible(self.hint, bool(hint))

    def show_all(self, everything: bool) -> None:
        """Everything, or only what most people need: address, password, channel and what the provider wants first."""
        few = (self.address, self.password, self.channel, self.hint, self.sign_in_button, self.client_id)
        for row in range(self._form.rowCount()):
            item = self._form.itemAt(row, QFormLayout.ItemRole.FieldRole)
            widget = item.widget() if item is not None else None
            if widget is not None and widget not in few:
                self._form.setRowVisible(widget, everything)

    @property
    def known_provider(self) -> bool:
        """Whether the servers came from our table."""
        return self._provider is not None

    def _prepare(self) -> None:
        for channel in Channel:
            if channel is not Channel.PHONE:
                self.channel.addItem(channel_name(channel), channel.value)
        self.days.setAccessibleName(_("Days of mail to fetch at first"))
        self.address.textEdited.connect(self._guess)
        for server in (self.imap, self.smtp):
            server.edited.connect(self._own_servers)
        for field in (self.address, self.password, self.user, self.imap.host, self.smtp.host):
            field.textChanged.connect(self.changed)

    def _lay_out(self) -> None:
        self._form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, field in (
            (_("Address"), self.address), (_("Password"), self.password), (_("Incoming (IMAP)"), self.imap),
            (_("Outgoing (SMTP)"), self.smtp), (_("Channel"), self.channel), (_("Store"), self.store),
            (_("Days to fetch at first"), self.days), (_("Sender's name"), self.name), (_("User name"), self.user),
            (_("Sent folder"), self.sent), (_("Market"), self.market), (_("Certificates"), self.ca_file),
        ):
            form.addRow(label(title, "quiet"), field)
        form.addRow("", self.self_bcc)
        form.insertRow(2, label(_("Client id"), "quiet"), self.client_id)
        form.insertRow(3, "", self.sign_in_button)
        form.insertRow(4, "", self.hint)
        for part in (self.hint, self.sign_in_button, self.client_id):
            form.setRowVisible(part, False)

    def _guess(self, address: str) -> None:
        """Most providers name their servers after the domain; a person may change it, and the test will tell."""
        _user, _at, domain = address.strip().partition("@")
        if self._guessed and "." in domain:
            self.imap.host.setText(f"imap.{domain}")
            self.smtp.host.setText(f"smtp.{domain}")

    def _own_servers(self) -> None:
        self._guessed = False
