"""Rows beside the records that no record's own check reaches: such that belong to no record, and what a key's row says.

Together with store_check.py every column of every table that evidence relies on is held against something signed.
`tests/faults/test_tamper.py` enumerates the tables and changes each column.
"""

from __future__ import annotations

from sqlalchemy import Connection, Integer, cast, exists, select

from workstation.evidence.verify import CHAIN, HASHES, SIGNATURES, STORE, Tally
from workstation.kernel.i18n import _
from workstation.store.blobs import BlobFiles
from workstation.store.core import table
from workstation.store.database import Database

_RECORD, _BLOB, _KEY = table("evidence_record"), table("blob"), table("evidence_key")
_BESIDE = (table("evidence_private"), table("evidence_thumbnail"))


async def check(database: Database, _files: BlobFiles, tally: Tally) -> None:
    """Say what is wrong with the rows around the records, and find files whose keys were destroyed."""
    first: dict[str, int] = {}
    for checked in tally.checked:
        first.setdefault(checked.key_id, checked.sealed_ns // 1_000_000)
    strays, keys, kept = await database.read(lambda conn: (_strays(conn), _keys(conn), _kept(conn)))
    whole = not any(finding.part in (CHAIN, SIGNATURES) for finding in tally.findings)
    for name, record_id in strays if whole else ():   # beside a record that is missing they say nothing new
        tally.found(record_id, _("a row of the table “{name}” belongs to no record").format(name=name), STORE)
    for key_id, since in keys if whole else ():
        if first.get(key_id) != since:
            tally.found(key_id, _("the column “{name}” differs from the signed record").format(name="since"), STORE)
    for record_id in kept:
        what = _("its file is marked as one that is not copied to the hub; a record's file always is")
        tally.found(record_id, what, STORE)
    for record_id, what in tally.missing.items():
        if record_id in tally.destroyed:
            tally.gone += 1
        else:
            tally.found(record_id, what, HASHES)


def _strays(connection: Connection) -> list[tuple[str, str]]:
    found = []
    for beside in _BESIDE:
        known = exists().where(_RECORD.c.id == beside.c.record_id)
        query = select(beside.c.record_id).where(~known).distinct()
        found += [(beside.name, str(row.record_id)) for row in connection.execute(query)]
    return found


def _keys(connection: Connection) -> list[tuple[str, int]]:
    """Every key with the moment from which on it is said to be known: its first record's."""
    return [(str(row.key_id), int(row.since)) for row in connection.execute(select(_KEY.c.key_id, _KEY.c.since))]


def _kept(connection: Connection) -> list[str]:
    """Records whose file is not to be copied upstream."""
    marked = cast(_BLOB.c.upstream, Integer)
    query = select(_RECORD.c.id).join(_BLOB, _BLOB.c.id == _RECORD.c.blob_id).where(marked != 1)
    return [str(row.id) for row in connection.execute(query)]
