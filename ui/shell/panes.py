"""The three panes beside the list, each told which conversation is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.composer.view import Composer
from ui.conversation.view import ConversationView
from ui.shell.actions import Actions
from ui.verification.view import CasePanel
from ui.widgets.empty import EmptyState
from ui.widgets.splitter import Splitter
from workstation.kernel.i18n import _


class Middle(QWidget):
    """Conversation above, composer below; before anything is opened one quiet sentence."""

    def __init__(self, bridge: Bridge, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.conversation = ConversationView(bridge, actions)
        self.composer = Composer(bridge, actions)
        self.empty = EmptyState()
        self.split = Splitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.conversation)
        self.split.addWidget(self.composer)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([600, 250])
        self.setAccessibleName(_("Conversation"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.split)
        layout.addWidget(self.empty)
        self.empty.show_state(
            _("Choose a conversation: {down} and {up} walk through the list.").format(
                down=actions.hint("list.next"), up=actions.hint("list.previous")), icon="mail")
        self.show_conversation(None)

    def show_conversation(self, conversation_id: str | None) -> None:
        """Open a conversation, or none."""
        self.split.setVisible(conversation_id is not None)
        self.empty.setVisible(conversation_id is None)
        self.conversation.show_conversation(conversation_id)
        self.composer.show_conversation(conversation_id)


def case_pane(bridge: Bridge, actions: Actions) -> CasePanel:
    """The right column."""
    return CasePanel(bridge, actions)
