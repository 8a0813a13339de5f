"""Failures that have no place of their own: what an import could not use. Kept with the home until dismissed.

Bounded: the newest imports, and of each the first bad items; how many there were is counted in full.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection

from workstation.domain.problem import Problem, ProblemKind
from workstation.inbox.model import BadItem, ImportReport
from workstation.inbox.service import InboxService
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.ids import new_id
from workstation.orders.model import BadRow, OrderImportReport
from workstation.orders.service import OrdersService
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.unit import Unit

FACT = "problem_notes"
MOST_NOTES, MOST_LINES, MOST_TEXT = 20, 50, 300
Progress = Callable[[int, int], None]
Bad = Sequence[BadItem] | Sequence[BadRow]


@dataclass(frozen=True, slots=True)
class Note:
    """One import with bad items. `kind` is "mail" or "orders"; `lines` are the first of `bad`."""

    id: str
    kind: str
    place: str
    at: int
    seen: int
    bad: int
    lines: tuple[str, ...] = ()


class Notes:
    """Keeps and tells what imports could not use."""

    prefix = "import"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.changed: Callable[[], None] | None = None

    def forgets(self) -> bool:
        return True

    async def imported(self, kind: str, path: Path, seen: int, bad: Bad) -> None:
        """An import ended. The same file again replaces what was noted of it; without bad items it is forgotten."""
        lines = tuple(f"{item.where}: {item.why}"[:MOST_TEXT] for item in bad[:MOST_LINES])
        place = str(await asyncio.to_thread(path.absolute))
        note = Note(new_id(), kind, place, self._clock.now(), seen, len(bad), lines)

        def work(unit: Unit) -> None:
            others = [one for one in _load(unit.conn) if (one.kind, one.place) != (kind, place)]
            _keep(unit.conn, [*others, note] if bad else others)

        await self._database.write(work)
        if self.changed is not None:
            self.changed()

    async def problems(self) -> tuple[Problem, ...]:
        return tuple(_problem(note) for note in await self._database.read(_load))

    async def act(self, name: str, _action: Action) -> None:
        def work(unit: Unit) -> None:
            before = _load(unit.conn)
            after = [one for one in before if one.id != name]
            if len(after) == len(before):
                raise NotFound(_("This was dismissed already."), _("Look at the list again."))
            _keep(unit.conn, after)

        await self._database.write(work)


def _load(connection: Connection) -> list[Note]:
    stored = json.loads(meta.get(connection, FACT, "[]"))
    return [Note(**{**item, "lines": tuple(item["lines"])}) for item in stored]


def _keep(connection: Connection, notes: Sequence[Note]) -> None:
    meta.put(connection, FACT, json.dumps([asdict(note) for note in notes[-MOST_NOTES:]], ensure_ascii=False))


def _problem(note: Note) -> Problem:
    mail = note.kind == "mail"
    name = Path(note.place).name
    n = note.bad
    what = (
        ngettext("{n} mail of {name} could not be used.", "{n} mails of {name} could not be used.", n) if mail else
        ngettext("{n} row of {name} could not be used.", "{n} rows of {name} could not be used.", n))
    more = n - len(note.lines)
    details = note.lines + ((ngettext("and {n} more", "and {n} more", more).format(n=more),) if more > 0 else ())
    return Problem(
        f"import:{note.id}", ProblemKind.IMPORT, "warn", what.format(n=n, name=name), "",
        _("Everything else in it was imported."),
        _("Put these right in the file and import it again; what is there already is recognised."), note.at,
        (Action.SHOW_FILE, Action.CHOOSE_MAIL if mail else Action.CHOOSE_ORDERS, Action.DISMISS), place=note.place,
        details=details,
    )


class NotedInbox(InboxService):
    """The inbox, whose imports are noted."""

    notes: Notes | None = None

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport:
        report = await super().import_mail(path, progress)
        if self.notes is not None:
            await self.notes.imported("mail", path, report.seen, report.bad)
        return report


class NotedOrders(OrdersService):
    """The orders, whose imports are noted."""

    notes: Notes | None = None

    async def import_file(self, path: Path, progress: Progress | None = None) -> OrderImportReport:
        report = await super().import_file(path, progress)
        if self.notes is not None:
            await self.notes.imported("orders", path, report.seen, report.bad)
        return report
