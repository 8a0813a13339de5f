"""The right side of the binder: the desk, the meter, the values, the texts and what the desk takes, one below the
other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer, Signal, Slot
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

W = TypeVar("W", bound=QWidget)


class DeskPage(QWidget):
    """Follows the presenter. `wanted` carries a Step and a slot's id, `pointed` record ids, `copied` title and text."""

    wanted = Signal(object, str)
    pointed = Signal(object)
    copied = Signal(str, str)

    def __init__(self, presenter: BinderPresenter, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._clock = presenter, clock
        self._page = page = self._holder()   # each part is where it belongs from the start: what moves is styled anew
        self.bar, self.empty, self._inside = DeskBar(page), EmptyState(page), QWidget(page)
        self.empty.show_state(_("Choose the claims desk: what it wants and what is still missing then stands here."),
                              icon="binder")
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.claim = _below(column, ClaimBar(clock, self._inside))
        self.meter = _below(column, Meter(self._inside), rule())
        self.facts = _below(column, Facts(self._inside), rule())
        self.texts = _below(column, Texts(self._inside), rule())
        self.limits = _below(column, _Limits(self._inside), rule())
        self._filled_for: tuple[str, str] | None = None
        self._steps: deque[Callable[[], None]] = deque()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._next_step)
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

    def _holder(self) -> QFrame:
        """The page that scrolls."""
        self.scrolled = PageScroll(self)
        page = QFrame(self.scrolled)
        page.setProperty("role", "page")
        self.scrolled.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.scrolled)
        return page

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self.bar)
        column.addWidget(self.empty, 1)
        column.addWidget(self._inside)
        column.addStretch(1)

    def _show(self) -> None:
        loaded, binder, desk = self._presenter.loaded, self._presenter.binder, self._presenter.desk
        if loaded is None or binder is None:
            return
        self.bar.show_desks(loaded.desks, binder.desk, binder.reason, loaded.proposed)
        self.bar.show_problems(loaded.problems)
        self.empty.setVisible(desk is None)
        self._inside.setVisible(desk is not None)
        if desk is not None:
            self._show_desk(binder)

    def _show_desk(self, binder: Binder) -> None:
        """The same desk in place at once. Another one's parts are built one after the other, with time for keys and
        for the list of exhibits between them: all together they take longer than a person's key."""
        parts = (self._show_claim, self._show_meter, self._show_facts, self._show_texts, self._show_limits)
        self._steps.clear()
        if self._filled_for == (binder.desk, binder.reason):
            for part in parts:
                part()
        else:
            self._steps.extend((*parts, self._whole))
            self._soon.start()

    @property
    def filled(self) -> bool:
        """Every part is there."""
        return not self._steps

    @Slot()
    def _next_step(self) -> None:
        if self._steps and self._presenter.desk is not None:
            self._steps[0]()
            self._steps.popleft()
        if self._steps:
            self._soon.start()

    def _whole(self) -> None:
        binder = self._presenter.binder
        self._filled_for = (binder.desk, binder.reason) if binder is not None else None
        parts = a11y.stops([self.claim, self.meter, self.facts, self.texts])
        a11y.tab_order([self.bar.desks, self.bar.reasons, *parts])

    def _show_claim(self) -> None:
        if self._presenter.binder is not None:
            self.claim.show_binder(self._presenter.binder)

    def _show_meter(self) -> None:
        binder = self._presenter.binder
        if binder is not None:
            letters = any(one.record_id == CORRESPONDENCE and one.included for one in binder.exhibits)
            self.meter.show_marks(binder.marks, letters=letters)

    def _show_facts(self) -> None:
        if self._presenter.binder is not None:
            self.facts.show_facts(self._presenter.binder.facts, self._clock.now())

    def _show_texts(self) -> None:
        binder, desk = self._presenter.binder, self._presenter.desk
        if binder is not None and desk is not None:
            self.texts.show_texts(binder.texts, desk.limits.text_characters)
            self.texts.setVisible(bool(binder.texts))

    def _show_limits(self) -> None:
        if self._presenter.desk is not None:
            self.limits.show_desk(self._presenter.desk)

    def keep(self) -> None:
        """Nothing that was written is left behind."""
        self.claim.keep()
        self.texts.keep()

    def _on_chosen(self, desk: str, reason: str) -> None:
        self.keep()
        self._presenter.choose(desk, reason)


def _below(column: QVBoxLayout, part: W, line: QWidget | None = None) -> W:
    """Put a part at the end, below a line."""
    if line is not None:
        column.addWidget(line)
    column.addWidget(part)
    return part


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
