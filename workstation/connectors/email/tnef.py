"""winmail.dat: the files that Outlook packed into a mail in its own way (TNEF), taken out again.

Layout: Microsoft's [MS-OXTNEF], 2.1 and 2.2; property types: [MS-OXCDATA], 2.11. Reads forward once and never beyond
the bytes there are; whatever is damaged ends the reading, and what was found until then counts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.connectors.email.charset import decode
from workstation.connectors.email.limits import MAX_TNEF_FILES

_SIGNATURE = 0x223E9F78
_REND_DATA, _TITLE, _DATA, _PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
_LONG_NAME, _MIME_TAG = 0x3707, 0x370E
_SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8,
          0x0040: 8, 0x0048: 16}
_VARIABLE = (0x000D, 0x001E, 0x001F, 0x0102)
_MOST_PROPERTIES = 500


@dataclass(slots=True)
class Packed:
    """A file inside. `complete` False: it is cut, or of a kind that only Outlook reads (an item, an OLE object)."""

    name: str = ""
    mime: str = ""
    content: bytes = b""
    complete: bool = False


def files(data: bytes) -> tuple[list[Packed], bool]:
    """The files in a winmail.dat, and whether it could be read to its end."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return [], False
    found: list[Packed] = []
    at = 6
    while at + 9 <= len(data):
        attribute, size = struct.unpack_from("<II", data, at + 1)
        value = data[at + 9 : at + 9 + size]
        if attribute == _REND_DATA:
            if len(found) >= MAX_TNEF_FILES:
                return found, False
            found.append(Packed())
        elif found:
            _take(found[-1], attribute, value, len(value) == size)
        if len(value) < size:
            return found, False
        at += 9 + size + 2
    return found, at == len(data)


def _take(packed: Packed, attribute: int, value: bytes, whole: bool) -> None:
    if attribute == _TITLE and not packed.name:
        packed.name = _text(value, "cp1252")
    elif attribute == _DATA:
        packed.content, packed.complete = value, whole
    elif attribute == _PROPERTIES:
        for number, text in _texts(value):
            if number == _LONG_NAME and text:
                packed.name = text
            elif number == _MIME_TAG:
                packed.mime = text


def _texts(block: bytes) -> Iterator[tuple[int, str]]:
    """The text properties of a block of MAPI properties. Stops at the first thing that does not fit."""
    if len(block) < 4:
        return
    at = 4
    for _number in range(min(struct.unpack_from("<I", block)[0], _MOST_PROPERTIES)):
        if at + 4 > len(block):
            return
        kind, number = struct.unpack_from("<HH", block, at)
        at += 4
        if number >= 0x8000 or kind & 0x1000 or kind not in (*_SIZES, *_VARIABLE):   # named ones, lists, others
            return
        if kind in _SIZES:
            at += _SIZES[kind]
            continue
        if at + 8 > len(block):
            return
        count, size = struct.unpack_from("<II", block, at)
        if count != 1:
            return
        value = block[at + 8 : at + 8 + size]
        at += 8 + size + (-size % 4)
        if kind in (0x001E, 0x001F):
            yield number, _text(value, "utf-16-le" if kind == 0x001F else "cp1252")


def _text(value: bytes, codec: str) -> str:
    return decode(value[:2_000], codec)[0].partition("\x00")[0].strip()
