"""The device's key: made once, kept where secrets are kept, and known to others by the hash of its public half."""

from __future__ import annotations

import hashlib
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from workstation.evidence import dsse
from workstation.kernel.secrets import Secrets

SECRET_NAME = "device-key"
_MAKING = threading.Lock()  # enrolment and the first capture may ask at the same time; there is one key


class DeviceKey:
    """Signs for this device. `key_id` is the SHA-256 of the raw public key, hex."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.key_id = key_id(self.public)

    @classmethod
    def load(cls, secrets: Secrets) -> DeviceKey:
        """The device's key, made the first time. Blocks; raises KeyringProblem."""
        with _MAKING:
            stored = secrets.get(SECRET_NAME)
            if stored is not None:
                return cls(Ed25519PrivateKey.from_private_bytes(stored))
            made = Ed25519PrivateKey.generate()
            secrets.set(SECRET_NAME, made.private_bytes_raw())
            return cls(made)

    def sign(self, payload: bytes, payload_type: str = dsse.RECORD_TYPE) -> bytes:
        """A DSSE envelope around `payload`."""
        return dsse.sign(payload, payload_type, self.key_id, self._private)


def key_id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def to_pem(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def from_raw(raw: bytes) -> Ed25519PublicKey:
    """A public key from its 32 bytes. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(raw)


def from_pem(pem: bytes) -> Ed25519PublicKey:
    """The public key in `pem`, which may come from anyone. Raises ValueError when it is not an Ed25519 key."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        found = load_pem_public_key(pem)
    except UnsupportedAlgorithm as problem:
        raise ValueError("not a key we know") from problem
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return found
