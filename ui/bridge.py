"""The only crossing between the window's thread and the core's.

Commands go over with `call` and come back as a bound-method call on the main thread; events come back as one Signal
for each kind, merged where they burst. Nothing else in `ui` touches the core thread.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from shiboken6 import isValid

from workstation.kernel.errors import WorkstationError
from workstation.kernel.events import Event

if TYPE_CHECKING:
    from concurrent.futures import Future

    from workstation.api import Core

log = logging.getLogger(__name__)
T = TypeVar("T")
COALESCE_MS = 50
"""Events of one burst reach the views together, once."""


class CoreRunner(Protocol):
    """The core thread as the window sees it: a place to run coroutines."""

    def submit(self, work: Coroutine[object, object, T]) -> Future[T]:
        """Run a coroutine over there. Raises RuntimeError when that thread is stopping."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the toast. `undo` takes back what it speaks of; it is called at most once, on the main thread."""

    text: str
    undo: Callable[[], None] | None = None
    seconds: int = 6
    tone: str = ""                 # "" | "warn" | "fail"
    remedy: str = ""               # the words on a button, and what it does
    act: Callable[[], None] | None = None


SlotRef = Callable[[], Callable[..., None] | None]
"""Gives the slot if whoever owns it is still there."""


class Call:
    """A command under way. Keep it only to cancel it."""

    def __init__(
        self, work: Callable[[Core], Coroutine[object, object, object]], ok: SlotRef, error: SlotRef | None,
        owner: QObject, key: tuple[int, str] | None,
    ) -> None:
        self.work = work
        self.ok = ok
        self.error = error
        self.key = key
        self.dropped = False
        self._owner = weakref.ref(owner)
        self._future: Future[None] | None = None

    @property
    def alive(self) -> bool:
        owner = self._owner()
        return owner is not None and isValid(owner)

    def started(self, future: Future[None]) -> None:
        self._future = future

    def cancel(self) -> None:
        """Ask the command to stop; its reply is dropped. What it committed stays."""
        self.dropped = True
        if self._future is not None:
            self._future.cancel()


@dataclass(frozen=True, slots=True)
class _Reply:
    call: Call
    value: object = None
    problem: BaseException | None = None
    cancelled: bool = False


