"""The inbox as triage sees it: open conversations in the order of the list, what their buyers wrote last, and the
columns for what was found. Fulfils `triage.ports.Conversations` by shape; neither feature imports the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from workstation.inbox import offering, states
from workstation.store import outbox
from workstation.store.unit import Unit

MOST_TEXT = 6_000
"""Characters of a message that are handed on."""


class Found(Protocol):
    """What was found about a conversation."""

    @property
    def id(self) -> str: ...

    @property
    def issue(self) -> str: ...

    @property
    def urgency(self) -> int: ...

    @property
    def risk(self) -> str: ...

    @property
    def market(self) -> str: ...

    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stand:
    """A conversation as its row says."""

    id: str
    sort_key: int
    last_at: int
    language: str
    market: str
    issue: str
    urgency: int
    risk: str


@dataclass(frozen=True, slots=True)
class Said:
    """A buyer's message, without quoted history. `answered`: somebody of ours wrote afterwards."""

    at: int
    subject: str
    text: str
    answered: bool


class Triaged:
    def waiting(self, connection: Connection, after: tuple[int, str] | None, limit: int) -> Sequence[Stand]:
        rows = connection.exec_driver_sql(_WAITING, (*(after or (-1, "")), limit))
        return [Stand(*row) for row in rows]

    def stands(self, connection: Connection, ids: Sequence[str]) -> Sequence[Stand]:
        return [Stand(*row) for row in connection.exec_driver_sql(_STANDS, (json.dumps(list(ids)),))]

    def said(self, connection: Connection, conversation_id: str, limit: int) -> Sequence[Said]:
        answered_at = int(connection.exec_driver_sql(_ANSWERED, (conversation_id,)).scalar() or 0)
        rows = connection.exec_driver_sql(_SAID, (conversation_id, limit))
        return [Said(at, subject, text, at <= answered_at) for at, subject, text in rows]

    def put(self, connection: Connection, rows: Iterable[Found]) -> Sequence[str]:
        """Write what differs. Returns the conversations that changed."""
        changed = []
        for row in rows:
            values = (row.issue, row.urgency, row.risk, row.market, row.language)
            if connection.exec_driver_sql(_PUT, (*values, row.id)).rowcount:
                changed.append(row.id)
        return changed

    def tell(self, unit: Unit, conversation_id: str, kind: str, old: str | None, new: str | None, at: int) -> None:
        """A conversation that the hub was not told of yet is told with what was said of it by then."""
        for _id, known_as in states.told_names(unit.conn, [conversation_id]):
            outbox.append(unit, "conversation", known_as, "set", offering.corrected(kind, old, new), at)

    def restore(self, connection: Connection, row: Found) -> None:
        """Write what stood there before, also that nothing was known."""
        values = (row.issue, row.urgency, row.risk, row.market, row.language, row.id)
        connection.exec_driver_sql(_RESTORE, values)


_COLUMNS = "id, sort_key, last_at, language, market, issue, urgency, risk"
_WAITING = (
    f"SELECT {_COLUMNS} FROM conversation WHERE state = 'open' AND merged_into = '' AND last_at > 0 "  # noqa: S608
    "AND (sort_key, id) > (?, ?) ORDER BY sort_key, id LIMIT ?"
)
_STANDS = f"SELECT {_COLUMNS} FROM conversation WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
_ANSWERED = (
    "SELECT max(at) FROM message WHERE conversation_id = ? AND direction = 'out' AND automatic = 0 "
    "AND delivery = 'done'"
)
_SAID = (
    f"SELECT at, substr(subject, 1, 400), substr(text, 1, {MOST_TEXT}) FROM message WHERE conversation_id = ? "  # noqa: S608
    "AND direction = 'in' AND automatic = 0 ORDER BY at DESC, seq DESC LIMIT ?"
)
# What is not known takes nothing away: another part of the inbox may have told the language meanwhile.
_PUT = (
    "UPDATE conversation SET issue = ?1, urgency = ?2, risk = ?3, market = iif(?4 != '', ?4, market), "
    "language = iif(?5 != '', ?5, language) WHERE id = ?6 AND ((issue, urgency, risk) IS NOT (?1, ?2, ?3) "
    "OR (?4 != '' AND market != ?4) OR (?5 != '' AND language != ?5))"
)
_RESTORE = "UPDATE conversation SET issue = ?, urgency = ?, risk = ?, market = ?, language = ? WHERE id = ?"
