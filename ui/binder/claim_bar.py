"""When the claim came in, what the desk calls it, and how many days are left to answer.

All by keyboard: T is today, the arrows go a day on and back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import days
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.pieces import StateLine
from ui.widgets.labels import label
from workstation.evidence.claims.model import Binder, Claim
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _


class DateField(QLineEdit):
    """A day as 2026-11-20. `left` when it is gone from, or Enter is pressed."""

    left = Signal()

    def __init__(self, name: str, today: Callable[[], date], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today = today
        self.setAccessibleName(name)
        self.setAccessibleDescription(_("A date such as 2026-11-20; T is today, the arrows go a day on and back."))
        self.setPlaceholderText(_("YYYY-MM-DD"))
        self.setToolTip(self.accessibleDescription())
        self.setMaxLength(40)
        self.returnPressed.connect(self.left)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if plain and event.key() == Qt.Key.Key_T:
            self.setText(self._today().isoformat())
        elif plain and step is not None:
            self.setText(((days.parsed(self.text()) or self._today()) + timedelta(days=step)).isoformat())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class ClaimBar(QWidget):
    """`noted` carries the Claim as a person wrote it."""

    noted = Signal(object)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._known = Claim()
        self._place = "", ""
        today = self._today
        self.opened = DateField(_("Claim opened on"), today)
        self.reference = QLineEdit()
        self.reference.setAccessibleName(_("Claim reference"))
        self.reference.setMaxLength(100)
        self.due = DateField(_("Answer by, as the desk says"), today)
        self.today_button = flat_button(_("Today"), _("The claim was opened today (T in the field)"))
        self.line = StateLine()
        self._kept = WrapLabel(_("The claim's dates, the order and the captions are kept on this computer."), "caption")
        self._lay_out()
        for field in (self.opened, self.due):
            field.left.connect(self.keep)
        self.reference.editingFinished.connect(self.keep)
        self.today_button.clicked.connect(self._on_today)

    def show_binder(self, binder: Binder) -> None:
        """As the core has it; what is being written is not written over."""
        place = binder.case_id, binder.desk
        if binder.claim != self._known or place != self._place:
            for field, known, new in zip(self._fields, _values(self._known), _values(binder.claim), strict=True):
                if place != self._place or field.text().strip() == known or not field.hasFocus():
                    field.setText(new)
        self._known, self._place = binder.claim, place
        self._say(binder)

    def keep(self) -> None:
        """Hand on what was written, if it is anything else. What is no date stays where it is, and is said."""
        wrong = [field for field in (self.opened, self.due) if field.text().strip() and not days.parsed(field.text())]
        if wrong:
            self.line.say("fail", _("{text} is not a date; write it as 2026-11-20.").format(text=wrong[0].text()[:40]))
            return
        told = Claim(days.iso(self.opened.text()), " ".join(self.reference.text().split()), days.iso(self.due.text()))
        if told != self._known:
            self._known = told
            self.noted.emit(told)

    @property
    def _fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        return self.opened, self.reference, self.due

    def _today(self) -> date:
        return days.local(self._clock.now())

    def _say(self, binder: Binder) -> None:
        if not binder.deadlines:
            self.line.say("unknown", _("Say when the claim was opened, and it is reckoned by when to answer.")
                          if not binder.claim.opened_on else _("This desk has no clock of its own; write its date."))
            return
        self.line.say(*days.left(binder.deadlines[0], self._today()))

    def _on_today(self) -> None:
        self.opened.setText(self._today().isoformat())
        self.keep()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        opened = QHBoxLayout()
        opened.setSpacing(2)
        opened.addWidget(self.opened, 1)
        opened.addWidget(self.today_button)
        names = (_("Claim opened on"), _("Claim reference"), _("Desk's own date"))
        for column, name in enumerate(names):
            grid.addWidget(label(name, "caption"), 0, column)
            grid.setColumnStretch(column, 1)
        grid.addLayout(opened, 1, 0)
        grid.addWidget(self.reference, 1, 1)
        grid.addWidget(self.due, 1, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addWidget(self.line)
        whole.addWidget(self._kept)
        a11y.tab_order([self.opened, self.today_button, self.reference, self.due])


def _values(claim: Claim) -> tuple[str, str, str]:
    return claim.opened_on, claim.reference, claim.due_on
