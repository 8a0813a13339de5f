"""Sealing the data key: under a passphrase (Argon2id) or under the recovery key, each copy bound to its home and
purpose. Sizes and costs read from `home.json` are bounded before they are used.

Sources: RFC 9106 (Argon2), section 4, second recommended option; NIST SP 800-38D (GCM).
"""

from __future__ import annotations

import binascii
import os
from dataclasses import dataclass

from workstation.kernel.errors import StoreError, WrongKey
from workstation.kernel.i18n import _

KEY_BYTES = 32
_NONCE_BYTES = 12
_MOST_MEMORY_KIB = 1 << 20
_MOST_PASSES = 16
_MOST_LANES = 16


@dataclass(frozen=True, slots=True)
class Argon:
    """Argon2id's costs and salt, as recorded in `home.json`."""

    salt: bytes
    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4

    @classmethod
    def fresh(cls) -> Argon:
        return cls(os.urandom(16))

    def key(self, passphrase: bytes) -> bytes:
        """32 bytes from the passphrase; takes about 0.1 s. Raises StoreError when the costs are out of bounds."""
        self._check()
        from argon2.low_level import Type, hash_secret_raw

        return bytes(hash_secret_raw(
            passphrase, self.salt, self.passes, self.memory_kib, self.lanes, KEY_BYTES, Type.ID,
        ))

    def _check(self) -> None:
        bounded = (
            8 <= len(self.salt) <= 64
            and 1 <= self.passes <= _MOST_PASSES
            and 1 <= self.lanes <= _MOST_LANES
            and 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB
        )
        if not bounded:
            raise damaged()


@dataclass(frozen=True, slots=True)
class Box:
    """The data key, sealed: nonce and ciphertext with tag."""

    nonce: bytes
    sealed: bytes


def seal(wrap_key: bytes, data_key: bytes, home_id: str, purpose: str) -> Box:
    """Seal the data key for one home and one purpose, with a new nonce."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    return Box(nonce, AESGCM(wrap_key).encrypt(nonce, data_key, _bind(home_id, purpose)))


def unseal(wrap_key: bytes, box: Box, home_id: str, purpose: str) -> bytes:
    """The data key. Raises WrongKey when key, home, purpose or a byte of the box is not what was sealed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        key = AESGCM(wrap_key).decrypt(box.nonce, box.sealed, _bind(home_id, purpose))
    except (InvalidTag, ValueError) as problem:
        raise WrongKey(_("The key does not open this home; nothing was changed."),
                       _("Use the recovery key.")) from problem
    return key


def recovery_wrap(recovery: bytes, home_id: str) -> bytes:
    """The key that seals for recovery. 160 random bits need no slow hash: HMAC-SHA-256 separates their uses."""
    return _hmac(recovery, b"workstation recovery 1\x00" + home_id.encode())


def document_mark(data_key: bytes, document: bytes) -> str:
    """The HMAC that seals `home.json`, in hex, under a key that is used for nothing else."""
    return _hmac(_hmac(data_key, b"workstation home.json 1"), document).hex()


def backup_mark(data_key: bytes, document: bytes) -> str:
    """The HMAC that seals a backup's manifest, in hex, under a key that is used for nothing else."""
    return _hmac(_hmac(data_key, b"workstation backup 1"), document).hex()


def same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    import hmac

    return hmac.compare_digest(one.encode(), other.encode())


def to_text(value: bytes) -> str:
    return binascii.b2a_base64(value, newline=False).decode()


def from_text(text: str) -> bytes:
    """Raises StoreError when the text is not base64."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as problem:
        raise damaged() from problem


def damaged() -> StoreError:
    return StoreError(
        _("home.json was changed or damaged; the store itself was not touched."),
        _("Put home.json back from a backup of the home folder."),
    )


def _bind(home_id: str, purpose: str) -> bytes:
    return home_id.encode() + b"\x00" + purpose.encode()


def _hmac(key: bytes, message: bytes) -> bytes:
    import hmac  # brings OpenSSL with it: not before somebody needs it

    return hmac.digest(key, message, "sha256")
