"""Where everything lies in a zip, byte for byte, or why it is refused. For files of strangers: nothing is unpacked.

A zip says things twice (a directory at its end, a header before each file), and programs differ in whom they believe;
that is how one zip holds two contents. So both must say the same, every byte must belong to something, and nothing may
overlap. APPNOTE.TXT 6.3 is the source of the structures. Python's zipfile believes the directory, skips what is between
and builds an object for each entry before anyone can count them.
"""

from __future__ import annotations

import os
import stat
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from workstation.evidence.bounds import MOST_FILES, OutOfBounds
from workstation.kernel.i18n import _

STORED, DEFLATED = 0, 8
_MOST_DIRECTORY = 16 << 20       # bytes of the directory, read at once
_MOST_EXTRA = 4_096              # bytes of one entry's extra fields
_END, _END64, _LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_CENTRAL, _LOCAL = struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
_ZIP64, _OTHER_NAME = 0x0001, 0x7075
_ENCRYPTED, _DESCRIBED, _HARMLESS = 0x2041, 0x0008, 0x080E   # flag bits: encryption; sizes follow; levels, UTF-8
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Member:
    """One file: `stored` bytes from `start`, which unpack to `size`. `changed`: its headers differ from the others'."""

    name: str
    start: int
    stored: int
    size: int
    method: int
    crc: int
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """All files, in the order they lie. `own`: the zip is as our program writes one, to the byte."""

    members: tuple[Member, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    header: int
    stored: int
    size: int
    method: int
    crc: int
    flags: int
    style: tuple[object, ...]


class Reader:
    """Reads a file at a place, from any thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = os.fstat(file.fileno()).st_size

    def at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes. Raises OSError."""
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, start)
        with self._lock:   # Windows has no reading at a place
            self._file.seek(start)
            return self._file.read(length)

    def exactly(self, start: int, length: int) -> bytes:
        """Raises OutOfBounds when the file ends before."""
        found = self.at(start, length) if 0 <= start <= self.size else b""
        if len(found) != length:
            raise OutOfBounds(_("it is not a complete zip file"))
        return found


def read(reader: Reader) -> Layout:
    """The layout of a zip. Raises OutOfBounds, OSError."""
    count, start, size = _end(reader)
    entries = sorted(_directory(reader.exactly(start, size), count), key=lambda entry: entry.header)
    places = [*(entry.header for entry in entries), start]
    found = [_member(reader, entry, places[n], places[n + 1]) for n, entry in enumerate(entries)]
    if entries and entries[0].header != 0:
        raise _hidden()
    return _judged(found)


def _end(reader: Reader) -> tuple[int, int, int]:
    """Number of entries, place and size of the directory, from the last bytes of the zip."""
    at = reader.size - _END.size
    if at < 0:
        raise OutOfBounds(_("it is not a complete zip file"))
    mark, disk, first, here, count, size, start, comment = _END.unpack(reader.exactly(at, _END.size))
    if mark != b"PK\x05\x06":
        raise _hidden() if b"PK\x05\x06" in reader.at(max(0, at - _FULL16), _FULL16 + _END.size) else OutOfBounds(
            _("it is not a complete zip file"))
    if _FULL16 in (here, count) or _FULL32 in (size, start):
        at, here, count, size, start = _end64(reader, at)
    if disk or first or here != count or comment:
        raise OutOfBounds(_("it is not a complete zip file"))
    if count > MOST_FILES or size > _MOST_DIRECTORY:
        raise OutOfBounds(_("it holds too many files"))
    if start + size != at:
        raise _hidden()
    return count, start, size


def _end64(reader: Reader, end: int) -> tuple[int, int, int, int, int]:
    """Place of the large end, entries here and in all, size and place of the directory."""
    at = end - _LOCATOR.size
    mark, disk, start, disks = _LOCATOR.unpack(reader.exactly(at, _LOCATOR.size))
    if mark != b"PK\x06\x07" or disk or disks != 1 or start + _END64.size != at:
        raise _hidden()
    said = _END64.unpack(reader.exactly(start, _END64.size))
    mark, length, _made, _needs, disk, first, here, count, size, directory = said
    if mark != b"PK\x06\x06" or length != _END64.size - 12 or disk or first:
        raise OutOfBounds(_("it is not a complete zip file"))
    return start, here, count, size, directory


def _directory(raw: bytes, count: int) -> Iterator[_Entry]:
    at = 0
    for _number in range(count):
        entry, at = _entry(raw, at)
        yield entry
    if at != len(raw):
        raise _hidden()


def _entry(raw: bytes, at: int) -> tuple[_Entry, int]:
    if at + _CENTRAL.size > len(raw):
        raise OutOfBounds(_("it is not a complete zip file"))
    said = _CENTRAL.unpack_from(raw, at)
    mark, made, needs, flags, method, time, date, crc, stored, size = said[:10]
    named, extra, comment, disk, inside, mode, header = said[10:]
    at += _CENTRAL.size
    name, fields = _name(raw[at:at + named]), raw[at + named:at + named + extra]
    at += named + extra + comment
    if mark != b"PK\x01\x02" or at > len(raw) or disk or comment:
        raise OutOfBounds(_("it is not a complete zip file"))
    large, rest = _extra(name, fields)
    if large:
        size, stored, header = _large(name, large, size, stored, header)
    _permit(name, flags, method, mode, stored, size)
    style = (made >> 8 if made & 255 == needs else -1, needs if not large else needs - 25, flags, time, date, inside,
             mode, rest)
    return _Entry(name, header, stored, size, method, crc, flags, style), at


