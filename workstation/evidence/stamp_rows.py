"""Authorities and their tokens ↔ tables."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence import row_seal
from workstation.evidence.tokens import Authority
from workstation.store.core import table

_AUTHORITY = table("evidence_authority")
_TOKEN = table("evidence_token")
_RECORD = table("evidence_record")
_CHUNK = 400
BACK = 90 * 86_400_000
"""Records of so many milliseconds before an authority was added are stamped too: a claim may still be open on them."""


@dataclass(frozen=True, slots=True)
class Known:
    """An authority as it is kept."""

    authority: Authority
    added_at: int
    removed_at: int | None = None
    failed_at: int | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """An answer that proved something when it came. `chain`: PEM of what lies between its signer and the root."""

    digest: str
    authority_id: str
    at: int
    accuracy: int
    raw: bytes
    chain: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that an authority has not stamped."""

    sequence: int
    record_id: str
    case_id: str
    record_hash: str
    envelope: bytes


def authority_id(name: str, url: str, roots: bytes) -> str:
    """The id that belongs to these values: a changed one is found out."""
    return hashlib.sha256(b"\n".join((name.encode(), url.encode(), roots))).hexdigest()[:16]


def add(connection: Connection, one: Authority, at: int) -> None:
    """Add an authority, or take one up again that was removed."""
    if row_seal.change(connection, _AUTHORITY, _AUTHORITY.c.id == one.id, removed_at=None, failed_at=None, failure=""):
        return
    connection.execute(insert(_AUTHORITY).values(**row_seal.sealed({
        "id": one.id, "name": one.name, "url": one.url, "roots": one.roots, "simulated": int(one.simulated),
        "added_at": at, "removed_at": None, "failed_at": None, "failure": ""})))


def remove(connection: Connection, authority_id: str, at: int) -> bool:
    """Ask it no more. Its row stays, because its tokens are checked with its roots."""
    here = (_AUTHORITY.c.id == authority_id) & _AUTHORITY.c.removed_at.is_(None)
    return row_seal.change(connection, _AUTHORITY, here, removed_at=at) > 0


def note(connection: Connection, authority_id: str, at: int | None, failure: str) -> None:
    """What its last question came to; `at` None: a token."""
    row_seal.change(connection, _AUTHORITY, _AUTHORITY.c.id == authority_id, failed_at=at, failure=failure)


def authorities(connection: Connection, *, removed: bool = False) -> tuple[Known, ...]:
    """Those that are asked, in the order they were added; with `removed`, those that were too."""
    query = select(_AUTHORITY).order_by(_AUTHORITY.c.added_at, _AUTHORITY.c.id)
    if not removed:
        query = query.where(_AUTHORITY.c.removed_at.is_(None))
    return tuple(_known(row) for row in connection.execute(query))


def _known(row: Row[Any]) -> Known:
    one = Authority(row.id, row.name, row.url, row.roots, bool(row.simulated))
    return Known(one, row.added_at, row.removed_at, row.failed_at, row.failure)


def waiting(connection: Connection, known: Known, after: int, limit: int) -> tuple[Waiting, ...]:
    """The next records in chain order, past `after`, that this authority has not stamped."""
    columns = (_RECORD.c.sequence, _RECORD.c.id, _RECORD.c.case_id, _RECORD.c.record_hash, _RECORD.c.envelope)
    wanted = _unstamped(known) & (_RECORD.c.sequence > after)
    rows = connection.execute(select(*columns).where(wanted).order_by(_RECORD.c.sequence).limit(limit))
    return tuple(Waiting(*row) for row in rows)


def count_waiting(connection: Connection, known: Known) -> int:
    return int(connection.execute(select(func.count()).select_from(_RECORD).where(_unstamped(known))).scalar_one())


def _unstamped(known: Known) -> ColumnElement[bool]:
    stamped = exists().where(_TOKEN.c.digest == _RECORD.c.record_hash, _TOKEN.c.authority_id == known.authority.id)
    return (_RECORD.c.at >= known.added_at - BACK) & ~stamped


def put(connection: Connection, token: Token) -> None:
    connection.execute(upsert(_TOKEN).values(**row_seal.sealed(asdict(token))).on_conflict_do_nothing())


def count(connection: Connection, authority_id: str) -> int:
    """How many tokens of an authority there are."""
    query = select(func.count()).select_from(_TOKEN).where(_TOKEN.c.authority_id == authority_id)
    return int(connection.execute(query).scalar_one())


def tokens(connection: Connection, digests: Sequence[str]) -> dict[str, tuple[Token, ...]]:
    """The tokens over these digests (hex), by digest."""
    found: dict[str, list[Token]] = {}
    for start in range(0, len(digests), _CHUNK):
        query = select(_TOKEN).where(_TOKEN.c.digest.in_(digests[start:start + _CHUNK]))
        for row in connection.execute(query.order_by(_TOKEN.c.authority_id)):
            token = Token(row.digest, row.authority_id, row.at, row.accuracy, row.raw, row.chain)
            found.setdefault(row.digest, []).append(token)
    return {digest: tuple(held) for digest, held in found.items()}


def broken(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Rows that were changed: table and name."""
    return tuple((kind.name, name) for kind in (_AUTHORITY, _TOKEN) for name in row_seal.broken(connection, kind))


def strays(connection: Connection) -> tuple[str, ...]:
    """Digests of tokens that are over no record of this store."""
    here = exists().where(_RECORD.c.record_hash == _TOKEN.c.digest)
    return tuple(connection.execute(select(_TOKEN.c.digest).where(~here).limit(100)).scalars())
