"""The outbox: every action that must reach the hub, written with its effect."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import insert

from workstation.kernel.ids import new_id
from workstation.store.tables import OutboxRow, table
from workstation.store.unit import Unit

Json = Mapping[str, Any]


def append(unit: Unit, collection: str, entity_id: str, kind: str, body: Json, at: int) -> str:
    """Queue an event in the caller's transaction. Returns its id.

    `kind`: "append" (written once, never changed), "put" (the whole entity as it is now) or
    "set" ({"field", "old", "new"}, compared and set by the hub). Integers in `body` must fit 53 bits (RFC 8785).
    """
    text = rfc8785.dumps(dict(body)).decode()
    event_id = new_id()
    unit.conn.execute(insert(table(OutboxRow)).values(
        event_id=event_id, collection=collection, entity_id=entity_id, kind=kind, body=text,
        request_hash=request_hash(collection, entity_id, kind, text), created_at=at,
    ))
    return event_id


def request_hash(collection: str, entity_id: str, kind: str, body: str) -> str:
    """What a receipt is bound to: the same id with another hash is refused."""
    joined = "\x1f".join((collection, entity_id, kind, body))
    return hashlib.sha256(joined.encode()).hexdigest()
