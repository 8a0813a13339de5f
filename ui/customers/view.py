"""The customer in the case column: a quiet summary, proposals with their reasons, and earlier conversations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import ElidedButton, WrapLabel, flat_button
from ui.conversation.header import CHANNELS
from ui.conversation.texts import isolated
from ui.customers.presenter import CustomerPresenter, Portrait
from ui.shell.actions import Actions
from ui.widgets.labels import label, plain_tip, rule
from ui.widgets.marks import Mark
from ui.widgets.timetext import number, when
from workstation.customers.model import Contact, Identity, Proposal
from workstation.domain.states import Channel
from workstation.domain.wording import language_name
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _, ngettext

BEFORE = 5
"""Earlier conversations that are listed before somebody asks for more."""


class CustomerSection(QFrame):
    """Draws the presenter's portrait. `opened` carries a conversation to go to."""

    opened = Signal(str)

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self.presenter = CustomerPresenter(bridge, self)
        self._clock = clock or SystemClock()
        self._all = False
        self._title = label(_("Customer"), "title")
        self._lines = QWidget()
        self._inside = QVBoxLayout(self._lines)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._lines)
        layout.addWidget(rule())
        self.setAccessibleName(_("Customer"))
        actions.on("case.customer", self.focus_first)
        self.presenter.changed.connect(self._show)
        self._show()

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        self._all = False
        self.presenter.show(conversation_id)

    @property
    def text(self) -> str:
        """What is shown, a line each, for tests and for a person without a screen."""
        shown = [one for one in self._lines.findChildren(QWidget) if one.isVisibleTo(self._lines)]
        said = [getattr(one, "full_text", "") or getattr(one, "text", str)() for one in shown if hasattr(one, "text")]
        return "\n".join(line for line in said if line)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_first()

    @Slot()
    def focus_first(self) -> None:
        """To the first thing that can be done here."""
        first = next((one for one in a11y.stops([self._lines]) if one.isVisibleTo(self)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show(self) -> None:
        """What was pressed may be gone with this: the focus stays in the section."""
        window = self.window()
        focus = window.focusWidget() if window is not None else None
        inside = focus is not None and self._lines.isAncestorOf(focus)
        self._clear()
        portrait = self.presenter.portrait
        self.setVisible(portrait is not None or bool(self.presenter.problem))
        if self.presenter.problem:
            self._put(WrapLabel(self.presenter.problem, "error"))
        elif portrait is not None:
            self._draw(portrait)
        if inside:
            self.focus_first()

    def _clear(self) -> None:
        while item := self._inside.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()

    def _draw(self, portrait: Portrait) -> None:
        customer = portrait.customer
        self._put(WrapLabel(isolated(customer.name)))
        self._put(WrapLabel(_summary(portrait), "caption"))
        for identity in customer.identities[:6]:
            self._put(WrapLabel(_reached(identity), "caption"))
        for other_id, name in customer.merged:
            self._put(self._merged(other_id, name))
        for proposal in portrait.proposals[:3]:
            self._put(self._proposal(proposal))
        self._history(portrait)

    def _put(self, widget: QWidget, *, left: bool = False) -> None:
        """Shown at once: a layout shows what is added to it only when Qt is next idle, and the focus goes there now."""
        self._inside.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag(0))
        widget.show()

    def _merged(self, other_id: str, name: str) -> QWidget:
        part = flat_button(_("Part"), _("{name} is somebody else: part them again").format(name=name))
        part.clicked.connect(partial(self.presenter.part, other_id))
        return _row(WrapLabel(_("Also {name}").format(name=isolated(name))), part)

    def _proposal(self, proposal: Proposal) -> QWidget:
        box = QFrame()
        box.setProperty("role", "sunken")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(8, 4, 8, 4)
        inside.setSpacing(2)
        name = proposal.other_name or _("Somebody")
        said = _("May be the same person as {name} ({percent} %)").format(
            name=isolated(name), percent=round(100 * proposal.confidence))
        inside.addWidget(_row(Mark("unknown"), WrapLabel(said)))
        reached = ", ".join(identity.value for identity in proposal.other_identities[:2])
        for line in (reached, *(reason.sentence for reason in proposal.reasons)):
            inside.addWidget(WrapLabel(isolated(line), "caption"))
        same = flat_button(
            _("Same person"), _("{name} is the same person: show their history together").format(name=name))
        other = flat_button(
            _("Somebody else"), _("{name} is somebody else: do not propose it again").format(name=name))
        same.clicked.connect(partial(self.presenter.merge, proposal))
        other.clicked.connect(partial(self.presenter.dismiss, proposal))
        buttons = QHBoxLayout()
        buttons.addWidget(same)
        buttons.addWidget(other)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        box.setAccessibleName(" ".join((said, *(reason.sentence for reason in proposal.reasons))))
        return box

    def _history(self, portrait: Portrait) -> None:
        earlier = [one for one in portrait.contacts if one.conversation_id != portrait.conversation_id]
        shown = earlier if self._all else earlier[:BEFORE]
        if not shown:
            self._put(label(_("No other conversation."), "caption"))
        for contact in shown:
            line = ElidedButton()
            line.set_full_text(_contact(contact, self._clock.now()))
            line.setAccessibleName(line.full_text)
            line.setToolTip(plain_tip(line.full_text))
            line.clicked.connect(partial(self.opened.emit, contact.conversation_id))
            self._put(line, left=True)
        if len(shown) < len(earlier) or portrait.cursor is not None:
            more = flat_button(_("Earlier conversations"))
            more.clicked.connect(self._show_more)
            self._put(more, left=True)

    @Slot()
    def _show_more(self) -> None:
        if self._all:
            self.presenter.more()
        else:
            self._all = True
            self._show()
        self.focus_first()


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    inside = QHBoxLayout(row)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(6)
    for widget in widgets:
        inside.addWidget(widget, 1 if isinstance(widget, WrapLabel) else 0)
    return row


def _summary(portrait: Portrait) -> str:
    customer = portrait.customer
    n, orders = customer.conversations, customer.orders
    parts = [
        ngettext("{n} conversation", "{n} conversations", n).format(n=number(n)),
        ngettext("{n} order", "{n} orders", orders).format(n=number(orders)) if orders else "",
        language_name(customer.language) if customer.language else "",
        ", ".join(customer.markets[:3]),
    ]
    return " · ".join(part for part in parts if part)


def _reached(identity: Identity) -> str:
    return " · ".join((_channel(identity.channel), isolated(identity.value)))


def _contact(contact: Contact, now: int) -> str:
    states: dict[str, str] = {"resolved": _("resolved"), "snoozed": _("snoozed")}
    parts: Sequence[str] = (when(contact.last_at, now), _channel(contact.channel),
                            isolated(contact.subject or _("(no subject)")), states.get(contact.state, ""))
    return " · ".join(part for part in parts if part)


def _channel(name: str) -> str:
    return _(CHANNELS[Channel(name)]) if name in set(Channel) else name
