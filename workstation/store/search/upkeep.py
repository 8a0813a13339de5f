"""Keeping the index quick and whole: merging while nobody works, checking, filling a new one and taking its place.

Every step is one short write transaction, so that mail that arrives never waits for more than one of them.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from workstation.store.search import content, places, shelves
from workstation.store.search.shelves import INDEX, Shelf
from workstation.store.search.writing import put_indexed

PAGES = 64
"""Pages of the index that one step of a merge writes: a few milliseconds."""
AUTOMERGE, CRISIS = 8, 64
"""Segments of one size at which FTS5 itself begins to merge, a little in each commit, and at which it merges all of
them within one commit (4 and 16 unless told otherwise)."""
BATCH = 500
"""Messages that one step of a rebuild indexes."""
CLEARED = 1_000
"""Pages of an old index that one step clears."""


def settle(connection: Connection) -> None:
    """Leave merging to `merge_step` where it can keep up: FTS5's own, done within commits, made single ones take half a
    second. Kept in the file; once for each index is enough."""
    for option, value in (("automerge", AUTOMERGE), ("crisismerge", CRISIS)):
        connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES (?, ?)", (option, value))  # noqa: S608


def merge_step(connection: Connection) -> bool:
    """Merge a little; False when there is nothing to merge. For when nobody works, in a transaction of its own."""
    before = _changes(connection)
    connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES ('merge', ?)", (PAGES,))  # noqa: S608
    # FTS5's manual: fewer than two changed rows say that the merge had nothing to do.
    return _changes(connection) - before >= 2


def optimize(connection: Connection) -> None:
    """Begin to bring the whole index into one segment, for after an import; `merge_step` finishes it in steps."""
    connection.exec_driver_sql(f"INSERT INTO {INDEX}({INDEX}, rank) VALUES ('merge', ?)", (-PAGES,))  # noqa: S608


def _changes(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT total_changes()").scalar_one())


# -- checking -------------------------------------------------------------------------------------------------------


def damaged(connection: Connection) -> bool:
    """Whether the index contradicts itself or lacks messages. Reads all of it: seconds in a large store."""
    shelf = shelves.read(connection)
    try:
        said = connection.exec_driver_sql(f"PRAGMA integrity_check({shelf.answering})").scalars().all()
    except DBAPIError as problem:
        if not shelves.is_damage(problem.orig or problem):
            raise
        return True
    return list(said) != ["ok"] or incomplete(connection)


def incomplete(connection: Connection) -> bool:
    """Whether there are messages that the index does not know, or the other way round. Counts rows."""
    name = shelves.read(connection).answering
    counted = "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM message_place), "
    rows = connection.exec_driver_sql(f"{counted}(SELECT count(*) FROM {name}_docsize)").one()  # noqa: S608
    return len(set(rows)) != 1


# -- filling anew ---------------------------------------------------------------------------------------------------


def fill_step(connection: Connection, shelf: Shelf) -> Shelf:
    """Index the next messages in the new index; the last step lets it take the old one's place.

    Returns how it stands then: `filling` False when that is done.
    """
    rows = connection.exec_driver_sql(_NEXT, (shelf.upto, BATCH)).all()
    if not rows:
        after = shelves.swap(connection, shelf)
        settle(connection)
        return after
    words = content.of(connection, [seq for _place, seq in rows])
    put_indexed(connection, shelf.filled, [(place, seq, words[seq]) for place, seq in rows if seq in words])
    after = replace(shelf, upto=rows[-1][0])
    shelves.keep(connection, after)
    return after


def unplaced(connection: Connection) -> bool:
    """Whether messages lack a place, or places a message."""
    both = "SELECT (SELECT count(*) FROM message) <> (SELECT count(*) FROM message_place)"
    return bool(connection.exec_driver_sql(both).scalar_one())


def place_all(connection: Connection) -> None:
    """Give a place to every message that has none, and forget those of messages that are gone."""
    connection.exec_driver_sql("DELETE FROM message_place WHERE seq NOT IN (SELECT seq FROM message)")
    lacking = connection.exec_driver_sql(_LACKING).all()
    places.take(connection, [(seq, at) for seq, at in lacking])


def progress(connection: Connection) -> tuple[int, int]:
    """How many messages the new index has, and how many there are; (0, 0) when none is filled."""
    shelf = shelves.read(connection)
    if not shelf.filling:
        return 0, 0
    done = connection.exec_driver_sql("SELECT count(*) FROM message_place WHERE place <= ?", (shelf.upto,)).scalar_one()
    return int(done), int(connection.exec_driver_sql("SELECT count(*) FROM message_place").scalar_one())


def clear_step(connection: Connection) -> bool:
    """Clear a part of an index that nobody asks any more. False when there is none left.

    Page by page, because what is deleted is overwritten: to drop 700 MB at once would hold up every write.
    """
    shelf = shelves.read(connection)
    if not shelf.gone:
        return False
    name = shelf.gone[0]
    if shelves.exists(connection, name):
        some = f"SELECT id FROM {name}_data WHERE id > 10 LIMIT ?"  # noqa: S608 - up to 10 its own bookkeeping
        cleared = connection.exec_driver_sql(f"DELETE FROM {name}_data WHERE id IN ({some})", (CLEARED,))  # noqa: S608
        if cleared.rowcount:
            return True
        connection.exec_driver_sql(f"DROP TABLE {name}")
    shelves.keep(connection, replace(shelf, gone=shelf.gone[1:]))
    return True


_NEXT = "SELECT place, seq FROM message_place WHERE place > ? ORDER BY place LIMIT ?"
_LACKING = "SELECT seq, at FROM message WHERE seq NOT IN (SELECT seq FROM message_place)"
