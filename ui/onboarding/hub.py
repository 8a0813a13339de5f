"""Connecting to a hub: paste the invite, see that it answered."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from ui.bridge import Bridge
from ui.onboarding.connecting import ConnectDialog, ConnectForm
from ui.onboarding.mailbox_fields import line
from ui.widgets.screen import open_within
from workstation.api import Core
from workstation.kernel.i18n import _
from workstation.sync.model import SyncStatus


class HubForm(ConnectForm):
    """An invite works once; a wrong one changes nothing."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.invite = line(_("Invite"), "http://127.0.0.1:8787/#…")
        self.invite.textChanged.connect(self._on_typed)
        self.fields.addWidget(self.invite)

    def send(self) -> None:
        self.ask(partial(_ask, self.invite.text().strip()), _("The hub is connected. Evidence is on its way upstream."))

    def told(self, result: object, done: str) -> str:
        """Whether the invite said by which key the hub's log is to be known."""
        if isinstance(result, SyncStatus) and result.log_trust in ("", "first_sight"):
            return " ".join((done, _("The invite named no key for the hub's log: the first one the hub shows is "
                                     "trusted at first sight. A new invite names it.")))
        return done

    def _on_typed(self, text: str) -> None:
        self.ready(bool(text.strip()))


class HubDialog(ConnectDialog):
    """Opened with `.open()`."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        form = HubForm(bridge)
        super().__init__(bridge, _("Connect to a hub"), about_hubs(), form, parent)
        self.invite = form.invite
        open_within(self, 520, 220)


def about_hubs() -> str:
    return _("The hub keeps a copy of your evidence and of what you did, and checks it before it says so. "
             "Paste the whole invite.")


async def _ask(invite: str, core: Core) -> SyncStatus:
    return await core.sync.connect(invite)
