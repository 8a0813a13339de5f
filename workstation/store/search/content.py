"""What the index holds of a message, read from the tables by plain SQL: for whoever changes a part of it later, and for
filling an index anew. So both leave the same words.

The index stands below every feature whose tables it reads, as the migrations do; none is imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from workstation.store.search.words import MOST_BODY, prepare

Words = tuple[str, str, str, str, str, str, str]
"""Subject, body, sender, people, files, numbers, other: as `shelves.COLUMNS`, prepared."""


FIRST_OF_BASE = (
    "(SELECT g.message_id FROM message_home g JOIN message f ON f.id = g.message_id WHERE g.base = {base} "
    "ORDER BY f.at, f.seq LIMIT 1)"
)
"""The first message of a conversation that was merged into another."""


def of(connection: Connection, seqs: Sequence[int]) -> dict[int, Words]:
    """The words of these messages by seq; a message that is gone is left out."""
    key = (json.dumps(list(seqs)),)
    rows = connection.exec_driver_sql(_MESSAGES, key).all()
    files = _joined(connection.exec_driver_sql(_FILES, key))
    other = _joined([*connection.exec_driver_sql(_TRANSLATIONS, key), *connection.exec_driver_sql(_EXTRA, key)])
    numbers = _joined(row[:2] for row in connection.exec_driver_sql(_NUMBERS, key))
    found: dict[int, Words] = {}
    for seq, subject, text, original, name, email, recipients, cc in rows:
        body = f"{text}\n{original}" if original else text
        parts = (subject, body, f"{name} {email}", people(recipients, cc), files.get(seq, ""), numbers.get(seq, ""),
                 other.get(seq, ""))
        found[seq] = tuple(map(prepare, parts))  # type: ignore[assignment]
    return found


def people(*lists: str) -> str:
    """Names and addresses of JSON lists [[email, name], …] as words."""
    return " ".join(f"{name} {email}" for some in lists for email, name in json.loads(some or "[]"))


def _joined(rows: Iterable[Sequence[object]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for seq, words in rows:
        before = found.get(int(str(seq)), "")
        if len(before) < MOST_BODY:
            found[int(str(seq))] = f"{before}\n{words}" if before else str(words)
    return found


_AMONG = "m.seq IN (SELECT value FROM json_each(?1))"
_MESSAGES = (
    f"SELECT m.seq, m.subject, substr(m.text, 1, {MOST_BODY}), m.original, m.author_name, m.author_email, "  # noqa: S608
    f"m.recipients, m.cc FROM message m WHERE {_AMONG}"
)
_FILES = (
    "SELECT m.seq, a.name FROM message m JOIN attachment a ON a.message_id = m.id "  # noqa: S608
    f"WHERE {_AMONG} ORDER BY a.position"
)
_TRANSLATIONS = (
    "SELECT m.seq, t.text FROM message m JOIN message_translation t ON t.message_id = m.id "  # noqa: S608
    f"WHERE {_AMONG} ORDER BY t.language"
)
_EXTRA = (
    "SELECT m.seq, e.text FROM message m JOIN message_extra e ON e.message_id = m.id "  # noqa: S608
    f"WHERE {_AMONG} ORDER BY e.source"
)
# A conversation's orders are found at its first message, which stays the first; those of one that was merged into
# another at the first of its own.
_NUMBERS = (
    "SELECT m.seq, o.order_id || ' ' || o.tracking_number, o.order_id FROM message m "  # noqa: S608
    "JOIN order_link l ON l.conversation_id = m.conversation_id JOIN sales_order o ON o.id = l.order_id "
    f"WHERE {_AMONG} AND m.seq = (SELECT f.seq FROM message f WHERE f.conversation_id = m.conversation_id "
    "ORDER BY f.at, f.seq LIMIT 1) "
    "UNION SELECT m.seq, o.order_id || ' ' || o.tracking_number, o.order_id FROM message m "
    "JOIN message_home h ON h.message_id = m.id JOIN order_link l ON l.conversation_id = h.base "
    "JOIN sales_order o ON o.id = l.order_id "
    f"WHERE {_AMONG} AND m.id = {FIRST_OF_BASE.format(base='h.base')} ORDER BY 3"
)
