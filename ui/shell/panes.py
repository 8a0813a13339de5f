"""The conversation and the case beside the list. They are filled after the first paint: the list comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.shell.actions import Actions
from ui.widgets.empty import EmptyState
from ui.widgets.splitter import Splitter
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from ui.composer.view import Composer
    from ui.conversation.view import ConversationView
    from ui.customers.view import CustomerSection
    from ui.playbooks.view import PlaybookSection
    from ui.team.presenter import TeamPresenter
    from ui.triage.presenter import TriagePresenter
    from ui.verification.view import CasePanel


ROWS = [520, 280]
"""Heights of what is read and what is written, until a person moves the line between them; most of a day is reading."""


class Middle(QWidget):
    """Conversation above, composer below; before anything is opened one quiet sentence."""

    conversation: ConversationView
    composer: Composer
    team: TeamPresenter
    triage: TriagePresenter
    language_wanted = Signal()

    def __init__(
        self, bridge: Bridge, actions: Actions, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._actions, self._settings = bridge, actions, settings
        self.setAccessibleName(_("Conversation"))
        self.empty = EmptyState(icon_now=False)
        self.split = Splitter(Qt.Orientation.Vertical)
        self.split.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)
        layout.addWidget(self.empty)
        self.empty.show_state(
            _("Choose a conversation: {down} and {up} walk through the list.").format(
                down=actions.hint("list.next"), up=actions.hint("list.previous")), icon="mail")

    def fill(self) -> None:
        """Build the two panes."""
        from ui.composer.dropping import FileDrop
        from ui.composer.view import Composer
        from ui.conversation.view import ConversationView
        from ui.team.presenter import TeamPresenter
        from ui.team.strip import PresenceStrip
        from ui.triage.presenter import TriagePresenter
        from ui.triage.strip import TriageStrip

        self.conversation = ConversationView(self._bridge, self._actions, settings=self._settings)
        self.composer = Composer(self._bridge, self._actions)
        self.team = TeamPresenter(self._bridge, self)
        self.composer.presenter.typed.connect(self.team.typed)
        self.conversation.header.add_strip(PresenceStrip(self.team))
        self.triage = TriagePresenter(self._bridge, self)
        self.conversation.header.add_strip(TriageStrip(self.triage, self._actions))
        self.split.addWidget(self.conversation)
        self.split.addWidget(self.composer)
        drop = FileDrop(self.conversation)
        drop.files.connect(self.composer.add_files)
        drop.hovering.connect(self.composer.show_dropping)
        self.composer.left.connect(self._to_conversation)
        self.composer.language_wanted.connect(self.language_wanted)
        self.conversation.language_wanted.connect(self.language_wanted)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes(ROWS)
        self.empty.draw_icon()
        self.show_conversation(None)

    def _to_conversation(self) -> None:
        self.conversation.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_conversation(self, conversation_id: str | None, message_id: str = "") -> None:
        """Open a conversation, or none; at a message when one is named."""
        self.split.setVisible(conversation_id is not None)
        self.empty.setVisible(conversation_id is None)
        self.conversation.show_conversation(conversation_id, message_id)
        self.composer.show_conversation(conversation_id)
        self.triage.show(conversation_id)
        self.team.show(conversation_id)


class Case(QWidget):
    """The right column."""

    panel: CasePanel
    customer: CustomerSection
    playbook: PlaybookSection
    opened = Signal(str)
    """Another conversation of the customer is to be shown."""

    def __init__(self, bridge: Bridge, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._actions = bridge, actions
        self.setAccessibleName(_("Case"))
        self.empty = EmptyState(icon_now=False)
        self.empty.show_state(_("What is known of the order, the parcel and the buyer stands here."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.empty)

    def fill(self) -> None:
        """Build the panel."""
        from ui.customers.view import CustomerSection
        from ui.playbooks.view import PlaybookSection
        from ui.verification.view import CasePanel

        self.panel = CasePanel(self._bridge, self._actions)
        self.customer = CustomerSection(self._bridge, self._actions)
        self.customer.opened.connect(self.opened)
        self.playbook = PlaybookSection(self._bridge, self._actions)
        self.panel.add_section(self.playbook, below_checks=True)
        self.panel.add_section(self.customer)
        own_layout = self.layout()
        if own_layout is not None:
            own_layout.addWidget(self.panel)
        self.show_conversation(None)

    def show_conversation(self, conversation_id: str | None) -> None:
        self.empty.setVisible(conversation_id is None)
        self.panel.setVisible(conversation_id is not None)
        self.panel.show_conversation(conversation_id)
        self.playbook.show_conversation(conversation_id)
        self.customer.show_conversation(conversation_id)
