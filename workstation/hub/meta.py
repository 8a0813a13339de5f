"""Single facts about a hub: its id, its name, and the epoch of its feed."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from workstation.hub.tables import HubMetaRow
from workstation.store.tables import table

_META = table(HubMetaRow)


def get(connection: Connection, name: str) -> str:
    return str(connection.execute(select(_META.c.value).where(_META.c.name == name)).scalar() or "")


def put(connection: Connection, name: str, value: str) -> None:
    changed = connection.execute(update(_META).where(_META.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(_META).values(name=name, value=value))
