"""Schema 0002: every message gets its place in time order, and the first schema's index makes room for the one that has
sender, numbers and translations. Frozen with that schema: a later change is a later file.

Nothing is indexed here. An upgrade of a million messages must not hold up the start; `upkeep` does it afterwards.
"""

from __future__ import annotations

from sqlalchemy import Connection

_STATEMENTS = (
    "ALTER TABLE message_index RENAME TO message_index_first",
    ("CREATE VIRTUAL TABLE message_index USING fts5(subject, body, sender, people, files, numbers, other, content='', "
     "contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')"),
    # The second in which it was written, or the next free one: as `places.take`, for all at once.
    ("INSERT INTO message_place(place, seq) SELECT n + max(second - n) OVER (ORDER BY at, seq), seq FROM "
     "(SELECT seq, at, max(at / 1000, 0) AS second, row_number() OVER (ORDER BY at, seq) AS n FROM message)"),
)
_EMPTY = (
    "DROP TABLE message_index_first",
    "INSERT INTO message_index(message_index, rank) VALUES ('automerge', 8), ('crisismerge', 64)",
)
_FILL = (
    "INSERT INTO meta(name, value) VALUES ('search_index', "
    "'{\"first\": true, \"filling\": true, \"upto\": -1, \"gone\": []}')"
)


def run(connection: Connection) -> None:
    for statement in _STATEMENTS:
        connection.exec_driver_sql(statement)
    if connection.exec_driver_sql("SELECT 1 FROM message LIMIT 1").first() is not None:
        connection.exec_driver_sql(_FILL)
        return
    for statement in _EMPTY:
        connection.exec_driver_sql(statement)
