"""Messages into and out of the index, always in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from workstation.store.search import content, places, shelves
from workstation.store.search.content import Words
from workstation.store.search.shelves import COLUMNS, FIRST, Shelf
from workstation.store.search.words import prepare


@dataclass(frozen=True, slots=True)
class Entry:
    """A new message for the index: `words` are subject, body, sender, people and files, prepared already."""

    seq: int
    at: int
    words: tuple[str, ...]


def add(connection: Connection, entries: Sequence[Entry]) -> None:
    """Index new messages. For one index a batch is three statements.

    FTS5 writes what it has gathered to the file whenever a rowid is smaller than the one before, so a batch goes in
    in the order of its places; one segment for a batch of 1,000 instead of hundreds.
    """
    words = {entry.seq: (*entry.words, *[""] * (len(COLUMNS) - len(entry.words))) for entry in entries}
    taken = places.take(connection, [(entry.seq, entry.at) for entry in entries])
    _insert(connection, shelves.read(connection), [(place, seq, words[seq]) for place, seq in taken])  # type: ignore[misc]


def index(
    connection: Connection, seq: int, at: int, subject: str, body: str, sender: str = "", people: str = "",
    files: str = "",
) -> None:
    """Index one new message, written `at` (milliseconds)."""
    add(connection, [Entry(seq, at, tuple(map(prepare, (subject, body, sender, people, files))))])


def forget(connection: Connection, seq: int) -> None:
    """Take a message out of the index. Its row may be gone already."""
    place = places.of(connection, [seq]).get(seq)
    if place is None:
        return
    _take_out(connection, shelves.read(connection), place, seq)
    connection.exec_driver_sql("DELETE FROM message_place WHERE place = ?", (place,))


def refresh(connection: Connection, message_ids: Iterable[str]) -> None:
    """Something the index covers of these messages is another: a translation, a file, words in a picture."""
    found = connection.exec_driver_sql(_BY_ID, (json.dumps(list(message_ids)),))
    _refresh(connection, [seq for (seq,) in found])


def refresh_conversations(connection: Connection, conversation_ids: Iterable[str]) -> None:
    """The orders linked to these conversations, or what they are numbered by, are others."""
    found = connection.exec_driver_sql(_FIRST_OF, (json.dumps(list(conversation_ids)),))
    _refresh(connection, [seq for (seq,) in found if seq is not None])


def put_extra(connection: Connection, message_id: str, source: str, text: str) -> None:
    """Words that belong to a message and stand nowhere else, as read from a picture of it; "" takes them away.
    `source` names what they are from (an attachment's or a record's id): its later words replace these."""
    if text:
        connection.exec_driver_sql(_PUT_EXTRA, (message_id, source, text))
    else:
        connection.exec_driver_sql(
            "DELETE FROM message_extra WHERE message_id = ? AND source = ?", (message_id, source))
    refresh(connection, [message_id])


def put_indexed(connection: Connection, name: str, rows: Iterable[tuple[int, int, Words]]) -> None:
    """Rows of (place, seq, words) into one index, in the order of its rowids."""
    if name == FIRST:
        # The first schema's index: rowid in order of arrival, four columns.
        old = sorted((seq, w[0], "\n".join((w[1], w[6])), f"{w[2]} {w[3]}", f"{w[4]} {w[5]}") for _p, seq, w in rows)
        if old:
            connection.exec_driver_sql(_INSERT_FIRST, old)
        return
    new = sorted((place, *words) for place, _seq, words in rows)
    if new:
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        connection.exec_driver_sql(f"INSERT INTO {name}(rowid, {', '.join(COLUMNS)}) VALUES ({marks})", new)  # noqa: S608


def _insert(connection: Connection, shelf: Shelf, rows: Sequence[tuple[int, int, Words]]) -> None:
    """A damaged index must not keep mail out: it gets no more messages, and a new one is filled."""
    if not shelf.broken and not _put(connection, shelf.answering, rows):
        shelf = shelves.give_up(connection)
    reached = [row for row in rows if shelf.filling and row[0] <= shelf.upto]
    if reached and not _put(connection, shelf.filled, reached):
        shelves.start_over(connection, shelf)


def _put(connection: Connection, name: str, rows: Iterable[tuple[int, int, Words]]) -> bool:
    """False when the index is damaged; it is as before then. The savepoint makes FTS5 write, and say so, here and not
    at the commit."""
    try:
        with connection.begin_nested():
            put_indexed(connection, name, rows)
    except DBAPIError as problem:
        if not shelves.is_damage(problem.orig or problem):
            raise
        return False
    return True


def _refresh(connection: Connection, seqs: Sequence[int]) -> None:
    if not seqs:
        return
    shelf, words, at = shelves.read(connection), content.of(connection, seqs), places.of(connection, seqs)
    rows = [(at[seq], seq, words[seq]) for seq in words if seq in at]
    for place, seq, _words in rows:
        shelf = _take_out(connection, shelf, place, seq)
    _insert(connection, shelf, rows)


def _take_out(connection: Connection, shelf: Shelf, place: int, seq: int) -> Shelf:
    """Take a message out of the indexes that have it."""
    if not shelf.broken and not _delete(connection, shelf.answering, seq if shelf.first else place):
        shelf = shelves.give_up(connection)
    if shelf.filling and place <= shelf.upto and not _delete(connection, shelf.filled, place):
        shelf = shelves.start_over(connection, shelf)
    return shelf


def _delete(connection: Connection, name: str, rowid: int) -> bool:
    """False when the index is damaged."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"DELETE FROM {name} WHERE rowid = ?", (rowid,))  # noqa: S608
    except DBAPIError as problem:
        if not shelves.is_damage(problem.orig or problem):
            raise
        return False
    return True


_BY_ID = "SELECT seq FROM message WHERE id IN (SELECT value FROM json_each(?))"
_FIRST_OF = (
    "SELECT (SELECT m.seq FROM message m WHERE m.conversation_id = c.value ORDER BY m.at, m.seq LIMIT 1) "  # noqa: S608
    "FROM json_each(?1) c UNION SELECT m.seq FROM json_each(?1) c JOIN message m "
    f"ON m.id = {content.FIRST_OF_BASE.format(base='c.value')}"
)
_PUT_EXTRA = (
    "INSERT INTO message_extra(message_id, source, text) VALUES (?, ?, ?) "
    "ON CONFLICT(message_id, source) DO UPDATE SET text = excluded.text"
)
_INSERT_FIRST = f"INSERT INTO {FIRST}(rowid, subject, body, people, ids) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
