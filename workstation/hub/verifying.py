"""The hub looks at its own store again: every file, every record in the log, the tree, the checkpoints, their stamps.

Everything is computed anew from what was handed in, in one reading transaction beside a hub that serves: the hash of
each leaf from its record's envelope, every node and every root from the leaves. What is wrong is named with its place:
table and row, or the file's address. Memory does not grow with the log: the tree is compared while it is built.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, exists, func, select
from sqlalchemy.exc import DBAPIError

from workstation.evidence import checkpoint, dsse, merkle, tokens
from workstation.hub import log, meta
from workstation.hub.blobs import stored_addresses
from workstation.hub.config import HubFolder
from workstation.hub.model import EVIDENCE
from workstation.hub.objects import FolderObjects
from workstation.hub.rows import SqliteRows
from workstation.hub.tables import EntityRow, LogCheckpointRow, LogLeafRow, LogNodeRow
from workstation.kernel.errors import NotFound, WorkstationError, WrongKey
from workstation.kernel.failing import damaged
from workstation.kernel.i18n import _
from workstation.store.tables import table

MOST_TOLD = 200
"""Findings that are kept one by one; the others are counted."""
_DAMAGES = 20
_TOGETHER = 200                   # rows fetched at once
_LEAF, _NODE = table(LogLeafRow), table(LogNodeRow)
_CHECKPOINT, _ENTITY = table(LogCheckpointRow), table(EntityRow)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was handed in. `where`: table and row, or the path of a file in the hub's folder."""

    where: str
    what: str


@dataclass(slots=True)
class Report:
    """What was looked at. `more`: findings beyond those that are listed."""

    files: int = 0
    records: int = 0
    checkpoints: int = 0
    stamped: int = 0
    key: str = ""                 # fingerprint of the log's key, as invites name it; "" when the log has none yet
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def intact(self) -> bool:
        return not self.findings

    def found(self, where: str, what: str) -> None:
        if len(self.findings) < MOST_TOLD:
            self.findings.append(Finding(where, what))
        else:
            self.more += 1


def verify(folder: Path) -> Report:
    """Look at everything. Blocks. Raises NotFound without a hub, StoreError when its database cannot be read."""
    place = HubFolder(folder)
    config = place.load()
    if not place.database.is_file():
        raise NotFound(_("The hub's database is missing in {folder}.").format(folder=folder),
                       _("Restore it from a backup."))
    report = Report()
    addresses = _rows(place, report)
    objects = FolderObjects(place.objects, config.reserve)
    for address in addresses:
        report.files += 1
        hashed = objects.rehash(address)
        if hashed != address:
            what = _("the file is missing") if hashed is None else _("the file is not what was stored")
            report.found(str(objects.path(address).relative_to(folder)), what)
    return report


def _rows(place: HubFolder, report: Report) -> tuple[str, ...]:
    """Judge the database; returns the addresses of the files it calls stored."""
    def work(connection: Connection) -> tuple[str, ...]:
        for (line,) in connection.exec_driver_sql(f"PRAGMA integrity_check({_DAMAGES})"):
            if line != "ok":
                report.found(place.database.name, str(line))
        _check_log(connection, report)
        return tuple(stored_addresses(connection))

    try:
        rows = SqliteRows(place.database)
        try:
            return asyncio.run(rows.read(work))
        finally:
            rows.close()
    except WrongKey as problem:
        raise damaged() from problem
    except DBAPIError as problem:
        raise damaged() from problem


def _check_log(connection: Connection, report: Report) -> None:
    if not meta.get(connection, "hub_id"):
        report.found("hub_meta hub_id", _("the hub's id is missing: this is no hub's database, or an empty one"))
        return
    key = _key(connection, report)
    tree = _Tree(connection, report)
    notes = _notes(connection)
    note = next(notes, None)
    for leaf in _leaves(connection):
        note = _up_to(notes, note, tree, key, report)
        _check_leaf(leaf, tree.size, report)
        tree.add(leaf.record_hash)
        report.records += 1
    note = _up_to(notes, note, tree, key, report)
    while note is not None:
        report.checkpoints += 1
        report.found(f"log_checkpoint {note.size}", _("the log is shorter than this checkpoint says: records are gone"))
        note = next(notes, None)
    tree.finish()
    _check_entities(connection, report)


