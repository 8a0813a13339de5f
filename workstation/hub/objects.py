"""Finished files in a folder, two hex digits deep, each named by the SHA-256 of what it holds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from workstation.store.files import sync_folder

_PIECE = 1024 * 1024


class FolderObjects:
    """Fulfils `ports.Objects`. `reserve`: bytes of the disk that are never used up."""

    def __init__(self, folder: Path, reserve: int = 64 * 1024 * 1024) -> None:
        self._folder = folder
        self._reserve = reserve
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, address: str) -> Path:
        return self._folder / address[:2] / address

    def adopt(self, spool: Path, address: str) -> None:
        target = self.path(address)
        fresh = not target.parent.is_dir()
        target.parent.mkdir(exist_ok=True)
        spool.replace(target)
        sync_folder(target.parent)
        if fresh:
            sync_folder(self._folder)

    def size(self, address: str) -> int | None:
        try:
            return self.path(address).stat().st_size
        except FileNotFoundError:
            return None

    def rehash(self, address: str) -> str | None:
        try:
            return hash_file(self.path(address))
        except FileNotFoundError:
            return None

    def remove(self, address: str) -> None:
        path = self.path(address)
        try:
            path.unlink()
        except FileNotFoundError:
            return
        sync_folder(path.parent)

    def chunks(self, address: str, start: int, length: int) -> Iterator[bytes]:
        with self.path(address).open("rb") as file:
            file.seek(start)
            while length > 0 and (piece := file.read(min(_PIECE, length))):
                length -= len(piece)
                yield piece

    def free(self) -> int:
        return max(0, shutil.disk_usage(self._folder).free - self._reserve)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content, hex. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
