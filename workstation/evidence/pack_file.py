"""Reads a pack as what it may be: a file from a stranger. Everything is bounded before it is believed.

A zip that is no pack, or one built to harm (traversal, links, doubles, bombs), is refused whole with InputError. A pack
whose contents were changed opens, and its damage is reported file by file.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import KeysView, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MOST_FILES = 50_000
MOST_DIRECTORY = 16 << 20        # bytes of the zip's own directory, read into memory at once
MOST_FILE = 2 << 30
MOST_TOTAL = 64 << 30
MOST_RATIO = 200                 # our packs are stored, not compressed; text shrinks twentyfold at most
MOST_SMALL = 8 << 20             # a record, a manifest, a key: read whole
_NAME = 240
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError)


class PackFile:
    """An open pack. Names are relative to the bag's one top folder."""

    def __init__(self, path: Path) -> None:
        self._file = _open(path)
        try:
            self._archive = zipfile.ZipFile(self._file)
            self._entries = _inside(_checked(self._archive.infolist(), path.stat().st_size))
        except InputError:
            self._file.close()
            raise
        except _DAMAGE as problem:
            self._file.close()
            raise _unreadable(_("it is not a complete zip file")) from problem

    def close(self) -> None:
        self._archive.close()
        self._file.close()

    @property
    def names(self) -> KeysView[str]:
        return self._entries.keys()

    def small(self, name: str) -> bytes | None:
        """A small file's bytes; None when it is absent, damaged or not small."""
        entry = self._entries.get(name)
        if entry is None or entry.file_size > MOST_SMALL:
            return None
        try:
            with self._archive.open(entry) as stream:
                return stream.read(MOST_SMALL + 1)
        except _DAMAGE:
            return None

    def digests(self, name: str, algorithms: Sequence[str]) -> tuple[dict[str, str], int] | None:
        """Hex digests by algorithm and the size of a file, read in pieces; None when it is absent or damaged."""
        try:
            with self._archive.open(self._entries[name]) as stream:
                return _hash_stream(stream, algorithms)
        except (KeyError, *_DAMAGE):
            return None


def _hash_stream(stream: IO[bytes], algorithms: Sequence[str]) -> tuple[dict[str, str], int]:
    running = {kind: hashlib.new(kind) for kind in algorithms}
    size = 0
    while piece := stream.read(1 << 20):
        size += len(piece)
        for digest in running.values():
            digest.update(piece)
    return {kind: digest.hexdigest() for kind, digest in running.items()}, size


def _open(path: Path) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError as problem:
        raise InputError(_("{path} cannot be opened.").format(path=path), _("Name a pack (a .zip file).")) from problem
    if _directory_size(file) > MOST_DIRECTORY:
        file.close()
        raise _unreadable(_("it holds too many files"))
    file.seek(0)
    return file


def _directory_size(file: BinaryIO) -> int:
    """Bytes of the central directory as the end of the zip states them (APPNOTE 4.3.14 and 4.3.16); 0 when unstated."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 70_000))
    tail = file.read()
    end, end64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    sizes = [0]
    if end >= 0 and len(tail) >= end + 16:
        sizes.append(int(struct.unpack_from("<L", tail, end + 12)[0]))
    if end64 >= 0 and len(tail) >= end64 + 48:
        sizes = [sizes[0], int(struct.unpack_from("<Q", tail, end64 + 40)[0])]
    return max(sizes)


def _checked(entries: Sequence[zipfile.ZipInfo], size: int) -> Sequence[zipfile.ZipInfo]:
    """The entries of a zip of `size` bytes when none of them is a trap. Raises InputError."""
    if len(entries) > MOST_FILES:
        raise _unreadable(_("it holds too many files"))
    if sum(entry.file_size for entry in entries) > MOST_TOTAL:
        raise _unreadable(_("it is too large when unpacked"))
    if sum(entry.compress_size for entry in entries) > size:
        raise _unreadable(_("its files overlap"))
    seen: set[str] = set()
    for entry in entries:
        reason = _fault(entry, seen)
        if reason:
            raise _unreadable(reason)
        seen.add(entry.filename.casefold())
    return entries


def _fault(entry: zipfile.ZipInfo, seen: set[str]) -> str:
    name = entry.filename
    parts = name.rstrip("/").split("/")
    odd = not name.isascii() or not name.isprintable() or len(name) > _NAME or "\\" in name or ":" in name
    if odd or any(part in ("", ".", "..") for part in parts):
        return _("it holds a file with a forbidden name")
    if name.casefold() in seen:
        return _("it holds two files with one name")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or entry.flag_bits & 0x1:
        return _("it holds a link or an encrypted file")
    if entry.file_size > MOST_FILE or entry.file_size > MOST_RATIO * max(entry.compress_size, 1024):
        return _("it is too large when unpacked")
    return ""


def _inside(entries: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Files by their name inside the one top folder. Raises InputError when this is no bag."""
    tops = {entry.filename.split("/")[0] for entry in entries}
    if len(tops) != 1:
        raise _unreadable(_("it is not an evidence pack"))
    top = tops.pop() + "/"
    found = {entry.filename.removeprefix(top): entry for entry in entries if not entry.is_dir()}
    if "bagit.txt" not in found or not any(name.startswith("data/records/") for name in found):
        raise _unreadable(_("it is not an evidence pack"))
    return found


def _unreadable(reason: str) -> InputError:
    return InputError(_("The pack cannot be read: {reason}.").format(reason=reason),
                      _("Ask for the pack again, or give another file."))
