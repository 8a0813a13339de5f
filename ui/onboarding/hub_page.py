"""The hub step, for teams: paste an invite. A solo seller skips it and loses nothing."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.onboarding.hub import HubForm, about_hubs
from ui.onboarding.page import Page, Said
from ui.onboarding.session import Session
from workstation.api import Core
from workstation.kernel.i18n import _
from workstation.sync.model import SyncStatus


class HubPage(Page):
    """Optional: everything works without a hub, and one can be connected at any time."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Connect to a hub"), " ".join((about_hubs(), _(
            "Without a hub everything works and stays on this computer."))))
        self.form = HubForm(session.bridge)
        self.said = Said()
        self.body.addWidget(self.form)
        self.body.addWidget(self.said)
        self.body.addStretch(1)
        self.form.invite.setMaximumWidth(620)
        self.form.changed.connect(self.changed)
        self.form.connected.connect(self._on_connected)
        session.bridge.call(_status, self._on_status, self)

    @property
    def ready(self) -> bool:
        return not self.form.busy and (self.done or self.form.complete)

    @property
    def done(self) -> bool:
        return "hub" in self.session.done

    @property
    def busy(self) -> bool:
        return self.form.busy

    @property
    def next_text(self) -> str:
        return _("&Next") if self.done else _("&Connect")

    def first(self) -> QWidget | None:
        return self.form.invite if not self.done else None

    def proceed(self) -> bool:
        if self.done:
            return True
        self.form.send()
        return False

    def stop(self) -> None:
        self.form.cancel()

    def _on_status(self, status: SyncStatus) -> None:
        if status.connected:
            self._on_connected(_("A hub is connected."))

    def _on_connected(self, done: str) -> None:
        self.session.finish_step("hub", done)
        self.form.hide()
        self.said.say(done, "pass")
        self.settled.emit()


async def _status(core: Core) -> SyncStatus:
    return await core.sync.status()
