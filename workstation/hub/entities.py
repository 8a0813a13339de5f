"""What an event does to the hub's entities: written once, replaced as a whole, or one field compared and set."""

from __future__ import annotations

import hashlib
import json
from typing import Any, cast

import rfc8785
from sqlalchemy import Connection, Row, insert, select, update

from workstation.hub import erasing, forgetting, log, members
from workstation.hub.model import CONFLICTS, EVIDENCE, MAX_NAME, MEMBERS, Entity, Incoming, Receipt
from workstation.hub.tables import ChangeRow, EntityRow, EvidencePlaceRow
from workstation.store.outbox import request_hash
from workstation.store.tables import table

_CHANGE = table(ChangeRow)
_ENTITY = table(EntityRow)
_PLACE = table(EvidencePlaceRow)
Body = dict[str, object]


class Poison(Exception):
    """This event can never be applied; the text says why, without quoting what it holds."""


def apply(connection: Connection, device_id: str, event: Incoming, now: int) -> Receipt:
    """Apply one event in the caller's transaction. Raises Poison; then the caller undoes what was begun."""
    if event.request_hash != request_hash(event.collection, event.entity_id, event.kind, event.body):
        raise Poison("the event's hash does not match its content")
    if event.collection == CONFLICTS:
        raise Poison("this collection is written by the hub alone")
    _check_member(connection, device_id, event)
    body = parse_body(event.body)
    step = _Step(connection, device_id, event, now)
    if event.kind == "append":
        return step.append(body)
    if event.kind == "put":
        return step.put()
    if event.kind == "new":
        return step.new()
    if event.kind == "set":
        return step.set(body)
    raise Poison("an unknown kind of event")


def _check_member(connection: Connection, device_id: str, event: Incoming) -> None:
    """What is a person's own, that person's devices say, and nobody else."""
    if event.collection == MEMBERS:
        if event.entity_id not in (device_id, members.of_device(connection, device_id)):
            raise Poison("a device names itself, its person, and nobody else")
    elif event.collection.startswith(members.PRIVATE):
        if not members.may_see(event.collection, members.of_device(connection, device_id)):
            raise Poison("this collection is private to another member")
        if event.kind != "put":   # a field that lost would be told to everybody
            raise Poison("what is private is put as a whole")


def parse_body(text: str) -> Body:
    """A body as parsed JSON. Raises Poison unless it is an object in canonical form (RFC 8785)."""
    try:
        body = json.loads(text)
        canonical = rfc8785.dumps(body).decode()
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as problem:
        raise Poison("the event's body is not JSON that can be made canonical") from problem
    if not isinstance(body, dict) or canonical != text:
        raise Poison("the event's body is not an object in canonical form")
    return body


def find(connection: Connection, collection: str, entity_id: str) -> Entity | None:
    here = (_ENTITY.c.collection == collection) & (_ENTITY.c.entity_id == entity_id)
    row = connection.execute(select(_ENTITY).where(here)).first()
    return None if row is None else entity_of(row)


def entity_of(row: Row[Any]) -> Entity:
    return Entity(row.entity_id, row.kind, row.version, row.device_id, row.body)


def body_hash(body: str) -> str:
    """SHA-256 of a body's UTF-8 text, hex: what digests are made of."""
    return hashlib.sha256(body.encode()).hexdigest()


