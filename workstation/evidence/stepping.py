"""Playbook steps become records of their case: what was said of a step, by whom and why, and what satisfied it.

As every exhibit it has a file, a short page of text, so that the viewer shows it and a pack holds it. A step that is
taken back is a record of its own: nothing in the chain is undone.
"""

from __future__ import annotations

from collections.abc import Mapping

from workstation.evidence.model import Kind
from workstation.evidence.record import Statement
from workstation.evidence.sealer import Also, Entry, Prepared, Sealer

MIME = "text/plain"


class Stepping:
    """Seals steps with the one writer of the chain."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def seal(
        self, case_id: str, what: Statement, private: Mapping[str, str], text: str, at: int, monotonic_ns: int,
        also: Also,
    ) -> None:
        """`at`: when it was said. Raises DiskFull, ReadOnly, Busy, KeyringProblem."""
        entry = Entry(Kind.STEP, case_id, what, private, at, monotonic_ns)
        await self._sealer.add(entry, Prepared(text.encode(), MIME), also=also)
