"""Pages, places and sizes of the queues: any page of 200,000 conversations is one sum and a short walk in an index.

`queue_span` (kept by triggers, `store.tally`) says how many conversations of a queue lie in each stretch of its order.
A place is found by adding the stretches before it and walking inside one; a conversation's place the same way back.
Queues without stretches are short, or cut by the clock: they are walked in an index of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from workstation.domain import wording
from workstation.inbox import rows
from workstation.inbox.listing import ConversationRow, ListQuery, Queue
from workstation.kernel.i18n import N_, _
from workstation.kernel.paging import Page
from workstation.store.tally import SHIFT

Condition = tuple[str, dict[str, Any]]
Views = Callable[[Connection, str], Condition | None]
"""The WHERE of a saved view by its id, None when there is no such view."""

TITLES = {
    "breaching": N_("Breaching"), "mine": N_("Mine"), "unassigned": N_("Unassigned"), "review": N_("Review"),
    "unanswered": N_("Unanswered"), "open": N_("Inbox"), "failed": N_("Not sent"), "snoozed": N_("Snoozed"),
    "resolved": N_("Resolved"), "all": N_("All"),
}
UNCOUNTED = ("all", "resolved")
"""Nobody works on them: the left column says no number."""
GROUPS = (("channel", "channels"), ("store", "stores"), ("lang", "languages"), ("tag", "tags"))
FEW = 4_000
"""So many are sorted for a page; of more the first are met soon in the order of the list."""


_STRETCH = (
    "SELECT span, upto - number FROM (SELECT span, sum(n) AS number, sum(sum(n)) OVER (ORDER BY span) AS upto "
    "FROM queue_span WHERE {where} GROUP BY span) WHERE upto > :position ORDER BY span LIMIT 1"
)
"""The stretch that a place is in, and how many lie before it: added up where the numbers are."""


def no_views(_connection: Connection, _view_id: str) -> Condition | None:
    return None


class Queues:
    """The queues of one desk. `me` is the member at it: their id; `views` translates saved views."""

    def __init__(self, me: Callable[[], str], views: Views = no_views) -> None:
        self._me = me
        self._views = views

    def condition(self, connection: Connection, queue: str, now: int) -> Condition:
        """The WHERE of any queue with its values; an unknown view is empty."""
        known = self.known(queue, now)
        if known is not None:
            return known
        where, values = self._views(connection, queue.removeprefix("view:")) or ("0", {})
        return f"({where}) AND {rows.LISTED}", values

    def known(self, queue: str, now: int) -> Condition | None:
        """The same without asking the store; None for a saved view, which is kept there."""
        return None if queue.startswith("view:") else rows.condition(queue, now, self._me())

    def page(self, connection: Connection, query: ListQuery, now: int) -> Page[ConversationRow]:
        """One page, behind a cursor or from a place on."""
        sql, values = self._statement(connection, query, now)
        found = rows.rows_from(tuple(record) for record in connection.exec_driver_sql(sql, values))
        return Page(found, found[-1].cursor if len(found) == query.limit else None)

    def size(self, connection: Connection, queue: str, now: int) -> int:
        """How many rows the whole queue has."""
        counted = _spans(queue, self._me())
        if counted is not None:
            where, values = counted
            return _number(connection, f"SELECT coalesce(sum(n), 0) FROM queue_span WHERE {where}", values)  # noqa: S608
        if queue == "breaching":
            return _breaching(connection, now)
        where, values = self.condition(connection, queue, now)
        return _number(connection, f"SELECT count(*) FROM {rows.source(queue)} WHERE {where}", values)  # noqa: S608

    def rank(self, connection: Connection, queue: str, conversation_id: str, now: int) -> int | None:
        """The place of a conversation in a queue, from 0; None when it is not in it."""
        where, values = self.condition(connection, queue, now)
        inside = f"SELECT sort_key FROM conversation WHERE id = :id AND {where}"  # noqa: S608
        key = connection.exec_driver_sql(inside, values | {"id": conversation_id}).scalar()
        if key is None:
            return None
        before, begin = 0, None
        counted = _spans(queue, self._me())
        if counted is not None:
            among, bound = counted
            sql = f"SELECT coalesce(sum(n), 0) FROM queue_span WHERE {among} AND span < :span"  # noqa: S608
            before, begin = _number(connection, sql, bound | {"span": key >> SHIFT}), (key >> SHIFT) << SHIFT
        where, values = self.condition(connection, "open" if queue == "unanswered" else queue, now)
        if begin is not None:
            where, values = f"{where} AND sort_key >= :begin", values | {"begin": begin}
        source = "conversation_tag" if queue.startswith("tag:") else rows.source(queue)
        where = where.replace(f"{rows.TAGGED} AND {rows.OPEN}", "tag = :name")
        sql = f"SELECT count(*) FROM {source} WHERE {where} AND (sort_key, id) < (:key, :last)"  # noqa: S608
        return before + _number(connection, sql, values | {"key": key, "last": conversation_id})

    def counts(self, connection: Connection, now: int) -> tuple[Queue, ...]:
        """The left column without its views: the queues everybody has, then the groups there are."""
        found = connection.exec_driver_sql("SELECT queue, sum(n) FROM queue_span GROUP BY queue")
        sums: dict[str, int] = {str(key): int(n) for key, n in found}
        plain = [Queue(key, _(title), self._count(connection, key, sums, now)) for key, title in TITLES.items()]
        return (*plain, *(queue for group, name in GROUPS for queue in _group(sums, group, name)))

    def _count(self, connection: Connection, key: str, sums: dict[str, int], now: int) -> int:
        if key in UNCOUNTED:
            return 0
        same = {"open": "open", "snoozed": "snoozed", "mine": f"assignee:{self._me()}", "unassigned": "assignee:"}
        if key in same and (key != "mine" or self._me()):
            return sums.get(same[key], 0)
        return self.size(connection, key, now)

    def _statement(self, connection: Connection, query: ListQuery, now: int) -> tuple[str, dict[str, Any]]:
        queue = query.queue
        if query.position is None and not queue.startswith(("view:", "tag:")) and queue != "breaching":
            return rows.page_sql(query, now, self._me())
        where, values = self.condition(connection, queue, now)
        values |= {"limit": query.limit, "skip": 0}
        if query.cursor:
            more, key = rows.after(query.cursor)
            where, values = f"{where} AND {more}", values | key
        elif query.position:
            begin, skip = self._place(connection, queue, query.position)
            values["skip"] = skip
            if begin is not None:
                where, values = f"{where} AND sort_key >= :begin", values | {"begin": begin}
        return self._select(connection, queue, where, now), values

    def _select(self, connection: Connection, queue: str, where: str, now: int) -> str:
        """The statement of a page; the ids come out of one index, the rows of the few that are shown."""
        source, place = rows.source(queue), "rowid"
        if queue.startswith("tag:"):
            place = "id"
            source, where = "conversation_tag", where.replace(f"{rows.TAGGED} AND {rows.OPEN}", "tag = :name")
        elif queue == "breaching" and _breaching(connection, now) <= FEW:
            source = "conversation INDEXED BY conversation_warn_at"
        return (
            f"SELECT {rows.COLUMNS_OF_C} FROM (SELECT {place} AS place FROM {source} WHERE {where} "  # noqa: S608
            f"ORDER BY sort_key, id LIMIT :limit OFFSET :skip) JOIN conversation c ON c.{place} = place "
            "ORDER BY c.sort_key, c.id"
        )

    def _place(self, connection: Connection, queue: str, position: int) -> tuple[int | None, int]:
        """Where to begin for this place: the first key of its stretch, and how many to pass over from there."""
        counted = _spans(queue, self._me())
        if counted is None:
            return None, position
        where, values = counted
        found = connection.exec_driver_sql(_STRETCH.format(where=where), values | {"position": position}).first()
        if found is not None:
            return int(found[0]) << SHIFT, position - int(found[1])
        return rows.CLOCKS << 2, 0  # behind the last one


def _spans(queue: str, me: str) -> Condition | None:
    """Which stretches make up a queue; None for one that is not counted by stretches."""
    group, _sep, name = queue.partition(":")
    if group in (*rows.GROUPS, "tag") and name:
        return "queue = :queue", {"queue": queue}
    if queue == "all":
        return "queue IN ('open', 'snoozed', 'resolved')", {}
    if queue == "unanswered":
        return "queue = 'open' AND span < :clocks", {"clocks": rows.CLOCKS >> SHIFT}
    if queue in ("mine", "unassigned"):
        return "queue = :queue", {"queue": f"assignee:{(me or chr(10)) if queue == 'mine' else ''}"}
    known = queue if queue in rows.QUEUES else "open"
    return None if known in ("breaching", "review", "failed") else ("queue = :queue", {"queue": known})


def _breaching(connection: Connection, now: int) -> int:
    """Whole stretches are added; of the one that `now` is in, its rows are counted."""
    whole = _number(connection, "SELECT coalesce(sum(n), 0) FROM queue_span WHERE queue = 'warn' AND span < :span",
                    {"span": now >> SHIFT})
    last = (f"SELECT count(*) FROM conversation INDEXED BY conversation_warn_at WHERE {rows.QUEUES['breaching']} "  # noqa: S608
            "AND warn_at >= :begin")
    return whole + _number(connection, last, {"now": now, "begin": (now >> SHIFT) << SHIFT})


def _group(sums: dict[str, int], group: str, name: str) -> list[Queue]:
    """The queues of one group with at least one open conversation, most used tags first, others by name."""
    prefix = f"{group}:"
    found = [(key.removeprefix(prefix), n) for key, n in sums.items() if key.startswith(prefix) and n > 0]
    order = sorted((each for each in found if each[0]), key=lambda each: (-each[1] if group == "tag" else 0, each[0]))
    queues = [Queue(prefix + value, _shown(group, value), n, name) for value, n in order]
    return sorted(queues, key=lambda queue: queue.title.casefold()) if group == "lang" else queues


def _shown(group: str, value: str) -> str:
    """A language by its name, which takes Babel and so is worked out here and not in the window."""
    return wording.language_name(value) if group == "lang" and value != "und" else value


def _number(connection: Connection, sql: str, values: dict[str, Any]) -> int:
    return int(connection.exec_driver_sql(sql, values).scalar_one())
