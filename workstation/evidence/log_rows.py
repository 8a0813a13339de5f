"""What this desktop has seen of a hub's log ↔ tables: its key, checkpoints, proofs, and where it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence import row_seal
from workstation.store.core import table

_LOG = table("evidence_log")
_CHECKPOINT = table("evidence_checkpoint")
_INCLUSION = table("evidence_inclusion")
_BREAK = table("evidence_log_break")
_RECORD = table("evidence_record")
_OUTBOX = table("outbox")
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was met, and the key that signs its checkpoints."""

    origin: str
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that was accepted: it goes on from the one of size `after` (0: it was the first)."""

    origin: str
    size: int
    at: int
    note: bytes
    after: int
    proof: tuple[bytes, ...]
    token: bytes = b""
    roots: bytes = b""


@dataclass(frozen=True, slots=True)
class Included:
    """A record's place in the log, from 0, and the proof under the checkpoint of `size`."""

    record_hash: str
    origin: str
    size: int
    leaf: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """The log did not go on from the checkpoint of `size`: `code` says how, `note` is what the hub showed instead."""

    id: str
    origin: str
    at: int
    code: str
    size: int
    note: bytes
    key: str
    accepted_at: int | None = None


def log(connection: Connection, origin: str) -> Log | None:
    row = connection.execute(select(_LOG).where(_LOG.c.origin == origin)).first()
    return None if row is None else Log(row.origin, row.key)


def logs(connection: Connection) -> tuple[Log, ...]:
    return tuple(Log(row.origin, row.key) for row in connection.execute(select(_LOG).order_by(_LOG.c.origin)))


def put_log(connection: Connection, found: Log, at: int) -> None:
    values = row_seal.sealed({"origin": found.origin, "key": found.key, "since": at})
    connection.execute(upsert(_LOG).values(**values).on_conflict_do_nothing())


def newest(connection: Connection, origin: str) -> Kept | None:
    """The last checkpoint since the log was begun (anew)."""
    row = connection.execute(
        select(_CHECKPOINT).where(_CHECKPOINT.c.origin == origin).order_by(_CHECKPOINT.c.size.desc()).limit(1)).first()
    return None if row is None else _kept(row)


def checkpoints(connection: Connection, origin: str, least: int = 0) -> tuple[Kept, ...]:
    """Every checkpoint of a log from this size on, smallest first."""
    here = (_CHECKPOINT.c.origin == origin) & (_CHECKPOINT.c.size >= least)
    return tuple(_kept(row) for row in connection.execute(select(_CHECKPOINT).where(here).order_by(_CHECKPOINT.c.size)))


def sizes(connection: Connection, origin: str) -> tuple[int, ...]:
    """The lengths at which this log was seen, smallest first."""
    query = select(_CHECKPOINT.c.size).where(_CHECKPOINT.c.origin == origin)
    return tuple(connection.execute(query.order_by(_CHECKPOINT.c.size)).scalars())


def at_size(connection: Connection, origin: str, size: int) -> Kept | None:
    """The checkpoint that was kept of a log of that length."""
    here = (_CHECKPOINT.c.origin == origin) & (_CHECKPOINT.c.size == size)
    row = connection.execute(select(_CHECKPOINT).where(here)).first()
    return None if row is None else _kept(row)


def places(connection: Connection, origin: str, least: int, limit: int) -> tuple[tuple[str, int], ...]:
    """Records that were proved to be in this log from the leaf `least` on: record hash and leaf, last ones first."""
    here = (_INCLUSION.c.origin == origin) & (_INCLUSION.c.leaf >= least)
    query = select(_INCLUSION.c.record_hash, _INCLUSION.c.leaf).where(here)
    return tuple((row.record_hash, row.leaf)
                 for row in connection.execute(query.order_by(_INCLUSION.c.leaf.desc()).limit(limit)))


def put_checkpoint(connection: Connection, kept: Kept) -> None:
    values = {"origin": kept.origin, "size": kept.size, "at": kept.at, "note": kept.note, "after": kept.after,
              "proof": _joined(kept.proof), "token": kept.token, "roots": kept.roots}
    connection.execute(insert(_CHECKPOINT).values(**row_seal.sealed(values)))


