"""Erasure at the hub: a desktop destroyed the key of a file, so the ciphertext and the wrapped key go here, too.

What may be erased is what the same device stored. The event's effect is one transaction: no row calls the file stored
any more, and a row keeps that it was erased, so that an upload which was under way, or begins again from an older copy
of the desktop, is refused. The object itself goes after the commit; killed in between, the next start takes it away.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import Connection, delete, insert, select, update

from workstation.hub.model import EVIDENCE
from workstation.hub.tables import (
    BlobStoredRow,
    ChangeRow,
    DeviceKeyRow,
    EntityRow,
    ErasedBlobRow,
    EvidencePlaceRow,
    UploadRow,
)
from workstation.store.tables import table

COLLECTION = "erasure"
_MOST = 2_000
_MOST_RESTORES = 50
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_ENTITY, _CHANGE = table(EntityRow), table(ChangeRow)
_KEY, _PLACE = table(DeviceKeyRow), table(EvidencePlaceRow)
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
        if not _owns(connection, device_id, entity["device_id"], body):
            raise ValueError("an erasure is of another device's file")
        if address and (body.get("blob") or {}).get("address") != address:
            raise ValueError("an erasure names another file than its record does")
        _drop_key(connection, device_id, change_id, record_id, body, now)
    if not address:
        return
    owner = connection.execute(select(_STORED.c.device_id).where(_STORED.c.address == address)).scalar()
    if entity is None and owner not in (None, device_id):
        raise ValueError("an erasure is of another device's file")
    connection.execute(delete(_STORED).where(_STORED.c.address == address))
    connection.execute(delete(_UPLOAD).where(_UPLOAD.c.address == address, _UPLOAD.c.device_id == device_id))
    if not erased(connection, address):
        values = {"address": address, "device_id": device_id, "record_id": record_id, "at": now}
        connection.execute(insert(_ERASED).values(**values))


def _owns(connection: Connection, device_id: str, sealed_by: str, body: Mapping[str, object]) -> bool:
    """The device that sealed a record, or the one whose chain goes on from it: a home that was restored from a backup
    is another device with another key, and says in its first record, signed and in the log, whose chain it was."""
    return sealed_by == device_id or key_id_of(str(body.get("public_key"))) in _former_keys(connection, device_id)


def _former_keys(connection: Connection, device_id: str) -> frozenset[str]:
    """Ids of the keys whose chains this device goes on with, however many restores lie between."""
    raw = connection.execute(select(_KEY.c.public_key).where(_KEY.c.device_id == device_id)).scalars()
    ahead = [base64.b64encode(key).decode() for key in raw]
    named = {key_id_of(key): key for key in connection.execute(select(_PLACE.c.public_key).distinct()).scalars()}
    found: set[str] = set()
    while ahead and len(found) < _MOST_RESTORES:
        first = select(_PLACE.c.entity_id).where(_PLACE.c.public_key == ahead.pop()).order_by(_PLACE.c.sequence)
        former = _continues(connection, connection.execute(first.limit(1)).scalar())
        if former and former not in found:
            found.add(former)
            ahead += [named[former]] if former in named else []
    return frozenset(found)


def _continues(connection: Connection, record_id: str | None) -> str:
    """The id of the key whose chain a record says it goes on with, "" when it does not say."""
    here = (_ENTITY.c.collection == EVIDENCE) & (_ENTITY.c.entity_id == record_id)
    body = connection.execute(select(_ENTITY.c.body).where(here)).scalar()
    try:
        envelope = json.loads(base64.b64decode(json.loads(body or "{}")["envelope"]))
        said = json.loads(base64.b64decode(envelope["payload"]))["chain"]["continues"]["key_id"]
    except (ValueError, KeyError, TypeError):
        return ""
    return said if isinstance(said, str) else ""


def key_id_of(public_key: str) -> str:
    """SHA-256 of a raw public key given in Base64, hex; "" when it is none."""
    try:
        return hashlib.sha256(base64.b64decode(public_key, validate=True)).hexdigest()
    except ValueError:
        return ""


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
