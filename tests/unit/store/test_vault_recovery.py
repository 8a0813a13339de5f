"""The recovery key survives being written down by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.kernel.errors import InputError
from workstation.store.keyrecovery import RECOVERY_BYTES, from_words, to_words

KEYS = st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES)


@given(KEYS)
def test_what_is_written_down_is_read_back(key: bytes) -> None:
    assert from_words(to_words(key)) == key
    assert from_words(" " + to_words(key).lower().replace("-", "  ") + "\n") == key


@given(KEYS, st.integers(0, 35), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_letter_is_noticed(key: bytes, place: int, letter: str) -> None:
    text = to_words(key).replace("-", "")
    if text[place] == letter:
        return
    with pytest.raises(InputError, match="check letters"):
        from_words(text[:place] + letter + text[place + 1:])


@given(KEYS, st.integers(0, 34))
def test_two_letters_swapped_are_noticed(key: bytes, place: int) -> None:
    text = to_words(key).replace("-", "")
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2:]
    if swapped != text:
        with pytest.raises(InputError):
            from_words(swapped)


def test_look_alikes_are_read_as_meant() -> None:
    text = to_words(bytes(RECOVERY_BYTES))
    assert from_words(text.replace("0", "o")) == bytes(RECOVERY_BYTES)


def test_the_whole_file_may_be_pasted() -> None:
    words = to_words(bytes(range(RECOVERY_BYTES)))
    assert from_words(f"# a heading\n# home 1\n{words}\n") == bytes(range(RECOVERY_BYTES))


@pytest.mark.parametrize(("text", "reason"), [
    ("", "0 characters"), ("ABCD", "4 characters"), ("U" * 36, "never occurs"), ("é" * 36, "never occurs"),
])
def test_what_is_wrong_is_said(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        from_words(text)
