"""Above the messages: what it is about, who writes from where, and what can be done with the whole conversation."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.conversation import words
from ui.conversation.texts import isolated
from ui.shell.actions import Actions
from ui.widgets.labels import ElidedLabel, chip
from workstation.domain import wording
from workstation.domain.conversation import Channel, ConversationState
from workstation.inbox.model import ConversationRow, ConversationView
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import N_, _

CHANNELS = {
    Channel.EMAIL: N_("E-mail"), Channel.AMAZON: "Amazon", Channel.EBAY: "eBay", Channel.SHOPEE: "Shopee",
    Channel.LAZADA: "Lazada", Channel.TIKTOK: "TikTok Shop", Channel.SHOPIFY: "Shopify", Channel.WHATSAPP: "WhatsApp",
    Channel.LINE: "LINE", Channel.MESSENGER: "Messenger", Channel.INSTAGRAM: "Instagram", Channel.PHONE: N_("Phone"),
}
_BUTTONS = (
    "conversation.side_by_side", "conversation.source", "conversation.snooze",
    "conversation.no_response", "conversation.resolve",
)


class Header(QFrame):
    """Subject, customer, channel, store, state; and the actions as buttons with their keys."""

    def __init__(self, actions: Actions, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._clock = clock
        self._subject = ElidedLabel(role="title")
        self._who = ElidedLabel(role="quiet")
        self._state = chip("")
        below = QHBoxLayout()
        below.setSpacing(4)
        below.addWidget(self._who, 1)
        below.addWidget(self._state)
        for name in _BUTTONS:
            below.addWidget(actions.button(name))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 4)
        layout.setSpacing(0)
        layout.addWidget(self._subject)
        layout.addLayout(below)
        self.show_view(None)

    def add_strip(self, strip: QWidget) -> None:
        """Put a line of another part of the window below the buttons; it hides itself while it has nothing to say."""
        layout = self.layout()
        if layout is not None:
            layout.addWidget(strip)

    @property
    def subject(self) -> str:
        return self._subject.full_text.translate(dict.fromkeys(map(ord, "\u200e\u2066\u2068\u2069")))

    def show_view(self, view: ConversationView | None) -> None:
        self.setVisible(view is not None)
        if view:
            self._subject.set_full_text(isolated(view.row.subject) or _("(no subject)"))
            self._who.set_full_text(_summary(view))
            state = _state(view.row, self._clock.now())
            self._state.setText(state)
            self._state.setVisible(bool(state))


def _summary(view: ConversationView) -> str:
    row = view.row
    language = wording.language_name(row.language) if row.language else ""
    address = view.customer.email if view.customer.email != row.who else ""
    parts = (row.who, address, _(CHANNELS[row.channel]), row.store, language, *row.orders[:2])
    return " · ".join(isolated(part) for part in dict.fromkeys(parts) if part)


def _state(row: ConversationRow, now: int) -> str:
    if row.state is ConversationState.RESOLVED:
        return _("resolved")
    if row.state is ConversationState.SNOOZED and row.snoozed_until:
        return _("snoozed until {when}").format(when=words.local_time(row.snoozed_until, now))
    return ""
