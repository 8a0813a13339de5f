"""What is found, hidden and put back: by hand-written cases and by whatever Hypothesis can think of."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.translation.masking import SHAPES, find, mask, pieces, restore

FRAGMENTS = (
    "702-1234567-1234567", "#1042", "R$ 129,90", "€12.50", "1.234,56 €", "¥3,000", "300元", "USD 30", "12/11/2026",
    "14:30", "https://t.example/a?b=1", "a.b@c.example", "+55 11 98765-4321", "20%", "SKU-88-X", "{name}", "{{x}}",
    "%s", "<PRODUCT>", "LX473124829BR", "15", "AB-1", "XQ2", "X3X", " ", "\n", "word", "订单", "ação", "(", ".", "-",
    "_", "😀",
)
mixed = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=12).map("".join)


@pytest.mark.parametrize(("text", "values"), [
    ("pedido 702-1234567-1234567, de novo 702-1234567-1234567", ["702-1234567-1234567"] * 2),
    ("订单702-1234567-1234567已付300元", ["702-1234567-1234567", "300元"]),
    ("(#1042) and 26-10482-77315", ["#1042", "26-10482-77315"]),
    ("R$ 129,90; €12.50; USD 30; 1.234,56 €; ¥3,000; RMB 88.00; zł 12", [
        "R$ 129,90", "€12.50", "USD 30", "1.234,56 €", "¥3,000", "RMB 88.00", "zł 12"]),
    ("em 12/11/2026 às 14:30 ou 2026-11-12T10:00:00Z", ["12/11/2026", "14:30", "2026-11-12T10:00:00Z"]),
    ("see https://t.example/a?b=1&c=2. Or www.t.example/x!", ["https://t.example/a?b=1&c=2", "www.t.example/x"]),
    ("mail a.b@c.example.", ["a.b@c.example"]),
    ("call +55 11 98765-4321 now", ["+55 11 98765-4321"]),
    ("{name} {{x.y}} %s %(n)d <PRODUCT> [ORDER_ID]", ["{name}", "{{x.y}}", "%s", "%(n)d", "<PRODUCT>", "[ORDER_ID]"]),
    ("SKU KD-4410-BLK, serial SN88120457A", ["KD-4410-BLK", "SN88120457A"]),
    ("15% of 2 items, 15 days, 1,500 units", ["15%", "15", "1,500"]),
    ("the 15th, a 30-day return", ["30"]),
    ("Olá João Pereira, bom dia", ["João Pereira"]),
    ("Hello there, Dear Customer, Hi Team,", []),
])
def test_finds_what_must_survive(text: str, values: list[str]) -> None:
    assert [survivor.value for survivor in find(text)] == values


def test_names_that_were_given_are_found_as_whole_words() -> None:
    assert [s.value for s in find("Ana Lima and Anabel, says Ana.", ["Ana", "Ana Lima"])] == ["Ana Lima", "Ana"]


def test_a_first_name_alone_is_the_same_person() -> None:
    assert [s.value for s in find("Abraço da Beatriz", ["Beatriz da Costa", "da"])] == ["Beatriz"]


LENGTH, PATIENCE = 120_000, 5.0   # characters, seconds of processor time: quadratic rules took minutes for any of these


@pytest.mark.parametrize("piece", [
    "a", "_", "/", "-", "a-", "a.", "www.", "\n>", "订", "م", "111\u00a0", "1,111", "a1", "RB123456785GB ", "a@a.",
])
def test_no_text_of_a_stranger_takes_long(piece: str) -> None:
    begun = time.process_time()
    find((piece * LENGTH)[:LENGTH])
    assert time.process_time() - begun < PATIENCE


def test_every_place_of_many_order_numbers_is_found() -> None:
    numbers = [f"702-{n:07}-{n:07}" for n in range(6_000)]
    begun = time.process_time()
    assert [s.value for s in find(" ".join([*numbers, *numbers]))] == [*numbers, *numbers]
    assert time.process_time() - begun < PATIENCE


@settings(deadline=None, max_examples=80)
@given(mixed, st.sampled_from(SHAPES))
def test_masking_is_undone_exactly(text: str, shape: object) -> None:
    assert callable(shape)
    hidden = mask(text, find(text), shape)
    assert restore(hidden.text, hidden.tokens) == text


@settings(deadline=None, max_examples=80)
@given(mixed)
def test_pieces_join_to_the_text(text: str) -> None:
    assert "".join(part for part, _free in pieces(text, find(text))) == text


@pytest.mark.parametrize("damaged", ["AB-1 and", "AB-1 and AB-1", "AB-1 and AB-2 and AB-2", "AB-1 and AB-22", ""])
def test_a_missing_or_doubled_token_is_never_guessed(damaged: str) -> None:
    assert restore(damaged, (("AB-1", "x"), ("AB-2", "y"))) is None


def test_a_token_that_somebody_wrote_is_not_used() -> None:
    hidden = mask("AB-1-R$ 129,90", find("AB-1-R$ 129,90"))
    assert [token for token, _value in hidden.tokens] == ["AB-2"]


def test_tokens_may_change_place_and_case() -> None:
    assert restore("ab-2 before AB-1", (("AB-1", "x"), ("AB-2", "y"))) == "y before x"