class _Step:
    """One event being applied."""

    def __init__(self, connection: Connection, device_id: str, event: Incoming, now: int) -> None:
        self._conn = connection
        self._device = device_id
        self._event = event
        self._now = now
        self._held = find(connection, event.collection, event.entity_id)

    def append(self, body: Body) -> Receipt:
        if self._held is None:
            self._take_place(body)
            version = self._write(self._event.body, "append")
            self._log(body)
            self._erase(body)
            return self._applied(version)
        if self._held.kind == "append" and self._held.body == self._event.body:
            return self._applied(self._held.version)
        if self._event.collection == forgetting.MESSAGE and forgetting.erased(self._held.body):
            return self._instead()
        raise Poison("append-only: it is already there with other content")

    def _take_place(self, body: Body) -> None:
        """A record of evidence has a place in its key's chain. Two records in one place: the home was copied."""
        key, sequence = body.get("public_key"), body.get("sequence")
        if self._event.collection != EVIDENCE or not isinstance(key, str) or not isinstance(sequence, int):
            return
        here = (_PLACE.c.public_key == key) & (_PLACE.c.sequence == sequence)
        found = self._conn.execute(select(_PLACE.c.entity_id).where(here)).scalar()
        if found is None:
            values = {"public_key": key, "sequence": sequence, "entity_id": self._event.entity_id}
            self._conn.execute(insert(_PLACE).values(**values))
        elif found != self._event.entity_id:
            raise Poison("a fork: another record has this place in the chain")

    def _log(self, body: Body) -> None:
        """A record of evidence joins the hub's log in the same transaction."""
        if self._event.collection != EVIDENCE:
            return
        try:
            hashed = log.logged(body)
        except ValueError as problem:
            raise Poison("the record's hash is not that of its statement") from problem
        if hashed:
            log.append(self._conn, hashed, self._event.entity_id, self._now)

    def _erase(self, body: Body) -> None:
        """Files whose keys were destroyed go here, too, in the same transaction."""
        if self._event.collection != erasing.COLLECTION:
            return
        try:
            erasing.apply(self._conn, self._device, self._event.event_id, body, self._now)
            forgetting.apply(self._conn, self._device, self._event.entity_id, body, self._now)
        except ValueError as problem:
            raise Poison(str(problem)) from problem

    def put(self) -> Receipt:
        self._refuse_append_only()
        if self._held is not None and self._held.body == self._event.body:
            return self._applied(self._held.version)
        return self._applied(self._write(self._event.body, "put"))

    def new(self) -> Receipt:
        """A put that gives way: several devices may begin the same entity, and none may undo what it became since."""
        self._refuse_append_only()
        event, held = self._event, self._held
        if held is None or held.body == event.body:
            return self._applied(held.version if held else self._write(event.body, "put"))
        return Receipt(event.event_id, event.request_hash, "conflict", held.version, "", held.body)

    def set(self, wanted: Body) -> Receipt:
        self._refuse_append_only()
        field = wanted.get("field")
        if set(wanted) != {"field", "old", "new"} or not isinstance(field, str) or not 0 < len(field) <= MAX_NAME:
            raise Poison("a set names field, old and new")
        body = json.loads(self._held.body) if self._held else {}
        kept, old, new = (_text(value) for value in (body.get(field), wanted["old"], wanted["new"]))
        if kept == new and self._held is not None:
            return self._applied(self._held.version)
        if kept != old:
            return self._conflict(field, kept, new)
        body[field] = wanted["new"]
        return self._applied(self._write(_text(body), "put"))

    def _instead(self) -> Receipt:
        """It was erased: what is left of it is the answer, and nothing of what came is kept."""
        event, held = self._event, self._held
        return Receipt(event.event_id, event.request_hash, "conflict", held.version if held else 0, "",
                       held.body if held else None)

    def _conflict(self, field: str, kept: str, lost: str) -> Receipt:
        event, held = self._event, self._held
        body = {"at": self._now, "collection": event.collection, "device": self._device, "entity_id": event.entity_id,
                "field": field, "kept": json.loads(kept), "lost": json.loads(lost)}
        position = self._change(CONFLICTS, event.event_id)
        self._store(CONFLICTS, event.event_id, _text(body), "append", position)
        return Receipt(event.event_id, event.request_hash, "conflict", held.version if held else 0, "",
                       held.body if held else None, field, kept, lost)

    def _refuse_append_only(self) -> None:
        if self._held is not None and self._held.kind == "append":
            raise Poison("append-only: it cannot be changed")

    def _applied(self, version: int) -> Receipt:
        return Receipt(self._event.event_id, self._event.request_hash, "applied", version)

    def _write(self, body: str, kind: str) -> int:
        position = self._change(self._event.collection, self._event.entity_id)
        self._store(self._event.collection, self._event.entity_id, body, kind, position)
        return position

    def _change(self, collection: str, entity_id: str) -> int:
        done = self._conn.execute(insert(_CHANGE).values(
            event_id=self._event.event_id, collection=collection, entity_id=entity_id, device_id=self._device,
            at=self._now,
        ))
        return cast(int, done.inserted_primary_key[0])  # type: ignore[index]

    def _store(self, collection: str, entity_id: str, body: str, kind: str, version: int) -> None:
        values = {"kind": kind, "body": body, "body_hash": body_hash(body), "version": version,
                  "device_id": self._device}
        here = (_ENTITY.c.collection == collection) & (_ENTITY.c.entity_id == entity_id)
        if self._conn.execute(update(_ENTITY).where(here).values(**values)).rowcount == 0:
            self._conn.execute(insert(_ENTITY).values(collection=collection, entity_id=entity_id, **values))


def _text(value: object) -> str:
    return rfc8785.dumps(value).decode()  # type: ignore[arg-type]
