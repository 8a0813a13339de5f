"""What of a query the index is asked, and what the conversations are asked. Pure.

Words, and operators that look into a message, must be met by one message. The others are of its conversation. A query
of the latter alone is a page of the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workstation.domain.query import Query, Term, moment
from workstation.inbox.searching import conditions
from workstation.inbox.searching.conditions import IN_TEXT
from workstation.store import search


@dataclass(frozen=True, slots=True)
class Plan:
    """`asked`: an FTS5 expression, "" when texts are not asked at all. `where` and `values`: of the conversations, "1"
    for any. `since` and `until`: the messages' time, milliseconds. `marks`: words and phrases to be marked, with
    whether each goes on. `nothing`: no message can be found."""

    asked: str
    where: str
    values: dict[str, Any]
    since: int | None = None
    until: int | None = None
    marks: tuple[tuple[str, bool], ...] = ()
    nothing: bool = False


def make(query: Query, now: int, me: str) -> Plan:
    """How to look for what `query` says. Terms with a problem narrow nothing."""
    usable = [term for term in query.terms if not term.problem]
    texts = [term for term in usable if not term.operator or term.operator in IN_TEXT]
    wanted = [(term, _asked(term, query)) for term in texts if not term.excluded]
    meant = [(term, asked) for term, asked in wanted if asked]
    if not meant:
        # Nothing to look for, or only what is not wanted: then the conversations are asked about everything.
        where, values = conditions.of_terms(usable, now, me, prefix="s")
        return Plan("", where, values, nothing=bool(wanted) and len(usable) == len(wanted))
    unwanted = [asked for term in texts if term.excluded and (asked := _asked(term, query))]
    times = [term for term in usable if term.operator in ("before", "after")]
    where, values = conditions.of_terms([t for t in usable if t not in texts and t not in times], now, me, prefix="s")
    since, until = _span(times, now)
    asked = " AND ".join(f"({asked})" for _term, asked in meant)
    if unwanted:
        asked = f"({asked}) NOT ({' OR '.join(f'({each})' for each in unwanted)})"
    marks = tuple((term.text, _goes_on(term, query)) for term, _asked_ in meant)
    return Plan(asked, where, values, since, until, marks)


def _asked(term: Term, query: Query) -> str:
    return search.expression(term.text, typing=_goes_on(term, query), columns=IN_TEXT.get(term.operator, ""))


def _goes_on(term: Term, query: Query) -> bool:
    """Whether more may follow: the last word as it is typed, and every value that people shorten."""
    return term.operator in IN_TEXT or (query.typing and term is query.terms[-1])


def _span(times: list[Term], now: int) -> tuple[int | None, int | None]:
    since: int | None = None
    until: int | None = None
    for term in times:
        at = moment(term.text.lower(), now)
        if at is None:
            continue
        if (term.operator == "before") != term.excluded:
            until = at if until is None else min(until, at)
        else:
            since = at if since is None else max(since, at)
    return since, until
