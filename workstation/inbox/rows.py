"""List rows by plain SQL: the same statement paints the first page before SQLAlchemy is loaded and every page after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workstation.domain.states import Channel, ConversationState, Delivery
from workstation.inbox.listing import ConversationRow, ListQuery

_COLUMNS = (
    "id, customer_name, customer_address, subject, snippet, channel, state, language, store, unread, unanswered_since, "
    "last_at, due_at, clock_ms, snoozed_until, issue, delivery, sort_key, assignee, tags, muted, review, urgency, risk"
)
# Each queue as a condition. ":now" is bound; the planner meets each with an index of its own.
QUEUES = {
    "open": "state = 'open'",
    "breaching": "state = 'open' AND due_at IS NOT NULL AND due_at - clock_ms / 4 <= :now",
    "unanswered": "state = 'open' AND due_at IS NOT NULL",
    "failed": "delivery IN ('failed', 'unknown')",
    "snoozed": "state = 'snoozed'",
    "resolved": "state = 'resolved'",
    "all": "1 = 1",
}


def page_sql(query: ListQuery, now: int) -> tuple[str, dict[str, Any]]:
    """The statement and its parameters for one page of a queue, keyset by (sort_key, id)."""
    where, values = condition(query.queue)
    where += " AND last_at > 0"  # of one without a message another desktop told, and the message is still to come
    values |= {"now": now, "limit": query.limit}
    if query.cursor:
        key, _sep, last_id = query.cursor.partition(":")
        where += " AND (sort_key, id) > (:key, :last)"
        values |= {"key": int(key), "last": last_id}
    return f"SELECT {_COLUMNS} FROM conversation WHERE {where} ORDER BY sort_key, id LIMIT :limit", values  # noqa: S608


def condition(queue: str) -> tuple[str, dict[str, Any]]:
    """The WHERE of a queue. "channel:amazon" and "store:name" are queues of open conversations."""
    group, _sep, name = queue.partition(":")
    if group in ("channel", "store") and name:
        return f"state = 'open' AND {group} = :name", {"name": name}
    return QUEUES.get(queue, QUEUES["open"]), {}


def by_ids_sql(ids: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    marks = ", ".join("?" * len(ids))
    return f"SELECT {_COLUMNS} FROM conversation WHERE id IN ({marks})", tuple(ids)  # noqa: S608


def rows_from(records: Iterable[Sequence[Any]]) -> tuple[ConversationRow, ...]:
    return tuple(_row(record) for record in records)


def _row(r: Sequence[Any]) -> ConversationRow:
    return ConversationRow(
        id=r[0], who=r[1] or r[2], subject=r[3], snippet=r[4], channel=Channel(r[5]), state=ConversationState(r[6]),
        language=r[7], store=r[8], unread=bool(r[9]), unanswered=r[10] is not None, last_at=r[11], due_at=r[12],
        clock_ms=r[13], snoozed_until=r[14], issue=r[15], orders=(), delivery=Delivery(r[16]), sort_key=r[17],
        assignee=r[18], tags=tuple(r[19].split("\n")[1:-1]) if r[19] else (), muted=bool(r[20]), review=bool(r[21]),
        urgency=r[22], risk=r[23],
    )


def first_page(connection: Any, now: int, limit: int = 50) -> tuple[ConversationRow, ...]:
    """The first rows of the open queue from a DB-API connection; empty when the store has no tables yet."""
    sql, values = page_sql(ListQuery(limit=limit), now)
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'conversation'").fetchone()
    return rows_from(connection.execute(sql, values).fetchall()) if exists else ()
