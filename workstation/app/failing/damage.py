"""A damaged page of the store: found when something that stands on it was asked for, told with what is lost.

Which tables it concerns is looked up once, on a thread of its own, because that reads the whole store.
"""

from __future__ import annotations

from collections.abc import Callable

from workstation.app.keeping import followed
from workstation.domain.problem import Problem, ProblemKind
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.paths import Home
from workstation.runtime.jobs import Jobs
from workstation.store import check
from workstation.store.check import CheckReport, DamagedTable
from workstation.store.database import Database
from workstation.store.salvage import Salvaged

_ACTIONS = (Action.RESTORE_BACKUP, Action.SALVAGE, Action.OPEN_FOLDER, Action.RETRY, Action.DISMISS)


class Damage:
    """Tells of damaged pages as long as the program runs; the next start finds them again when they are asked for."""

    prefix = "store"

    def __init__(self, home: Home, key: bytes, database: Database, clock: Clock, jobs: Jobs) -> None:
        self._home, self._key, self._database, self._clock, self._jobs = home, key, database, clock, jobs
        self.changed: Callable[[], None] | None = None
        self._since: int | None = None
        self._found: CheckReport | None = None
        self._looked = False

    def forgets(self) -> bool:
        return False

    async def problems(self) -> tuple[Problem, ...]:
        if self._database.damaged == 0:
            return ()
        if not self._looked:
            self._looked, self._since = True, self._since or self._clock.now()
            self._jobs.aside("damaged tables", self._look)
        return (self._problem(),)

    async def act(self, _name: str, action: Action) -> None:
        """RETRY looks anew which tables are concerned."""
        if action is not Action.RETRY:
            raise Unsupported(_("This is put right outside the program."), _("Do what it says, then look again."))
        self._looked = False

    async def _look(self) -> None:
        def work(report: Callable[[int, int], None]) -> CheckReport:
            return check.check(self._home, self._key, full=False, progress=check.through(report))

        self._found = await followed(work, lambda _done, _total: None)
        if self.changed is not None:
            self.changed()

    def _problem(self) -> Problem:
        tables = self._found.tables if self._found else ()
        return Problem(
            "store:damaged", ProblemKind.STORE, "fail", _("A part of the store is damaged and cannot be read."),
            "; ".join(table_line(each) for each in tables[:3]),
            _("Everything else can be read and changed as before."),
            _("Restore a backup, or save what can be read into a new home; this folder is kept as it is. Look after "
              "the disk."),
            self._since, _ACTIONS, place=str(self._home.root),
            details=tuple(table_line(each) for each in tables),
        )


def table_line(found: DamagedTable) -> str:
    """One table, for a person."""
    if found.lost is None:
        return _("Table {name}: rows that can be read: {n}; others cannot.").format(name=found.name, n=found.rows)
    return _("Table {name}: rows that can be read: {n}; lost: {lost}.").format(
        name=found.name, n=found.rows, lost=found.lost)


def salvage_lines(done: Salvaged) -> list[str]:
    """What came of a salvage, for a person: first what was lost."""
    lines = ["✕ " + table_line(each) for each in done.tables]
    if done.anew:
        lines.append(ngettext("{n} conversation was made anew around its messages.",
                              "{n} conversations were made anew around their messages.", done.anew).format(n=done.anew))
    if done.dropped:
        lines.append(ngettext("{n} row belonged to something lost and was left out.",
                              "{n} rows belonged to something lost and were left out.",
                              done.dropped).format(n=done.dropped))
    if done.files:
        n = len(done.files)
        lines.append("✕ " + ngettext("{n} sealed file is lost.", "{n} sealed files are lost.", n).format(n=n))
    lines.append(_(
        "Its search index is made while its window is open. Lost mail that is still on the server is fetched again."))
    return lines
