"""Signed checkpoints of a log: C2SP tlog-checkpoint in a C2SP signed note, Ed25519. Pure.

    <origin>
    <size>
    <root hash, Base64>

    — <origin> <Base64 of the key's id and the signature>

The signature is over the lines above the empty one, line ends included. The key's id is the first four bytes of
SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key); a verifier key is `<name>+<id in hex>+<Base64 of 0x01 ‖ key>`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ORIGIN = "workstation.hub/"
"""An origin is this and the hub's id."""
MOST_BYTES = 4096
_MOST_SIZE = 1 << 62
_MOST_SIGNATURES = 16
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """So many leaves of this log have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The signed note."""
    text = checkpoint.text
    named = _key_id(checkpoint.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n\N{EM DASH} {checkpoint.origin} {base64.b64encode(named).decode()}\n".encode()


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """What checks the notes of this log, in one line."""
    told = base64.b64encode(_ED25519 + key.public_bytes_raw()).decode()
    return f"{origin}+{_key_id(origin, key).hex()}+{told}"


def fingerprint(verifier: str) -> str:
    """SHA-256 of a verifier key, hex: short enough for an invite, and for two people to compare."""
    return hashlib.sha256(verifier.encode()).hexdigest()


def read_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """The name and the key in a verifier key. Raises ValueError."""
    name, identity, told = text.split("+", 2) if text.count("+") >= 2 else ("", "", "")
    raw = _decoded(told)
    if not _named(name) or len(raw) != 33 or raw[:1] != _ED25519:
        raise ValueError("no verifier key")
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    if identity != _key_id(name, key).hex():
        raise ValueError("no verifier key")
    return name, key


def read(note: bytes, verifier: str) -> Checkpoint:
    """The checkpoint in a note that this key signed. Raises ValueError when it is none, or nobody we know signed it."""
    name, key = read_key(verifier)
    try:
        whole = note.decode() if len(note) <= MOST_BYTES else ""
    except UnicodeDecodeError as problem:
        raise ValueError("no note") from problem
    text, gap, signatures = whole.rpartition("\n\n")
    checkpoint = _parsed(text + "\n") if gap else None
    if checkpoint is None or checkpoint.origin != name or not _signed(text + "\n", signatures, name, key):
        raise ValueError("not signed by this key")
    return checkpoint


def _parsed(text: str) -> Checkpoint | None:
    """Three lines and nothing else: what a log says of itself has one form here."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _named(lines[0]):
        return None
    size, root = lines[1], _decoded(lines[2])
    digits = size.isascii() and size.isdigit() and len(size) < 20 and str(int(size)) == size
    return Checkpoint(lines[0], int(size), root) if digits and int(size) < _MOST_SIZE and len(root) == 32 else None


def _signed(text: str, signatures: str, name: str, key: Ed25519PublicKey) -> bool:
    """Signatures by keys we do not know are passed over, as the format asks."""
    if not signatures.endswith("\n") or signatures.count("\n") > _MOST_SIGNATURES:
        return False
    mine = _key_id(name, key)
    for line in signatures[:-1].split("\n"):
        dash, _space, rest = line.partition(" ")
        signer, _space, told = rest.partition(" ")
        raw = _decoded(told)
        if dash == "\N{EM DASH}" and signer == name and raw[:4] == mine:
            try:
                key.verify(raw[4:], text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _named(name: str) -> bool:
    return 0 < len(name) <= 200 and name.isprintable() and "+" not in name and " " not in name


def _decoded(told: str) -> bytes:
    """Base64 in its one form, b"" for anything else."""
    try:
        raw = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == told else b""
