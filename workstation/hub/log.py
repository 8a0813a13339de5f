"""The hub's log: every record of evidence, in the order it came, in one Merkle tree (RFC 6962).

A record joins in the transaction that takes its event, so neither is ever there without the other. Its leaf is the 32
bytes of its record hash. Perfect subtrees are kept as they are completed, two rows for each record: a proof needs some
dozens of them, whatever the size of the log. Checkpoints are signed with a key of the hub's own and kept for ever.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, func, insert, select, update

from workstation.evidence import checkpoint, dsse, merkle, record
from workstation.evidence.checkpoint import Checkpoint
from workstation.hub import meta
from workstation.hub.model import EVIDENCE
from workstation.hub.tables import EntityRow, LogCheckpointRow, LogLeafRow, LogNodeRow
from workstation.store.tables import table

_LEAF = table(LogLeafRow)
_NODE = table(LogNodeRow)
_CHECKPOINT = table(LogCheckpointRow)
_ENTITY = table(EntityRow)
KEY = "log_key"
"""The single fact of the hub that holds the key which signs its log."""
MOST_ASKED = 500
"""Inclusion proofs in one answer."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a desktop is shown: the newest checkpoint, and that it goes on from the size the desktop knows."""

    checkpoint: str
    key: str
    consistency: tuple[str, ...]
    token: str = ""               # Base64 of an RFC 3161 answer over SHA-256 of the note
    roots: str = ""               # PEM


@dataclass(frozen=True, slots=True)
class Inclusion:
    record: str
    leaf: int
    proof: tuple[str, ...]


def logged(body: dict[str, object]) -> str:
    """The record hash in the body of an event, "" when it tells none. Raises ValueError when it is not the record's."""
    told, envelope = body.get("record_hash"), body.get("envelope")
    if not isinstance(told, str) or len(told) != 64 or not isinstance(envelope, str):
        return ""
    payload = dsse.parse(base64.b64decode(envelope, validate=True)).payload
    if record.record_hash(payload) != told:
        raise ValueError("the record's hash is not that of its statement")
    return told


def append(connection: Connection, record_hash: str, entity_id: str, now: int) -> None:
    """Add a record, once. In the caller's transaction; the database lets one writer in at a time."""
    known = select(_LEAF.c.leaf).where(_LEAF.c.record_hash == record_hash)
    if connection.execute(known).first() is not None:
        return
    leaf = size(connection)
    connection.execute(insert(_LEAF).values(leaf=leaf, record_hash=record_hash, entity_id=entity_id, at=now))
    made = merkle.grown(leaf, merkle.leaf_hash(bytes.fromhex(record_hash)), _reader(connection))
    connection.execute(insert(_NODE), [{"level": level, "place": place, "hash": h} for level, place, h in made])


def size(connection: Connection) -> int:
    newest = connection.execute(select(func.max(_LEAF.c.leaf))).scalar()
    return 0 if newest is None else int(newest) + 1


def head(connection: Connection, after: int) -> Head:
    """The newest checkpoint, signed now if it was not, and the proof that it goes on from the first `after` records.

    Empty when the log is not that long: then nothing can be proved, and the desktop sees why.
    """
    length = size(connection)
    key = _key(connection)
    origin = checkpoint.ORIGIN + meta.get(connection, "hub_id")
    kept = connection.execute(select(_CHECKPOINT).where(_CHECKPOINT.c.size == length)).first()
    note = str(kept.note) if kept is not None else _sign(connection, origin, length, key)
    proof = merkle.consistency(after, length, _reader(connection)) if 0 < after < length else ()
    token, roots = (base64.b64encode(kept.token).decode(), kept.roots) if kept is not None else ("", "")
    return Head(note, checkpoint.verifier_key(origin, key.public_key()), tuple(step.hex() for step in proof), token,
                roots if token else "")


def verifier(connection: Connection) -> str:
    """The verifier key of this log. The key is made here when there is none yet."""
    key = _key(connection)
    return checkpoint.verifier_key(checkpoint.ORIGIN + meta.get(connection, "hub_id"), key.public_key())


def _sign(connection: Connection, origin: str, length: int, key: Ed25519PrivateKey) -> str:
    found = Checkpoint(origin, length, merkle.root(length, _reader(connection)))
    note = checkpoint.sign(found, key).decode()
    connection.execute(insert(_CHECKPOINT).values(size=length, note=note, token=b"", roots=""))
    return note


def inclusions(connection: Connection, length: int, records: Sequence[str]) -> tuple[Inclusion, ...]:
    """Where these records are among the first `length`, with a proof each. Those that are not there are left out."""
    if not 0 <= length <= size(connection):
        return ()
    rows = connection.execute(select(_LEAF.c.record_hash, _LEAF.c.leaf).where(
        _LEAF.c.record_hash.in_(list(records[:MOST_ASKED])), _LEAF.c.leaf < length)).all()
    node = _reader(connection)
    return tuple(
        Inclusion(hashed, leaf, tuple(step.hex() for step in merkle.inclusion(leaf, length, node)))
        for hashed, leaf in rows)


def consistency(connection: Connection, first: int, second: int) -> tuple[str, ...] | None:
    """That the first `second` records begin with the first `first`; None when the log is not that long."""
    if not 0 <= first <= second <= size(connection):
        return None
    return tuple(step.hex() for step in merkle.consistency(first, second, _reader(connection)))


def unstamped(connection: Connection) -> str | None:
    """The newest checkpoint when it holds records and no authority stamped it."""
    newest = select(_CHECKPOINT).order_by(_CHECKPOINT.c.size.desc()).limit(1)
    row = connection.execute(newest).first()
    return str(row.note) if row is not None and row.size > 0 and not row.token else None


def keep_stamp(connection: Connection, note: str, token: bytes, roots: str) -> None:
    connection.execute(update(_CHECKPOINT).where(_CHECKPOINT.c.note == note).values(token=token, roots=roots))


def backfill(connection: Connection) -> int:
    """For a hub from before there was a log: every record it holds joins, in the order it came. Returns how many."""
    rows = connection.execute(select(_ENTITY.c.entity_id, _ENTITY.c.body).where(
        _ENTITY.c.collection == EVIDENCE).order_by(_ENTITY.c.version)).all()
    before = size(connection)
    for row in rows:
        try:
            hashed = logged(json.loads(row.body))
        except ValueError:
            continue   # it was taken before anybody looked; it is in no chain that verifies
        if hashed:
            append(connection, hashed, row.entity_id, 0)
    return size(connection) - before


def _key(connection: Connection) -> Ed25519PrivateKey:
    """The key that signs this log, made when it is first needed."""
    kept = meta.get(connection, KEY)
    if kept:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept))
    made = Ed25519PrivateKey.generate()
    meta.put(connection, KEY, made.private_bytes_raw().hex())
    return made


def _reader(connection: Connection) -> merkle.Node:
    """Perfect subtrees out of the table, each read once."""
    known: dict[tuple[int, int], bytes] = {}

    def node(level: int, place: int) -> bytes:
        if (level, place) not in known:
            here = (_NODE.c.level == level) & (_NODE.c.place == place)
            known[level, place] = bytes(connection.execute(select(_NODE.c.hash).where(here)).scalar_one())
        return known[level, place]

    return node
