"""What the panel holds and does, without a widget: the list, what is being tried, and what came of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.problem import Problem
from workstation.kernel.actions import BY_CORE, Action
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

AGES_MS = 30_000


class ProblemsPresenter(QObject):
    """`problems` as the core told them last. `changed` when anything is new; `wanted` asks the window for an action."""

    changed = Signal()
    wanted = Signal(object, object)
    """An Action that is not the core's, and its Problem."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: tuple[Problem, ...] = ()
        self.asked = False
        self.trouble = ""
        """Why the list could not be read, "" when it could."""
        self.busy: frozenset[str] = frozenset()
        self.said: dict[str, str] = {}
        """What came of the last try, by problem."""
        self._queue: list[str] = []
        self._all = 0
        self._bridge = bridge
        bridge.problems_changed.connect(self._on_changed)
        bridge.attached.connect(self.refresh)
        timer = QTimer(self, interval=AGES_MS)
        timer.timeout.connect(self.changed)
        timer.start()

    @Slot()
    def refresh(self) -> None:
        self._bridge.call(_list, self._on_list, self, self._on_trouble, replaces="problems")

    def act(self, problem: Problem, action: Action) -> None:
        """Do it here, or ask the window to. The same item is not tried twice at once."""
        if action not in BY_CORE:
            self.wanted.emit(action, problem)
        elif problem.id not in self.busy:
            self._begin(problem.id, action)

    def safe(self) -> list[str]:
        """What "Try all again" tries: only what may be repeated."""
        return [one.id for one in self.problems if Action.RETRY in one.actions and one.id not in self.busy]

    def retry_all(self) -> None:
        """One after the other, so that each failure is told beside its item."""
        if not self._queue:
            self._queue = self.safe()
            self._all = len(self._queue)
            self._next()

    def progress(self) -> str:
        """ "Trying 2 of 5", "" when nothing is tried together."""
        if not self._all:
            return ""
        return _("Trying {n} of {all}").format(n=self._all - len(self._queue), all=self._all)

    def _next(self) -> None:
        if self._queue:
            self._begin(self._queue.pop(0), Action.RETRY)
        else:
            self._all = 0
            self.changed.emit()

    def _begin(self, problem_id: str, action: Action) -> None:
        self.busy |= {problem_id}
        self.said.pop(problem_id, None)
        done, failed = partial(self._on_done, problem_id), partial(self._on_failed, problem_id)
        self._bridge.call(partial(_act, problem_id, action), done, self, failed)
        self.changed.emit()

    def _on_done(self, problem_id: str, _nothing: object) -> None:
        self._end(problem_id, "")

    def _on_failed(self, problem_id: str, problem: WorkstationError) -> None:
        self._end(problem_id, str(problem))

    def _end(self, problem_id: str, sentence: str) -> None:
        self.busy -= {problem_id}
        if sentence:
            self.said[problem_id] = sentence
        self.refresh()
        if self._all:
            self._next()
        self.changed.emit()

    def _on_list(self, problems: tuple[Problem, ...]) -> None:
        known = {one.id for one in problems}
        self.problems, self.asked, self.trouble = problems, True, ""
        self.said = {name: text for name, text in self.said.items() if name in known}
        self.changed.emit()

    def _on_trouble(self, problem: WorkstationError) -> None:
        self.trouble = str(problem)
        self.changed.emit()

    @Slot(object)
    def _on_changed(self, _event: object) -> None:
        self.refresh()


async def _list(core: Core) -> tuple[Problem, ...]:
    return await core.problems.list()


async def _act(problem_id: str, action: Action, core: Core) -> None:
    await core.problems.act(problem_id, action)
