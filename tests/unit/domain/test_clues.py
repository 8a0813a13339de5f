"""Numbers in buyers' texts: every platform's format is found, and what only looks like one is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.clues import (
    find_mentions,
    find_order_clues,
    find_tracking_clues,
    is_relay_alias,
    match_key,
    s10_is_valid,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pedido 702-1234567-1234567, por favor", [("702-1234567-1234567", "amazon")]),
        ("订单702-1234567-1234567还没到", [("702-1234567-1234567", "amazon")]),
        ("order #1042 and #EU-20345", [("#1042", "shopify"), ("#EU-20345", "shopify")]),
        ("12-34567-89012", [("12-34567-89012", "ebay")]),
        ("订单2511215KJ8Q2MX还没到，#1042也是", [("2511215KJ8Q2MX", "shopee"), ("#1042", "shopify")]),
        ("SN 251121ABCD1234 ok", [("251121ABCD1234", "shopee")]),
        ("1234567890123456", [("1234567890123456", "")]),
        ("702-1234567-12345678", []),
        ("call +49 30 1234567", []),
        ("&#8217; and #12", []),
    ],
)
def test_order_numbers(text: str, found: list[tuple[str, str]]) -> None:
    assert [(clue.value, clue.platform) for clue in find_order_clues(text)] == found


def test_the_check_digit_of_s10() -> None:
    assert s10_is_valid("RB123456785GB")
    assert not s10_is_valid("RR123456789CN"), "a number many samples show"
    assert [clue.value for clue in find_tracking_clues("RB123456785GB RR123456789CN RB123456785GB")] == [
        "RB123456785GB"
    ]


def test_mentions_are_sorted_by_how_sure_they_are() -> None:
    found = find_mentions("Re A-1001: order #1042, RB123456785GB, 10115 Berlin, ana2@example.com, page www.x1.example")
    assert [(each.value, each.kind) for each in found] == [
        ("#1042", "order"),
        ("RB123456785GB", "tracking"),
        ("A-1001", "maybe"),
        ("10115", "maybe"),
    ]


@given(st.text(max_size=400))
def test_any_text_gives_a_bounded_number_of_mentions(text: str) -> None:
    found = find_mentions(text * 3)
    assert len(found) <= 64
    assert len({match_key(each.value) for each in found}) == len(found)


@pytest.mark.parametrize(
    ("address", "relay"),
    [
        ("x7@marketplace.amazon.com.br", True),
        ("x7@marketplace.amazon.de", True),
        ("a_1@members.ebay.com", True),
        ("ana@example.com", False),
        ("x7@marketplace.amazon.de.example.com", False),
    ],
)
def test_relay_aliases(address: str, relay: bool) -> None:
    assert is_relay_alias(address) is relay


def test_keys_agree_however_a_number_is_written() -> None:
    assert match_key(" #1042 ") == match_key("1042")
    assert match_key("a-77") == match_key("A-77")
