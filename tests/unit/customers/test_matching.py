"""Why two customers may be one: each reason, what speaks against it, and that nothing is ever certain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.customers import matching
from workstation.customers.matching import Known, confidence, kind_of, name_key, reasons, typed_forms
from workstation.customers.model import Reason


@pytest.mark.parametrize(("one", "other"), [
    ("Ana Souza", "SOUZA, Ana"), ("José Pérez", "jose perez"), ("田中 太郎", "田中 太郎"), ("王小明", "王小明"),
    ("ANA  SOUZA", "Ana Souza"),
])
def test_the_same_name_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize("name", ["", "Ana", "customer", "ana@buyer.example", "王", "!!"])
def test_too_little_of_a_name_is_none(name: str) -> None:
    assert name_key(name) == ""


def test_a_relay_address_is_an_alias_and_a_number_is_a_phone() -> None:
    assert kind_of("abc123@marketplace.amazon.com", "amazon") == "alias"
    assert kind_of("ana@buyer.example", "email") == "email"
    assert kind_of("+5511999990000", "phone") == "phone"
    assert kind_of("ana_s", "shopee") == "handle"


def test_an_order_in_common_is_a_strong_reason_and_a_common_name_a_weak_one() -> None:
    one = Known("Ana Souza", {"a@x.example"}, {"o1": "702-1"}, countries={"BR"})
    by_order = reasons(one, Known("", {"b@x.example"}, {"o1": "702-1"}), 1)
    by_name = reasons(one, Known("Ana Souza", {"b@x.example"}), 1)
    everybody = reasons(one, Known("Ana Souza", {"b@x.example"}), 40)
    assert confidence(by_order) > 0.7 > confidence(by_name) > matching.LEAST > confidence(everybody)
    assert "702-1" in by_order[0].sentence


def test_what_speaks_against_it_lowers_the_confidence_and_is_said() -> None:
    one = Known("Ana Souza", countries={"BR"}, languages=("pt",))
    other = Known("Ana Souza", countries={"US"}, languages=("en",))
    found = reasons(one, other, 1)
    assert confidence(found) < confidence(reasons(one, Known("Ana Souza"), 1))
    assert [reason.weight < 0 for reason in found] == [False, True, True]


def test_nothing_in_common_gives_no_reason_not_even_against() -> None:
    assert reasons(Known("Ana Souza", countries={"BR"}), Known("Bo Li", countries={"CN"}), 1) == ()


@given(st.lists(st.floats(-1, 1), max_size=20))
def test_confidence_is_never_certain(weights: list[float]) -> None:
    assert 0 <= confidence([Reason("", weight) for weight in weights]) <= matching.MOST


def test_a_surname_may_be_typed_first() -> None:
    assert typed_forms("Ana de Souza") == ("ana de souza", "souza ana de")
