"""What people said of playbooks ↔ the table, told to the hub and heard from it.

Over the hub a conversation's playbook is an entity of its own, by the conversation's id; which playbook it follows and
each step are fields of it, compared and set: of two people who tick one step at once the first counts, at every desk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import Connection

from workstation.domain.events import PlaybookChanged
from workstation.store import outbox
from workstation.store.unit import Unit

COLLECTION = "playbook"
CHOICE, STEP, WAS = "playbook", "step:", "was:"
"""What a field begins with. WAS: what was said before it was overtaken, and is still to be sealed."""
MOST_FIELDS = 400
"""Fields of one conversation that are heard: sixteen playbooks of twelve steps are half of it."""
LONGEST_VALUE = 4_000
WAITS, NOT_OURS = "", "-"
Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field as it stands. `record_id`: as the table's."""

    conversation_id: str
    field: str
    value: Value
    at: int
    monotonic_ns: int = 0
    record_id: str = NOT_OURS


def field_of(playbook_id: str, step_id: str) -> str:
    return f"{STEP}{playbook_id}:{step_id}"


def facts(connection: Connection, ids: Sequence[str]) -> dict[str, Fact]:
    """By field, of all these ids together: what was said last counts, of two at once what was said of the first id."""
    rank = {each: at for at, each in enumerate(ids)}
    found: dict[str, Fact] = {}
    rows = [_fact(row) for row in connection.exec_driver_sql(_OF, (json.dumps(list(ids)),))]
    for fact in sorted(rows, key=lambda each: (each.at, -rank[each.conversation_id])):
        found[fact.field] = fact
    return found


def held(connection: Connection, conversation_id: str, field: str) -> Value | None:
    """What is said under this very id."""
    found = connection.exec_driver_sql(_ONE, (conversation_id, field)).scalar()
    return None if found is None else json.loads(found)


def put(
    unit: Unit, conversation_id: str, told: Sequence[str], field: str, value: Value, at: int, monotonic_ns: int,
    *, seal: bool,
) -> None:
    """Keep it under the conversation's id and tell the hub under each id by which it knows it. A conversation that the
    hub was not told of yet is told with what is said of it by then (`inbox.offering`). `seal`: it becomes a record."""
    for name in dict.fromkeys((conversation_id, *told)):
        old = held(unit.conn, name, field)
        waits = WAITS if seal and name == conversation_id else NOT_OURS
        _put(unit.conn, Fact(name, field, value, at, monotonic_ns, waits))
        if name in told:
            outbox.append(unit, COLLECTION, name, "set", {
                "field": field, "old": dict(old) if old is not None else None, "new": dict(value)}, at)


def hear(connection: Connection, entity_id: str, body: Mapping[str, object]) -> bool:
    """Make ours what the hub holds of an entity. What is not of the form is left out. Returns whether it was news."""
    told: dict[str, Any] = {field: value for field, value in list(body.items())[:MOST_FIELDS] if _sound(field, value)}
    rows = [_fact(row) for row in connection.exec_driver_sql(_OF, (json.dumps([entity_id]),))]
    known = {fact.field: fact for fact in rows if not fact.field.startswith(WAS)}
    news = {field: value for field, value in told.items()
            if field not in known or _text(known[field].value) != _text(value)}
    gone = [field for field, fact in known.items() if field not in told and fact.record_id != WAITS]
    for field, value in news.items():
        _put(connection, Fact(entity_id, field, value, int(value["at"])))
    for field in gone:
        connection.exec_driver_sql(_DELETE, (entity_id, field))
    return bool(news or gone)


def forget(unit: Unit, ids: Sequence[str], told: Sequence[str], at: int) -> None:
    """Erase what was said of these ids, and tell the hub of those that it knows (`told`)."""
    for fact in map(_fact, unit.conn.exec_driver_sql(_OF, (json.dumps(list(ids)),)).all()):
        if fact.conversation_id in told and not fact.field.startswith(WAS):
            outbox.append(unit, COLLECTION, fact.conversation_id, "set", {
                "field": fact.field, "old": dict(fact.value), "new": None}, at)
        unit.conn.exec_driver_sql(_DELETE, (fact.conversation_id, fact.field))
    unit.conn.exec_driver_sql(_FORGET_BODIES, (COLLECTION, json.dumps(list(ids))))


