"""The case column: which order, how its checks stand, the facts behind them, and the proof that was kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.windows import TextWindow
from ui.evidence.view import EvidenceStrip
from ui.shell.actions import Actions
from ui.verification import words
from ui.verification.check_row import CheckRow
from ui.verification.counts import Counts
from ui.verification.finder import OrderFinder
from ui.verification.presenter import Case, CasePresenter
from ui.widgets.choice import Choice
from ui.widgets.labels import label, rule
from ui.widgets.progress import PATIENCE_MS, ProgressLine
from workstation.domain.order import OrderRef
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.i18n import _
from workstation.verification.model import RawAnswer

MARGIN = 24
"""Pixels that are seen above and below what has the focus."""


class CasePanel(QWidget):
    """Checks, order, parcel and evidence of one conversation."""

    def __init__(
        self, bridge: Bridge, actions: Actions, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self.presenter = CasePresenter(bridge, self)
        self.evidence = EvidenceStrip(bridge, actions)
        self.answer: TextWindow | None = None
        self._clock = clock or SystemClock()
        self._title = WrapLabel(role="title")
        self._reason = WrapLabel(role="caption")
        self._orders = Choice(_("Order"))
        self.other_button = flat_button(_("Other order…"), _("Link another order to this conversation"))
        self.asking = label(_("asking…"), "caption")
        self.asking.hide()
        self._settled = QTimer(self, singleShot=True, interval=0)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self.counts = Counts()
        self.finder = OrderFinder()
        self._problem = WrapLabel(role="error")
        self._progress = ProgressLine(cancellable=False)
        self._checks = QWidget()
        self._rows = QVBoxLayout(self._checks)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._facts = QGridLayout()
        self.rows: list[CheckRow] = []
        self._shown: Case | None = None
        self._linked: OrderRef | None = None
        self._lay_out(actions)
        self._wire(actions)
        self._show()

    def show_conversation(self, conversation_id: str | None) -> None:
        """Turn to a conversation, or to none."""
        self.finder.clear()
        self.presenter.show(conversation_id)
        self.evidence.show_conversation(conversation_id)

    def add_section(self, section: QWidget, *, below_checks: bool = False) -> None:
        """Put a part of another feature between the facts and the evidence, or right below the checks; it hides itself
        while it has nothing. Tab goes to those below the checks first, then to the others, as one reads."""
        (self._close if below_checks else self._sections).addWidget(section)
        parts = [layout.itemAt(at) for layout in (self._close, self._sections) for at in range(layout.count())]
        placed = [part for item in parts if item is not None and (part := item.widget()) is not None]
        a11y.tab_order(a11y.stops([*placed, self.evidence]))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The focus goes on to the first check."""
        super().focusInEvent(event)
        self.focus_checks()

    @Slot()
    def focus_checks(self) -> None:
        """To the first check that is not passed, or to the first."""
        troubled = [row for row in self.rows if row.check.verdict.value != "pass"]
        first = next(iter([*troubled, *self.rows]), None)
        (first.head if first else self.finder.field).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def show_raw(self) -> None:
        """Open the focused check, and once it is open its raw answer."""
        row = self._focused()
        if row and row.head.isChecked() and row.check.answer_id:
            self.presenter.read_answer(row.check.answer_id)
        elif row:
            row.open_details()

    @Slot()
    def show_why(self) -> None:
        """Open or fold the focused check."""
        if row := self._focused():
            row.open_details(not row.head.isChecked())

    @Slot()
    def find_other(self) -> None:
        """The linked order is the wrong one: look for the right one by its number. Once more, it stays as it is."""
        if self.other_button.isVisible() and not self.finder.isHidden():
            self.finder.hide()
            self.other_button.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.presenter.case:
            if self._linked:
                self.finder.clear()
            self.finder.show()
            self.finder.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _leave_finder(self) -> None:
        """The keys go back to the checks; without a linked order the field stays where it is."""
        first = self.rows[0].head if self.rows else self.other_button
        first.setFocus(Qt.FocusReason.OtherFocusReason)   # before it hides, or Qt goes far down
        if self._linked:
            self.finder.hide()

    def _focused(self) -> CheckRow | None:
        focus = self.focusWidget()
        return next((row for row in self.rows if focus is not None and row.isAncestorOf(focus)), None)

    def _lay_out(self, actions: Actions) -> None:
        self._orders.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._orders.setMinimumContentsLength(8)
        head = QHBoxLayout()
        head.addWidget(label(_("Checks"), "title"))
        head.addStretch(1)
        head.addWidget(self.asking)
        head.addWidget(self.counts)
        head.addWidget(actions.button("case.refresh"))
        page = self._page = QFrame()
        page.setProperty("role", "page")
        inside = QVBoxLayout(page)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.setSpacing(4)
        inside.addLayout(head)
        inside.addWidget(self._progress)
        linked = QHBoxLayout()
        linked.addWidget(self._reason, 1)
        linked.addWidget(self.other_button, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        inside.addWidget(self._title)
        inside.addWidget(self._orders)
        inside.addLayout(linked)
        inside.addWidget(self._problem)
        inside.addWidget(self.finder)
        self._rows.setSpacing(0)
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(8)
        self._facts.setVerticalSpacing(2)
        self._facts.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self._checks)
        self._close = QVBoxLayout()
        inside.addLayout(self._close)
        self._rule = rule()
        inside.addWidget(self._rule)
        inside.addLayout(self._facts)
        inside.addWidget(rule())
        self._sections = QVBoxLayout()
        inside.addLayout(self._sections)
        inside.addWidget(self.evidence)
        inside.addStretch(1)
        self._scroll(page)

    def _scroll(self, page: QWidget) -> None:
        self._area = scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    @Slot(QWidget, QWidget)
    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Qt scrolls to what Tab reaches; a key that goes to the customer, the playbook or the evidence is to show it
        as well."""
        if now is not None and self._page.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, MARGIN)

    def _wire(self, actions: Actions) -> None:
        self._settled.timeout.connect(self._on_settled)
        self.presenter.changed.connect(self._show)
        self.presenter.answer_read.connect(self._on_answer)
        self.presenter.found.connect(self.finder.show_found)
        self.finder.wanted.connect(self.presenter.find)
        self.finder.left.connect(self._leave_finder)
        self.finder.chosen.connect(self._on_chosen)
        self._orders.activated.connect(self._on_order)
        self.other_button.clicked.connect(self.find_other)
        self._patience.timeout.connect(self.asking.show)
        actions.on("case.refresh", self.presenter.refresh)
        actions.on("case.focus", self.focus_checks)
        actions.on("case.raw", self.show_raw)
        actions.on("case.why", self.show_why)
        actions.on("case.other", self.find_other)
        actions.scope("case", self._checks)

    def _show(self) -> None:
        presenter, case = self.presenter, self.presenter.case
        self._problem.setText(presenter.problem)
        self._problem.setVisible(bool(presenter.problem))
        if presenter.refreshing:
            self._progress.start(_("Asking the sources…"))
        else:
            self._progress.stop()
        self._show_asking(presenter.freshening and not presenter.refreshing)
        if case is None or case != self._shown:
            self._shown = case
            self._show_case(case)

    def _on_settled(self) -> None:
        self._page.setUpdatesEnabled(True)

    def _show_asking(self, asking: bool) -> None:
        if not asking:
            self._patience.stop()
            self.asking.hide()
        elif self.asking.isHidden() and not self._patience.isActive():
            self._patience.start()

    def _show_case(self, case: Case | None) -> None:
        panel = case.panel if case else None
        linked = bool(panel and panel.order)
        same = bool(linked and panel and panel.order == self._linked)
        self._linked = panel.order if panel else None
        self._title.setText(panel.title if panel else "")
        self._title.setVisible(bool(panel and panel.title))
        reason = panel.reason if panel and linked else ""
        self._reason.setText(_("Linked: {reason}").format(reason=reason))
        self._reason.setVisible(bool(reason))
        self.other_button.setVisible(linked)
        self.finder.ask_for(linked)
        self.finder.setVisible(case is not None and (not linked or (same and not self.finder.isHidden())))
        self.counts.show_panel(panel)
        self._fill_orders(case)
        self._fill_rows(case)
        self._fill_facts(case)
        self._page.setUpdatesEnabled(False)  # until each part has its place: what is half laid out is not painted
        self._settled.start()

    def _fill_orders(self, case: Case | None) -> None:
        self._orders.clear()
        refs = (case.panel.order, *case.panel.others) if case and case.panel.order else ()
        for ref in refs:
            self._orders.addItem(str(ref), ref)
        self._orders.setVisible(len(refs) > 1)

    def _fill_rows(self, case: Case | None) -> None:
        focused = self._focused()
        keep = focused.check.id if focused else ""
        opened = {row.check.id for row in self.rows if row.head.isChecked()} if case else set()
        for row in self.rows:
            self._rows.removeWidget(row)
            row.hide()  # now: what is deleted later would be painted once more, under what took its place
            row.deleteLater()
        self.rows = []
        for check in case.panel.checks if case else ():
            row = CheckRow(check, self._clock.now(), words.is_simulated(check.source, self.presenter.simulated))
            row.raw.connect(self.presenter.read_answer)
            row.open_details(check.id in opened)
            self.rows.append(row)
            self._rows.addWidget(row)
            row.show()  # at once: a layout shows what is added to it only when Qt is next idle
            if check.id == keep:
                row.head.setFocus(Qt.FocusReason.OtherFocusReason)
        a11y.tab_order([self.other_button, *a11y.stops(self.rows)])

    def _fill_facts(self, case: Case | None) -> None:
        while item := self._facts.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        facts = words.order_facts(case.order, case.parcel) if case and case.order else []
        facts += words.parcel_facts(case.parcel) if case and case.parcel else []
        self._rule.setVisible(bool(facts))
        for at, (name, value) in enumerate(facts):
            said = WrapLabel(value)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(label(name, "caption"), at, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(said, at, 1)

    def _on_order(self, at: int) -> None:
        self.presenter.choose(self._orders.itemData(at))

    def _on_chosen(self, order: OrderRef) -> None:
        self.finder.setVisible(self._linked is None)
        self.presenter.link(order)

    def _on_answer(self, answer: RawAnswer) -> None:
        title = _("Raw answer of {source}").format(source=answer.source)
        self.answer = TextWindow(title, words.readable(answer).encode(), self)
        self.answer.show()
