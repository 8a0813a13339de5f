"""What a person typed into the search box, as words and operators. Pure; the window shows the operators as chips and
the core asks the index with the rest.

`parse` never raises and looks at a bounded part of the text: whatever is pasted into the box is a query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workstation.domain.states import Channel
from workstation.kernel.clock import DAY, to_datetime
from workstation.kernel.i18n import _

OPERATORS = (
    "from", "to", "order", "parcel", "channel", "store", "lang", "is", "has", "before", "after", "tag", "assignee",
    "issue", "risk", "subject", "file", "in",
)
"""`is:` unanswered, unread, open, snoozed, resolved, muted, mine, unassigned, breaching, failed, review.
`has:` evidence, file, image, note, draft, order. `before:` and `after:` a date, or 7d, 3w, 2m, 1y ago.
`in:` all, or a queue's key."""

STATES = (
    "unanswered", "unread", "open", "snoozed", "resolved", "muted", "mine", "unassigned", "breaching", "failed",
    "review",
)
THINGS = ("evidence", "file", "image", "note", "draft", "order")

MOST_QUERY = 1_000
"""Characters of a query that are looked at."""
MOST_TERMS = 32
"""Words and operators of a query that are looked at."""

_TERM = re.compile(
    r'(?P<minus>-(?=[^\s-]))?(?:(?P<operator>[A-Za-z]{2,12}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))?'
)
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a query. `begin` and `end` are its place in the text, for the chip that stands for it."""

    text: str                          # the word, the phrase without its quotes, or the operator's value
    operator: str = ""                 # one of OPERATORS, "" for words
    phrase: bool = False
    excluded: bool = False             # written with a minus
    begin: int = 0
    end: int = 0
    problem: str = ""                  # why an operator's value cannot be used, in a sentence; "" when it can


@dataclass(frozen=True, slots=True)
class Query:
    terms: tuple[Term, ...]
    cut: bool = False                  # longer than what is looked at
    typing: bool = False               # the last word may go on: the text ends with it

    @property
    def words(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.operator)

    @property
    def filters(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.operator)


def parse(text: str) -> Query:
    """The query a person means. What is no operator is a word; a quote that is not closed reaches to the end."""
    looked_at = text[:MOST_QUERY]
    terms: list[Term] = []
    cut = len(text) > MOST_QUERY
    for match in _TERM.finditer(looked_at):
        term = _term(match)
        if term is None:
            continue
        if len(terms) == MOST_TERMS:
            cut = True
            break
        terms.append(term)
    typing = bool(terms) and not cut and terms[-1].end == len(text) and not text.endswith('"')
    return Query(tuple(terms), cut, typing)


def _term(match: re.Match[str]) -> Term | None:
    operator = (match["operator"] or "").lower()
    quoted = match["phrase"] is not None
    value = (match["phrase"] if quoted else match["word"]) or ""
    if operator and operator not in OPERATORS:
        operator, value = "", f"{match['operator']}:{value}"
    if not operator and not value.strip():
        return None
    term = Term(" ".join(value.split()) if quoted else value, operator, quoted, match["minus"] is not None,
                match.start(), match.end())
    return replace(term, problem=_problem(term)) if operator else term


def _problem(term: Term) -> str:
    """Why the value of an operator cannot be used. An operator without a value is still being typed."""
    value = term.text.lower()
    if not value:
        return _("“{operator}:” needs a value.").format(operator=term.operator)
    choices = {"is": STATES, "has": THINGS, "channel": tuple(Channel)}.get(term.operator)
    if choices is not None and value not in choices:
        return _("“{operator}:” takes one of: {choices}.").format(operator=term.operator, choices=", ".join(choices))
    if term.operator in ("before", "after") and moment(value, 0) is None:
        return _("“{value}” is no date. Write 2026-11-20, 2026-11, or how long ago: 7d, 3w, 2m, 1y.").format(
            value=value)
    return ""


def moment(value: str, now: int) -> int | None:
    """The instant (milliseconds, UTC) that a date or "7d" means, by this computer's time zone; None for no date.

    A date is its first moment; "2026" and "2026-11" are the first of that year and month.
    """
    ago = _AGO.fullmatch(value.lower())
    if ago is not None:
        return now - int(ago[1]) * _DAYS[ago[2]] * DAY
    date = _DATE.fullmatch(value)
    if date is None:
        return _named_day(value.lower(), now)
    try:
        # By the clock on the wall, in the zone this computer has on that day.
        day = datetime(int(date[1]), int(date[2] or 1), int(date[3] or 1))  # noqa: DTZ001
        return int(day.astimezone().timestamp() * 1_000)
    except (ValueError, OverflowError, OSError):
        return None


def _named_day(value: str, now: int) -> int | None:
    if value not in ("today", "yesterday"):
        return None
    today = to_datetime(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return int((today - timedelta(days=int(value == "yesterday"))).timestamp() * 1_000)
