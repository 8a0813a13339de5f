"""Which claims desk and reason the case is looked at through, and how long that desk waits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ui.conversation.buttons import WrapLabel
from ui.conversation.pieces import StateLine
from ui.widgets.choice import Choice
from ui.widgets.labels import label
from workstation.evidence.claims.model import Desk
from workstation.kernel.i18n import _


class DeskBar(QWidget):
    """`chosen` carries a desk's and a reason's id; the reason is "" when only the desk was chosen."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desks, self.reasons = Choice(_("Claims desk")), Choice(_("Reason"))
        self._clock = WrapLabel()
        self._proposed = WrapLabel(role="caption")
        self.unread = StateLine()
        self._listed: tuple[Desk, ...] = ()
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, box in ((_("Claims desk"), self.desks), (_("Reason"), self.reasons)):
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label(name, "caption"))
            column.addWidget(box)
            row.addLayout(column, 1)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(row)
        whole.addWidget(self._clock)
        whole.addWidget(self._proposed)
        whole.addWidget(self.unread)
        self.desks.activated.connect(self._on_desk)
        self.reasons.activated.connect(self._on_reason)

    @property
    def clock(self) -> str:
        return self._clock.text()

    def show_desks(self, desks: Sequence[Desk], desk: str, reason: str, proposed: bool) -> None:
        """Every desk, with the one that is looked through; `proposed`: nobody chose it yet."""
        if tuple(desks) != self._listed:
            self._listed = tuple(desks)
            self._fill(self.desks, [("", _("Choose a desk…")), *((one.id, one.title) for one in desks)])
        self._mark(self.desks, desk)
        found = next((one for one in desks if one.id == desk), None)
        reasons = [(one.id, one.title) for one in found.reasons] if found is not None else []
        if [self.reasons.itemData(at) for at in range(self.reasons.count())] != [one for one, _title in reasons]:
            self._fill(self.reasons, reasons)
        self._mark(self.reasons, reason)
        self.reasons.setEnabled(bool(reasons))
        self._clock.setText(_("Clock: {clock}").format(clock=found.clock) if found is not None else "")
        self._clock.setVisible(found is not None)
        self._proposed.setText(_("Proposed from the channel and what the buyer writes about; choose what it really is.")
                               if proposed else "")
        self._proposed.setVisible(proposed)

    def show_problems(self, problems: Sequence[str]) -> None:
        """Desks of one's own that could not be read, each with its file and what to do."""
        self.unread.say("warn", "\n".join(problems))

    def _fill(self, box: Choice, items: Sequence[tuple[str, str]]) -> None:
        box.clear()
        for name, title in items:
            box.addItem(title, name)

    def _mark(self, box: Choice, name: str) -> None:
        at = box.findData(name)
        if at >= 0 and at != box.currentIndex():
            box.setCurrentIndex(at)

    def _on_desk(self, at: int) -> None:
        desk = self.desks.itemData(at)
        if desk:
            self.chosen.emit(str(desk), "")

    def _on_reason(self, at: int) -> None:
        self.chosen.emit(str(self.desks.currentData()), str(self.reasons.itemData(at)))
