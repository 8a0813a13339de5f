"""What the case column knows: the checks of one conversation's order, asked anew when something changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.events import ChecksChanged
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.kernel.errors import WorkstationError
from workstation.verification.model import Panel, RawAnswer

DWELL_MS = 400
"""Only a conversation that stays open this long has its sources asked: nobody is asked about what is leafed past."""
Ask = Callable[[Core, str, OrderRef | None], Awaitable[Panel]]


@dataclass(frozen=True, slots=True)
class Case:
    """One reading: the checks, and what is known of the order behind them."""

    conversation_id: str
    panel: Panel
    order: Order | None
    parcel: Parcel | None
    asked: OrderRef | None = None      # the order that was asked for; None: the one the core takes it to be


class CasePresenter(QObject):
    """State of one case column."""

    changed = Signal()
    answer_read = Signal(object)
    """A RawAnswer that was asked for."""
    found = Signal(object)
    """Orders that answer to a number typed by hand."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.conversation_id: str | None = None
        self.case: Case | None = None
        self.problem = ""
        self.refreshing = False
        self.freshening = False
        self._bridge = bridge
        self._order: OrderRef | None = None
        self._stale = False
        self._dwell = QTimer(self, singleShot=True, interval=DWELL_MS)
        self._dwell.timeout.connect(self._freshen)
        bridge.checks_changed.connect(self._on_checks)
        bridge.orders_changed.connect(self._on_orders)

    @property
    def simulated(self) -> tuple[str, ...]:
        return self._bridge.core.simulated if self._bridge.core else ()

    def show(self, conversation_id: str | None) -> None:
        """Turn to a conversation's order, or to none."""
        if conversation_id != self.conversation_id:
            self.conversation_id, self.case, self._order = conversation_id, None, None
            self.problem, self.refreshing = "", False
            self._look()

    def choose(self, order: OrderRef) -> None:
        """Of several orders, show this one's checks."""
        self._order = order
        self._look()

    def reload(self) -> None:
        """Read what is stored; no source is asked."""
        if self.conversation_id:
            work = partial(_read, self.conversation_id, self._order, _stored)
            self._bridge.call(work, self._on_case, self, self._on_problem, "case")

    def refresh(self) -> None:
        """Ask the sources again."""
        if self.conversation_id and not self.refreshing:
            self.refreshing = True
            self.changed.emit()
            work = partial(_read, self.conversation_id, self._order, _refreshed)
            self._bridge.call(work, self._on_refreshed, self, self._on_problem, "refresh")

    def read_answer(self, answer_id: str) -> None:
        """The raw answer behind a check comes with `answer_read`."""
        async def read(core: Core) -> RawAnswer:
            return await core.verification.raw_answer(answer_id)

        self._bridge.call(read, self._on_answer, self, replaces="answer")

    def find(self, order_id: str) -> None:
        """Look for an order typed by hand; it comes with `found`."""
        async def look(core: Core) -> tuple[Order, ...]:
            return await core.orders.find(order_id.strip())

        if order_id.strip():
            self._bridge.call(look, self._on_found, self, replaces="find")

    def link(self, ref: OrderRef) -> None:
        """A person says that this conversation is about that order."""
        conversation_id = self.conversation_id
        if conversation_id:
            self._order = ref
            self._bridge.call(partial(_link, conversation_id, ref), self._on_linked, self)

    def _look(self) -> None:
        """Show what is stored at once; afterwards its sources are asked quietly, if it is still looked at."""
        self._dwell.stop()
        self._stale, self.freshening = True, False
        self.changed.emit()
        self.reload()

    @Slot()
    def _freshen(self) -> None:
        if self.conversation_id and not self.refreshing:
            self.freshening = True
            self.changed.emit()
            work = partial(_read, self.conversation_id, self._order, _freshened)
            self._bridge.call(work, self._on_freshened, self, self._on_not_freshened, "freshen")

    def _on_case(self, case: Case) -> None:
        if (case.conversation_id, case.asked) != (self.conversation_id, self._order):
            return
        self.case, self.problem = case, ""
        if self._stale:
            self._stale = False
            self._dwell.start() if case.panel.order else self._dwell.stop()
        self.changed.emit()

    def _on_freshened(self, case: Case) -> None:
        self.freshening = False
        self._on_case(case)

    def _on_not_freshened(self, _problem: WorkstationError) -> None:
        """Nobody asked for it, so nobody is told: the checks keep their age, and asking by hand says what is wrong."""
        self.freshening = False
        self.changed.emit()

    def _on_refreshed(self, case: Case) -> None:
        self.refreshing = False
        self._on_case(case)

    def _on_problem(self, problem: WorkstationError) -> None:
        self.refreshing, self.problem = False, str(problem)
        self.changed.emit()

    def _on_answer(self, answer: RawAnswer) -> None:
        self.answer_read.emit(answer)

    def _on_found(self, orders: tuple[Order, ...]) -> None:
        self.found.emit(orders)

    def _on_linked(self, _result: None) -> None:
        self.refresh()

    @Slot(object)
    def _on_checks(self, event: ChecksChanged) -> None:
        if event.conversation_id == self.conversation_id:
            self.reload()

    @Slot(object)
    def _on_orders(self, _event: object) -> None:
        self.reload()


async def _stored(core: Core, conversation_id: str, order: OrderRef | None) -> Panel:
    return await core.verification.panel(conversation_id, order)


async def _refreshed(core: Core, conversation_id: str, order: OrderRef | None) -> Panel:
    return await core.verification.refresh(conversation_id, order)


async def _freshened(core: Core, conversation_id: str, order: OrderRef | None) -> Panel:
    return await core.verification.freshen(conversation_id, order)


async def _read(conversation_id: str, order: OrderRef | None, ask: Ask, core: Core) -> Case:
    panel = await ask(core, conversation_id, order)
    ref = panel.order
    known = await core.orders.find(str(ref)) if ref else ()
    parcel = await core.orders.parcel(ref) if ref else None
    return Case(conversation_id, panel, next((one for one in known if one.ref == ref), None), parcel, order)


async def _link(conversation_id: str, ref: OrderRef, core: Core) -> None:
    await core.orders.link(conversation_id, ref)
