"""Files sealed one by one: AES-256-GCM, a key each, bound to the record they belong to.

Order of writing, always: temporary file → fsync → rename → fsync folder → commit of the row → acknowledge.
So a row never points at a missing file; a file without a row is an orphan and is swept at start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from workstation.kernel.errors import DiskFull, NotFound, ReadOnly, StoreError, Tampered
from workstation.kernel.failing import FULL
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store import streaming
from workstation.store.core import table
from workstation.store.files import publish, sync_folder, write_synced
from workstation.store.streaming import Measured

_BLOB = table("blob")
# Plain SQL: a capture waits for it, and building a statement costs ten times its execution.
_RECORD = "INSERT INTO blob(id, address, sha256, size, key, upstream) VALUES (?, ?, ?, ?, ?, ?)"
_NONCE = bytes(12)  # each key seals exactly one plaintext, so a fixed nonce never repeats under a key


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file on disk, not yet known to the database: pass it to `record` inside the transaction."""

    id: str
    address: str
    sha256: str
    size: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A file whose names and key are known and which is not on the disk yet: `BlobFiles.keep` puts it there."""

    file: SealedFile
    ciphertext: bytes


class BlobFiles:
    """The folder of ciphertexts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, address: str) -> Path:
        return self._folder / address[:2] / address

    def seal(self, blob_id: str, content: bytes) -> SealedFile:
        """Encrypt `content` for `blob_id` and put it on disk for good. Blocks for one fsync of file and folder.

        Raises DiskFull, ReadOnly.
        """
        return self.keep(self.encrypt(blob_id, content))

    def encrypt(self, blob_id: str, content: bytes) -> Encrypted:
        """The first half of `seal`: nothing is written yet."""
        digest = hashlib.sha256(content).digest()
        key = AESGCM.generate_key(256)
        sealed = AESGCM(key).encrypt(_NONCE, content, bind(blob_id, digest))
        address = hashlib.sha256(sealed).hexdigest()
        return Encrypted(SealedFile(blob_id, address, digest.hex(), len(content), key), sealed)

    def keep(self, encrypted: Encrypted) -> SealedFile:
        """The other half: on the disk for good when it returns. Raises DiskFull, ReadOnly."""
        try:
            self._write(encrypted.file.address, encrypted.ciphertext)
        except OSError as problem:
            raise _disk_error(problem) from problem
        return encrypted.file

    def seal_file(self, blob_id: str, source: Path, measured: Measured) -> SealedFile:
        """As `seal`, for a file on the disk that was measured before; a megabyte of it is in memory at a time.

        Raises InputError when it is not the measured file any more, DiskFull, ReadOnly.
        """
        key = AESGCM.generate_key(256)
        bound = bind(blob_id, bytes.fromhex(measured.sha256))
        try:
            temporary = self._temporary()
            try:
                address = streaming.encrypt(source, temporary, measured, key, bound)
                self._place(temporary, address)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as problem:
            raise _disk_error(problem) from problem
        return SealedFile(blob_id, address, measured.sha256, measured.size, key)

    def forget(self, address: str) -> bool:
        """Remove the ciphertext of a file whose key is gone. Returns whether there was one. Raises OSError."""
        try:
            self.path(address).unlink()
        except FileNotFoundError:
            return False
        sync_folder(self.path(address).parent)
        return True

    def open(self, row: SealedFile) -> bytes:
        """The plaintext, after checking ciphertext, binding and plaintext hash. Raises NotFound, Tampered."""
        sealed = self.ciphertext(row.address)
        if hashlib.sha256(sealed).hexdigest() != row.address:
            raise _tampered(row.id)
        try:
            return AESGCM(row.key).decrypt(_NONCE, sealed, bind(row.id, bytes.fromhex(row.sha256)))
        except InvalidTag as problem:
            raise _tampered(row.id) from problem

    def ciphertext(self, address: str) -> bytes:
        try:
            return self.path(address).read_bytes()
        except FileNotFoundError as problem:
            raise NotFound(_("A sealed file is missing from the store."), _("Restore it from the hub.")) from problem

    def sweep(self, known: Iterable[str]) -> int:
        """Delete files no row knows (a crash between rename and commit). Returns how many."""
        keep = set(known)
        orphans = [p for p in self._folder.glob("*/*") if p.is_file() and p.name not in keep]
        for orphan in orphans:
            orphan.unlink(missing_ok=True)
        return len(orphans)

    def _write(self, address: str, sealed: bytes) -> None:
        temporary = self._temporary()
        try:
            write_synced(temporary, sealed)
            self._place(temporary, address)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _temporary(self) -> Path:
        temporary = self._folder / "tmp" / new_id()
        temporary.parent.mkdir(parents=True, exist_ok=True)
        return temporary

    def _place(self, temporary: Path, address: str) -> None:
        """Give a synced file its name, and make the name last."""
        target = self.path(address)
        new_folder = not target.parent.is_dir()
        target.parent.mkdir(parents=True, exist_ok=True)
        publish(temporary, target, replace=True)
        if new_folder:
            sync_folder(self._folder)


def bind(blob_id: str, digest: bytes) -> bytes:
    """Associated data: record id ‖ SHA-256 of the plaintext, so that ciphertexts cannot be swapped."""
    return blob_id.encode() + digest


def record(connection: Connection, sealed: SealedFile, *, upstream: bool = False) -> None:
    """Make the file known, in the caller's transaction."""
    connection.exec_driver_sql(_RECORD, (
        sealed.id, sealed.address, sealed.sha256, sealed.size, sealed.key, upstream,
    ))


def find(connection: Connection, blob_id: str) -> SealedFile:
    """The row of a blob. Raises NotFound (also after its key was erased)."""
    row = connection.execute(select(_BLOB).where(_BLOB.c.id == blob_id)).mappings().first()
    if row is None:
        raise NotFound(_("This file is not in the store."), _("It may have been erased."))
    return SealedFile(row["id"], row["address"], row["sha256"], row["size"], row["key"])


def among(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of these files that have a key here."""
    found: set[str] = set()
    for start in range(0, len(ids), 400):
        found |= set(connection.execute(select(_BLOB.c.id).where(_BLOB.c.id.in_(ids[start:start + 400]))).scalars())
    return frozenset(found)


def addresses(connection: Connection) -> frozenset[str]:
    """Every file that some row knows."""
    return frozenset(connection.execute(select(_BLOB.c.address)).scalars())


def _tampered(blob_id: str) -> Tampered:
    return Tampered(_("A sealed file was changed on the disk."), _("Restore it from the hub."), [blob_id])


def _disk_error(problem: OSError) -> StoreError:
    if problem.errno in FULL:
        return DiskFull(_("The disk is full; the file was not kept."), _("Free some space and try again."))
    return ReadOnly(_("The file could not be written."), _("Make the home folder writable."))