def unsealed(connection: Connection, limit: int) -> list[Fact]:
    """What waits to become a record, oldest first."""
    return [_fact(row) for row in connection.exec_driver_sql(_UNSEALED, (limit,))]


def sealed(unit: Unit, fact: Fact, record_id: str) -> None:
    """It is a record now. If it was overtaken meanwhile, what was kept aside of it goes, and the rest waits on."""
    text = _text(fact.value)
    unit.conn.exec_driver_sql(_SEALED, (record_id, fact.conversation_id, fact.field, text))
    unit.conn.exec_driver_sql(_FORGET, (fact.conversation_id, _aside(fact), text))
    unit.emit(PlaybookChanged(fact.conversation_id))


def _put(connection: Connection, fact: Fact) -> None:
    """In place of what was there; that is kept aside while it waits to become a record."""
    row = connection.exec_driver_sql(_WAITING, (fact.conversation_id, fact.field)).first()
    if row is not None and row[2] != _text(fact.value):
        before = _fact(row)
        connection.exec_driver_sql(_PUT, (before.conversation_id, _aside(before), *row[2:]))
    elif row is not None and fact.record_id == NOT_OURS:
        return   # it came back from the hub as it is
    connection.exec_driver_sql(_PUT, (fact.conversation_id, fact.field, _text(fact.value), fact.at,
                                      fact.monotonic_ns, fact.record_id))


def _aside(fact: Fact) -> str:
    return fact.field if fact.field.startswith(WAS) else f"{WAS}{fact.at}:{fact.field}"


def _sound(field: object, value: object) -> bool:
    """Whether a field and its value have the form of ours, and are no longer than ours would be."""
    if not isinstance(field, str) or not (field == CHOICE or field.startswith(STEP)) or len(field) > 100:
        return False
    if not isinstance(value, dict) or not isinstance(value.get("at"), int):
        return False
    texts = all(isinstance(value.get(name, ""), str) for name in ("id", "state", "by", "reason"))
    return texts and isinstance(value.get("via"), dict | None) and len(_text(value)) <= LONGEST_VALUE


def _text(value: Mapping[str, Any]) -> str:
    return rfc8785.dumps(dict(value)).decode()


def _fact(row: Any) -> Fact:
    conversation_id, field, value, at, monotonic_ns, record_id = row
    return Fact(conversation_id, field, json.loads(value), at, monotonic_ns, record_id)


_COLUMNS = "conversation_id, field, value, at, monotonic_ns, record_id"
_OF = (
    f"SELECT {_COLUMNS} FROM playbook_fact WHERE conversation_id IN (SELECT value FROM json_each(?))"  # noqa: S608
)
_ONE = "SELECT value FROM playbook_fact WHERE conversation_id = ? AND field = ?"
_PUT = (
    f"INSERT INTO playbook_fact({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) "  # noqa: S608
    "ON CONFLICT(conversation_id, field) DO UPDATE SET value = excluded.value, at = excluded.at, "
    "monotonic_ns = excluded.monotonic_ns, record_id = excluded.record_id"
)
_FORGET_BODIES = "DELETE FROM sync_body WHERE collection = ? AND entity_id IN (SELECT value FROM json_each(?))"
_WAITING = (
    f"SELECT {_COLUMNS} FROM playbook_fact WHERE conversation_id = ? AND field = ? AND record_id = ''"  # noqa: S608
)
_FORGET = "DELETE FROM playbook_fact WHERE conversation_id = ? AND field = ? AND value = ?"
_DELETE = "DELETE FROM playbook_fact WHERE conversation_id = ? AND field = ?"
_UNSEALED = f"SELECT {_COLUMNS} FROM playbook_fact WHERE record_id = '' ORDER BY at, field LIMIT ?"  # noqa: S608
_SEALED = (
    "UPDATE playbook_fact SET record_id = ? WHERE conversation_id = ? AND field = ? AND value = ? AND record_id = ''"
)
