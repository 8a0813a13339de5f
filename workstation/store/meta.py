"""Single facts about this home."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from workstation.store.tables import MetaRow, table

_T = table(MetaRow)


def get(connection: Connection, name: str, default: str = "") -> str:
    value = connection.execute(select(_T.c.value).where(_T.c.name == name)).scalar()
    return default if value is None else str(value)


def put(connection: Connection, name: str, value: str) -> None:
    statement = insert(_T).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
