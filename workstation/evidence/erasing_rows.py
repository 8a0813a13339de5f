"""What erasing reads and deletes. Every delete happens inside the transaction that appends the erasure's record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, delete, exists, insert, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence import repo
from workstation.evidence.erasure.model import KEPT_KINDS, KEPT_VALUES
from workstation.evidence.reading import repo as reading
from workstation.evidence.repo import Stored
from workstation.store.core import table
from workstation.store.unit import Unit

_BLOB = table("blob")
_PRIVATE = table("evidence_private")
_THUMBNAIL = table("evidence_thumbnail")
_ERASED = table("evidence_erased")
_PLAN = table("erasure_plan")
_HEARD = table("erasure_heard")
_CHUNK = 400
T = TypeVar("T")

_LIST = "(SELECT value FROM json_each(?))"
_CASES = (
    "SELECT DISTINCT r.case_id FROM evidence_record r WHERE r.case_id != '' "  # noqa: S608
    f"AND r.kind NOT IN {_LIST} AND (EXISTS (SELECT 1 FROM blob b WHERE r.blob_id != '' AND b.id = r.blob_id) "
    f"OR EXISTS (SELECT 1 FROM evidence_private p WHERE p.record_id = r.id AND p.name NOT IN {_LIST}))"
)
_TEXTS = f"SELECT source FROM evidence_text WHERE source IN {_LIST}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Target:
    """A record of which something is still there. `address` is its ciphertext's, "" when its key is gone."""

    stored: Stored
    names: tuple[str, ...]
    address: str
    size: int
    thumbnail: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of what is to be erased."""

    case_id: str
    rule: str
    due_at: int
    runs_at: int
    planned_at: int
    reason: str


def cases(connection: Connection) -> list[str]:
    """Every case of which something can be erased."""
    asked = (json.dumps(KEPT_KINDS), json.dumps(KEPT_VALUES))
    return [row[0] for row in connection.exec_driver_sql(_CASES, asked)]


def targets(connection: Connection, cases: Sequence[str], only: Sequence[str] = ()) -> list[Target]:
    """The records of these cases of which something would go, in chain order. `only`: those of them with these ids."""
    rows = [row for row in repo.of_case(connection, *cases) if row.kind not in KEPT_KINDS] if cases else []
    chosen = [row for row in rows if not only or row.id in only]
    found = []
    for chunk in _chunks(chosen):
        ids = [row.id for row in chunk]
        private, small, blobs = repo.private(connection, ids), _thumbnails(connection, ids), _blobs(connection, chunk)
        for row in chunk:
            names = tuple(one.name for one in private.get(row.id, ()) if one.name not in KEPT_VALUES)
            address, size = blobs.get(row.blob_id, ("", 0))
            if names or address or row.id in small:
                found.append(Target(row, names, address, size, row.id in small))
    return found


def texts(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Which of these records something was read in."""
    return [row[0] for row in connection.exec_driver_sql(_TEXTS, (json.dumps(list(ids)),))]


def destroy(
    unit: Unit, targets: Sequence[Target], copies: Sequence[tuple[str, str]], erase_id: str, at: int
) -> list[str]:
    """Delete keys, values, thumbnails, texts and their words, and `copies` (a blob's id and address each).

    Returns addresses whose files may go.
    """
    ids = [target.stored.id for target in targets]
    gone = [target.address for target in targets if target.address]
    for source in texts(unit.conn, ids):
        reading.forget(unit.conn, source)
    for blob_id, address in copies:
        unit.conn.execute(delete(_BLOB).where(_BLOB.c.id == blob_id))
        gone.append(address)
    for chunk in _chunks(targets):
        held = [target.stored.blob_id for target in chunk if target.address]
        unit.conn.execute(delete(_BLOB).where(_BLOB.c.id.in_(held)))
        here = [target.stored.id for target in chunk]
        unit.conn.execute(delete(_PRIVATE).where(_PRIVATE.c.record_id.in_(here), _PRIVATE.c.name.not_in(KEPT_VALUES)))
        unit.conn.execute(delete(_THUMBNAIL).where(_THUMBNAIL.c.record_id.in_(here)))
        unit.conn.execute(insert(_ERASED), [_row(target, erase_id, at) for target in chunk])
    return gone


