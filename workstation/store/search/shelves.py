"""Which index answers and which one is being filled beside it.

A rebuild fills a second index from the oldest message to the newest, so that what arrives meanwhile is either
reached later or written to both. Two cases share it: a damaged or outdated index (`message_index` answers,
`message_index_next` is filled and takes its place), and the first schema's index of a store that was upgraded
(`message_index_first`, whose rowids are the order of arrival, answers until `message_index` is full).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

INDEX, NEXT, FIRST = "message_index", "message_index_next", "message_index_first"
COLUMNS = ("subject", "body", "sender", "people", "files", "numbers", "other")
FACT = "search_index"

_OPTIONS = "content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3'"


def statement(name: str) -> str:
    return f"CREATE VIRTUAL TABLE IF NOT EXISTS {name} USING fts5({', '.join(COLUMNS)}, {_OPTIONS})"


CREATE = statement(INDEX)


@dataclass(frozen=True, slots=True)
class Shelf:
    """`first`: the first schema's index answers. `filling`: another one is being filled and has every message up to
    the place `upto`. `gone`: indexes that nobody asks any more, to be cleared a little at a time. `broken`: what
    answers is damaged and takes no more messages."""

    first: bool = False
    filling: bool = False
    upto: int = -1
    gone: tuple[str, ...] = ()
    broken: bool = False

    @property
    def answering(self) -> str:
        return FIRST if self.first else INDEX

    @property
    def filled(self) -> str:
        return INDEX if self.first else NEXT


def read(connection: Connection) -> Shelf:
    found = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (FACT,)).scalar()
    return from_text(found or "")


def from_text(kept: str) -> Shelf:
    """As it is kept among the facts of the home, "" where none is."""
    if not kept:
        return Shelf()
    values = json.loads(kept)
    return Shelf(**{**values, "gone": tuple(values["gone"])})


def keep(connection: Connection, shelf: Shelf) -> None:
    put = "INSERT INTO meta(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value"
    connection.exec_driver_sql(put, (FACT, json.dumps(asdict(shelf))))


def create(connection: Connection) -> None:
    """The index of a store that has none."""
    connection.exec_driver_sql(CREATE)


def begin(connection: Connection) -> Shelf:
    """Start to fill a new index, or go on with the one that is being filled."""
    shelf = read(connection)
    if shelf.filling:
        return shelf
    connection.exec_driver_sql(statement(shelf.filled))
    shelf = replace(shelf, filling=True, upto=-1)
    keep(connection, shelf)
    return shelf


def give_up(connection: Connection) -> Shelf:
    """What answers is damaged: fill another one, and leave this one as it is until then."""
    shelf = replace(begin(connection), broken=True)
    keep(connection, shelf)
    return shelf


def start_over(connection: Connection, shelf: Shelf) -> Shelf:
    """What was being filled is damaged, too: fill it from the beginning."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {shelf.filled}")
    connection.exec_driver_sql(statement(shelf.filled))
    shelf = replace(shelf, upto=-1)
    keep(connection, shelf)
    return shelf


def exists(connection: Connection, name: str) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).first() is not None


def is_damage(problem: BaseException) -> bool:
    """Whether the index itself is what is wrong: broken pages, or a part of it that is gone."""
    text = str(problem).lower()
    return any(sign in text for sign in ("malformed", "fts5", "vtable", INDEX, "corrupt"))


def swap(connection: Connection, shelf: Shelf) -> Shelf:
    """The filled index answers from now on. The old one is set aside: to drop a large one would hold up every write."""
    if shelf.first:
        aside = FIRST
    else:
        aside = next(name for n in range(1_000_000) if (name := f"message_index_old{n}") not in shelf.gone)
        if exists(connection, INDEX):
            connection.exec_driver_sql(f"ALTER TABLE {INDEX} RENAME TO {aside}")
        connection.exec_driver_sql(f"ALTER TABLE {NEXT} RENAME TO {INDEX}")
    after = Shelf(gone=(*shelf.gone, aside))
    keep(connection, after)
    return after
