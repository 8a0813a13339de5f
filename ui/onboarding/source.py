"""Connecting a shop or a carrier, which the checks then ask: its address, its token, and what is connected already."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QFormLayout, QWidget

from ui.bridge import Bridge
from ui.onboarding.connecting import ConnectDialog, ConnectForm
from ui.onboarding.mailbox_fields import line
from ui.widgets.choice import Choice
from ui.widgets.labels import label
from ui.widgets.screen import open_within
from workstation.api import ConnectedSource, Core
from workstation.kernel.i18n import _

KINDS = {"shopify": "Shopify", "17track": "17TRACK"}
"""Sources that `api.SourcesApi` connects, by their proper names."""


class SourceForm(ConnectForm):
    """The token goes to the keyring and is never shown again. Connecting the same source again replaces its token."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.kind = Choice(_("Shop or carrier"))
        self.store = line(_("Store address"), "your-store.myshopify.com")
        self.token = line(_("Access token"), secret=True)
        self.connected_now = label(role="caption", wrap=True)
        self.connected_now.hide()
        self._form = QFormLayout()
        self._fill()
        bridge.call(_list, self._on_listed, self)

    def _fill(self) -> None:
        for kind, name in KINDS.items():
            self.kind.addItem(name, kind)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setVerticalSpacing(8)
        self._form.setHorizontalSpacing(16)
        for title, field in (
            (_("Shop or carrier"), self.kind), (_("Store address"), self.store), (_("Access token"), self.token),
        ):
            self._form.addRow(label(title, "quiet"), field)
        self.fields.addLayout(self._form)
        self.fields.addWidget(self.connected_now)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.store.textChanged.connect(self._on_typed)
        self.token.textChanged.connect(self._on_typed)

    @property
    def source(self) -> ConnectedSource:
        """What is named so far; only a shop has an address."""
        kind = str(self.kind.currentData())
        return ConnectedSource(kind, self.store.text().strip().lower() if kind == "shopify" else "")

    def send(self) -> None:
        source = self.source
        done = _("{name} is connected; the next check asks it.").format(name=_name(source))
        self.ask(partial(_connect, source, self.token.text().strip()), done)

    def _on_kind(self) -> None:
        self._form.setRowVisible(self.store, self.source.kind == "shopify")
        self._on_typed()

    def _on_typed(self) -> None:
        source = self.source
        self.ready(bool(self.token.text().strip() and (source.store or source.kind != "shopify")))

    def _on_listed(self, sources: tuple[ConnectedSource, ...]) -> None:
        names = ", ".join(_name(source) for source in sources)
        self.connected_now.setText(_("Connected now: {names}").format(names=names))
        self.connected_now.setVisible(bool(sources))


class SourceDialog(ConnectDialog):
    """Opened with `.open()`."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        form = SourceForm(bridge)
        super().__init__(bridge, _("Connect a shop or carrier"), _(
            "The checks ask your shop about orders and refunds, and the carrier about parcels. Give an access token "
            "that may read them; it is kept in the system's keyring."), form, parent)
        self.kind, self.store, self.token, self.connected = form.kind, form.store, form.token, form.connected_now
        open_within(self, 520, 300)


def _name(source: ConnectedSource) -> str:
    name = KINDS.get(source.kind, source.kind)
    return f"{name} ({source.store})" if source.store else name


async def _list(core: Core) -> tuple[ConnectedSource, ...]:
    return await core.sources.list()


async def _connect(source: ConnectedSource, token: str, core: Core) -> None:
    await core.sources.connect(source.kind, source.store, token)
