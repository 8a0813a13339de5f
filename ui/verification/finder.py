"""When no order was found, or the wrong one: type its number, choose among what answers to it, and link it by hand."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.conversation.buttons import ElidedButton, WrapLabel
from ui.conversation.words import day
from workstation.domain.order import Order
from workstation.domain.wording import money
from workstation.kernel.i18n import _


class OrderFinder(QWidget):
    """A field, a button, and the orders that were found."""

    wanted = Signal(str)
    chosen = Signal(object)
    """An OrderRef."""
    left = Signal()
    """Escape: the order stays as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = WrapLabel(role="quiet")
        self.ask_for(linked=False)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Order number"))
        self.field.setAccessibleName(_("Order number to link"))
        self._button = QPushButton(_("Find"))
        self._button.setAccessibleName(_("Find this order"))
        self._answer = WrapLabel(role="quiet")
        self._found = QVBoxLayout()
        self.field.returnPressed.connect(self._on_find)
        self._button.clicked.connect(self._on_find)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._sentence)
        layout.addLayout(row)
        layout.addWidget(self._answer)
        layout.addLayout(self._found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the field has no use for comes here."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @property
    def answer(self) -> str:
        return self._answer.text()

    def ask_for(self, linked: bool) -> None:
        """Say what is looked for: an order at all, or another than the one that is `linked`."""
        none, other = _("No order is linked to this conversation."), _("Which order is it about?")
        self._sentence.setText(other if linked else none)

    def clear(self) -> None:
        self.field.clear()
        self.show_found(None)

    def show_found(self, orders: tuple[Order, ...] | None) -> None:
        """What answers to the number; None: nothing was asked."""
        while item := self._found.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        nothing = _("No order has this number. Import its order report, or check the number.")
        self._answer.setText(nothing if orders == () else "")
        self._answer.setVisible(orders == ())
        for order in orders or ():
            text = _("Link {ref}").format(ref=order.ref)
            parts = (order.buyer_name, money(order.total) if order.total else "", day(order.placed_at))
            about = " · ".join(part for part in parts if part)
            button = ElidedButton()
            button.set_full_text(f"{text}  {about}")
            button.setAccessibleName(f"{text}, {about}")
            button.setToolTip(f"{text}\n{about}")
            button.clicked.connect(partial(self.chosen.emit, order.ref))
            self._found.addWidget(button)

    def _on_find(self) -> None:
        self.wanted.emit(self.field.text())
