"""Erasure at the hub: a desktop destroyed the key of a file, so the ciphertext and the wrapped key go here, too.

What may be erased is what the same device stored. The event's effect is one transaction: no row calls the file stored
any more, and a row keeps that it was erased, so that an upload which was under way, or begins again from an older copy
of the desktop, is refused. The object itself goes after the commit; killed in between, the next start takes it away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import Connection, delete, insert, select, update

from workstation.hub.model import EVIDENCE
from workstation.hub.tables import BlobStoredRow, ChangeRow, EntityRow, ErasedBlobRow, UploadRow
from workstation.store.tables import table

COLLECTION = "erasure"
_MOST = 2_000
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_ENTITY, _CHANGE = table(EntityRow), table(ChangeRow)
_STORED, _UPLOAD, _ERASED = table(BlobStoredRow), table(UploadRow), table(ErasedBlobRow)


def apply(connection: Connection, device_id: str, event_id: str, body: Mapping[str, object], now: int) -> None:
    """Forget what a device says that it erased, in the transaction of its event.

    Raises ValueError, with nothing quoted, for files that are not this device's.
    """
    named = body.get("records")
    if not isinstance(named, list) or len(named) > _MOST:
        raise ValueError("an erasure lists its records")
    for one in named:
        record_id, address = (one.get("id"), one.get("address")) if isinstance(one, dict) else (None, None)
        if not isinstance(record_id, str) or not isinstance(address, str):
            raise ValueError("an erasure names each record and its file")
        if address and not _ADDRESS.fullmatch(address):
            raise ValueError("an erasure names a file that is none")
        _forget(connection, device_id, f"{event_id}/{record_id}", record_id, address, now)


def _forget(connection: Connection, device_id: str, change_id: str, record_id: str, address: str, now: int) -> None:
    here = (_ENTITY.c.collection == EVIDENCE) & (_ENTITY.c.entity_id == record_id)
    entity = connection.execute(select(_ENTITY).where(here)).mappings().first()
    if entity is not None:
        body = json.loads(entity["body"])
        if entity["device_id"] != device_id or (address and (body.get("blob") or {}).get("address") != address):
            raise ValueError("an erasure is of another device's file")
        _drop_key(connection, device_id, change_id, record_id, body, now)
    if not address:
        return
    owner = connection.execute(select(_STORED.c.device_id).where(_STORED.c.address == address)).scalar()
    if owner not in (None, device_id):
        raise ValueError("an erasure is of another device's file")
    connection.execute(delete(_STORED).where(_STORED.c.address == address))
    connection.execute(delete(_UPLOAD).where(_UPLOAD.c.address == address, _UPLOAD.c.device_id == device_id))
    if not erased(connection, address):
        values = {"address": address, "device_id": device_id, "record_id": record_id, "at": now}
        connection.execute(insert(_ERASED).values(**values))


def _drop_key(
    connection: Connection, device_id: str, change_id: str, record_id: str, body: dict[str, Any], now: int
) -> None:
    """The record itself stays; of its event only the wrapped key goes, as a step of the feed that replaces it."""
    if body.get("wrapped_key") is None:
        return
    from workstation.hub.entities import body_hash

    text = rfc8785.dumps({**body, "wrapped_key": None}).decode()
    done = connection.execute(insert(_CHANGE).values(
        event_id=change_id, collection=EVIDENCE, entity_id=record_id, device_id=device_id, at=now))
    here = (_ENTITY.c.collection == EVIDENCE) & (_ENTITY.c.entity_id == record_id)
    values = {"body": text, "body_hash": body_hash(text), "version": done.inserted_primary_key[0]}  # type: ignore[index]
    connection.execute(update(_ENTITY).where(here).values(**values))


def erased(connection: Connection, address: str) -> bool:
    """Whether this file was erased: it is not taken again."""
    return connection.execute(select(_ERASED.c.address).where(_ERASED.c.address == address)).first() is not None


def waiting(connection: Connection) -> list[str]:
    """Erased files whose objects may still be there."""
    return [str(address) for address in connection.execute(
        select(_ERASED.c.address).where(_ERASED.c.removed_at.is_(None))).scalars()]


def removed(connection: Connection, addresses: list[str], now: int) -> None:
    connection.execute(update(_ERASED).where(_ERASED.c.address.in_(addresses)).values(removed_at=now))


def came_again(connection: Connection, address: str) -> None:
    """An upload that was under way finished after the erasure: its object has to go once more."""
    connection.execute(update(_ERASED).where(_ERASED.c.address == address).values(removed_at=None))
