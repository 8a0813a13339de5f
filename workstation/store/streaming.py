"""Sealing a file that is too large to be held in memory twice: read once to hash it, once more to encrypt it.

The ciphertext is the very one `BlobFiles.seal` would make of the same bytes (AES-256-GCM, tag at the end), so whoever
opens it needs not know how it was written. A file that changes between the two readings is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.store.files import sync_file

_PIECE = 1024 * 1024
_NONCE = bytes(12)   # as in `store.blobs`: each key seals one plaintext


@dataclass(frozen=True, slots=True)
class Measured:
    """A file as it was read: SHA-256, bytes, and how it begins (at most 64 bytes)."""

    sha256: str
    size: int
    head: bytes


def open_regular(path: Path, most: int) -> BinaryIO:
    """A plain file of at most `most` bytes, open for reading. Raises InputError for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as problem:
        raise InputError(_("{path} cannot be opened.").format(path=path.name), _("Choose another file.")) from problem
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode) or state.st_size > most:
        os.close(descriptor)
        raise _refused(path, stat.S_ISREG(state.st_mode), most)
    return os.fdopen(descriptor, "rb", buffering=0)


def _refused(path: Path, regular: bool, most: int) -> InputError:
    if not regular:
        return InputError(_("{path} is not a file.").format(path=path.name), _("Choose another file."))
    sentence = _("{path} is larger than {n} MB; it was not kept.").format(path=path.name, n=most // 1_000_000)
    return InputError(sentence, _("Keep a smaller one, or a part of it."))


def measure(path: Path, most: int) -> Measured:
    """Read a file once, in pieces. Blocks. Raises InputError."""
    digest, size, head = hashlib.sha256(), 0, b""
    with open_regular(path, most) as file:
        while piece := file.read(_PIECE):
            head = head or piece[:64]
            digest.update(piece)
            size += len(piece)
            if size > most:
                raise _refused(path, True, most)
    return Measured(digest.hexdigest(), size, head)


def encrypt(source: Path, target: Path, measured: Measured, key: bytes, bound: bytes) -> str:
    """Encrypt `source` into the new file `target`, down to the disk; returns the SHA-256 of the ciphertext, hex.

    `bound`: the associated data. Blocks. Raises InputError when the file is not the one that was measured, OSError.
    """
    sealing = Cipher(algorithms.AES(key), modes.GCM(_NONCE)).encryptor()
    sealing.authenticate_additional_data(bound)
    plain, address, left = hashlib.sha256(), hashlib.sha256(), measured.size
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open_regular(source, measured.size) as file, os.fdopen(descriptor, "wb") as out:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            plain.update(piece)
            sealed = sealing.update(piece)
            address.update(sealed)
            out.write(sealed)
        more = file.read(1)
        rest = sealing.finalize() + sealing.tag
        address.update(rest)
        out.write(rest)
        out.flush()
        sync_file(out.fileno())
    if left or more or plain.hexdigest() != measured.sha256:
        raise InputError(_("{path} changed while it was read; it was not kept.").format(path=source.name),
                         _("Keep it again when nothing writes to it."))
    return address.hexdigest()
