"""List rows by plain SQL: the same statement paints the first page before SQLAlchemy is loaded and every page after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workstation.domain.states import Channel, ConversationState, Delivery
from workstation.inbox.listing import ConversationRow, ListQuery

NAMES = (
    "id", "customer_name", "customer_address", "subject", "snippet", "channel", "state", "language", "store", "unread",
    "unanswered_since", "last_at", "due_at", "clock_ms", "snoozed_until", "issue", "delivery", "sort_key", "assignee",
    "tags", "muted", "review", "urgency", "risk",
)
_COLUMNS = ", ".join(NAMES)
COLUMNS_OF_C = ", ".join(f"c.{name}" for name in NAMES)
"""The columns of a row, from `conversation AS c`."""

# The words of the partial indexes (`tables.ConversationTable`): a statement must repeat them to be answered from one.
LISTED = "merged_into = '' AND last_at > 0"
"""Merged into another, or told of by another desktop and its first message still to come: in no queue."""
OPEN = f"state = 'open' AND {LISTED}"
WARNED = "warn_at IS NOT NULL AND muted = 0"
CLOCKS = 1 << 51
"""Every `sort_key` below is a running clock's end; what has none sorts behind, newest first."""

QUEUES = {
    "open": OPEN,
    "mine": f"assignee = :me AND {OPEN}",
    "unassigned": f"assignee = '' AND {OPEN}",
    "breaching": f"warn_at <= :now AND {WARNED} AND {OPEN}",
    "review": f"(review = 1 OR risk <> '') AND {OPEN}",
    "unanswered": f"sort_key < {CLOCKS} AND {OPEN}",
    "failed": f"delivery IN ('failed', 'unknown') AND {LISTED}",
    "snoozed": f"state = 'snoozed' AND {LISTED}",
    "resolved": f"state = 'resolved' AND {LISTED}",
    "all": LISTED,
}
"""Each queue as a condition. ":now" and ":me" are bound; the planner meets each with an index of its own."""

TAGGED = "instr(tags, char(10) || :name || char(10)) > 0"
GROUPS = {"channel": "channel", "store": "store", "lang": "language", "assignee": "assignee"}
"""Groups of open conversations, and the column each is by. "tag:" has a table of its own, "view:" a query."""

MARK = "\x1a"
"""As `store.erased.MARK`, without loading what it needs."""
_CHANNELS = {each.value: each for each in Channel}
_STATES = {each.value: each for each in ConversationState}
_DELIVERIES = {each.value: each for each in Delivery}

_INDEXES = {
    "mine": "assignee", "unassigned": "assignee", "review": "review", "failed": "failed", "all": "all",
    "breaching": "warn", "assignee": "assignee", "channel": "channel", "store": "store", "lang": "language",
}


def page_sql(query: ListQuery, now: int, me: str = "") -> tuple[str, dict[str, Any]]:
    """The statement and its parameters for one page of a queue, keyset by (sort_key, id)."""
    where, values = condition(query.queue, now, me)
    values |= {"limit": query.limit}
    if query.cursor:
        more, key = after(query.cursor)
        where, values = f"{where} AND {more}", values | key
    sql = f"SELECT {_COLUMNS} FROM {source(query.queue)} WHERE {where} ORDER BY sort_key, id LIMIT :limit"  # noqa: S608
    return sql, values


def source(queue: str) -> str:
    """The table with the index that has a queue in its order: without statistics the planner guesses."""
    group = queue.partition(":")[0]
    name = _INDEXES.get(group if ":" in queue else queue, "list" if ":" not in queue else "")
    return f"conversation INDEXED BY conversation_{name}" if name else "conversation"


def after(cursor: str) -> tuple[str, dict[str, Any]]:
    """The condition that begins a page behind a cursor."""
    key, _sep, last_id = cursor.partition(":")
    return "(sort_key, id) > (:key, :last)", {"key": int(key), "last": last_id}


def condition(queue: str, now: int = 0, me: str = "") -> tuple[str, dict[str, Any]]:
    """The WHERE of a queue with its values. Views are not known here."""
    group, _sep, name = queue.partition(":")
    if group in GROUPS and name:
        return f"{GROUPS[group]} = :name AND {OPEN}", {"name": name}
    if group == "tag" and name:
        return f"{TAGGED} AND {OPEN}", {"name": name}
    where = QUEUES.get(queue, OPEN)
    known = {"now": now, "me": me or "\n"}  # nobody's id: without a name nothing is mine
    return where, {name: value for name, value in known.items() if f":{name}" in where}


def by_ids_sql(ids: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    marks = ", ".join("?" * len(ids))
    return f"SELECT {_COLUMNS} FROM conversation WHERE id IN ({marks}) AND merged_into = ''", tuple(ids)  # noqa: S608


def rows_from(records: Iterable[Sequence[Any]]) -> tuple[ConversationRow, ...]:
    return tuple(row(record) for record in records)


def row(r: Sequence[Any], found: str = "", found_message: str = "") -> ConversationRow:
    """A record in the order of the columns as a row; of a search, what was found and in which message."""
    # By place: naming twenty-six fields costs as much again, for each of the fifty rows at every key.
    return ConversationRow(
        r[0], r[1] or r[2] or (_nobody() if r[4][:1] == MARK else ""), r[3],
        r[4] if r[4][:1] != MARK else _erased(r[4]), _CHANNELS[r[5]], _STATES[r[6]],
        r[7], r[8], r[9] == 1, r[10] is not None, r[11],
        r[12], r[13], r[14], r[15], (), _DELIVERIES[r[16]], r[17], r[18],
        tuple(r[19].split("\n")[1:-1]) if r[19] else (), r[20] == 1, r[21] == 1, r[22], r[23], found, found_message,
    )


def _nobody() -> str:
    """Who wrote, when that was erased."""
    from workstation.kernel.i18n import _

    return _("Erased buyer")


def _erased(mark: str) -> str:
    """What the list says of a conversation whose newest message was erased."""
    from workstation.store.erased import line

    return line(mark)


def first_page(connection: Any, now: int, limit: int = 50) -> tuple[ConversationRow, ...]:
    """The first rows of the open queue from a DB-API connection; empty when the store has no tables yet, or still those
    of before an upgrade."""
    sql, values = page_sql(ListQuery(limit=limit), now)
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'queue_span'").fetchone()
    return rows_from(connection.execute(sql, values).fetchall()) if exists else ()
