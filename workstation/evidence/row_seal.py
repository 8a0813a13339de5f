"""A checksum in each row of the tables around the proofs: nothing in them changes unseen.

What is signed is checked by its signature. Beside it lie numbers, names and addresses that nobody signs, and a token
has bytes that its own signature leaves out. The checksum is no proof against somebody with the store's key; it finds
what a disk or a hand changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update


def sealed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values with their seal; every column of the table has to be among them."""
    return {**values, "seal": digest(values)}


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 over all values but the seal, hex."""
    plain = {name: value.hex() if isinstance(value, bytes) else value
             for name, value in values.items() if name != "seal"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def change(connection: Connection, table: Table, where: ColumnElement[bool], **changes: Any) -> int:
    """Change rows and seal them anew. Returns how many there were."""
    rows = [dict(row) for row in connection.execute(select(table).where(where)).mappings()]
    for row in rows:
        connection.execute(update(table).where(_same(table, row)).values(**sealed({**row, **changes})))
    return len(rows)


def broken(connection: Connection, table: Table) -> tuple[str, ...]:
    """The names (primary keys) of rows whose seal does not hold."""
    names = [column.name for column in table.primary_key.columns]
    return tuple(
        " ".join(str(row[name]) for name in names)
        for row in connection.execute(select(table)).mappings() if digest(dict(row)) != row["seal"])


def _same(table: Table, row: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))
