"""An order that stands in a picture and is known here: what is known of it, beside the picture that names it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel
from ui.conversation.pieces import StateLine
from ui.conversation.texts import isolated
from ui.verification import words
from ui.widgets.labels import label
from workstation.api import Core
from workstation.domain.order import Order, Parcel
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

WIDTH = 420
_MOST = 3
"""Stores that have an order of this number: each is shown."""

Found = tuple[tuple[Order, Parcel | None], ...]


class OrderSheet(QDialog):
    """`searched` when its conversations are wanted."""

    searched = Signal()

    def __init__(self, bridge: Bridge, number: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Order {number}").format(number=number))
        self.rows: list[tuple[str, str]] = []
        self.state = StateLine()
        self.conversations = QPushButton(_("Its conversations"))
        self.conversations.setAutoDefault(False)
        self.conversations.clicked.connect(self._on_conversations)
        self._orders = QVBoxLayout()
        self._orders.setSpacing(12)
        close = QPushButton(_("Close"))
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(self.conversations)
        foot.addStretch(1)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(12)
        whole.addWidget(self.state)
        whole.addLayout(self._orders)
        whole.addLayout(foot)
        self.setMinimumWidth(WIDTH)
        a11y.tab_order([self.conversations, close])
        self.state.say("pending", _("Looking for the order…"))
        bridge.call(partial(_find, number), self._on_found, self, self._on_trouble)

    @property
    def text(self) -> str:
        """What it says, a line for each fact."""
        return "\n".join(f"{name}: {value}" for name, value in self.rows)

    def _on_found(self, found: Found) -> None:
        self.state.say("unknown", "" if found else _("This order is not known here any more."))
        for order, parcel in found:
            self._orders.addWidget(self._sheet(order, parcel))
        self.adjustSize()

    def _on_trouble(self, problem: WorkstationError) -> None:
        self.state.say("fail", str(problem))

    def _sheet(self, order: Order, parcel: Parcel | None) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(WrapLabel(isolated(str(order.ref)), "title"), 0, 0, 1, 2)
        facts = [*words.order_facts(order, parcel), *(words.parcel_facts(parcel) if parcel is not None else ()),
                 (_("Source"), order.source)]
        self.rows += facts
        for at, (name, value) in enumerate(facts, 1):
            said = WrapLabel(value)
            said.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
            said.setAccessibleName(f"{name}: {value}")
            grid.addWidget(label(name, "caption"), at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, at, 1)
        return made

    def _on_conversations(self) -> None:
        self.searched.emit()
        self.close()


async def _find(number: str, core: Core) -> Found:
    orders = (await core.orders.find(number))[:_MOST]
    return tuple([(order, await core.orders.parcel(order.ref)) for order in orders])
