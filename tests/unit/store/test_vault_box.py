"""A sealed copy opens with its key, for its home, for its purpose, and in no other way."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workstation.kernel.errors import StoreError, WrongKey
from workstation.store import keybox
from workstation.store.keybox import Argon, Box

WRAP, DATA = bytes(32), bytes(range(32))


def test_a_box_opens_for_its_home_and_purpose_only() -> None:
    box = keybox.seal(WRAP, DATA, "home-1", "recovery")
    assert keybox.unseal(WRAP, box, "home-1", "recovery") == DATA
    for home, purpose in (("home-2", "recovery"), ("home-1", "passphrase"), ("home-", "1\x00recovery")):
        with pytest.raises(WrongKey):
            keybox.unseal(WRAP, box, home, purpose)
    with pytest.raises(WrongKey):
        keybox.unseal(bytes([1]) * 32, box, "home-1", "recovery")


def test_the_box_is_plain_aes_gcm() -> None:
    """Read without our code: the associated data is home id, a zero byte, purpose."""
    box = keybox.seal(WRAP, DATA, "home-1", "recovery")
    assert AESGCM(WRAP).decrypt(box.nonce, box.sealed, b"home-1\x00recovery") == DATA


def test_sealing_twice_gives_two_boxes() -> None:
    one, two = (keybox.seal(WRAP, DATA, "home-1", "recovery") for _ in range(2))
    assert one.nonce != two.nonce
    assert one.sealed != two.sealed


@pytest.mark.parametrize("box", [
    Box(b"", b""), Box(bytes(12), b""), Box(bytes(12), bytes(47)), Box(bytes(3), bytes(48)),
])
def test_a_malformed_box_is_a_wrong_key_and_no_bug(box: Box) -> None:
    with pytest.raises(WrongKey):
        keybox.unseal(WRAP, box, "home-1", "recovery")


def test_costs_are_the_recommended_ones() -> None:
    """RFC 9106, section 4: the second recommended option; a salt of 128 bits, a new one each time."""
    one, two = Argon.fresh(), Argon.fresh()
    assert (one.passes, one.memory_kib, one.lanes, len(one.salt)) == (3, 65_536, 4, 16)
    assert one.salt != two.salt


def test_salt_and_passphrase_both_count() -> None:
    cheap = Argon(bytes(16), 1, 64, 1)
    keys = {cheap.key(b"a"), cheap.key(b"b"), Argon(bytes([1]) * 16, 1, 64, 1).key(b"a")}
    assert len(keys) == 3
    with pytest.raises(StoreError):
        Argon(b"short", 1, 64, 1).key(b"a")


def test_each_use_has_its_own_key() -> None:
    assert keybox.recovery_wrap(bytes(20), "a") != keybox.recovery_wrap(bytes(20), "b")
    assert keybox.document_mark(DATA, b"x") != keybox.document_mark(DATA, b"y")
    assert keybox.document_mark(DATA, b"x") != keybox.document_mark(WRAP, b"x")
