"""The quick reading of everyday FETCH answers says what the library's own parser says, and leaves the rest to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imapclient.exceptions import ProtocolError

from workstation.connectors.email import answers
from workstation.connectors.email.answers import by_uid

ITEMS = st.permutations(
    [b"UID 7", b"FLAGS (\\\\Seen x)", b'INTERNALDATE "20-Nov-2026 10:00:00 +0000"', b"RFC822.SIZE 12"]
)


@settings(max_examples=60)
@given(
    ITEMS,
    st.integers(0, 4),
    st.one_of(st.none(), st.binary(max_size=20)),
    st.sampled_from([b"BODY[]", b"BODY[HEADER]"]),
)
def test_both_readings_agree(items: list[bytes], left_out: int, literal: bytes | None, name: bytes) -> None:
    said = b"3 (" + b" ".join(items[left_out:])
    answer: list[object] = [said + b")"]
    if literal is not None:
        answer = [(said + (b" " if left_out < 4 else b"") + name + b" {%d}" % len(literal), literal), b")"]
    quick = answers._everyday(answer)
    if quick is not None:
        assert [quick] == list(answers._any(answer))
    else:
        assert left_out == 4


def test_what_is_not_everyday_is_still_read() -> None:
    data: list[object] = [
        (b"1 (UID 5 MODSEQ (12) BODY[] {3}", b"abc"),
        b" FLAGS (\\Seen))",
        b"2 (FLAGS ())",
        b"9 (UID 6 X-GM-LABELS (a))",
        (b"3 (BODY[] {1}", b"x"),
        b" UID 8)",
    ]
    found = by_uid(data, {5, 8})
    assert sorted(found) == [5, 8]
    assert (found[5].content("BODY[]"), found[5].seen()) == (b"abc", True)
    assert found[8].content("BODY[]") == b"x"


def test_a_literal_shorter_than_announced_is_a_fault_not_a_mail() -> None:
    with pytest.raises(ProtocolError):
        by_uid([(b"1 (UID 5 BODY[] {30}", b"abc"), b")"], {5})


def test_no_answers_at_all() -> None:
    assert by_uid([None], {5}) == {}
