"""Saved views: searches that stand in the left column, kept on this desk."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from workstation.domain.events import QueuesChanged
from workstation.inbox.model import SavedView
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.database import Database
from workstation.store.unit import Unit

LONGEST_TITLE = 60
LONGEST_QUERY = 1_000
MOST_VIEWS = 100


class SavedViews:
    """One collaborator of the inbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[SavedView, ...]:
        return await self._database.read(read)

    async def save(self, view: SavedView) -> SavedView:
        """As `api.InboxApi.save_view`."""
        wanted = replace(view, title=" ".join(view.title.split()), query=view.query.strip())
        _check(wanted)
        return await self._database.write(lambda unit: _save(unit, wanted))

    async def remove(self, view_id: str) -> None:
        """Raises NotFound."""

        def work(unit: Unit) -> None:
            if not unit.conn.exec_driver_sql("DELETE FROM saved_view WHERE id = ?", (view_id,)).rowcount:
                raise _gone()
            unit.emit(QueuesChanged())

        await self._database.write(work)


def read(connection: Connection) -> tuple[SavedView, ...]:
    """All of them as they stand in the left column."""
    return tuple(SavedView(*row) for row in connection.exec_driver_sql(_ALL))


def find(connection: Connection, view_id: str) -> SavedView | None:
    row = connection.exec_driver_sql(_ONE, (view_id,)).first()
    return SavedView(*row) if row is not None else None


def _save(unit: Unit, view: SavedView) -> SavedView:
    known = find(unit.conn, view.id) if view.id else None
    if view.id and known is None:
        raise _gone()
    key = view.title.casefold()
    taken = unit.conn.exec_driver_sql("SELECT id FROM saved_view WHERE title_key = ?", (key,)).scalar()
    if taken is not None and taken != view.id:
        raise InputError(_("There is a view with that name already."), _("Choose another name."))
    kept = view if known else replace(view, id=new_id(), position=view.position or _next(unit.conn))
    unit.conn.exec_driver_sql(_PUT, (kept.id, kept.title, key, kept.query, kept.position))
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


def _gone() -> NotFound:
    return NotFound(_("This view is not there any more."), _("Save it as a new one."))


_COLUMNS = "id, title, query, position"
_ALL = f"SELECT {_COLUMNS} FROM saved_view ORDER BY position, title_key"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM saved_view WHERE id = ?"  # noqa: S608
_PUT = (
    "INSERT INTO saved_view(id, title, title_key, query, position) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE "
    "SET title = excluded.title, title_key = excluded.title_key, query = excluded.query, position = excluded.position"
)
