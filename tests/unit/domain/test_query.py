"""The search box's language: whatever is typed is a query, and every part of it is where it says it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.domain.query import MOST_QUERY, MOST_TERMS, OPERATORS, Query, Term, moment, parse
from workstation.kernel.clock import DAY

NOW = 1_790_000_000_000
PIECES = st.sampled_from([
    "from:", "is:", "-", '"', " ", "unanswered", "退货单", "ภาษา", "before:", "2026-11-20", "7d", "702-1234567", ":",
    "a", "x:y", "IS:MINE", "\n", "\x00", "é", "-is:open", 'from:"Ana Souza"', "tag:vip",
])


def shown(query: Query) -> list[tuple[str, str, bool]]:
    return [(term.operator, term.text, term.excluded) for term in query.terms]


@pytest.mark.parametrize(("typed", "meant"), [
    ("blue kettle", [("", "blue", False), ("", "kettle", False)]),
    ("from:ana kettle", [("from", "ana", False), ("", "kettle", False)]),
    ('from:"Ana Souza" -is:open', [("from", "Ana Souza", False), ("is", "open", True)]),
    ('"exact  phrase" -not', [("", "exact phrase", False), ("", "not", True)]),
    ('-"not this"', [("", "not this", True)]),
    ("IS:Unanswered", [("is", "Unanswered", False)]),
    ("http://a.example x:y re: 10:30", [("", "http://a.example", False), ("", "x:y", False), ("", "re:", False),
                                        ("", "10:30", False)]),
    ("ketchup-red - --", [("", "ketchup-red", False), ("", "-", False), ("", "--", False)]),
    ('"open end', [("", "open end", False)]),
    ("", []),
])
def test_words_phrases_and_operators(typed: str, meant: list[tuple[str, str, bool]]) -> None:
    assert shown(parse(typed)) == meant


def test_a_chip_knows_its_place_in_the_text() -> None:
    text = 'kettle  from:"Ana Souza" -tag:vip'
    assert [text[term.begin : term.end] for term in parse(text).terms] == ["kettle", 'from:"Ana Souza"', "-tag:vip"]


def test_the_last_word_goes_on_until_something_ends_it() -> None:
    assert parse("blue ket").typing
    assert not parse("blue kettle ").typing
    assert not parse('"blue kettle"').typing
    assert not parse("").typing


@pytest.mark.parametrize(("typed", "said"), [
    ("is:late", "unanswered"), ("has:wings", "evidence"), ("channel:fax", "amazon"), ("before:soon", "2026-11-20"),
    ("after:2026-13-40", "2026-11-20"), ("from:", "needs a value"),
])
def test_a_value_that_cannot_be_used_says_why(typed: str, said: str) -> None:
    (term,) = parse(typed).terms
    assert said in term.problem


@pytest.mark.parametrize("typed", [
    "is:mine", "has:draft", "channel:amazon", "before:7d", "after:2026", "in:all", "to:x"])
def test_a_value_that_can_be_used_has_no_problem(typed: str) -> None:
    (term,) = parse(typed).terms
    assert not term.problem


def test_moments_are_dates_here_or_so_long_ago() -> None:
    assert moment("7d", NOW) == NOW - 7 * DAY
    assert moment("1y", NOW) == NOW - 365 * DAY
    assert moment("2026-11", NOW) == int(datetime(2026, 11, 1).astimezone().timestamp() * 1000)
    assert moment("yesterday", NOW) is not None
    assert moment("today", NOW) == (moment("yesterday", NOW) or 0) + DAY
    assert moment("9999-99", NOW) is None
    assert moment("soon", NOW) is None


@given(st.text(max_size=300) | st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=300)
def test_anything_is_a_query(text: str) -> None:
    query = parse(text)
    assert len(query.terms) <= MOST_TERMS
    last = 0
    for term in query.terms:
        assert last <= term.begin < term.end <= len(text)
        last = term.end
        assert term.operator == "" or term.operator in OPERATORS
        assert term.operator or term.text.strip()
        assert not (term.problem and not term.operator)


@given(st.lists(st.tuples(st.sampled_from(OPERATORS), st.from_regex(r"[a-zé退]{1,8}( [a-z]{1,5})?", fullmatch=True),
                          st.booleans()), max_size=12))
def test_what_is_written_with_operators_is_read_so(parts: list[tuple[str, str, bool]]) -> None:
    text = " ".join(f'{"-" if minus else ""}{operator}:"{value}"' for operator, value, minus in parts)
    assert [(t.operator, t.text, t.excluded) for t in parse(text).terms] == parts


def test_a_long_query_is_cut_and_says_so() -> None:
    assert parse("x" * 10_000).cut
    assert parse("a " * 100).cut
    assert len(parse("ab " * 10_000).terms) == MOST_TERMS
    assert parse("ab " * 10_000).terms[-1].end <= MOST_QUERY
    assert not parse("a b").cut
    assert parse("a") == Query((Term("a", begin=0, end=1),), typing=True)
