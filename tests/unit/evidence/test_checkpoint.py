"""A checkpoint has one form, and is one only when the key that is known signed it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workstation.evidence import checkpoint
from workstation.evidence.checkpoint import Checkpoint

KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
FOUND = Checkpoint("workstation.hub/h1", 1, hashlib.sha256(b"root").digest())
NOTE = checkpoint.sign(FOUND, KEY).decode()
VERIFIER = checkpoint.verifier_key(FOUND.origin, KEY.public_key())


def test_a_note_is_read_back() -> None:
    assert checkpoint.read(NOTE.encode(), VERIFIER) == FOUND
    text, _gap, signature = NOTE.partition("\n\n")
    assert text.split("\n") == ["workstation.hub/h1", "1", base64.b64encode(FOUND.root).decode()]
    raw = base64.b64decode(signature.split(" ")[2])
    KEY.public_key().verify(raw[4:], f"{text}\n".encode())
    named = hashlib.sha256(b"workstation.hub/h1\n\x01" + KEY.public_key().public_bytes_raw()).digest()[:4]
    assert raw[:4] == named
    assert VERIFIER.split("+")[1] == named.hex()


@pytest.mark.parametrize("change", [
    lambda note: note.replace("\n1\n", "\n2\n"), lambda note: note.replace("\n1\n", "\n01\n"),
    lambda note: note.replace("\n1\n", "\n\u0661\n"), lambda note: note.replace("\n1\n", "\n-1\n"),
    lambda note: note + "x", lambda note: note[:-1], lambda note: note.replace("\u2014", "-"), lambda note: "",
    lambda note: note.replace("\n\n", "\nmore\n\n"), lambda note: note.replace("workstation", "elsewhere"),
    lambda note: note * 40, lambda note: note.replace("\n\n", "\n"), lambda note: note[:-9] + "AAAAAAA=\n",
])
def test_a_changed_note_is_no_checkpoint(change: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match="signed by this key"):
        checkpoint.read(change(NOTE).encode(), VERIFIER)


def test_every_bit_of_a_note_counts() -> None:
    raw = NOTE.encode()
    for at in range(len(raw)):
        for bit in (1, 32):
            changed = raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1:]
            with pytest.raises(ValueError):  # noqa: PT011 - which of the ways does not matter
                checkpoint.read(changed, VERIFIER)


def test_another_key_is_told_from_the_known_one() -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"d" * 32)
    with pytest.raises(ValueError, match="signed by this key"):
        checkpoint.read(checkpoint.sign(FOUND, other), VERIFIER)


@pytest.mark.parametrize("key", ["", "a+b", "a+00000000+AAAA", "a b+00000000+" + "A" * 44, VERIFIER[:-2] + "A="])
def test_a_key_has_one_form(key: str) -> None:
    with pytest.raises(ValueError, match="verifier key"):
        checkpoint.read_key(key)


def test_a_signature_of_somebody_else_on_the_note_is_passed_over() -> None:
    note = NOTE.replace("\n\n", "\n\n\u2014 witness.example AAAAAAAAAAAAAAAA\n")
    assert checkpoint.read(note.encode(), VERIFIER) == FOUND
