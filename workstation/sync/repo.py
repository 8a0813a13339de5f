"""The mirror, kept bodies, conflicts and parked changes: tables in, values out."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.sqlite import insert

from workstation.store.core import table
from workstation.sync.model import Conflict
from workstation.sync.wire import Entity

_MIRROR = table("sync_entity")
_BODY = table("sync_body")
_CONFLICT = table("sync_conflict")
_PARKED = table("sync_parked")


# SQLite joins the lines: a hundred thousand of them in Python would hold the interpreter for a second.
_LINES = text("""
    SELECT count(*) AS number, max(entity_id) AS last,
           group_concat(entity_id || char(31) || body_hash || char(10), '' ORDER BY entity_id) AS lines
    FROM (SELECT entity_id, body_hash FROM sync_entity
          WHERE collection = :collection AND entity_id > :after ORDER BY entity_id LIMIT 5000)
""")


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the hub holds, as far as this desktop knows."""

    entity_id: str
    kind: str
    body_hash: str
    version: int


def body_hash(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def mirrored(connection: Connection, collection: str, entity_id: str) -> Mirrored | None:
    here = (_MIRROR.c.collection == collection) & (_MIRROR.c.entity_id == entity_id)
    row = connection.execute(select(_MIRROR).where(here)).first()
    return None if row is None else Mirrored(row.entity_id, row.kind, row.body_hash, row.version)


def mirrored_range(connection: Connection, collection: str, after: str, last: str | None) -> dict[str, Mirrored]:
    """The mirror's entities with `after` < id ≤ `last` (None: to the end)."""
    wanted = (_MIRROR.c.collection == collection) & (_MIRROR.c.entity_id > after)
    if last is not None:
        wanted &= _MIRROR.c.entity_id <= last
    rows = connection.execute(select(_MIRROR).where(wanted))
    return {row.entity_id: Mirrored(row.entity_id, row.kind, row.body_hash, row.version) for row in rows}


def known(connection: Connection, collection: str, ids: Collection[str]) -> frozenset[str]:
    """Which of these entities the hub is known to hold."""
    query = "SELECT entity_id FROM sync_entity WHERE collection = ? AND entity_id IN (SELECT value FROM json_each(?))"
    return frozenset(found for (found,) in connection.exec_driver_sql(query, (collection, json.dumps(list(ids)))))


def mirror(connection: Connection, collection: str, entity: Entity) -> None:
    values = {"kind": entity.kind, "body_hash": body_hash(entity.body), "version": entity.version}
    statement = insert(_MIRROR).values(collection=collection, entity_id=entity.entity_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["collection", "entity_id"], set_=values))


def unmirror(connection: Connection, collection: str, entity_id: str) -> None:
    here = (_MIRROR.c.collection == collection) & (_MIRROR.c.entity_id == entity_id)
    connection.execute(delete(_MIRROR).where(here))


def collections(connection: Connection) -> set[str]:
    return set(connection.execute(select(_MIRROR.c.collection).distinct()).scalars())


def digest(connection: Connection, collection: str) -> tuple[int, str]:
    """Count, and SHA-256 over `entity id, unit separator, SHA-256 of the body, line feed`, sorted by id."""
    total, count, after = hashlib.sha256(), 0, ""
    while True:
        found = connection.execute(_LINES, {"collection": collection, "after": after}).one()
        if not found.number:
            return count, total.hexdigest()
        total.update(found.lines.encode())
        count, after = count + found.number, found.last


def keep_body(connection: Connection, collection: str, entity_id: str, body: str) -> None:
    packed = zlib.compress(body.encode())
    statement = insert(_BODY).values(collection=collection, entity_id=entity_id, body=packed)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["collection", "entity_id"], set_={"body": packed})
    )


def kept_body(connection: Connection, collection: str, entity_id: str) -> str | None:
    here = (_BODY.c.collection == collection) & (_BODY.c.entity_id == entity_id)
    packed = connection.execute(select(_BODY.c.body).where(here)).scalar()
    return None if packed is None else zlib.decompress(packed).decode()


def kept_bodies(connection: Connection, collection: str, ids: Collection[str]) -> tuple[str, ...]:
    """The bodies of those of these entities that are kept."""
    query = "SELECT body FROM sync_body WHERE collection = ? AND entity_id IN (SELECT value FROM json_each(?))"
    found = connection.exec_driver_sql(query, (collection, json.dumps(list(ids))))
    return tuple(zlib.decompress(packed).decode() for (packed,) in found)


def keep_conflict(connection: Connection, conflict: Conflict) -> None:
    connection.execute(insert(_CONFLICT).values(**asdict(conflict)).on_conflict_do_nothing())


def conflicts(connection: Connection, collection: str, entity_id: str) -> tuple[Conflict, ...]:
    """What lost on this entity, oldest first."""
    here = (_CONFLICT.c.collection == collection) & (_CONFLICT.c.entity_id == entity_id)
    rows = connection.execute(select(_CONFLICT).where(here).order_by(_CONFLICT.c.at, _CONFLICT.c.id)).mappings()
    return tuple(Conflict(**row) for row in rows)


def drop_private(connection: Connection, prefix: str, keep: str) -> None:
    """Forget what is kept of collections that begin so, but for one: they are another member's by now."""
    for name in ("sync_entity", "sync_body", "sync_parked", "outbox"):
        connection.exec_driver_sql(
            f"DELETE FROM {name} WHERE substr(collection, 1, ?) = ? AND collection != ?",  # noqa: S608
            (len(prefix), prefix, keep))


def park(connection: Connection, collection: str, entity: Entity) -> None:
    unpark(connection, collection, entity.entity_id)
    connection.execute(insert(_PARKED).values(collection=collection, **_values(entity)))


def unpark(connection: Connection, collection: str, entity_id: str) -> None:
    here = (_PARKED.c.collection == collection) & (_PARKED.c.entity_id == entity_id)
    connection.execute(delete(_PARKED).where(here))


def parked(connection: Connection) -> tuple[tuple[str, Entity], ...]:
    rows = connection.execute(select(_PARKED)).all()
    return tuple((row.collection, Entity(row.entity_id, row.kind, row.version, row.body)) for row in rows)


def _values(entity: Entity) -> dict[str, str | int]:
    return {"entity_id": entity.entity_id, "kind": entity.kind, "version": entity.version, "body": entity.body}
