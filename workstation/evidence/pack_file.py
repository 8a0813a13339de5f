"""Reads a pack as what it may be: a file, or an unpacked folder, from a stranger. Everything is bounded before it is
believed.

What is no pack, or is built to harm (traversal, links, doubles, bombs, two contents in one zip), is refused whole with
InputError. A pack whose contents were changed opens, and its damage is reported file by file.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workstation.evidence import bounds, zip_layout
from workstation.evidence.bounds import OutOfBounds, unreadable
from workstation.evidence.zip_layout import Member, Reader
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_PIECE = 4 << 20
_WORKERS = min(4, os.cpu_count() or 1)
_BATCH_FILES, _BATCH_BYTES = 64, 8 << 20   # handed to a thread at once: one hand-over costs as much as a small file
_DEEPEST = 16

Digests = Mapping[str, tuple[dict[str, str], int]]
"""Hex digests by algorithm, and the size, of each file that could be read."""


class Pack(Protocol):
    """An open pack. Names are relative to the bag's one top folder."""

    @property
    def names(self) -> KeysView[str]: ...

    @property
    def container(self) -> bool | None:
        """Whether the zip is as our program writes one; None for a folder, which is none."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Files whose headers in the zip were changed."""

    def small(self, name: str, most: int = bounds.MOST_SMALL) -> bytes | None:
        """A small file's bytes; None when it is absent, damaged or larger than `most`."""

    def digests(self, algorithms: Sequence[str]) -> dict[str, tuple[dict[str, str], int] | None]:
        """Every file read once, on as many threads as help; None for one that is damaged."""

    def close(self) -> None: ...


def open_pack(path: Path) -> Pack:
    """A zip, or the folder of an unpacked one. Raises InputError."""
    try:
        if path.exists() and not (path.is_dir() or path.is_file()):
            raise OutOfBounds(_("it is neither a file nor a folder"))   # a pipe would be waited for, a device never end
        return PackFolder(path) if path.is_dir() else PackFile(path)
    except OutOfBounds as problem:
        raise unreadable(str(problem)) from problem
    except OSError as problem:
        raise InputError(_("{path} cannot be opened.").format(path=path), _("Name a pack (a .zip file).")) from problem


class PackFile:
    """A pack in a zip, read in place."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._reader = Reader(self._file)
            layout = zip_layout.read(self._reader)
            self._members = _inside({member.name: member for member in _permitted(layout, self._reader.size)})
        except BaseException:
            self._file.close()
            raise
        self.container: bool | None = layout.own
        self.changed = tuple(name for name, member in self._members.items() if member.changed)

    def close(self) -> None:
        self._file.close()

    @property
    def names(self) -> KeysView[str]:
        return self._members.keys()

    def small(self, name: str, most: int = bounds.MOST_SMALL) -> bytes | None:
        member = self._members.get(name)
        if member is None or member.size > most:
            return None
        try:
            return b"".join(self._pieces(member))
        except (OutOfBounds, OSError, zlib.error):
            return None

    def digests(self, algorithms: Sequence[str]) -> dict[str, tuple[dict[str, str], int] | None]:
        sizes = {name: member.stored for name, member in self._members.items()}
        return _all_digests(sizes, lambda name: self._pieces(self._members[name]), algorithms)

    def _pieces(self, member: Member) -> Iterator[bytes]:
        """What a file unpacks to. Raises OutOfBounds when that is not what the zip says of it, OSError, zlib.error."""
        stored = (self._reader.exactly(member.start + at, min(_PIECE, member.stored - at))
                  for at in range(0, member.stored, _PIECE))
        size = crc = 0
        for piece in stored if member.method == zip_layout.STORED else _inflated(stored, member.size):
            size += len(piece)
            crc = _crc32(piece, crc)
            yield piece
        if (size, crc) != (member.size, member.crc):
            raise OutOfBounds(member.name)


def _crc32(piece: bytes, crc: int) -> int:
    from isal import isal_zlib  # ten times as fast as zlib's, and without the interpreter's lock

    return int(isal_zlib.crc32(piece, crc))


def _inflated(stored: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Unpack, and stop one byte after what was promised."""
    inflate, left = zlib.decompressobj(-15), size
    for piece in stored:
        packed, found = piece, b"more"
        while (packed or found) and left >= 0 and not inflate.eof:   # what went in may come out later
            found = inflate.decompress(packed, min(_PIECE, left + 1))
            packed = inflate.unconsumed_tail
            left -= len(found)
            yield found
    if not inflate.eof or inflate.unused_data:
        raise OutOfBounds(_("the file is damaged"))


