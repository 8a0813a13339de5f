"""Identities and the links people made between them. A customer is an identity with all that are linked to it as one;
conversations keep the identity they came with for ever, so that parting loses nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.customers.matching import kind_of, name_key, typed_forms
from workstation.customers.model import Identity
from workstation.customers.ports import Seen
from workstation.kernel.ids import derived_id
from workstation.store import outbox
from workstation.store.unit import Unit

COLLECTION = "customer_link"
ONE, TWO = "one", "two"
LONGEST_ID = 100
MOST_LINKED = 200
"""Identities of one customer; more is somebody's mistake, and reading stays bounded."""

Verdict = tuple[str, str]
"""What was said of a pair, and the reasons known then."""


@dataclass(frozen=True, slots=True)
class Named:
    """An identity with its id."""

    id: str
    identity: Identity


def identity_id(kind: str, value: str) -> str:
    return derived_id(0, "customer", kind, value)


def remember(connection: Connection, seen: Iterable[Seen]) -> list[tuple[str, str]]:
    """Keep the identities of these conversations; returns (conversation, identity)."""
    rows: dict[str, tuple[object, ...]] = {}
    pairs = []
    for one in seen:
        value = one.address.strip().lower()
        kind = kind_of(value, one.channel)
        # Of nobody's address nobody knows whose it is: each such conversation has a buyer of its own.
        found = identity_id(kind, value) if value else identity_id("conversation", one.conversation_id)
        pairs.append((one.conversation_id, found))
        known = rows.get(found)
        if known is None or one.last_at >= int(str(known[-1])):
            name = " ".join(one.name.split())[:200]
            rows[found] = (found, kind, value, one.channel, name, name_key(name), *typed_forms(name), one.last_at)
    if rows:
        connection.exec_driver_sql(_KEEP, list(rows.values()))
    return pairs


def component(connection: Connection, customer_id: str) -> tuple[str, ...]:
    """Every identity that people said is this one, itself first."""
    found = dict.fromkeys((customer_id,))
    edge = [customer_id]
    while edge and len(found) < MOST_LINKED:
        rows = connection.exec_driver_sql(_NEIGHBOURS, (json.dumps(edge), json.dumps(edge)))
        edge = [one for (one,) in rows if one not in found]
        found |= dict.fromkeys(edge)
    return tuple(found)


def identities(connection: Connection, ids: Collection[str]) -> tuple[Named, ...]:
    """Latest contact first."""
    return _named(connection.exec_driver_sql(_BY_ID, (json.dumps(list(ids)),)))


def by_name(connection: Connection, key: str, limit: int) -> tuple[Named, ...]:
    """Identities with this name."""
    return _named(connection.exec_driver_sql(_READ + " WHERE name_key = ? LIMIT ?", (key, limit))) if key else ()


def beginning(connection: Connection, text: str, limit: int) -> tuple[Named, ...]:
    """Identities whose name, surname or value begins so, latest contact first. By index, whatever is typed."""
    typed, _surname_first = typed_forms(text)
    found: dict[str, Named] = {}
    for sql, begin in ((_BY_FIRST, typed), (_BY_LAST, typed), (_BY_VALUE, text.strip().lower())):
        if begin:
            rows = connection.exec_driver_sql(sql, (begin, begin + "\U0010ffff", 4 * limit))
            found |= {each.id: each for each in _named(rows)}
    best = sorted(found.values(), key=lambda each: (-each.identity.last_at, each.id))
    return tuple(best[:limit])


def verdicts(connection: Connection, ids: Collection[str]) -> Mapping[tuple[str, str], Verdict]:
    """What people said of pairs in which one of these is."""
    key = json.dumps(list(ids))
    rows = connection.exec_driver_sql(_VERDICTS, (key, key))
    return {(a, b): (verdict, reasons) for a, b, verdict, reasons in rows}


def pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def judge(unit: Unit, one: str, other: str, verdict: Verdict, at: int) -> Verdict:
    """Keep what a person says of a pair and tell the hub. Returns what was said before."""
    a, b = pair(one, other)
    before = verdicts(unit.conn, [a]).get((a, b), ("", ""))
    _put(unit.conn, a, b, verdict, at)
    body = {"a": a, "b": b, "verdict": verdict[0], "reasons": verdict[1], "at": at}
    outbox.append(unit, COLLECTION, derived_id(0, COLLECTION, a, b), "put", body, at)
    return before


def learn(connection: Connection, body: Mapping[str, object]) -> tuple[str, str] | None:
    """What another desktop's person said of a pair; None when it is no such thing."""
    a, b, verdict = (str(body.get(name, "")) for name in ("a", "b", "verdict"))
    at = body.get("at")
    if not "" < a < b or len(a) > LONGEST_ID or len(b) > LONGEST_ID or verdict not in (ONE, TWO, ""):
        return None
    if not isinstance(at, int) or not 0 <= at < 1 << 62:
        return None
    _put(connection, a, b, (verdict, str(body.get("reasons", ""))[:1_000]), at)
    return a, b


def _put(connection: Connection, a: str, b: str, verdict: Verdict, at: int) -> None:
    connection.exec_driver_sql(_JUDGE, (a, b, *verdict, at))


def _named(rows: Iterable[Sequence[object]]) -> tuple[Named, ...]:
    return tuple(Named(str(r[0]), Identity(str(r[1]), str(r[2]), str(r[3]), str(r[4]), int(str(r[5])))) for r in rows)


_KEEP = (
    "INSERT INTO customer_identity(id, kind, value, channel, name, name_key, first_name, last_name, last_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET last_at = max(last_at, excluded.last_at), "
    + ", ".join(f"{name} = CASE WHEN excluded.name != '' AND excluded.last_at >= last_at THEN excluded.{name} "
                f"ELSE {name} END" for name in ("name", "name_key", "first_name", "last_name"))
)
_READ = "SELECT id, kind, value, channel, name, last_at FROM customer_identity"
_BY_ID = _READ + " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY last_at DESC, id"  # noqa: S608
_BY_FIRST = _READ + " WHERE first_name >= ? AND first_name < ? LIMIT ?"
_BY_LAST = _READ + " WHERE last_name >= ? AND last_name < ? LIMIT ?"
_BY_VALUE = _READ + " WHERE value >= ? AND value < ? LIMIT ?"
_NEIGHBOURS = (
    "SELECT b FROM customer_link WHERE a IN (SELECT value FROM json_each(?)) AND verdict = 'one' UNION "
    "SELECT a FROM customer_link WHERE b IN (SELECT value FROM json_each(?)) AND verdict = 'one'"
)
_VERDICTS = (
    "SELECT a, b, verdict, reasons FROM customer_link WHERE a IN (SELECT value FROM json_each(?)) UNION "
    "SELECT a, b, verdict, reasons FROM customer_link WHERE b IN (SELECT value FROM json_each(?))"
)
_JUDGE = (
    "INSERT INTO customer_link(a, b, verdict, reasons, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT(a, b) DO UPDATE SET "
    "verdict = excluded.verdict, reasons = excluded.reasons, at = excluded.at"
)
