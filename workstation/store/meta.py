"""Single facts about this home."""

from __future__ import annotations

from sqlalchemy import Connection

# Plain SQL: the place in the chain is such a fact, a capture waits for it, and building a statement costs ten times
# its execution.
_GET = "SELECT value FROM meta WHERE name = ?"
_PUT = "INSERT INTO meta(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value"


def get(connection: Connection, name: str, default: str = "") -> str:
    value = connection.exec_driver_sql(_GET, (name,)).scalar()
    return default if value is None else str(value)


def put(connection: Connection, name: str, value: str) -> None:
    connection.exec_driver_sql(_PUT, (name, value))
