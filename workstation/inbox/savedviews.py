"""Saved views: searches that stand in the left column, of the person at this desk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from workstation.domain.events import QueuesChanged
from workstation.domain.query import parse
from workstation.inbox.model import Queue, SavedView
from workstation.inbox.rows import LISTED
from workstation.inbox.searching import conditions
from workstation.inbox.searching.conditions import Condition
from workstation.kernel.clock import SECOND, Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.runtime.jobs import Jobs
from workstation.store import outbox
from workstation.store.database import Database
from workstation.store.unit import Unit

LONGEST_TITLE = 60
LONGEST_QUERY = 1_000
MOST_VIEWS = 100
KIND = "view"
Private = Callable[[Connection], str]


def nowhere(_connection: Connection) -> str:
    """There is no hub that keeps what is private to a person."""
    return ""


FRESH = 10 * SECOND
"""Counts of views younger than this are not counted anew; any query may be a view, and counting one may look at many
conversations. Until then the last numbers stand."""
MOST_COUNTED = 9_999


class SavedViews:
    """One collaborator of the inbox. `me` gives the member at this desk, `private` the collection in which their other
    devices are told of views, "" for none."""

    def __init__(
        self, database: Database, clock: Clock, jobs: Jobs, me: Callable[[], str], private: Private = nowhere
    ) -> None:
        self._private = private
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._me = me
        self._counts: dict[str, int] = {}
        self._counted_at: int | None = None
        self._counting = False
        self._fresh = FRESH

    async def queues(self) -> tuple[Queue, ...]:
        """The views as lines of the left column. Numbers that are old are counted aside; QueuesChanged says when they
        are others."""
        views = await self.all()
        stale = self._counted_at is None or abs(self._clock.now() - self._counted_at) >= self._fresh
        if views and not self._counting and (stale or any(view.id not in self._counts for view in views)):
            self._counting = True
            self._jobs.aside("views counted", self._count)
        return tuple(Queue(f"view:{v.id}", v.title, self._counts.get(v.id, 0), "views") for v in views)

    async def _count(self) -> None:
        began = time.monotonic()
        found: dict[str, int] = {}
        try:
            for view in await self.all():   # one by one: a reader is free for others between two
                found |= await self._database.read(partial(self._number, view=view))
        finally:
            self._counting = False
            # What takes long is done seldom: counting may take a tenth of the time.
            self._fresh = max(FRESH, int((time.monotonic() - began) * 10 * SECOND))
            self._counted_at = self._clock.now()
        if found != self._counts:
            self._counts = found
            await self._database.write(lambda unit: unit.emit(QueuesChanged()))

    def _number(self, connection: Connection, view: SavedView) -> dict[str, int]:
        where, values = self.condition(connection, view.id) or ("0", {})
        counted = f"SELECT count(*) FROM (SELECT 1 FROM conversation WHERE ({where}) AND {LISTED} LIMIT :most)"  # noqa: S608
        return {view.id: int(connection.exec_driver_sql(counted, {**values, "most": MOST_COUNTED}).scalar_one())}

    def condition(self, connection: Connection, view_id: str) -> Condition | None:
        """The WHERE of a view with its values; None when there is no such view."""
        view = find(connection, view_id)
        return conditions.condition(parse(view.query), self._clock.now(), self._me()) if view is not None else None

    async def all(self) -> tuple[SavedView, ...]:
        return await self._database.read(read)

    async def save(self, view: SavedView) -> SavedView:
        """As `api.InboxApi.save_view`."""
        wanted = replace(view, title=" ".join(view.title.split()), query=view.query.strip())
        _check(wanted)
        _usable(wanted.query)

        def work(unit: Unit) -> SavedView:
            kept = _save(unit, wanted)
            tell(unit, self._private(unit.conn), kept, self._clock.now())
            return kept

        return await self._database.write(work)

    async def remove(self, view_id: str) -> None:
        """Raises NotFound."""

        def work(unit: Unit) -> None:
            if not unit.conn.exec_driver_sql("DELETE FROM saved_view WHERE id = ?", (view_id,)).rowcount:
                raise _gone()
            tell_gone(unit, self._private(unit.conn), view_id, self._clock.now())
            unit.emit(QueuesChanged())

        await self._database.write(work)


def read(connection: Connection) -> tuple[SavedView, ...]:
    """All of them as they stand in the left column."""
    return tuple(SavedView(*row) for row in connection.exec_driver_sql(_ALL))


def find(connection: Connection, view_id: str) -> SavedView | None:
    row = connection.exec_driver_sql(_ONE, (view_id,)).first()
    return SavedView(*row) if row is not None else None


def tell(unit: Unit, collection: str, view: SavedView, at: int) -> None:
    """Tell this person's other devices of a view. Nothing happens while there is no `collection` for it."""
    if collection:
        body = {"kind": KIND, "title": view.title, "query": view.query, "position": view.position}
        outbox.append(unit, collection, view.id, "put", body, at)


