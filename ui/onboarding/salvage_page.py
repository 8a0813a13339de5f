"""A damaged home: everything that can still be read of it becomes a new one in its place."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.onboarding.rescue_page import RescuePage
from ui.onboarding.secret_field import SecretField
from ui.widgets.labels import ElidedLabel
from workstation.kernel.errors import PassphraseNeeded, WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.onboarding.background import Background
    from ui.onboarding.door import Door


class SalvagePage(RescuePage):
    """`root` is the damaged home. Its passphrase is asked for when it has one."""

    def __init__(self, door: Door, background: Background, root: Path) -> None:
        super().__init__(
            background, _("Save what can be read"), _(
                "Everything that can still be read is copied into a new home, which takes the place of this one and is "
                "opened as this one is. The damaged one is renamed and kept as it is, for whoever can read more of it. "
                "What is lost is said; where a backup has more, restore that instead."), _("&Save what can be read"))
        self._door, self._root = door, root
        self.secret = SecretField(_("Passphrase"))
        self.secret.hide()
        place = ElidedLabel(str(root), "caption", mode=Qt.TextElideMode.ElideMiddle)
        place.setAccessibleDescription(_("Folder"))
        column = QVBoxLayout(self.fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(place)
        column.addWidget(self.secret)

    def focus(self) -> None:
        first: QWidget = self.secret if self.secret.isVisible() else self.go_button
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def begin(self) -> None:
        self.run(_("Copying what can be read"), partial(self._door.salvage, self._root, self.secret.text))

    def refused(self, problem: WorkstationError) -> None:
        if isinstance(problem, PassphraseNeeded) and self.secret.isHidden():
            self.secret.show()
            self.said.say(_("Type the passphrase that opens it."), "pending")
            self.focus()
        else:
            super().refused(problem)
