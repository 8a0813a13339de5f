"""Applying events, each exactly once: effect and receipt in one transaction, the receipt for ever.

The same id with the same content gets the same receipt; with other content it is refused. An event that cannot be
applied is undone alone (a savepoint) and refused with its reason; the rest of its batch goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError

from workstation.hub import entities
from workstation.hub.entities import Poison
from workstation.hub.model import MAX_BODY, MAX_NAME, Incoming, Receipt
from workstation.hub.tables import ReceiptRow
from workstation.store.outbox import request_hash
from workstation.store.tables import table

log = logging.getLogger(__name__)
_RECEIPT = table(ReceiptRow)
_FIELDS = ("event_id", "collection", "entity_id", "kind", "body", "request_hash")


def apply_batch(connection: Connection, device_id: str, events: Sequence[object], now: int) -> tuple[Receipt, ...]:
    """One receipt for each event, in the same order. Database failures are raised and undo the whole batch."""
    return tuple(_settle(connection, device_id, raw, now) for raw in events)


def _settle(connection: Connection, device_id: str, raw: object, now: int) -> Receipt:
    try:
        event = read_event(raw)
    except Poison as problem:
        return _unreadable(raw, str(problem))
    known = _known(connection, event)
    if known is not None:
        return known
    try:
        with connection.begin_nested():
            receipt = entities.apply(connection, device_id, event, now)
            return _keep(connection, device_id, receipt, now)
    except Poison as problem:
        return _keep(connection, device_id, _refusal(event, str(problem)), now)
    except DBAPIError:
        raise
    except Exception:
        log.exception("an event could not be applied: %s", event.kind)
        return _refusal(event, "the hub failed on this event")


def read_event(raw: object) -> Incoming:
    """An event out of parsed JSON. Raises Poison when a part is missing, of another type, or too long."""
    values = [raw.get(name) for name in _FIELDS] if isinstance(raw, dict) else []
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) != len(_FIELDS):
        raise Poison("a part of the event is missing")
    if not all(_utf8(value) == value for value in texts):
        raise Poison("a text in the event is not Unicode")
    event = Incoming(*texts)
    names = (event.event_id, event.collection, event.entity_id, event.kind, event.request_hash)
    if not all(0 < len(name) <= MAX_NAME and name.isprintable() for name in names):
        raise Poison("a name in the event is empty, too long or not printable")
    if len(event.body) > MAX_BODY:
        raise Poison("the event's body is too large")
    return event


def _known(connection: Connection, event: Incoming) -> Receipt | None:
    found = select(_RECEIPT.c.request_hash, _RECEIPT.c.result).where(_RECEIPT.c.event_id == event.event_id)
    row = connection.execute(found).first()
    if row is None:
        return None
    if row.request_hash != event.request_hash or _hash(event) != event.request_hash:
        return _refusal(event, "conflicting: this event id was used for other content")
    return Receipt(**json.loads(row.result))


def _hash(event: Incoming) -> str:
    return request_hash(event.collection, event.entity_id, event.kind, event.body)


def _keep(connection: Connection, device_id: str, receipt: Receipt, now: int) -> Receipt:
    connection.execute(insert(_RECEIPT).values(
        event_id=receipt.event_id, request_hash=receipt.request_hash, device_id=device_id,
        result=json.dumps(asdict(receipt), ensure_ascii=False), at=now,
    ))
    return receipt


def _refusal(event: Incoming, reason: str) -> Receipt:
    return Receipt(event.event_id, event.request_hash, "refused", reason=reason)


def _unreadable(raw: object, reason: str) -> Receipt:
    """Such an event has no id we could keep a receipt under, so it is only answered."""
    values = raw if isinstance(raw, dict) else {}
    event_id, hashed = (_utf8(str(values.get(name, ""))[:MAX_NAME]) for name in ("event_id", "request_hash"))
    return Receipt(event_id, hashed, "refused", reason=reason)


def _utf8(value: str) -> str:
    """JSON can name half a surrogate pair, which neither a database nor an answer can hold."""
    return value.encode("utf-8", "replace").decode()
