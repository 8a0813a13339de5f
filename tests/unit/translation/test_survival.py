"""The check must notice any digit that changes, goes or appears, wherever it stands."""

from __future__ import annotations

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.translation import ENGLISH, PORTUGUESE
from workstation.translation.masking import find
from workstation.translation.survival import check, count

SENTENCES = (*ENGLISH, *PORTUGUESE)


def test_an_unchanged_text_loses_nothing() -> None:
    for sentence in SENTENCES:
        assert check(sentence, sentence).lost == ()
        assert check(sentence, sentence).survived or not re.search(r"\d{2}", sentence)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(SENTENCES), st.data())
def test_a_changed_digit_is_reported(sentence: str, data: st.DataObject) -> None:
    places = [m.start() for m in re.finditer(r"\d(?=\d)|(?<=\d)\d", sentence)]
    if not places:
        return
    at = data.draw(st.sampled_from(places))
    digit = str((int(sentence[at]) + data.draw(st.integers(1, 9))) % 10)
    assert check(sentence, sentence[:at] + digit + sentence[at + 1:]).lost


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(SENTENCES), st.data())
def test_a_dropped_survivor_is_reported(sentence: str, data: st.DataObject) -> None:
    there = [survivor for survivor in find(sentence) if survivor.kind != "name"]
    if there:
        gone = data.draw(st.sampled_from(there))
        assert gone.value in check(sentence, sentence[:gone.start] + sentence[gone.end:]).lost


def test_counts_matter() -> None:
    twice = "702-1234567-1234567 e 702-1234567-1234567"
    assert check(twice, "702-1234567-1234567").lost[0] == "702-1234567-1234567"
    assert check("702-1234567-1234567", twice).lost[0] == "702-1234567-1234567"


def test_an_invented_number_is_reported() -> None:
    assert any("20" in lost for lost in check("vinte reais", "20 reais").lost)


def test_a_link_or_placeholder_that_changed_is_reported() -> None:
    assert check("see https://t.example/a", "veja https://t.example/b").lost == ("https://t.example/a",)
    assert check("Hi {name}", "Oi {nome}").lost == ("{name}",)


def test_a_translated_name_is_lost_and_a_repeated_one_is_not() -> None:
    assert check("Rosa wrote", "Pink wrote", ["Rosa"]).lost == ("Rosa",)
    assert check("Rosa wrote", "Rosa, Rosa wrote", ["Rosa"]).lost == ()


def test_words_for_dates_may_be_translated_but_not_their_numbers() -> None:
    assert check("on November 12, 2026", "em 12 de novembro de 2026").lost == ()
    assert check("on November 12, 2026", "em 13 de novembro de 2026").lost


def test_a_number_inside_a_longer_one_does_not_count() -> None:
    assert count("11", "12/11/2026 e 3.11 e 11.5") == 0
    assert count("11", "11, 11. 11") == 3
    assert "11" in check("11 caixas em 12/11/2026", "caixas em 12/11/2026").lost


def test_thousands_of_numbers_are_compared_in_reasonable_time() -> None:
    text = " ".join(f"702-{n:07}-{n:07}" for n in range(2_000))
    begun = time.process_time()
    assert check(text, text).lost == ()
    assert check(text, text.replace("0000007-0000007", "0000007-0000008", 1)).lost[0] == "702-0000007-0000007"
    assert time.process_time() - begun < 5.0    # seconds of processor time; a pattern for each took more than a minute


def test_what_stands_within_another_number_is_not_counted() -> None:
    assert [count("12", text) for text in ("12 a12 12b 3.12 12.4 12", "1212", "12-12", "")] == [2, 0, 0, 0]