def _key(connection: Connection, report: Report) -> str:
    """The verifier key of this log, "" when there is none."""
    kept = meta.get(connection, log.KEY)
    if not kept:
        if connection.execute(select(func.count()).select_from(_CHECKPOINT)).scalar():
            report.found("hub_meta log_key", _("the key that signs the log is missing"))
        return ""
    try:
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept)).public_key()
    except ValueError:
        report.found("hub_meta log_key", _("this is no key"))
        return ""
    verifier = checkpoint.verifier_key(checkpoint.ORIGIN + meta.get(connection, "hub_id"), public)
    report.key = checkpoint.fingerprint(verifier)
    return verifier


def _leaves(connection: Connection) -> Iterator[Row[Any]]:
    same = (_ENTITY.c.collection == EVIDENCE) & (_ENTITY.c.entity_id == _LEAF.c.entity_id)
    query = select(_LEAF.c.leaf, _LEAF.c.record_hash, _LEAF.c.entity_id, _ENTITY.c.body).outerjoin(_ENTITY, same)
    return _streamed(connection, query.order_by(_LEAF.c.leaf))


def _check_leaf(row: Row[Any], expected: int, report: Report) -> None:
    """A leaf in its place, of a record that is here and whose envelope gives exactly this hash."""
    where = f"log_leaf {row.leaf}"
    if row.leaf != expected:
        report.found(where, _("it should be number {n}: leaves are missing or doubled").format(n=expected))
    if row.body is None:
        report.found(where, _("its record {id} is not here").format(id=row.entity_id))
        return
    wrong = _wrong_with(row.body)
    if wrong:
        report.found(f"{where}, entity evidence/{row.entity_id}", wrong)
    elif _told(row.body) != row.record_hash:
        report.found(where, _("it is not the hash of its record {id}").format(id=row.entity_id))


def _check_entities(connection: Connection, report: Report) -> None:
    """Bodies are as they were taken, and every record of evidence is in the log."""
    query = select(_ENTITY.c.entity_id, _ENTITY.c.body, _ENTITY.c.body_hash, _ENTITY.c.collection)
    for row in _streamed(connection, query):
        where = f"entity {row.collection}/{row.entity_id}"
        if hashlib.sha256(row.body.encode()).hexdigest() != row.body_hash:
            report.found(where, _("its body is not the one that was taken"))
        if row.collection != EVIDENCE:
            continue
        hashed = _told(row.body)
        if hashed and not connection.execute(select(exists().where(_LEAF.c.record_hash == hashed))).scalar():
            report.found(where, _wrong_with(row.body) or _("this record is not in the log"))


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """Rows as they are wanted: several such walks go on beside each other."""
    yield from connection.execute(query.execution_options(yield_per=_TOGETHER))


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _told(text: str) -> str:
    """The record hash an event tells of its record, "" when it tells none."""
    body = _body(text)
    told, envelope = body.get("record_hash"), body.get("envelope")
    return told if isinstance(told, str) and len(told) == 64 and isinstance(envelope, str) else ""


def _wrong_with(text: str) -> str:
    """What is wrong with a record's own statement and signature, "" when nothing is."""
    body = _body(text)
    try:
        log.logged(body)
    except ValueError:
        return _("its hash is not that of its statement")
    if not isinstance(body.get("public_key"), str):
        return ""
    try:
        envelope = dsse.parse(base64.b64decode(str(body.get("envelope")), validate=True))
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(body["public_key"], validate=True))
        signed = envelope.signed_by(key)
    except (ValueError, InvalidSignature):
        signed = False
    return "" if signed else _("its signature is not by the key it names")


