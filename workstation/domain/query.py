"""What a person typed into the search box, as words and operators. Pure; the window shows the operators as chips and
the core asks the index with the rest."""

from __future__ import annotations

from dataclasses import dataclass

OPERATORS = (
    "from", "to", "order", "parcel", "channel", "store", "lang", "is", "has", "before", "after", "tag", "assignee",
    "issue", "risk", "subject", "file", "in",
)
"""`is:` unanswered, unread, open, snoozed, resolved, muted, mine, unassigned, breaching, failed, review.
`has:` evidence, file, image, note, draft, order. `before:` and `after:` a date, or 7d, 3w, 2m, 1y ago.
`in:` all, or a queue's key."""


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

    @property
    def words(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.operator)

    @property
    def filters(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.operator)