class Bridge(QObject):
    """Commands over, events back. Lives on the main thread."""

    conversations_changed = Signal(object)
    message_arrived = Signal(object)
    draft_saved = Signal(object)
    delivery_changed = Signal(object)
    checks_changed = Signal(object)
    orders_changed = Signal(object)
    evidence_sealed = Signal(object)
    accounts_changed = Signal(object)
    account_status_changed = Signal(object)
    connectivity_changed = Signal(object)
    sync_changed = Signal(object)
    translation_stored = Signal(object)
    engines_changed = Signal(object)
    job_changed = Signal(object)
    problems_changed = Signal(object)
    queues_changed = Signal(object)
    members_changed = Signal(object)
    presence_changed = Signal(object)
    customers_changed = Signal(object)
    clock_nearing = Signal(object)
    index_changed = Signal(object)
    picture_read = Signal(object)
    binder_changed = Signal(object)
    playbook_changed = Signal(object)

    attached = Signal()
    """The core exists; what was asked before is on its way."""
    problem = Signal(object)
    """A known failure nobody handled: a WorkstationError for the toast."""
    bug = Signal(object)
    """Any other exception: for the crash dialog."""
    noticed = Signal(object)
    """A Notice for the toast."""
    search_wanted = Signal(str)
    """A window asks the main one to look everywhere for this, in the search box's own language."""

    _crossed_reply = Signal(object)
    _crossed_event = Signal(object)
    _crossed_progress = Signal(object, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core: Core | None = None
        self._runner: CoreRunner | None = None
        self._closed = False
        self._done: Callable[[], None] | None = None
        self._waiting: list[Call] = []
        self._running: set[Call] = set()
        self._latest: dict[tuple[int, str], Call] = {}
        self._failed: tuple[WorkstationError, Call] | None = None
        self._events: list[Event] = []
        self._unsubscribe: list[Callable[[], None]] = []
        self._timer = QTimer(self, singleShot=True, interval=COALESCE_MS)
        self._timer.timeout.connect(self._announce)
        self._crossed_reply.connect(self._deliver)
        self._crossed_event.connect(self._collect)
        self._crossed_progress.connect(self._deliver_progress)

    @property
    def core(self) -> Core | None:
        """For reading constants (`simulated`, `device_id`) only; methods are called through `call`."""
        return self._core

    def attach(self, core: Core, core_thread: CoreRunner) -> None:
        """The core was built: listen to it and hand over what was asked meanwhile."""
        from ui.bridge_events import SIGNALS

        self._core, self._runner = core, core_thread
        self._unsubscribe = [core.bus.subscribe(kind, self._on_core_event) for kind in SIGNALS]
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self._start(call)
        self.attached.emit()

    def finish(self, done: Callable[[], None]) -> None:
        """Refuse commands, let those under way end, then call `done`. A last draft is saved on the way."""
        self.close()
        self._done = done
        self._settle()

    def _settle(self) -> None:
        if self._done is not None and not self._running:
            done, self._done = self._done, None
            done()

    def close(self) -> None:
        """Refuse commands and stop listening. What runs ends with the core thread."""
        self._closed = True
        self._waiting.clear()
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._timer.stop()

    def call(
        self, command: Callable[[Core], Awaitable[T]], on_ok: Callable[[T], None], owner: QObject,
        on_error: Callable[[WorkstationError], None] | None = None, replaces: str = "",
    ) -> Call:
        """Run `command(core)` on the core thread and hand its result to `on_ok` on the main thread.

        The reply is dropped when `owner` is gone by then, or when it asked again with the same `replaces`. A known
        failure goes to `on_error`, or to the toast; a bug goes to the crash dialog. Before the core exists it waits.
        """
        async def work(core: Core) -> object:
            return await command(core)

        key = (id(owner), replaces) if replaces else None
        call = Call(work, _reference(on_ok), _reference(on_error) if on_error else None, owner, key)
        if key:
            self._replace(key, call)
        if self._closed:
            log.info("a command came after the end and was refused")
        elif self._core is None:
            self._waiting.append(call)
        else:
            self._start(call)
        return call

    def progress(self, slot: Callable[[int, int], None]) -> Callable[[int, int], None]:
        """A progress function for a core command that ends in `slot(done, total)` on the main thread."""
        reference = _reference(slot)

        def report(done: int, total: int) -> None:
            self._crossed_progress.emit(reference, done, total)

        return report

    def notice(self, text: str, undo: Callable[[], None] | None = None, seconds: int = 6, tone: str = "") -> None:
        """Say a sentence in the toast, with an undo when there is one."""
        self.noticed.emit(Notice(text, undo, seconds, tone))

    def _start(self, call: Call) -> None:
        if self._runner is None or self._core is None:
            return
        self._running.add(call)
        work = self._run(call, self._core)
        try:
            call.started(self._runner.submit(work))
        except RuntimeError:
            work.close()
            self._running.discard(call)
            log.info("the core is stopping; a command was refused")

    async def _run(self, call: Call, core: Core) -> None:
        """On the core thread."""
        from asyncio import CancelledError

        try:
            reply = _Reply(call, await call.work(core))
        except CancelledError:
            self._crossed_reply.emit(_Reply(call, cancelled=True))
            raise
        except Exception as problem:  # noqa: BLE001 - every outcome crosses; bugs reach the crash dialog
            reply = _Reply(call, problem=problem)
        self._crossed_reply.emit(reply)

    def _on_core_event(self, event: Event) -> None:
        """On the core thread."""
        self._crossed_event.emit(event)

    @Slot(object)
    def _deliver(self, reply: _Reply) -> None:
        call = reply.call
        self._forget(call)
        self._settle()
        known = isinstance(reply.problem, WorkstationError)
        if reply.problem is not None and not known:
            self.bug.emit(reply.problem)
            return
        if reply.cancelled or call.dropped or self._closed or not call.alive:
            return
        if isinstance(reply.problem, WorkstationError):
            self._deliver_problem(call, reply.problem)
        elif reply.problem is None and (slot := call.ok()):
            slot(reply.value)

    def _replace(self, key: tuple[int, str], call: Call) -> None:
        earlier = self._latest.get(key)
        if earlier is not None:
            earlier.dropped = True
        self._latest[key] = call

    def _forget(self, call: Call) -> None:
        self._running.discard(call)
        if call.key and self._latest.get(call.key) is call:
            del self._latest[call.key]

    def _deliver_problem(self, call: Call, problem: WorkstationError) -> None:
        slot = call.error() if call.error else None
        if slot:
            slot(problem)
        else:
            self._failed = (problem, call)
            self.problem.emit(problem)

    def can_retry(self, problem: WorkstationError) -> bool:
        """Whether `problem` is of the last command that failed unhandled, and its owner is still there."""
        return self._failed is not None and self._failed[0] is problem and self._failed[1].alive

    def retry(self, problem: WorkstationError) -> None:
        """The command that failed with `problem`, once more: what its own button would do."""
        if self._failed is not None and self.can_retry(problem):
            call, self._failed = self._failed[1], None
            if not self._closed:
                self._start(call)

    @Slot(object, int, int)
    def _deliver_progress(self, reference: SlotRef, done: int, total: int) -> None:
        slot = reference()
        owner = getattr(slot, "__self__", None)
        if slot and not (isinstance(owner, QObject) and not isValid(owner)):
            slot(done, total)

    @Slot(object)
    def _collect(self, event: Event) -> None:
        self._events.append(event)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _announce(self) -> None:
        from ui.bridge_events import SIGNALS, merge

        events, self._events = self._events, []
        for event in merge(events):
            getattr(self, SIGNALS[type(event)]).emit(event)


def _reference(slot: Callable[..., None]) -> SlotRef:
    """Methods are held weakly, so that a pending reply keeps no view alive; functions as they are."""
    if hasattr(slot, "__self__") and hasattr(slot, "__func__"):
        return weakref.WeakMethod(slot)
    return lambda: slot
