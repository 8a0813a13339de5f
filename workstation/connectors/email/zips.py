"""What a zip says it holds, from its list of contents alone: nothing of a stranger's archive is ever unpacked.

Layout: APPNOTE.TXT 6.3.10, sections 4.3.12 (entries), 4.3.14 and 4.3.15 (zip64), 4.3.16 (end).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from workstation.connectors.email.limits import BURST, BURST_FLOOR, BURST_RATIO, MAX_ZIP_DIRECTORY, MAX_ZIP_ENTRIES

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_ENTRY = b"PK\x01\x02"
_FAR = 65_557            # the end record and the longest comment
_FULL = 0xFFFFFFFF
_MANY = 0xFFFF


@dataclass(frozen=True, slots=True)
class Contents:
    """`files` and `unpacked` bytes as the archive declares them; `complete` False when its list is damaged, shorter
    than it says, or longer than is read."""

    files: int
    unpacked: int
    packed: int
    complete: bool
    encrypted: bool

    @property
    def bursts(self) -> bool:
        """Whether unpacking it would flood a disk: far too much, far more than it takes, or the same bytes twice."""
        grown = self.unpacked > BURST_FLOOR and self.unpacked > BURST_RATIO * max(self.packed, 1)
        return self.unpacked > BURST or grown


def contents(data: bytes) -> Contents | None:
    """The declared contents of a zip; None when `data` is no zip. Reads at most MAX_ZIP_DIRECTORY bytes."""
    if not data.startswith((b"PK\x03\x04", _END)):
        return None
    at = data.rfind(_END, max(0, len(data) - _FAR))
    if at < 0 or at + 22 > len(data):
        return Contents(0, 0, len(data), False, False)
    count, size, start = struct.unpack_from("<HII", data, at + 10)
    if _FULL in (size, start) or count == _MANY:
        count, size, start = _far_end(data, at, (count, size, start))
    if start + size > at:             # bytes stand before the archive, or the figures are wrong
        start = max(0, at - size)
    return _listed(data, start, min(start + min(size, MAX_ZIP_DIRECTORY), at), count)


def _far_end(data: bytes, at: int, short: tuple[int, int, int]) -> tuple[int, int, int]:
    """Count, size and start from the zip64 end record before the end, or the short ones."""
    far = data.rfind(_END64, max(0, at - 4_096), at)
    if far < 0 or far + 56 > len(data):
        return short
    count, size, start = struct.unpack_from("<QQQ", data, far + 32)
    return count, size, start


def _listed(data: bytes, at: int, end: int, count: int) -> Contents:
    files = unpacked = 0
    encrypted = False
    while at + 46 <= end and data[at : at + 4] == _ENTRY and files < MAX_ZIP_ENTRIES:
        flags, = struct.unpack_from("<H", data, at + 8)
        size, = struct.unpack_from("<I", data, at + 24)
        name, extra, comment = struct.unpack_from("<HHH", data, at + 28)
        if size == _FULL:
            size = _far_size(data[at + 46 + name : at + 46 + name + extra]) or size
        files, unpacked, encrypted = files + 1, unpacked + size, encrypted or bool(flags & 1)
        at += 46 + name + extra + comment
    return Contents(files, unpacked, len(data), files == count, encrypted)


def _far_size(extra: bytes) -> int:
    """The unpacked size from an entry's zip64 field (id 1), 0 when it has none."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 1 and size >= 8 and at + 12 <= len(extra):
            return int(struct.unpack_from("<Q", extra, at + 4)[0])
        at += 4 + size
    return 0
