"""One unfinished file on the hub's disk. Every call blocks; the caller uses a thread."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from workstation.hub import problems
from workstation.hub.objects import hash_file
from workstation.hub.ports import Objects
from workstation.store.files import sync_file, sync_folder, write_synced

ALGORITHMS = ("sha1", "sha256")
"""tus 1.0 demands SHA-1; SHA-256 is what our desktop sends."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the sender says its bytes hash to. `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes

    def fits(self, content: bytes) -> bool:
        return hashlib.new(self.algorithm, content, usedforsecurity=False).digest() == self.digest


class Spool:
    """Appends from `offset` on. Bytes beyond `offset` from an earlier crash are cut off first."""

    def __init__(self, path: Path, offset: int, length: int, checksum: Checksum | None) -> None:
        self._file = path.open("r+b", buffering=0)
        self._start = self._end = offset
        self._length = length
        self._checksum = checksum
        self._hash = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._file.truncate(offset)
        self._file.seek(offset)

    @staticmethod
    def create(path: Path) -> None:
        """An empty file whose name is on the disk for good."""
        path.touch(mode=0o600, exist_ok=False)
        sync_folder(path.parent)

    def write(self, piece: bytes) -> None:
        """Raises HubProblem 413 when more comes than was announced."""
        if self._end + len(piece) > self._length:
            raise problems.too_large()
        left = memoryview(piece)
        while left:
            left = left[self._file.write(left):]
        self._end += len(piece)
        if self._hash is not None:
            self._hash.update(piece)

    def sync(self, cut: bool) -> int:
        """Check what came, force it to the disk, and say where the file ends.

        Raises HubProblem 460 when it does not match its checksum. Of a cut request nothing can be checked; what came
        is kept, because the whole file is hashed before it is stored.
        """
        if self._hash is not None and not cut and self._checksum and self._hash.digest() != self._checksum.digest:
            raise problems.wrong_checksum()
        sync_file(self._file.fileno())
        return self._end

    def undo(self) -> None:
        """Cut off what this request brought."""
        self._file.truncate(self._start)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def keep_whole(objects: Objects, path: Path, content: bytes, address: str, checksum: Checksum | None) -> None:
    """Store all of a file at once: to the disk at `path`, read back and hashed, then into place.

    Raises HubProblem 460 when it is not what its checksum or its address says, 507.
    """
    if checksum is not None and not checksum.fits(content):
        raise problems.wrong_checksum()
    if len(content) > objects.free():
        raise problems.no_room()
    try:
        write_synced(path, content)
        if hash_file(path) != address:
            raise problems.wrong_content()
        objects.adopt(path, address)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