def put_stamp(connection: Connection, origin: str, size: int, token: bytes, roots: bytes) -> None:
    """The time stamp over a checkpoint that came after it."""
    here = (_CHECKPOINT.c.origin == origin) & (_CHECKPOINT.c.size == size)
    row_seal.change(connection, _CHECKPOINT, here, token=token, roots=roots)


def unproven(connection: Connection, origin: str, after: int, limit: int) -> tuple[tuple[int, str], ...]:
    """Own records the hub has taken whose place in its log is not proved: sequence and record hash, in chain order."""
    proved = exists().where(_INCLUSION.c.record_hash == _RECORD.c.record_hash, _INCLUSION.c.origin == origin)
    wanted = (_RECORD.c.sequence > after) & ~proved & ~_queued()
    query = select(_RECORD.c.sequence, _RECORD.c.record_hash).where(wanted)
    return tuple((row.sequence, row.record_hash)
                 for row in connection.execute(query.order_by(_RECORD.c.sequence).limit(limit)))


def put_inclusion(connection: Connection, found: Included) -> None:
    values = {"record_hash": found.record_hash, "origin": found.origin, "size": found.size, "leaf": found.leaf,
              "proof": _joined(found.proof)}
    connection.execute(upsert(_INCLUSION).values(**row_seal.sealed(values)).on_conflict_do_nothing())


def inclusions(connection: Connection, hashes: Sequence[str]) -> dict[str, tuple[Included, ...]]:
    """Proofs of these records, by record hash."""
    found: dict[str, list[Included]] = {}
    for start in range(0, len(hashes), _CHUNK):
        query = select(_INCLUSION).where(_INCLUSION.c.record_hash.in_(hashes[start:start + _CHUNK]))
        for row in connection.execute(query.order_by(_INCLUSION.c.origin)):
            one = Included(row.record_hash, row.origin, row.size, row.leaf, _parted(row.proof))
            found.setdefault(row.record_hash, []).append(one)
    return {hashed: tuple(proofs) for hashed, proofs in found.items()}


def put_break(connection: Connection, found: Break) -> None:
    connection.execute(insert(_BREAK).values(**row_seal.sealed(asdict(found))))


def breaks(connection: Connection) -> tuple[Break, ...]:
    """Every break there ever was, oldest first."""
    names = [column for column in _BREAK.c if column.name != "seal"]
    return tuple(Break(**row) for row in connection.execute(select(*names).order_by(_BREAK.c.at)).mappings())


def broken(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Rows that were changed: table and name."""
    kinds = (_LOG, _CHECKPOINT, _INCLUSION, _BREAK)
    return tuple((kind.name, name) for kind in kinds for name in row_seal.broken(connection, kind))


def open_break(connection: Connection, origin: str = "") -> Break | None:
    """The break nobody accepted, of this log or of any."""
    return next((one for one in breaks(connection) if one.accepted_at is None and origin in ("", one.origin)), None)


def accept(connection: Connection, break_id: str, at: int) -> bool:
    """A person says to go on with the log as the hub shows it now. What was seen before is kept under its old name."""
    here = (_BREAK.c.id == break_id) & _BREAK.c.accepted_at.is_(None)
    row = connection.execute(select(_BREAK).where(here)).first()
    if row is None:
        return False
    row_seal.change(connection, _BREAK, here, accepted_at=at)
    past = f"{row.origin}#{at}"
    for kind in (_LOG, _CHECKPOINT, _INCLUSION):
        row_seal.change(connection, kind, kind.c.origin == row.origin, origin=past)
    return True


def _queued() -> ColumnElement[bool]:
    return exists().where(_OUTBOX.c.collection == "evidence", _OUTBOX.c.entity_id == _RECORD.c.id)


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.origin, row.size, row.at, row.note, row.after, _parted(row.proof), row.token, row.roots)


def _joined(proof: Sequence[bytes]) -> str:
    return " ".join(step.hex() for step in proof)


def _parted(text: str) -> tuple[bytes, ...]:
    """The hashes of a proof; one that is none becomes b"", which no check takes."""
    return tuple(_hash(step) for step in text.split())


def _hash(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
