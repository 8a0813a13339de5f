"""Records ↔ tables. The chain grows here, inside the caller's write transaction and nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, exists, func, select

from workstation.evidence import dsse
from workstation.evidence.record import GENESIS, Link, Private
from workstation.kernel.errors import NotFound, Tampered
from workstation.kernel.i18n import _
from workstation.store import meta
from workstation.store.core import table

_RECORD = table("evidence_record")
_THUMBNAIL = table("evidence_thumbnail")
_PRIVATE = table("evidence_private")
_KEY = table("evidence_key")
_TOKEN = table("evidence_token")
_AUTHORITY = table("evidence_authority")
_BREAK = table("evidence_log_break")
_ERASED = table("evidence_erased")
_BLOB = table("blob")
_OUTBOX = table("outbox")

_HEAD = "evidence.head"
COLLECTION = "evidence"
_CHUNK = 400                    # ids in one IN (…)

# Plain SQL: a capture waits for these, and building a statement costs ten times its execution.
_ADD = (
    "INSERT INTO evidence_record(id, sequence, case_id, kind, at, record_hash, blob_id, envelope) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_PRIVATE = "INSERT INTO evidence_private(record_id, name, salt, value) VALUES (?, ?, ?, ?)"
_ADD_THUMBNAIL = "INSERT INTO evidence_thumbnail(record_id, png) VALUES (?, ?)"
_REMEMBER_KEY = "INSERT INTO evidence_key(key_id, public, since) VALUES (?, ?, ?) ON CONFLICT(key_id) DO NOTHING"


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it lies in the table, with what is known about its copy upstream."""

    id: str
    sequence: int
    case_id: str
    kind: str
    at: int
    record_hash: str
    blob_id: str
    envelope: bytes
    secured: bool = False
    stamped: bool = False         # there is a token of a time-stamp authority over it
    erased_at: int | None = None  # when its file was erased
    simulated: bool = False       # only the demo's own authority stamped it


def head(connection: Connection) -> Link:
    """The last link of the chain: the next record has `sequence + 1` and names this hash as `previous`.

    Raises Tampered when what is kept of it is not one.
    """
    known = meta.get(connection, _HEAD)
    sequence, _colon, digest = known.partition(":")
    if known and not (sequence.isascii() and sequence.isdigit()):
        raise Tampered(_("The store does not say any more where the chain of records ends; nothing is sealed."),
                       _("Run workstation evidence verify --all."), [_HEAD])
    return Link(int(sequence), digest) if known else Link(0, GENESIS)


def add(connection: Connection, row: Stored) -> None:
    """Append a record and move the head."""
    connection.exec_driver_sql(_ADD, (
        row.id, row.sequence, row.case_id, row.kind, row.at, row.record_hash, row.blob_id, row.envelope))
    meta.put(connection, _HEAD, f"{row.sequence}:{row.record_hash}")


def add_private(connection: Connection, record_id: str, fields: Sequence[Private]) -> None:
    rows = [(record_id, field.name, field.salt, field.value) for field in fields]
    if rows:
        connection.exec_driver_sql(_ADD_PRIVATE, rows)


def add_thumbnail(connection: Connection, record_id: str, png: bytes) -> None:
    connection.exec_driver_sql(_ADD_THUMBNAIL, (record_id, png))


def remember_key(connection: Connection, key_id: str, public: bytes, at: int) -> None:
    connection.exec_driver_sql(_REMEMBER_KEY, (key_id, public, at))


def keys(connection: Connection) -> dict[str, bytes]:
    """Raw public keys by key id."""
    return {row.key_id: row.public for row in connection.execute(select(_KEY))}


def get(connection: Connection, record_id: str) -> Stored:
    """One record. Raises NotFound."""
    row = connection.execute(_select().where(_RECORD.c.id == record_id)).mappings().first()
    if row is None:
        raise NotFound(_("There is no such record in this store."), _("List them: workstation evidence list."))
    return _stored(row)


def signer(connection: Connection, sequence: int) -> str:
    """The id of the key that signed the record in this place; "" when there is none that can be read."""
    return next((key_id for key_id, _place in own_hashes(connection, [sequence])), "")


def own_hashes(connection: Connection, places: Sequence[int]) -> dict[tuple[str, int], str]:
    """Hashes of the records in these places of the chain, by signing key and place; without those nobody can read."""
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(places), _CHUNK):
        query = select(_RECORD.c.sequence, _RECORD.c.record_hash, _RECORD.c.envelope).where(
            _RECORD.c.sequence.in_(places[start:start + _CHUNK]))
        for row in connection.execute(query):
            with contextlib.suppress(dsse.EnvelopeError):
                found[dsse.parse(row.envelope).key_id, int(row.sequence)] = str(row.record_hash)
    return found


