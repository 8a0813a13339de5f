"""The queue of what failed and why: collected from where it really is, told in one shape, acted on one by one.

`list` asks every source anew; `ProblemsChanged` is announced when the answer is another than the last one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from workstation.app.failing.source import ProblemSource
from workstation.domain.events import ProblemsChanged
from workstation.domain.problem import Problem, ProblemKind
from workstation.kernel.actions import BY_CORE, Action
from workstation.kernel.errors import NotFound, Unsupported, WorkstationError
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
FACT = "problems_dismissed"
LOOK_SECONDS = 60.0
SETTLE_SECONDS = 0.4
"""Events come in bursts; one look answers them all."""
MOST_DISMISSED = 500
_WORST_FIRST = {"fail": 0, "unknown": 1, "warn": 2}


class Problems:
    """Fulfils `api.ProblemsApi`. `publish` is called on the core thread."""

    def __init__(
        self, sources: Sequence[ProblemSource], database: Database, publish: Callable[[Event], None],
        settle: float = SETTLE_SECONDS,
    ) -> None:
        self._sources = {source.prefix: source for source in sources}
        self._database = database
        self._publish = publish
        self._settle = settle
        self._told: tuple[Problem, ...] = ()
        self._looking: asyncio.Task[None] | None = None
        self._again = False

    async def list(self) -> tuple[Problem, ...]:
        """Worst first, then newest. A source that cannot tell is itself a problem, and hides no other."""
        found = [problem for source in self._sources.values() for problem in await _ask(source)]
        dismissed = await self._database.read(_dismissed)
        if dismissed.keys() - {one.id for one in found}:  # well again: the next failure is news
            await self._database.write(lambda unit: _forget(unit, found))
        shown = [one for one in found if dismissed.get(one.id) != _print(one)]
        return tuple(sorted(shown, key=lambda one: (_WORST_FIRST.get(one.state, 3), -(one.since or 0), one.id)))

    async def act(self, problem_id: str, action: Action) -> None:
        """Raises NotFound, Unsupported, and what the action raises."""
        problem = await self._find(problem_id)
        if action not in problem.actions or action not in BY_CORE:
            raise Unsupported(_("This cannot be done about it."), _("Look at the list again."))
        source, name = self._source(problem_id)
        try:
            if action is Action.DISMISS and not source.forgets():
                await self._database.write(lambda unit: _hide(unit, problem))
            else:
                await source.act(name, action)
        finally:
            self.stir()

    async def dismiss(self, problem_id: str) -> None:
        await self.act(problem_id, Action.DISMISS)

    def stir(self, _event: Event | None = None) -> None:
        """Something changed that may have failed or be well again. Subscribe this to whatever a source speaks of."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_soon())
        else:
            self._again = True

    async def look(self) -> float:
        """For `Jobs.keep_trying`: what changes with time alone. Seconds until the next look."""
        await self._look()
        return LOOK_SECONDS

    async def shutdown(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look_soon(self) -> None:
        while True:
            self._again = False
            await asyncio.sleep(self._settle)
            try:
                await self._look()
            except WorkstationError as problem:
                log.info("problems: %s", type(problem).__name__)
            if not self._again:
                return

    async def _look(self) -> None:
        found = await self.list()
        if found != self._told:
            self._told = found
            self._publish(ProblemsChanged())

    async def _find(self, problem_id: str) -> Problem:
        found = next((one for one in await self.list() if one.id == problem_id), None)
        if found is None:
            raise NotFound(_("This does not need a look any more."), _("Look at the list again."))
        return found

    def _source(self, problem_id: str) -> tuple[ProblemSource, str]:
        prefix, _colon, name = problem_id.partition(":")
        return self._sources[prefix], name


async def _ask(source: ProblemSource) -> tuple[Problem, ...]:
    try:
        return await source.problems()
    except (WorkstationError, OSError) as problem:
        log.warning("problems of %s: %s", source.prefix, type(problem).__name__)
        why, remedy = (problem.sentence, problem.remedy) if isinstance(problem, WorkstationError) else (
            type(problem).__name__, "")
        what = _("It could not be looked up what else failed ({part}).").format(part=source.prefix)
        return (Problem(
            f"{source.prefix}:", ProblemKind.STORE, "unknown", what, why, _("Nothing was changed."),
            remedy or _("It is looked up again in a minute."),
        ),)


def _print(problem: Problem) -> str:
    """What is dismissed: this failure, not the next one of the same thing."""
    told = json.dumps([problem.state, problem.why, problem.details], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _dismissed(connection: Connection) -> dict[str, str]:
    stored: dict[str, str] = json.loads(meta.get(connection, FACT, "{}"))
    return stored


def _forget(unit: Unit, found: Sequence[Problem]) -> None:
    here = {one.id for one in found}
    _keep(unit, {name: kept for name, kept in _dismissed(unit.conn).items() if name in here})


def _hide(unit: Unit, problem: Problem) -> None:
    hidden = {name: kept for name, kept in _dismissed(unit.conn).items() if name != problem.id}
    _keep(unit, dict([*hidden.items(), (problem.id, _print(problem))][-MOST_DISMISSED:]))


def _keep(unit: Unit, dismissed: dict[str, str]) -> None:
    meta.put(unit.conn, FACT, json.dumps(dismissed))
