"""Who works at which computer, in the settings: a person's own devices first, an owner sees everybody's.

A device is somebody's because of an invite, never because it says so: here a person makes one for another device of
their own, an owner one for a colleague. Beside it stands the key of the hub's log, for two people to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge
from ui.widgets import timetext
from ui.widgets.choice import Choice
from ui.widgets.labels import label, plain_tip, set_role
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import N_, _

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.sync.model import SyncStatus
    from workstation.team.model import Team, TeamDevice

ROLES = {"agent": N_("Agent"), "supervisor": N_("Supervisor"), "operations": N_("Operations"), "owner": N_("Owner")}
_TRUST = {
    "invite": N_("named by the invite"), "person": N_("a person went on with it"),
    "first_sight": N_("trusted at first sight: no invite named it"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows; `team` is None where there is nobody to ask."""

    team: Team | None
    status: SyncStatus


class DevicesPage(QWidget):
    """A page of the settings."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.tree = QTreeWidget()
        self.mine_button = QPushButton(_("Another device of mine…"))
        self.colleague_button = QPushButton(_("Invite a colleague…"))
        self.role = Choice(_("Role of the colleague"))
        for role, said in ROLES.items():
            self.role.addItem(_(said), role)
        self.box, self.invite, self.copy_button = QFrame(), QLineEdit(), QPushButton(_("Copy"))
        self.about = label(role="quiet", wrap=True)
        self.key = label(role="quiet", wrap=True)
        self.message = label(role="quiet", wrap=True)
        self._lay_out()
        self.mine_button.clicked.connect(self._invite_mine)
        self.colleague_button.clicked.connect(self._invite_colleague)
        self.copy_button.clicked.connect(self._copy)
        bridge.members_changed.connect(self.refresh)
        self._allow(None)
        self.refresh()

    @property
    def text(self) -> str:
        """The devices, a line each."""
        items = [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        columns = range(self.tree.columnCount())
        return "\n".join(" | ".join(item.text(column) for column in columns) for item in items if item is not None)

    def refresh(self, _event: object = None) -> None:
        self._bridge.call(_find, self._on_found, self, self._on_problem, replaces="team devices")

    def _lay_out(self) -> None:
        self.tree.setHeaderLabels([_("Person"), _("Computer"), _("Role"), _("Let in")])
        self.tree.setAccessibleName(_("Devices of the team"))
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        said = _("What is assigned to a person is theirs at each of their devices, and their saved views are there, "
                 "too. Drafts stay at the device. A device becomes somebody's by an invite and by nothing else.")
        layout.addWidget(label(said, "quiet", wrap=True))
        layout.addWidget(self.tree, 1)
        buttons = QHBoxLayout()
        for one in (self.mine_button, self.colleague_button):
            one.setAutoDefault(False)
            buttons.addWidget(one)
        buttons.addWidget(self.role)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        layout.addWidget(self._invite_box())
        layout.addWidget(self.key)
        layout.addWidget(self.message)

    def _invite_box(self) -> QFrame:
        self.box.setProperty("role", "sunken")
        self.invite.setReadOnly(True)
        self.invite.setAccessibleName(_("Invite"))
        self.copy_button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.invite, 1)
        row.addWidget(self.copy_button)
        inside = QVBoxLayout(self.box)
        inside.addWidget(self.about)
        inside.addLayout(row)
        self.box.hide()
        return self.box

    def _allow(self, team: Team | None) -> None:
        self.mine_button.setEnabled(team is not None)
        for one in (self.colleague_button, self.role):
            one.setVisible(team is not None and team.owner)

    def _on_found(self, found: Found) -> None:
        self.tree.clear()
        for one in found.team.devices if found.team else ():
            item = QTreeWidgetItem(self.tree, [_person(one), _computer(one), _role(one), timetext.day(one.enrolled_at)])
            item.setToolTip(1, plain_tip(one.id))
        self._allow(found.team)
        self.key.setText(_key(found.status))
        if found.team is None:
            self._say(_("Without a hub there is this one device."), wrong=False)
        elif self.message.property("role") == "error" or not self.box.isVisible():
            self._say("", wrong=False)

    def _on_problem(self, problem: WorkstationError) -> None:
        self._say(str(problem), wrong=True)

    def _invite_mine(self) -> None:
        self._bridge.call(partial(_invite, ""), partial(self._on_invite, ""), self, self._on_problem)

    def _invite_colleague(self) -> None:
        role = str(self.role.currentData())
        self._bridge.call(partial(_invite, role), partial(self._on_invite, role), self, self._on_problem)

    def _on_invite(self, role: str, invite: str) -> None:
        self._say("", wrong=False)
        self.invite.setText(invite)
        self.invite.setCursorPosition(0)
        self.about.setText(
            _("For a colleague's computer ({role}). Paste it there at File, Connect to a hub. It works once, for seven "
              "days.").format(role=_(ROLES[role])) if role else
            _("For another computer of yours. Paste it there at File, Connect to a hub. It works once, for an hour; "
              "whoever has it becomes you."))
        self.box.show()
        self.copy_button.setFocus()
        a11y.announce(self.box, self.about.text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.invite.text())
        self._say(_("The invite was copied."), wrong=False)

    def _say(self, text: str, *, wrong: bool) -> None:
        set_role(self.message, "error" if wrong else "quiet")
        self.message.setText(text)
        self.message.setVisible(bool(text))
        if text:
            a11y.announce(self.message, text)


def _person(one: TeamDevice) -> str:
    return _("{name} (you)").format(name=one.member) if one.mine else one.member


def _computer(one: TeamDevice) -> str:
    return _("{name} (this one)").format(name=one.name) if one.here else one.name


def _role(one: TeamDevice) -> str:
    if one.revoked:
        return _("shut out")
    return _(ROLES[one.role]) if one.role in ROLES else one.role


def _key(status: SyncStatus) -> str:
    if not status.log_key:
        return ""
    groups = " ".join(status.log_key[at:at + 4] for at in range(0, len(status.log_key), 4))
    return _("Key of the hub's log (SHA-256), {trust}: {key}").format(
        trust=_(_TRUST.get(status.log_trust, "")) if status.log_trust in _TRUST else status.log_trust, key=groups)


async def _find(core: Core) -> Found:
    status = await core.sync.status()
    return Found(await core.team.devices() if core.team is not None and status.connected else None, status)


async def _invite(role: str, core: Core) -> str:
    return await core.team.invite(role) if core.team is not None else ""