class PackFolder:
    """An unpacked pack: regular files below one folder. Links are refused, wherever they lead."""

    container: bool | None = None
    changed: tuple[str, ...] = ()

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sizes = _inside_folder(root)

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def names(self) -> KeysView[str]:
        return self._sizes.keys()

    def small(self, name: str, most: int = bounds.MOST_SMALL) -> bytes | None:
        if self._sizes.get(name, most + 1) > most:
            return None
        try:
            return b"".join(self._pieces(name))
        except (OutOfBounds, OSError):
            return None

    def digests(self, algorithms: Sequence[str]) -> dict[str, tuple[dict[str, str], int] | None]:
        return _all_digests(self._sizes, self._pieces, algorithms)

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Raises OSError, also when a link took the file's place meanwhile, and OutOfBounds when its size changed."""
        handle = os.open(self._root / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            left = self._sizes[name]
            while piece := file.read(min(_PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    break
                yield piece
        if left:
            raise OutOfBounds(name)


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    size: int


def _inside_folder(root: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    folders: list[str] = []
    for each in _walk(root, "", _DEEPEST):
        if each.size < 0:
            folders.append(each.name + "/")
        else:
            found[each.name] = each.size
        if len(found) + len(folders) > bounds.MOST_FILES:
            raise OutOfBounds(_("it holds too many files"))
    bounds.check_names([*found, *folders])
    bounds.check_sizes(((name, size, size) for name, size in found.items()), sum(found.values()))
    _need_bag(found)
    return dict(sorted(found.items()))


def _walk(root: Path, below: str, deeper: int) -> Iterator[_Found]:
    """Every file by its name inside, and every folder with the size -1."""
    with os.scandir(root / below) as entries:
        for entry in entries:
            name = below + entry.name
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode) and not deeper:
                raise OutOfBounds(_("it holds a file with a forbidden name ({name})").format(name=ascii(name[:80])))
            if stat.S_ISDIR(mode):
                yield _Found(name, -1)
                yield from _walk(root, name + "/", deeper - 1)
            elif stat.S_ISREG(mode):
                yield _Found(name, entry.stat(follow_symlinks=False).st_size)
            else:
                raise OutOfBounds(_("it holds a link or a device ({name})").format(name=ascii(name[:80])))


def _permitted(layout: zip_layout.Layout, size: int) -> Sequence[Member]:
    """The members of a zip of `size` bytes when none of them is a trap. Raises OutOfBounds."""
    bounds.check_names([member.name for member in layout.members])
    bounds.check_sizes(((member.name, member.stored, member.size) for member in layout.members), size)
    return layout.members


def _inside(members: Mapping[str, Member]) -> dict[str, Member]:
    """Files by their name inside the one top folder. Raises OutOfBounds when this is no bag."""
    tops = {name.split("/")[0] for name in members}
    if len(tops) != 1:
        raise OutOfBounds(_("it is not an evidence pack"))
    top = tops.pop() + "/"
    found = {name.removeprefix(top): member for name, member in members.items() if not name.endswith("/")}
    _need_bag(found)
    return found


def _need_bag(found: Mapping[str, object]) -> None:
    if "bagit.txt" not in found or not any(name.startswith("data/records/") for name in found):
        raise OutOfBounds(_("it is not an evidence pack"))


def _all_digests(
    sizes: Mapping[str, int], pieces: Callable[[str], Iterator[bytes]], algorithms: Sequence[str]
) -> dict[str, tuple[dict[str, str], int] | None]:
    def one(name: str) -> tuple[dict[str, str], int] | None:
        running = [hashlib.new(kind) for kind in algorithms]
        size = 0
        try:
            for piece in pieces(name):
                size += len(piece)
                for digest in running:
                    digest.update(piece)
        except (OutOfBounds, OSError, zlib.error):
            return None
        return {kind: digest.hexdigest() for kind, digest in zip(algorithms, running, strict=True)}, size

    found: dict[str, tuple[dict[str, str], int] | None] = {}
    with ThreadPoolExecutor(_WORKERS, "checking") as pool:
        for batch in pool.map(lambda names: [(name, one(name)) for name in names], _batches(sizes)):
            found.update(batch)
    return found


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    batch: list[str] = []
    total = 0
    for name, size in sizes.items():
        batch.append(name)
        total += size
        if len(batch) >= _BATCH_FILES or total >= _BATCH_BYTES:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch
