"""A query as the WHERE of conversations. Views, queues and the filters of a search share this translation.

Words and the operators that look into texts become one question to the index each; of its hits the newest MOST_HITS
count, so that no view can hold up the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workstation.domain.query import Query, Term, moment
from workstation.inbox import rows
from workstation.store import search

MOST_HITS = 5_000
"""Hits in texts, the newest, that a filter or a view looks at."""

IN_TEXT = {
    "from": "sender", "to": "people", "order": "numbers subject body other", "parcel": "numbers subject body other",
    "subject": "subject", "file": "files",
}
"""Operators that look into a message, and where in it."""

_IS = {
    "unanswered": "unanswered_since IS NOT NULL AND state <> 'resolved'", "unread": "unread = 1",
    "open": "state = 'open'", "snoozed": "state = 'snoozed'", "resolved": "state = 'resolved'", "muted": "muted = 1",
    "unassigned": "assignee = '' AND state = 'open'", "failed": "delivery IN ('failed', 'unknown')",
    "review": "(review = 1 OR risk <> '')", "mine": "assignee = {me}",
    "breaching": "warn_at <= {now} AND warn_at IS NOT NULL AND muted = 0 AND state = 'open'",
}
_MESSAGE = "SELECT 1 FROM message m WHERE m.conversation_id = conversation.id"
_FILE = "SELECT 1 FROM message m JOIN attachment a ON a.message_id = m.id WHERE m.conversation_id = conversation.id"
_WHOLE = (
    "IN (SELECT conversation.id UNION ALL SELECT c.id FROM conversation c WHERE c.merged_into = conversation.id "
    "AND c.merged_into <> '')"
)
"""The conversation and what was merged into it: what other features know by one of these ids belongs to it."""
_HAS = {
    "evidence": f"EXISTS (SELECT 1 FROM evidence_record e WHERE e.case_id {_WHOLE} AND e.kind <> 'view')",  # noqa: S608
    "file": f"EXISTS ({_FILE} AND a.inline = 0)",
    "image": f"EXISTS ({_FILE} AND a.mime LIKE 'image/%')",
    "note": f"EXISTS ({_MESSAGE} AND m.direction = 'note')",
    "draft": f"EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id {_WHOLE})",  # noqa: S608
    "order": f"EXISTS (SELECT 1 FROM order_link l WHERE l.conversation_id {_WHOLE})",  # noqa: S608
}
_EQUAL = {"channel": "channel", "lang": "language", "issue": "issue", "risk": "risk"}
_FOUND = (
    "id IN (SELECT m.conversation_id FROM message m JOIN message_place p ON p.seq = m.seq WHERE p.place IN "  # noqa: S608
    f"(SELECT rowid FROM {search.INDEX} WHERE {search.INDEX} MATCH {{asked}} "
    f"ORDER BY rowid DESC LIMIT {MOST_HITS}))"
)

Condition = tuple[str, dict[str, Any]]


def condition(query: Query, now: int, me: str) -> Condition:
    """The whole query as a WHERE of `conversation` with its values, named :q0, :q1, … `me`: the member at this desk.

    What cannot be used (a term with a problem) narrows nothing. Of a query without any usable term: "1".
    """
    return of_terms(query.terms, now, me, typing=query.typing)


def of_terms(terms: Iterable[Term], now: int, me: str, *, typing: bool = False, prefix: str = "q") -> Condition:
    """The same for some of a query's terms."""
    values: dict[str, Any] = {}

    def bind(value: object) -> str:
        name = f"{prefix}{len(values)}"
        values[name] = value
        return f":{name}"

    wanted = list(terms)
    parts: list[str] = []
    for n, term in enumerate(wanted):
        sql = "" if term.problem else _one(term, now, me, bind, typing=typing and n == len(wanted) - 1)
        if sql:
            parts.append(f"NOT coalesce(({sql}), 0)" if term.excluded else f"({sql})")
    return " AND ".join(parts) or "1", values


def _one(term: Term, now: int, me: str, bind: Any, *, typing: bool) -> str:
    value = term.text.lower()
    if not term.operator or term.operator in IN_TEXT:
        asked = search.expression(term.text, typing=typing or term.operator in IN_TEXT,
                                  columns=IN_TEXT.get(term.operator, ""))
        return _FOUND.format(asked=bind(asked)) if asked else ""
    if term.operator == "is":
        sql = _IS[value]
        return sql.format(me=bind(me or "\n") if "{me}" in sql else "", now=bind(now) if "{now}" in sql else "")
    if term.operator == "has":
        return _HAS[value]
    if term.operator in _EQUAL:
        return f"{_EQUAL[term.operator]} = {bind(value)}"
    return _other(term, value, now, me, bind)


def _other(term: Term, value: str, now: int, me: str, bind: Any) -> str:
    if term.operator == "store":
        return f"store = {bind(term.text)} COLLATE NOCASE"
    if term.operator == "tag":
        return f"tags <> '' AND instr(folded(tags), {bind(chr(10) + term.text.casefold() + chr(10))}) > 0"
    if term.operator == "assignee":
        return _assignee(term, value, me, bind)
    if term.operator in ("before", "after"):
        return f"last_at {'<' if term.operator == 'before' else '>='} {bind(moment(value, now))}"
    where, given = rows.condition(term.text, now, me)
    for name, each in given.items():
        where = where.replace(f":{name}", bind(each))
    return where


def _assignee(term: Term, value: str, me: str, bind: Any) -> str:
    if value == "me":
        return f"assignee = {bind(me or chr(10))}"
    if value in ("none", "nobody"):
        return "assignee = ''"
    named = f"assignee IN (SELECT id FROM member WHERE folded(name) = {bind(term.text.casefold())})"  # noqa: S608
    return f"(assignee = {bind(term.text)} OR {named})"
