"""Tombstones: what was erased, when and by which rule. They hold ids and hashes, never a word of what was there.

Whoever stores something again (a mailbox read anew, an import, a colleague's desktop, a shop that is asked once more)
looks here first, so that nothing that was erased comes back. The proof is the erasure's own record in the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from workstation.kernel.clock import iso
from workstation.kernel.i18n import _

MESSAGE, CONVERSATION, ORDER = "message", "conversation", "order"
MARK = "\x1a"
"""How a line of the list begins that stands for an erased text: then its moment and rule. No text begins so."""


class Mark(NamedTuple):
    """An erasure: its record, its moment (ms, UTC), and the rule's id, "" when a person asked."""

    erase_id: str
    at: int
    rule: str = ""

    @property
    def sentence(self) -> str:
        """What stands in place of an erased text."""
        return erased_words(self.at, self.rule)


def erased_words(at: int, rule: str) -> str:
    """ "Erased on 2026-11-22 because a person asked." """
    date = iso(at)[:10]
    if rule:
        return _("Erased on {date} by the rule {rule}.").format(date=date, rule=rule)
    return _("Erased on {date} because a person asked.").format(date=date)


def line(mark: str) -> str:
    """The sentence of a list line that begins with MARK."""
    at, _colon, rule = mark[1:].partition(":")
    return erased_words(int(at) if at.isdecimal() else 0, rule)


def put(connection: Connection, kind: str, prints: Mapping[str, str], mark: Mark) -> None:
    """Mark these ids, each with the print of what it was ("" for none). The first erasure of each stays."""
    rows = [(kind, i, mark.erase_id, mark.at, mark.rule, found) for i, found in prints.items()]
    if rows:
        connection.exec_driver_sql(_PUT, rows)


def among(connection: Connection, kind: str, ids: Iterable[str]) -> dict[str, Mark]:
    """Those of these that were erased."""
    rows = connection.exec_driver_sql(_AMONG, (kind, json.dumps(list(ids))))
    return {row[0]: Mark(row[1], row[2], row[3]) for row in rows}


def of(connection: Connection, kind: str, entity_id: str) -> Mark | None:
    return among(connection, kind, [entity_id]).get(entity_id)


def fingerprint(author: str, *words: str) -> str:
    """Of who wrote it and what it said: enough to tell it from another one, not to read it."""
    return hashlib.sha256("\x1f".join((author.lower(), *words)).encode("utf-8", "replace")).hexdigest()


def ids_digest(ids: Sequence[str]) -> str:
    """SHA-256 over the sorted ids, each with a line feed: what an erasure's record says of a long list."""
    return hashlib.sha256("".join(f"{each}\n" for each in sorted(ids)).encode()).hexdigest()


_PUT = (
    "INSERT INTO personal_erased(kind, id, erase_id, at, rule, print) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_AMONG = (
    "SELECT id, erase_id, at, rule FROM personal_erased WHERE kind = ? AND id IN (SELECT value FROM json_each(?))"
)
