"""The binder of one case without a widget: what it holds, which desk it is looked at through, and what is done to it.

An edit is shown at once and done in its turn, so that keys that are held down move an exhibit as far as they say; when
the last one is done the core is asked what there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.binder import asking, edits, order
from ui.binder.asking import Loaded
from ui.binder.edits import Done, Edit, History
from ui.bridge import Bridge, Call
from workstation.domain.undo import Undo
from workstation.evidence.claims.model import Binder, Claim, CompileReport, Desk, Exhibit, Reason, Translation
from workstation.evidence.model import RecordView
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

SOON_MS = 300
"""News of orders and checks are waited for so long."""
MOST_WAYS_BACK = 50
"""So many the core keeps; an edit of several exhibits needs one for each."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What waits to be done: an edit; without one the last is taken back or, `again`, done once more."""

    edit: Edit | None = None
    again: bool = False


class BinderPresenter(QObject):
    """`changed` when anything is new; `opened` carries a RecordView; `pictured` a record's id
    and its thumbnail; `compiled` a CompileReport."""

    changed = Signal()
    opened = Signal(object)
    pictured = Signal(str, object)
    compiled = Signal(object)
    progressed = Signal(int, int)

    def __init__(
        self, bridge: Bridge, case_id: str, parent: QObject | None = None, history: History | None = None,
    ) -> None:
        super().__init__(parent)
        self.case_id = case_id
        self.loaded: Loaded | None = None
        self.binder: Binder | None = None
        self.problem: WorkstationError | None = None
        """Why the binder could not be read."""
        self.trouble = ""
        """What the last edit, look or compile failed with, "" when it did not."""
        self.compiling = self.cancelled = self.uncompiled = False
        """A pack is being made; the last one was stopped by a person; it could not be made."""
        self._desk = self._reason = ""
        self._bridge = bridge
        self._waiting: deque[Turn] = deque()
        self._running = False
        history = history or History()
        self._done, self._undone = history.done, history.undone
        self._call: Call | None = None
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._on_soon)
        for news in (bridge.binder_changed, bridge.evidence_sealed):
            news.connect(self._on_news)
        for told in (bridge.checks_changed, bridge.orders_changed, bridge.connectivity_changed):
            told.connect(self._on_elsewhere)
        self.reload()

    # what there is

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        return self.binder.exhibits if self.binder is not None else ()

    @property
    def order(self) -> list[str]:
        return [one.record_id for one in self.exhibits]

    @property
    def desk(self) -> Desk | None:
        """The desk that is looked through."""
        if self.loaded is None or self.binder is None:
            return None
        return next((one for one in self.loaded.desks if one.id == self.binder.desk), None)

    @property
    def reason(self) -> Reason | None:
        desk = self.desk
        if desk is None or self.binder is None:
            return None
        return next((one for one in desk.reasons if one.id == self.binder.reason), None)

    @property
    def can_undo(self) -> bool:
        return bool(self._done) or any(turn.edit is not None for turn in self._waiting)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo_words(self) -> str:
        return self._done[-1].edit.words if self._done else ""

    def redo_words(self) -> str:
        return self._undone[-1].words if self._undone else ""

    def record(self, record_id: str) -> RecordView | None:
        return self.loaded.records.get(record_id) if self.loaded is not None else None

    @Slot()
    def reload(self) -> None:
        work = partial(asking.load, self.case_id, self._desk, self._reason)
        self._bridge.call(work, self._on_loaded, self, self._on_unread, replaces="binder")

    # what a person does

    def choose(self, desk: str, reason: str = "") -> None:
        """Look through another desk; without a reason its first."""
        if self.loaded is not None and not reason:
            found = next((one for one in self.loaded.desks if one.id == desk), None)
            reason = found.reasons[0].id if found is not None and found.reasons else ""
        self._desk, self._reason = desk, reason
        self._bridge.call(partial(asking.choose, self.case_id, desk, reason), self._on_chosen, self, self._on_failed)

    def drop(self, ids: Sequence[str], place: int) -> None:
        self._move(order.dropped(self.order, ids, place))

    def shift(self, ids: Sequence[str], step: int) -> None:
        self._move(order.shifted(self.order, ids, step))

    def _move(self, moves: list[tuple[str, int]]) -> None:
        if moves:
            self._do(edits.move(_("Move"), self.case_id, moves))

    def caption(self, record_id: str, text: str) -> None:
        self._do(edits.caption(_("Caption"), self.case_id, record_id, text))

    def assign(self, ids: Sequence[str], slot: str) -> None:
        if ids:
            self._do(edits.assign(_("What it stands for"), self.case_id, ids, slot))

    def include(self, ids: Sequence[str], included: bool) -> None:
        if ids:
            words = _("Include") if included else _("Leave out")
            self._do(edits.include(words, self.case_id, ids, included))

    def toggle(self, ids: Sequence[str]) -> None:
        """Include them; where all of them are, leave them out."""
        chosen = [one for one in self.exhibits if one.record_id in set(ids)]
        self.include([one.record_id for one in chosen], not all(one.included for one in chosen))

    def write(self, field: str, text: str) -> None:
        """A person's own words for a text field; "" goes back to what the facts say."""
        if self.binder is not None:
            self._do(edits.write(_("Text"), self.case_id, self.binder.desk, self.binder.reason, field, text))

    def claim(self, told: Claim) -> None:
        """When the claim at this desk came in, and what the desk calls it."""
        if self.binder is not None and self.binder.desk:
            self._do(edits.claim(_("Claim"), self.case_id, self.binder.desk, told))

    def translate(self, record_id: str, language: str, made: Translation | None) -> None:
        """Say which language an exhibit is in, and what it says in another."""
        self._do(edits.translate(_("Translation"), self.case_id, record_id, language, made))

    @Slot()
    def undo(self) -> None:
        """Take the last edit back, in its turn: it may be under way."""
        self._wait(Turn())

    @Slot()
    def redo(self) -> None:
        self._wait(Turn(again=True))

    def open(self, record_id: str) -> None:
        """Show a record. The correspondence has none before a pack is compiled."""
        record = self.record(record_id)
        if record is not None:
            self.opened.emit(record)

    def picture(self, record_id: str) -> None:
        shown = partial(self.pictured.emit, record_id)
        self._bridge.call(partial(asking.thumbnail, record_id), shown, self, partial(self._on_no_picture, record_id))

    def fetch(self) -> None:
        """Ask the sources of the order again."""
        work = partial(asking.refresh, self.case_id)
        self._bridge.call(work, self._on_fetched, self, self._on_failed, replaces="fetch")

    def compile(self, out: Path) -> None:
        """Write the pack for the chosen desk."""
        if self.binder is None or self.compiling:
            return
        self.compiling, self.trouble, self.cancelled, self.uncompiled = True, "", False, False
        work = partial(asking.make_pack, self.case_id, self.binder.desk, self.binder.reason, out,
                       self._bridge.progress(self._on_progress))
        self._call = self._bridge.call(work, self._on_compiled, self, self._on_not_compiled)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Stop compiling; nothing half written stays."""
        if self._call is not None:
            self._call.cancel()
            self._call = None
            self.compiling, self.cancelled = False, True
            self.trouble = _("Cancelled; nothing was written.")
            self.changed.emit()

    # edits in their turn

    def _do(self, edit: Edit) -> None:
        if self.binder is not None:
            self.binder, self.trouble = edit.show(self.binder), ""
            self.cancelled = self.uncompiled = False
            self._wait(Turn(edit))

    def _wait(self, turn: Turn) -> None:
        self._waiting.append(turn)
        self._next()
        self.changed.emit()

    def _next(self) -> None:
        """The first that waits. An undo and a redo of nothing are over at once."""
        while self._waiting and not self._running:
            edit = self._begun(self._waiting[0])
            if edit is None:
                self._waiting.popleft()
                continue
            self._running = True
            work = partial(asking.run, edit, self._unchosen())
            self._bridge.call(work, partial(self._on_done, edit), self, self._on_not_done)

    def _begun(self, turn: Turn) -> Edit | None:
        """What is done in this turn."""
        if turn.edit is not None:
            self._undone.clear()
            return turn.edit
        if turn.again:
            edit = self._undone.pop() if self._undone else None
            if edit is not None and self.binder is not None:
                self.binder = edit.show(self.binder)
            return edit
        if not self._done:
            return None
        done = self._done.pop()
        self._undone.append(done.edit)
        return Edit(done.edit.words, _as_it_is, partial(edits.take_back, done))

    def _unchosen(self) -> tuple[str, str, str] | None:
        """The desk that was only proposed becomes the chosen one with the first edit: the order is that desk's."""
        if self.loaded is None or self.binder is None or not self.loaded.proposed:
            return None
        self.loaded = replace(self.loaded, proposed=False)
        self._desk, self._reason = self.binder.desk, self.binder.reason
        return self.case_id, self._desk, self._reason

    def _on_done(self, edit: Edit, undos: tuple[Undo, ...]) -> None:
        self._running = False
        turn = self._waiting.popleft()
        if turn.edit is not None or turn.again:
            self._done.append(Done(edit, undos))
            while sum(len(done.undos) for done in self._done) > MOST_WAYS_BACK:
                del self._done[0]
        self._next()
        if not self._waiting:
            self.reload()

    def _on_not_done(self, problem: WorkstationError) -> None:
        """What waits was meant for what is not there now."""
        self._running = False
        turn = self._waiting[0]
        if turn.edit is None and not turn.again:
            self._undone.pop()           # it was not taken back
        self._waiting.clear()
        self._on_failed(problem)
        self.reload()

    # what comes back

    def _on_loaded(self, loaded: Loaded) -> None:
        self.problem = None
        self.loaded = loaded
        if not self._waiting:
            self.binder = loaded.binder
        self.changed.emit()

    def _on_unread(self, problem: WorkstationError) -> None:
        self.problem = problem
        if self.loaded is not None:      # what is shown may be old now
            self.trouble = str(problem)
        self.changed.emit()

    def _on_failed(self, problem: WorkstationError) -> None:
        self.trouble = str(problem)
        self.changed.emit()

    def _on_chosen(self, _nothing: None) -> None:
        self.reload()

    def _on_no_picture(self, record_id: str, _problem: WorkstationError) -> None:
        """Many records have none: a sheet is drawn in its place."""
        self.pictured.emit(record_id, b"")

    def _on_fetched(self, _panel: object) -> None:
        self.reload()

    def _on_progress(self, done: int, total: int) -> None:
        self.progressed.emit(done, total)

    def _on_compiled(self, report: CompileReport) -> None:
        self.compiling, self._call = False, None
        self.changed.emit()
        self.compiled.emit(report)

    def _on_not_compiled(self, problem: WorkstationError) -> None:
        self.compiling, self._call, self.uncompiled = False, None, True
        self._on_failed(problem)

    @Slot(object)
    def _on_news(self, event: object) -> None:
        if getattr(event, "case_id", "") == self.case_id and not self._waiting:
            self.reload()

    @Slot(object)
    def _on_elsewhere(self, event: object) -> None:
        """Orders are imported by the thousand: one look for many news."""
        if getattr(event, "conversation_id", self.case_id) == self.case_id and not self._soon.isActive():
            self._soon.start()

    def _on_soon(self) -> None:
        if not self._waiting:
            self.reload()


def _as_it_is(binder: Binder) -> Binder:
    return binder