def tell_gone(unit: Unit, collection: str, view_id: str, at: int) -> None:
    """Tell them that it was removed."""
    if collection:
        outbox.append(unit, collection, view_id, "put", {"kind": KIND, "gone": True}, at)


def put(connection: Connection, view: SavedView, title: str) -> None:
    """Keep a view under this title, which no other one has."""
    values = (view.id, title, title.casefold(), view.query, view.position)
    connection.exec_driver_sql(_PUT, values)


def _save(unit: Unit, view: SavedView) -> SavedView:
    known = find(unit.conn, view.id) if view.id else None
    if view.id and known is None:
        raise _gone()
    key = view.title.casefold()
    taken = unit.conn.exec_driver_sql("SELECT id FROM saved_view WHERE title_key = ?", (key,)).scalar()
    if taken is not None and taken != view.id:
        raise InputError(_("There is a view with that name already."), _("Choose another name."))
    kept = view if known else replace(view, id=new_id(), position=view.position or _next(unit.conn))
    put(unit.conn, kept, kept.title)
    unit.emit(QueuesChanged())
    return kept


def _next(connection: Connection) -> int:
    """The place after the last one. Raises InputError when there are too many."""
    count, last = connection.exec_driver_sql("SELECT count(*), coalesce(max(position), 0) FROM saved_view").one()
    if count >= MOST_VIEWS:
        raise InputError(
            _("There are {n} views already.").format(n=MOST_VIEWS), _("Remove one that nobody needs first."))
    return int(last) + 1


def _check(view: SavedView) -> None:
    if not view.title or not view.title.isprintable():
        raise InputError(_("A view needs a name."), _("Type what it shows, such as “Portuguese, late”."))
    if len(view.title) > LONGEST_TITLE:
        raise InputError(
            _("That name is too long."), _("Use at most {most} characters.").format(most=LONGEST_TITLE))
    if not view.query:
        raise InputError(_("A view needs a search."), _("Search for something first, then save it as a view."))
    if len(view.query) > LONGEST_QUERY:
        raise InputError(
            _("That search is too long to be a view."), _("Use at most {most} characters.").format(most=LONGEST_QUERY))


def _usable(text: str) -> None:
    """Raises InputError for a query of which something would be passed over."""
    query = parse(text)
    problem = next((term.problem for term in query.terms if term.problem), "")
    if problem:
        raise InputError(_("This search cannot be a view."), problem)
    if query.cut or not query.terms or conditions.condition(query, 0, "")[0] == "1":
        raise InputError(_("This search cannot be a view."), _("Name fewer things, and at least one."))


def _gone() -> NotFound:
    return NotFound(_("This view is not there any more."), _("Save it as a new one."))


_COLUMNS = "id, title, query, position"
_ALL = f"SELECT {_COLUMNS} FROM saved_view ORDER BY position, title_key"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM saved_view WHERE id = ?"  # noqa: S608
_PUT = (
    "INSERT INTO saved_view(id, title, title_key, query, position) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE "
    "SET title = excluded.title, title_key = excluded.title_key, query = excluded.query, position = excluded.position"
)