def exhibits(connection: Connection, *cases: str) -> tuple[Stored, ...]:
    """Records that hold a file, oldest first, of these cases or, without one, of all."""
    query = _select().where(_RECORD.c.blob_id != "").order_by(_RECORD.c.sequence)
    if cases:
        query = query.where(_RECORD.c.case_id.in_(cases))
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def of_case(connection: Connection, *cases: str) -> tuple[Stored, ...]:
    """Every record of these cases, custody included, in chain order; without one, of all."""
    query = _select().order_by(_RECORD.c.sequence)
    if cases:
        query = query.where(_RECORD.c.case_id.in_(cases))
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def by_ids(connection: Connection, ids: Sequence[str]) -> tuple[Stored, ...]:
    """These records in chain order. Raises NotFound when one is missing."""
    found = [get(connection, record_id) for record_id in dict.fromkeys(ids)]
    return tuple(sorted(found, key=lambda row: row.sequence))


def after(connection: Connection, sequence: int, limit: int) -> tuple[Stored, ...]:
    """The next records in chain order, for a walk over the whole store."""
    query = _select().where(_RECORD.c.sequence > sequence).order_by(_RECORD.c.sequence).limit(limit)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def private(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Private, ...]]:
    """The personal values that are still there, by record id."""
    found: dict[str, list[Private]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(_PRIVATE).where(_PRIVATE.c.record_id.in_(ids[start:start + _CHUNK])).order_by(_PRIVATE.c.name)
        for row in connection.execute(query):
            found.setdefault(row.record_id, []).append(Private(row.name, row.salt, row.value))
    return {record_id: tuple(fields) for record_id, fields in found.items()}


def thumbnails(connection: Connection, ids: Sequence[str]) -> dict[str, bytes]:
    """The small pictures that are there, by record id."""
    found: dict[str, bytes] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(_THUMBNAIL).where(_THUMBNAIL.c.record_id.in_(ids[start:start + _CHUNK]))
        found |= {row.record_id: row.png for row in connection.execute(query)}
    return found


def reply_of(connection: Connection, case_id: str, message_id: str) -> str:
    """The id of the record that keeps this reply, "" when there is none yet."""
    named = and_(_PRIVATE.c.record_id == _RECORD.c.id, _PRIVATE.c.name == "message_id", _PRIVATE.c.value == message_id)
    query = select(_RECORD.c.id).where(_RECORD.c.case_id == case_id, _RECORD.c.kind == "reply", exists().where(named))
    return str(connection.execute(query).scalar() or "")


def newest_of_kind(connection: Connection, cases: Sequence[str], kind: str, before: int) -> Stored | None:
    """The last record of a kind of these cases, of those with a place before `before`."""
    wanted = _RECORD.c.case_id.in_(cases) & (_RECORD.c.kind == kind) & (_RECORD.c.sequence < before)
    row = connection.execute(_select().where(wanted).order_by(_RECORD.c.sequence.desc()).limit(1)).mappings().first()
    return None if row is None else _stored(row)


def exhibit_of(connection: Connection, cases: Sequence[str], sha256: str) -> Stored | None:
    """The first file or answer of these cases that holds these very bytes and was not erased."""
    held = (_RECORD.c.blob_id == _BLOB.c.id) & (_BLOB.c.sha256 == sha256)
    wanted = _RECORD.c.case_id.in_(cases) & _RECORD.c.kind.in_(("file", "answer")) & exists().where(held)
    row = connection.execute(_select().where(wanted).order_by(_RECORD.c.sequence).limit(1)).mappings().first()
    return None if row is None else _stored(row)


def _stored(row: RowMapping) -> Stored:
    return Stored(
        row["id"], row["sequence"], row["case_id"], row["kind"], row["at"], row["record_hash"], row["blob_id"],
        row["envelope"], bool(row["secured"]), bool(row["stamped"]), row["erased_at"],
        bool(row["simulated"]) and not row["stamped"],
    )


def _select() -> Select[Any]:
    """A record with `secured`, `stamped` and `erased_at`.

    Secured: the hub has a receipt for its statement, re-hashed its file unless it was erased, and its log is not
    broken.
    """
    broken = exists().where(_BREAK.c.accepted_at.is_(None))
    by = (_TOKEN.c.digest == _RECORD.c.record_hash) & (_TOKEN.c.authority_id == _AUTHORITY.c.id)
    queued = exists().where(_OUTBOX.c.collection == COLLECTION, _OUTBOX.c.entity_id == _RECORD.c.id)
    stored = exists().where(_BLOB.c.id == _RECORD.c.blob_id, _BLOB.c.secured_at.is_not(None))
    erased = select(func.min(_ERASED.c.at)).where(_ERASED.c.record_id == _RECORD.c.id, _ERASED.c.file).scalar_subquery()
    return select(
        _RECORD.c.id, _RECORD.c.sequence, _RECORD.c.case_id, _RECORD.c.kind, _RECORD.c.at, _RECORD.c.record_hash,
        _RECORD.c.blob_id, _RECORD.c.envelope,
        and_(~queued, (_RECORD.c.blob_id == "") | stored | erased.is_not(None), ~broken).label("secured"),
        exists().where(by, _AUTHORITY.c.simulated == 0).label("stamped"),
        exists().where(by, _AUTHORITY.c.simulated != 0).label("simulated"), erased.label("erased_at"),
    )
