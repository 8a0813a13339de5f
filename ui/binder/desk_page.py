"""The right side of the binder: the desk, the meter, the values, the texts and what the desk takes, one below the
other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui import a11y
from ui.binder.claim_bar import ClaimBar
from ui.binder.desk_bar import DeskBar
from ui.binder.facts import Facts
from ui.binder.meter import Meter
from ui.binder.presenter import BinderPresenter
from ui.binder.scrolling import PageScroll
from ui.binder.texts import Texts
from ui.conversation.buttons import WrapLabel
from ui.widgets.empty import EmptyState
from ui.widgets.labels import label, rule
from workstation.evidence.claims.model import CORRESPONDENCE, Binder, Desk
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _


class DeskPage(QWidget):
    """Follows the presenter. `wanted` carries a Step and a slot's id, `pointed` record ids, `copied` title and text."""

    wanted = Signal(object, str)
    pointed = Signal(object)
    copied = Signal(str, str)

    def __init__(self, presenter: BinderPresenter, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._clock = presenter, clock
        self.bar, self.meter, self.facts, self.texts = DeskBar(), Meter(), Facts(), Texts()
        self.claim = ClaimBar(clock)
        self.limits = _Limits()
        self.empty = EmptyState()
        self.empty.show_state(_("Choose the claims desk: what it wants and what is still missing then stands here."),
                              icon="binder")
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.claim, rule(), self.meter, rule(), self.facts, rule(), self.texts, rule(), self.limits):
            column.addWidget(part)
        self._lay_out()
        self.bar.chosen.connect(self._on_chosen)
        self.meter.wanted.connect(self.wanted)
        self.meter.pointed.connect(self.pointed)
        for part in (self.facts, self.texts):
            part.copied.connect(self.copied)
        self.texts.written.connect(presenter.write)
        self.claim.noted.connect(presenter.claim)
        presenter.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        page = QFrame()
        page.setProperty("role", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self.bar)
        column.addWidget(self.empty, 1)
        column.addWidget(self._inside)
        column.addStretch(1)
        self.scrolled = PageScroll()
        self.scrolled.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.scrolled)

    def _show(self) -> None:
        loaded, binder, desk = self._presenter.loaded, self._presenter.binder, self._presenter.desk
        if loaded is None or binder is None:
            return
        self.bar.show_desks(loaded.desks, binder.desk, binder.reason, loaded.proposed)
        self.bar.show_problems(loaded.problems)
        self.empty.setVisible(desk is None)
        self._inside.setVisible(desk is not None)
        if desk is not None:
            self._show_desk(desk, binder)

    def _show_desk(self, desk: Desk, binder: Binder) -> None:
        before = [len(self.meter.lines), len(self.texts.boxes)]
        letters = any(one.record_id == CORRESPONDENCE and one.included for one in binder.exhibits)
        self.claim.show_binder(binder)
        self.meter.show_marks(binder.marks, letters=letters)
        self.facts.show_facts(binder.facts, self._clock.now())
        self.texts.show_texts(binder.texts, desk.limits.text_characters)
        self.texts.setVisible(bool(binder.texts))
        self.limits.show_desk(desk)
        if before != [len(self.meter.lines), len(self.texts.boxes)]:
            parts = a11y.stops([self.claim, self.meter, self.facts, self.texts])
            a11y.tab_order([self.bar.desks, self.bar.reasons, *parts])

    def keep(self) -> None:
        """Nothing that was written is left behind."""
        self.claim.keep()
        self.texts.keep()

    def _on_chosen(self, desk: str, reason: str) -> None:
        self.keep()
        self._presenter.choose(desk, reason)


class _Limits(QWidget):
    """What the desk takes, a sentence each, unpublished limits included."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = ""
        self._lines = WrapLabel()
        self._notes = WrapLabel(role="quiet")
        self._lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(_("What the desk takes"), "title"))
        column.addWidget(self._lines)
        column.addWidget(self._notes)

    def show_desk(self, desk: Desk) -> None:
        self._lines.setText("\n".join(desk.limit_lines))
        self._notes.setText("\n".join(desk.notes))
        self._notes.setVisible(bool(desk.notes))
