"""Words of erased messages out of the index for good.

FTS5 forgets a row of a contentless index by a mark and keeps its words in the segment until that is merged. Merging
everything into one segment drops them; the pages that become free are overwritten (`secure_delete`). A small index is
merged at once, a large one in steps, and what is to be done is kept in the file, so that an end in between forgets
nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection

from workstation.store.search import shelves
from workstation.store.search.shelves import INDEX
from workstation.store.search.upkeep import PAGES, optimize

FACT = "search_purge"
ASKED, BEGUN, DONE = "asked", "begun", ""
AT_ONCE = 3_000
"""Messages of an index that is merged in the transaction of the erasure."""


def ask(connection: Connection) -> None:
    """Something was taken out of the index that must not stay in its pages. Done at once where it is small."""
    _keep(connection, ASKED)
    if _many(connection):
        return
    while step(connection):
        pass


def waiting(connection: Connection) -> bool:
    """Whether words of what was erased may still be in the index's pages."""
    return _stage(connection) != DONE


def step(connection: Connection) -> bool:
    """A little of it. False when there is nothing to do, or nothing yet: an index that is being filled comes first."""
    stage, shelf = _stage(connection), shelves.read(connection)
    if stage == DONE or shelf.filling or shelf.gone or shelf.first:
        return False
    before = _changes(connection)
    if stage == ASKED:
        optimize(connection)
        _keep(connection, BEGUN)
        return True
    connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES ('merge', ?)", (PAGES,))  # noqa: S608
    # FTS5's manual: fewer than two changed rows say that the merge had nothing to do.
    if _changes(connection) - before < 2:
        _keep(connection, DONE)
        return False
    return True


def _many(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM message_place LIMIT 1 OFFSET ?", (AT_ONCE,)).first() is not None


def _stage(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (FACT,)).scalar() or DONE)


def _keep(connection: Connection, stage: str) -> None:
    put = "INSERT INTO meta(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value"
    connection.exec_driver_sql(put, (FACT, stage))


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())
