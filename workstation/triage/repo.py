"""SQL of triage: how far it read, and corrections. Every function runs in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

MOST_EXAMPLES = 2_000
"""Corrections that are learned from, the newest."""


@dataclass(frozen=True, slots=True)
class Correction:
    conversation_id: str
    kind: str
    value: str
    at: int
    words: tuple[int, ...]


def read_to(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """(last_at, version) up to which these conversations were read; one that never was is left out."""
    rows = connection.exec_driver_sql(_READ_TO, (json.dumps(list(ids)),))
    return {conversation_id: (last_at, version) for conversation_id, last_at, version in rows}


def mark(connection: Connection, rows: Iterable[tuple[str, int, str]]) -> None:
    """(conversation, last_at, version) of what was just read."""
    connection.exec_driver_sql(_MARK, list(rows))


def forget(connection: Connection, conversation_id: str) -> None:
    """Have this conversation read again."""
    connection.exec_driver_sql("DELETE FROM triage WHERE conversation_id = ?", (conversation_id,))


def of_persons(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """What persons said: value by kind, by conversation."""
    found: dict[str, dict[str, str]] = {}
    for conversation_id, kind, value in connection.exec_driver_sql(_OF_PERSONS, (json.dumps(list(ids)),)):
        found.setdefault(conversation_id, {})[kind] = value
    return found


def correction(connection: Connection, conversation_id: str, kind: str) -> Correction | None:
    rows = connection.exec_driver_sql(f"{_ALL} WHERE conversation_id = ? AND kind = ?", (conversation_id, kind))
    return next(iter(_corrections(rows)), None)


def examples(connection: Connection) -> tuple[Correction, ...]:
    """The newest corrections, to learn from."""
    return tuple(_corrections(connection.exec_driver_sql(f"{_ALL} ORDER BY at DESC LIMIT ?", (MOST_EXAMPLES,))))


def put(connection: Connection, made: Correction) -> None:
    connection.exec_driver_sql(
        _PUT, (made.conversation_id, made.kind, made.value, made.at, json.dumps(list(made.words))))


def wordless(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Those of these conversations of which something was said before their messages were here."""
    return [i for (i,) in connection.exec_driver_sql(_WORDLESS, (json.dumps(list(ids)),))]


def put_words(connection: Connection, conversation_id: str, words: Sequence[int]) -> None:
    """The words that these corrections teach about."""
    connection.exec_driver_sql(_PUT_WORDS, (json.dumps(list(words)), conversation_id))


def remove(connection: Connection, conversation_id: str, kind: str) -> None:
    connection.exec_driver_sql(
        "DELETE FROM triage_correction WHERE conversation_id = ? AND kind = ?", (conversation_id, kind))


def _corrections(rows: Iterable[Sequence[object]]) -> list[Correction]:
    return [Correction(str(i), str(kind), str(value), int(str(at)), tuple(json.loads(str(words))))
            for i, kind, value, at, words in rows]


_READ_TO = (
    "SELECT conversation_id, last_at, version FROM triage WHERE conversation_id IN (SELECT value FROM json_each(?))"
)
_MARK = (
    "INSERT INTO triage(conversation_id, last_at, version) VALUES (?, ?, ?) "
    "ON CONFLICT(conversation_id) DO UPDATE SET last_at = excluded.last_at, version = excluded.version"
)
_OF_PERSONS = (
    "SELECT conversation_id, kind, value FROM triage_correction "
    "WHERE conversation_id IN (SELECT value FROM json_each(?))"
)
_WORDLESS = (
    "SELECT DISTINCT conversation_id FROM triage_correction "
    "WHERE conversation_id IN (SELECT value FROM json_each(?)) AND words = '[]'"
)
_PUT_WORDS = "UPDATE triage_correction SET words = ? WHERE conversation_id = ? AND words = '[]'"
_ALL = "SELECT conversation_id, kind, value, at, words FROM triage_correction"
_PUT = (
    "INSERT INTO triage_correction(conversation_id, kind, value, at, words) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT(conversation_id, kind) DO UPDATE SET value = excluded.value, at = excluded.at, words = excluded.words"
)