def _notes(connection: Connection) -> Iterator[Row[Any]]:
    return _streamed(connection, select(_CHECKPOINT).order_by(_CHECKPOINT.c.size))


def _up_to(
    notes: Iterator[Row[Any]], note: Row[Any] | None, tree: _Tree, key: str, report: Report
) -> Row[Any] | None:
    """Judge the checkpoints of the length the tree has now; returns the first one that is longer."""
    while note is not None and note.size <= tree.size:
        report.checkpoints += 1
        _judge(note, tree, key, report)
        note = next(notes, None)
    return note


def _judge(note: Row[Any], tree: _Tree, key: str, report: Report) -> None:
    where, raw = f"log_checkpoint {note.size}", note.note.encode()
    try:
        said = checkpoint.read(raw, key) if key else None
    except ValueError:
        report.found(where, _("it is not signed by the log's own key"))
        said = None
    if said is not None and (said.size, said.root) != (note.size, tree.root()):
        report.found(where, _("its root is not that of the records in the log"))
    if not note.token:
        return
    report.stamped += 1
    try:
        tokens.check(note.token, hashlib.sha256(raw).digest(), note.roots.encode())
    except WorkstationError as problem:
        report.found(where, _("its time stamp does not hold: {why}").format(why=problem.sentence))


class _Tree:
    """The tree, built from the leaves and compared with the nodes that are kept, level by level."""

    def __init__(self, connection: Connection, report: Report) -> None:
        self.size = 0
        self._conn = connection
        self._report = report
        self._waiting: list[bytes | None] = []             # of each level a left half that waits for its right one
        self._kept: list[Iterator[Row[Any]]] = []
        self._next: list[Row[Any] | None] = []
        self._made: list[int] = []

    def add(self, record_hash: str) -> None:
        """One more leaf. A hash that is none counts as another one: the nodes above it show it."""
        try:
            hashed = merkle.leaf_hash(bytes.fromhex(record_hash))
        except ValueError:
            hashed = merkle.leaf_hash(record_hash.encode())
        level = 0
        while True:
            self._compare(level, hashed)
            left = self._waiting[level]
            if left is None:
                self._waiting[level] = hashed
                break
            hashed, self._waiting[level] = merkle.node_hash(left, hashed), None
            level += 1
        self.size += 1

    def root(self) -> bytes:
        found: bytes | None = None
        for left in self._waiting:
            if left is not None:
                found = left if found is None else merkle.node_hash(left, found)
        return merkle.EMPTY if found is None else found

    def finish(self) -> None:
        """Whatever is kept beyond what the leaves give."""
        for level in range(len(self._kept)):
            while (extra := self._next[level]) is not None:
                self._extra(level, extra)
        beyond = select(_NODE.c.level, _NODE.c.place).where(_NODE.c.level >= len(self._kept)).limit(MOST_TOLD)
        for row in self._conn.execute(beyond):
            self._report.found(f"log_node {row.level} {row.place}", _("there is no such node in a log of this length"))

    def _compare(self, level: int, hashed: bytes) -> None:
        if level == len(self._kept):
            rows = select(_NODE.c.place, _NODE.c.hash).where(_NODE.c.level == level).order_by(_NODE.c.place)
            self._kept.append(_streamed(self._conn, rows))
            self._next.append(next(self._kept[level], None))
            self._waiting.append(None)
            self._made.append(0)
        place = self._made[level]
        self._made[level] += 1
        while (kept := self._next[level]) is not None and kept.place < place:
            self._extra(level, kept)
        where = f"log_node {level} {place}"
        if kept is None or kept.place != place:
            self._report.found(where, _("this node of the tree is missing"))
            return
        if bytes(kept.hash) != hashed:
            self._report.found(where, _("this node of the tree is not the hash of what is below it"))
        self._next[level] = next(self._kept[level], None)

    def _extra(self, level: int, kept: Row[Any]) -> None:
        self._report.found(f"log_node {level} {kept.place}", _("there is no such node in a log of this length"))
        self._next[level] = next(self._kept[level], None)
