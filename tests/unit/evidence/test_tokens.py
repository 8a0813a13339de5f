"""Tokens against a real authority, and every way an answer can be wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from rfc3161_client import decode_timestamp_response

from tests.support.authority import house
from workstation.evidence import der, tokens
from workstation.evidence.tokens import BadToken
from workstation.kernel.errors import InputError

PAYLOAD = b'{"a":1}'
DIGEST = hashlib.sha256(PAYLOAD).digest()


def token(*, chain: bool = True, payload: bytes = PAYLOAD) -> bytes:
    return house().reply(house().query(payload), chain=chain)


def test_an_answer_with_its_chain_in_any_order_is_read() -> None:
    """The library alone refuses this answer: that is why der.py is there."""
    raw = token()
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        decode_timestamp_response(raw)
    stamp = tokens.check(raw, DIGEST, house().root)
    assert stamp.signer == "CN=Test authority"
    assert stamp.accuracy == 1_000
    assert len(stamp.chain) == 1
    assert stamp.chain[0].strip() == house().intermediate.strip()


def test_the_chain_may_lie_beside_the_token() -> None:
    raw = token(chain=False)
    with pytest.raises(BadToken) as refused:
        tokens.check(raw, DIGEST, house().root)
    assert refused.value.code == "authority"
    assert tokens.check(raw, DIGEST, house().root, chain=house().intermediate).at
    assert tokens.check(raw, DIGEST, house().root + house().intermediate).at


def test_the_nonce_of_a_question_is_repeated() -> None:
    asked = tokens.question(PAYLOAD)
    raw = house().reply(asked.body)
    assert tokens.check(raw, DIGEST, house().root, nonce=asked.nonce).serial
    with pytest.raises(BadToken) as refused:
        tokens.check(raw, DIGEST, house().root, nonce=asked.nonce + 1)
    assert refused.value.code == "nonce"


def flipped_signature(raw: bytes) -> bytes:
    return raw[:-3] + bytes([raw[-3] ^ 1]) + raw[-2:]


@pytest.mark.parametrize(("make", "code"), [
    (lambda: b"", "form"),
    (lambda: b"<html>", "form"),
    (lambda: b"\x30\x84\xff\xff\xff\xff", "form"),
    (lambda: b"\x30\x80" * 30_000, "form"),
    (lambda: token()[:-40], "form"),
    (lambda: token() + b"\x00" * tokens.MOST_BYTES, "form"),
    (lambda: token(payload=b"other"), "imprint"),
    (lambda: house().reply(house().query(b"x", digest="sha1")), "rejected"),
    (lambda: house("Another").reply(house().query(PAYLOAD)), "authority"),
    (lambda: house("Old", -1).reply(house().query(PAYLOAD)), "expired"),
    (lambda: flipped_signature(token()), "signature"),
])
def test_a_wrong_answer_has_a_name(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(BadToken) as refused:
        tokens.check(make(), DIGEST, house().root)
    assert refused.value.code == code
    assert refused.value.remedy


def test_a_chain_that_comes_along_is_no_reason_to_trust() -> None:
    """Somebody else's token brings its own root and intermediate; only the known root counts."""
    other = house("Another")
    raw = other.reply(other.query(PAYLOAD))
    with pytest.raises(BadToken) as refused:
        tokens.check(raw, DIGEST, house().root, chain=other.intermediate + other.root)
    assert refused.value.code == "authority"


def test_a_file_without_a_root_is_refused() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    for pem in (b"", b"no pem", house().intermediate, broken):
        with pytest.raises(InputError):
            tokens.read_roots(pem)


def test_der_keeps_an_answer_that_is_in_order() -> None:
    raw = token(chain=False)
    opened = der.open_answer(raw)
    assert der.with_certificates(opened, opened.certificates) == raw


def test_every_byte_of_a_token_counts() -> None:
    """A flipped byte is refused by name, or lies where nobody signs (a length, an unused tag) and proves the same."""
    raw = token(chain=False)
    chain = house().intermediate
    whole = tokens.check(raw, DIGEST, house().root, chain=chain)
    passed = []
    for at in range(0, len(raw), 3):
        try:
            found = tokens.check(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1:], DIGEST, house().root, chain=chain)
        except BadToken:
            continue
        assert found == whole
        passed.append(at)
    assert len(passed) < len(raw) // 3 // 20, passed
