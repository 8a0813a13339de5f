"""What a person allowed of a reply: noted in the transaction that queues it, sealed when it has really left.

Bound to the SHA-256 of the mail as it leaves, which is the `file.sha256` of the reply's own record: other content is
not what was allowed. A reply that is taken back never becomes a record, and so does not what was allowed of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence import surroundings
from workstation.evidence.model import Kind
from workstation.evidence.record import Statement
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Entry, Sealer
from workstation.kernel.clock import DAY
from workstation.store.core import table
from workstation.store.database import Database
from workstation.store.unit import Unit

_ALLOWED = table("evidence_allowed")
KEPT_DAYS = 120
"""After so long a reply that never left will not leave."""


class Approving:
    """Turns what was noted into records."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def seal(self, case_id: str, raw: bytes) -> None:
        """The reply left: what was allowed of it becomes a record, dated when it was allowed. Once."""
        digest = hashlib.sha256(raw).hexdigest()
        found = await self._database.read(lambda conn: _find(conn, digest))
        if found is None:
            return
        allowed, details, at, monotonic_ns = found
        what: Statement = {"scope": "reply", "allowed": list(allowed), "content_sha256": digest}

        def done(unit: Unit, _stored: Stored) -> None:
            unit.conn.execute(delete(_ALLOWED).where(_ALLOWED.c.content_sha256 == digest))

        await self._sealer.add(Entry(Kind.APPROVAL, case_id, what, details, at, monotonic_ns), also=done)


def note(
    unit: Unit, case_id: str, raw: bytes, at: int, allowed: Sequence[str], details: Mapping[str, str]
) -> None:
    """Fulfils `drafts.ports.Approvals`: remember it in the caller's transaction."""
    values = {
        "content_sha256": hashlib.sha256(raw).hexdigest(), "case_id": case_id, "at": at,
        "monotonic_ns": surroundings.monotonic_ns(), "allowed": " ".join(allowed),
        "details": json.dumps(dict(details), ensure_ascii=False),
    }
    unit.conn.execute(delete(_ALLOWED).where(_ALLOWED.c.at < at - KEPT_DAYS * DAY))
    unit.conn.execute(upsert(_ALLOWED).values(values).on_conflict_do_nothing())


def _find(connection: Connection, digest: str) -> tuple[tuple[str, ...], dict[str, str], int, int] | None:
    row = connection.execute(select(_ALLOWED).where(_ALLOWED.c.content_sha256 == digest)).first()
    return None if row is None else (tuple(row.allowed.split()), json.loads(row.details), row.at, row.monotonic_ns)
