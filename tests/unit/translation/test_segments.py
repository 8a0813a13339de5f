"""Sentences go to the engine, structure does not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.translation.segments import LONGEST, split, unwrap


def words(text: str) -> list[str]:
    return [segment.text for segment in split(text) if segment.words]


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet="aB .!?>\n-*1)，。😀é:", max_size=600))
def test_segments_join_to_the_unwrapped_text(text: str) -> None:
    assert "".join(segment.text for segment in split(text)) == unwrap(text)


@settings(deadline=None, max_examples=80)
@given(st.text(min_size=1, max_size=2000))
def test_no_segment_is_too_long_or_empty(text: str) -> None:
    assert all(0 < len(sentence) <= LONGEST and sentence == sentence.strip() for sentence in words(text))


def test_sentences_lines_quotes_and_bullets() -> None:
    text = "Olá.\n\n> Tudo bem? Sim.\n- um item\n1. outro 😀 fim"
    assert words(text) == ["Olá.", "Tudo bem?", "Sim.", "um item", "outro", "fim"]


def test_titles_and_initials_do_not_end_a_sentence() -> None:
    assert words("Sr. Silva chegou. Dr. Lima não.") == ["Sr. Silva chegou.", "Dr. Lima não."]


def test_chinese_and_japanese_sentences_end_without_a_space() -> None:
    assert words("包裹没到。请退款！") == ["包裹没到。", "请退款！"]


def test_wrapped_mail_lines_become_one_sentence() -> None:
    wrapped = "We are sorry that the parcel with your new coffee machine\nwas sent to the wrong address."
    assert len(words(wrapped)) == 1
    assert words("Short line\nanother line") == ["Short line", "another line"]
