"""The feed of changes, whole collections, and digests, each read in one transaction.

A cursor is `epoch.position.event`: the event found at that position tells a hub restored from an older copy, whose
positions were given out again, from the hub the desktop knew. On SQLite one writer makes positions commit in order;
another database brings its own `position > last` (design.md, Sync).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from workstation.hub import members, meta, problems
from workstation.hub.entities import entity_of
from workstation.hub.model import PAGE_BYTES, Change, ChangePage, CollectionDigest, Digests, Entity, EntityPage
from workstation.hub.tables import ChangeRow, EntityRow
from workstation.store.tables import table

_CHANGE = table(ChangeRow)
_ENTITY = table(EntityRow)


def changes(connection: Connection, cursor: str, limit: int, member: str = "") -> ChangePage:
    """Changes after `cursor` ("" is the beginning), oldest first, every device's. Raises HubProblem 410.

    What is private to others than this `member` is passed over; the cursor goes on past it.
    """
    epoch = meta.get(connection, "epoch")
    position = _position(connection, epoch, cursor)
    rows = connection.execute(_steps(position, limit + 1)).all()
    kept = list(_fitting(rows[:limit]))
    more = len(kept) < len(rows)
    last = f"{epoch}.{kept[-1].seq}.{kept[-1].event_id}" if kept else cursor or f"{epoch}.0."
    return ChangePage(last, more, tuple(_change(row) for row in kept if members.may_see(row.collection, member)))


def entities(connection: Connection, collection: str, after: str, limit: int) -> EntityPage:
    """One page of a whole collection, by entity id."""
    wanted = (_ENTITY.c.collection == collection) & (_ENTITY.c.entity_id > after)
    rows = connection.execute(select(_ENTITY).where(wanted).order_by(_ENTITY.c.entity_id).limit(limit + 1)).all()
    kept: list[Entity] = [entity_of(row) for row in _fitting(rows[:limit])]
    return EntityPage(kept[-1].entity_id if kept else after, len(kept) < len(rows), tuple(kept))


def head(connection: Connection) -> str:
    """The cursor of the newest change."""
    newest = select(_CHANGE.c.seq, _CHANGE.c.event_id).order_by(_CHANGE.c.seq.desc()).limit(1)
    row = connection.execute(newest).first()
    epoch = meta.get(connection, "epoch")
    return f"{epoch}.{row.seq}.{row.event_id}" if row else f"{epoch}.0."


class DigestCache:
    """Digests, computed again only for collections that changed since."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, str]] = {}

    def read(self, connection: Connection, member: str = "") -> Digests:
        """Of what this member may see."""
        newest = func.max(_ENTITY.c.version)
        groups = select(_ENTITY.c.collection, func.count(), newest).group_by(_ENTITY.c.collection)
        found = [self._digest(connection, *row) for row in connection.execute(groups).all()
                 if members.may_see(row[0], member)]
        return Digests(head(connection), tuple(found))

    def _digest(self, connection: Connection, collection: str, count: int, version: int) -> CollectionDigest:
        known = self._known.get(collection)
        if known is None or known[:2] != (count, version):
            known = (count, version, _digest(connection, collection))
            self._known[collection] = known
        return CollectionDigest(collection, count, known[2])


def _digest(connection: Connection, collection: str) -> str:
    """SHA-256 over `entity id, unit separator, SHA-256 of the body, line feed` of each entity, sorted by id."""
    rows = select(_ENTITY.c.entity_id, _ENTITY.c.body_hash).where(_ENTITY.c.collection == collection)
    total = hashlib.sha256()
    for entity_id, hashed in connection.execute(rows.order_by(_ENTITY.c.entity_id)):
        total.update(f"{entity_id}\x1f{hashed}\n".encode())
    return total.hexdigest()


def _position(connection: Connection, epoch: str, cursor: str) -> int:
    if not cursor:
        return 0
    theirs, number, event_id = (*cursor.split(".", 2), "", "")[:3]
    if theirs != epoch or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise problems.cursor_expired()
    found = connection.execute(select(_CHANGE.c.event_id).where(_CHANGE.c.seq == int(number))).scalar()
    if (found or "") != event_id:
        raise problems.cursor_expired()
    return int(number)


def _steps(position: int, limit: int) -> Any:
    same = (_ENTITY.c.collection == _CHANGE.c.collection) & (_ENTITY.c.entity_id == _CHANGE.c.entity_id)
    columns = select(_CHANGE, _ENTITY.c.kind, _ENTITY.c.version, _ENTITY.c.body).join(_ENTITY, same)
    return columns.where(_CHANGE.c.seq > position).order_by(_CHANGE.c.seq).limit(limit)


def _fitting(rows: Any) -> Iterator[Row[Any]]:
    """Rows until their bodies fill a page; always at least one."""
    size = 0
    for row in rows:
        size += len(row.body)
        if size > PAGE_BYTES and size != len(row.body):
            return
        yield row


def _change(row: Row[Any]) -> Change:
    body = row.body if row.version == row.seq else None
    return Change(row.event_id, row.collection, row.entity_id, row.kind, row.device_id, row.seq, body)
