"""The full-text index: contentless FTS5 beside the messages, written in the same transaction.

unicode61 folds accents but cuts Chinese and Japanese badly (13 % of two-character words found), so runs of such
characters are split into overlapping pairs before indexing and before asking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

CREATE = """
CREATE VIRTUAL TABLE IF NOT EXISTS message_index USING fts5(
    subject, body, people, ids, content='', contentless_delete=1,
    tokenize='unicode61 remove_diacritics 2', prefix='2 3')
"""
MOST_WORDS = 24
MOST_QUERY = 1_000
MOST_BODY = 100_000

# Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Myanmar: scripts written without spaces, or nearly so.
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_DENSE_RUN = re.compile(f"[{_DENSE}]+")
_WORD = re.compile(rf"[{_DENSE}]+|[^\W{_DENSE}]+(?:[-._@/#][^\W{_DENSE}]+)*")
_QUOTED = re.compile(r'"([^"]+)"')


def pairs(run: str) -> str:
    """A run of dense script as overlapping pairs: 退货单 → "退货 货单". A single character stays."""
    return run if len(run) < 2 else " ".join(run[i : i + 2] for i in range(len(run) - 1))


def prepare(text: str) -> str:
    """Text as it goes into the index."""
    if text.isascii():
        return text[:MOST_BODY]
    return _DENSE_RUN.sub(lambda match: f" {pairs(match.group())} ", text[:MOST_BODY])


INSERT = "INSERT INTO message_index(rowid, subject, body, people, ids) VALUES (?, ?, ?, ?, ?)"
"""For whoever indexes a batch with values that went through `prepare` already."""


def index(connection: Connection, rowid: int, subject: str, body: str, people: str, ids: str) -> None:
    """Index a message, in the transaction that stores it. `rowid` is its place in time order."""
    connection.exec_driver_sql(
        INSERT, (rowid, prepare(subject), prepare(body), prepare(people), prepare(ids)),
    )


def forget(connection: Connection, rowid: int) -> None:
    connection.exec_driver_sql("DELETE FROM message_index WHERE rowid = ?", (rowid,))


def expression(query: str) -> str:
    """What a person typed as an FTS5 expression: every word must occur, the last one as far as it was typed.

    Quoted words are a phrase. Everything is quoted, so no character of the query is an operator.
    Returns "" when there is nothing to look for.
    """
    query = query[:MOST_QUERY]
    phrases = [_phrase(part, open_end=False) for part in _QUOTED.findall(query)]
    words = _WORD.findall(_QUOTED.sub(" ", query))[:MOST_WORDS]
    typed = bool(query) and not query[-1].isspace()
    singles = [_phrase(word, open_end=typed and n == len(words) - 1) for n, word in enumerate(words)]
    return " AND ".join(part for part in (*phrases, *singles) if part)


def _phrase(words: str, *, open_end: bool) -> str:
    prepared = " ".join(prepare(words).replace('"', " ").split())
    if not prepared:
        return ""
    single_dense = len(prepared) == 1 and _DENSE_RUN.fullmatch(prepared) is not None
    return f'"{prepared}"' + ("*" if open_end or single_dense else "")


def find(connection: Connection, query: str, limit: int, before: int | None = None) -> Sequence[int]:
    """Rowids of messages that match, newest first, at most `limit`, older than rowid `before`."""
    wanted = expression(query)
    if not wanted:
        return ()
    rows = connection.exec_driver_sql(
        "SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
        (wanted, before if before is not None else 1 << 62, limit),
    )
    return [row[0] for row in rows]


def matches(connection: Connection, query: str, rowid: int) -> bool:
    """Whether this very message is a hit."""
    found = connection.exec_driver_sql(
        "SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid = ?", (expression(query), rowid)
    )
    return found.first() is not None