def _name(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as problem:
        raise OutOfBounds(_("it holds a file with a forbidden name ({name})").format(name=ascii(raw[:80]))) from problem


def _extra(name: str, fields: bytes) -> tuple[bytes, bytes]:
    """The large sizes' field, and everything else; a field that gives the file another name is a trap."""
    large, rest, at = b"", b"", 0
    while at < len(fields):
        kind, length = struct.unpack_from("<2H", fields, at) if at + 4 <= len(fields) else (_OTHER_NAME, 0)
        body = fields[at + 4:at + 4 + length]
        if kind == _OTHER_NAME or len(body) != length or len(fields) > _MOST_EXTRA or (kind == _ZIP64 and large):
            raise _twice(name)
        if kind == _ZIP64:
            large = body
        else:
            rest += fields[at:at + 4 + length]
        at += 4 + length
    return large, rest


def _large(name: str, field: bytes, *values: int) -> tuple[int, ...]:
    """Size, stored size and place, where the field has those that do not fit in 32 bits, in this order."""
    wanted = sum(value == _FULL32 for value in values)
    if not wanted or len(field) != 8 * wanted:
        raise _twice(name)
    held = iter(struct.unpack(f"<{wanted}Q", field))
    return tuple(next(held) if value == _FULL32 else value for value in values)


def _permit(name: str, flags: int, method: int, mode: int, stored: int, size: int) -> None:
    shown = name[:80]
    if stat.S_IFMT(mode >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise OutOfBounds(_("it holds a link or a device ({name})").format(name=shown))
    if flags & _ENCRYPTED:
        raise OutOfBounds(_("it holds an encrypted file ({name})").format(name=shown))
    if method not in (STORED, DEFLATED) or flags & ~(_DESCRIBED | _HARMLESS):
        raise OutOfBounds(
            _("it holds a file that is packed in a way that is not read here ({name})").format(name=shown))
    if method == STORED and stored != size:
        raise _twice(name)


def _member(reader: Reader, entry: _Entry, begins: int, ends: int) -> tuple[Member, tuple[object, ...]]:
    """What the header before the file says must be what the directory says, and the bytes must end where the next
    thing begins."""
    at = begins + _LOCAL.size + len(entry.name)
    raw = reader.exactly(begins, at - begins)
    mark, needs, flags, method, time, date, crc, stored, size, named, extra = _LOCAL.unpack_from(raw)
    if named != len(entry.name):
        raise _twice(entry.name)
    if at + extra + entry.stored > ends:
        raise OutOfBounds(_("its files overlap ({name})").format(name=entry.name[:80]))
    large, rest = _extra(entry.name, reader.exactly(at, min(extra, _MOST_EXTRA + 1)))
    if large:
        size, stored = _large(entry.name, large, size, stored)
    later = flags & _DESCRIBED and (crc, stored, size) == (0, 0, 0)
    same = later or (crc, stored, size) == (entry.crc, entry.stored, entry.size)
    said = (mark, raw[_LOCAL.size:], flags, method)
    if said != (b"PK\x03\x04", entry.name.encode(), entry.flags, entry.method) or not same:
        raise _twice(entry.name)
    start = at + extra
    _tail(reader, entry, start + entry.stored, ends)
    style = (*entry.style, needs if not large else needs - 25, time, date, rest)
    return Member(entry.name, start, entry.stored, entry.size, entry.method, entry.crc), style


def _tail(reader: Reader, entry: _Entry, at: int, ends: int) -> None:
    """Nothing, or the sizes once more where the header says that they follow."""
    length = ends - at
    if length == 0 and not entry.flags & _DESCRIBED:
        return
    kinds = {12: "<3L", 16: "<4L", 20: "<L2Q", 24: "<2L2Q"}
    if not entry.flags & _DESCRIBED or length not in kinds:
        raise _hidden()
    said = struct.unpack(kinds[length], reader.exactly(at, length))
    if said[-3:] != (entry.crc, entry.stored, entry.size) or (len(said) == 4 and said[0] != 0x08074B50):
        raise _twice(entry.name)


def _judged(found: Sequence[tuple[Member, tuple[object, ...]]]) -> Layout:
    """A zip as our program writes it has the same words in every header; then another word in one was changed."""
    usual, often = Counter(style for _member, style in found).most_common(1)[0] if found else ((), 0)
    own = often * 2 > len(found) and _ours(usual)
    return Layout(tuple(
        Member(m.name, m.start, m.stored, m.size, m.method, m.crc, own and (style != usual or m.method != STORED))
        for m, style in found), own)


def _ours(style: tuple[object, ...]) -> bool:
    _system, needs, flags, time, date, inside, mode, extra, local_needs, local_time, local_date, local_extra = style
    plain = (needs, flags, inside, mode, extra, local_needs, local_extra) == (20, 0, 0, 0o644 << 16, b"", 20, b"")
    return plain and (time, date) == (local_time, local_date)


def _hidden() -> OutOfBounds:
    return OutOfBounds(_("it holds bytes that belong to no file"))


def _twice(name: str) -> OutOfBounds:
    return OutOfBounds(_("its directory and its files say different things of {name}").format(name=name[:80]))