def erased(connection: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    """When the file of each of these records was erased (ms, UTC); records whose file is there are absent."""
    query = select(_ERASED.c.record_id, _ERASED.c.at).where(_ERASED.c.file.is_(True), _ERASED.c.record_id.in_(ids))
    return {row.record_id: row.at for row in connection.execute(query)}


def erasing(connection: Connection, ids: Sequence[str]) -> tuple[str, ...]:
    """The records that say what of these records was erased."""
    found: dict[str, None] = {}
    for chunk in _chunks(ids):
        query = select(_ERASED.c.erase_id).where(_ERASED.c.record_id.in_(chunk)).order_by(_ERASED.c.erase_id)
        found |= dict.fromkeys(connection.execute(query).scalars())
    return tuple(found)


def plans(connection: Connection) -> list[Plan]:
    """What is to be erased, the next first."""
    query = select(_PLAN).order_by(_PLAN.c.runs_at, _PLAN.c.case_id)
    return [Plan(r.case_id, r.rule, r.due_at, r.runs_at, r.planned_at, r.reason) for r in connection.execute(query)]


def put_plan(connection: Connection, plan: Plan) -> None:
    """Plan it, or plan it anew."""
    values = {"case_id": plan.case_id, "rule": plan.rule, "due_at": plan.due_at, "runs_at": plan.runs_at,
              "planned_at": plan.planned_at, "reason": plan.reason}
    connection.execute(upsert(_PLAN).values(values).on_conflict_do_update(index_elements=["case_id"], set_=values))


def drop_plan(connection: Connection, cases: Sequence[str]) -> int:
    """Returns how many there were."""
    return connection.execute(delete(_PLAN).where(_PLAN.c.case_id.in_(cases))).rowcount


def hear(connection: Connection, erase_id: str, case_id: str, ids: Sequence[str]) -> None:
    """The hub says that these records' files were erased."""
    rows = [{"record_id": each, "erase_id": erase_id, "case_id": case_id} for each in ids]
    if rows:
        connection.execute(upsert(_HEARD).on_conflict_do_nothing(), rows)


def heard_again(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """Records that were erased once and are here again, by erasure and case: of a store that was restored."""
    key = exists().where(_BLOB.c.id == _HEARD.c.record_id)
    value = exists().where(_PRIVATE.c.record_id == _HEARD.c.record_id, _PRIVATE.c.name.not_in(KEPT_VALUES))
    query = (
        select(_HEARD.c.erase_id, _HEARD.c.case_id, _HEARD.c.record_id).where(or_(key, value))
        .order_by(_HEARD.c.record_id)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for erase_id, case_id, record_id in connection.execute(query):
        found.setdefault((erase_id, case_id), []).append(record_id)
    return found


def _row(target: Target, erase_id: str, at: int) -> dict[str, object]:
    return {"record_id": target.stored.id, "erase_id": erase_id, "at": at, "file": bool(target.address),
            "fields": " ".join(target.names)}


def _thumbnails(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    query = select(_THUMBNAIL.c.record_id).where(_THUMBNAIL.c.record_id.in_(ids))
    return frozenset(connection.execute(query).scalars())


def _blobs(connection: Connection, rows: Sequence[Stored]) -> dict[str, tuple[str, int]]:
    ids = [row.blob_id for row in rows if row.blob_id]
    query = select(_BLOB.c.id, _BLOB.c.address, _BLOB.c.size).where(_BLOB.c.id.in_(ids))
    return {row.id: (row.address, row.size) for row in connection.execute(query)}


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start:start + _CHUNK] for start in range(0, len(rows), _CHUNK))
