"""The name that colleagues read: in presence, assignments and quiet lines."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QLineEdit, QWidget

from ui.bridge import Bridge
from workstation.api import Core
from workstation.kernel.i18n import _


class NameField(QLineEdit):
    """Shows the name and keeps a changed one when the field is left. Disabled where there is no team."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept = ""
        self.setAccessibleName(_("Your name"))
        self.setMaxLength(60)
        self.setEnabled(False)
        self.editingFinished.connect(self._keep)
        bridge.call(_name, self._on_name, self)

    def _on_name(self, name: str | None) -> None:
        if name is not None:
            self._kept = name
            self.setText(name)
            self.setEnabled(True)

    def _keep(self) -> None:
        wanted = " ".join(self.text().split())
        if not wanted:
            self.setText(self._kept)
        elif wanted != self._kept:
            self._kept = wanted
            self._bridge.call(partial(_rename, wanted), _nothing, self)


async def _name(core: Core) -> str | None:
    if core.team is None:
        return None
    return next((member.name for member in await core.team.members() if member.me), "")


async def _rename(name: str, core: Core) -> None:
    if core.team is not None:
        await core.team.rename(name)


def _nothing(_result: None) -> None:
    """The members' change announces itself."""
