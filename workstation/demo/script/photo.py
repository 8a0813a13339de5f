"""Draws the picture that buyers attach: a crushed cardboard box with a crack. No file, no real photo."""

from __future__ import annotations

import random
import struct
import zlib
from functools import cache

WIDTH, HEIGHT = 480, 360
_FLOOR, _BOX, _EDGE, _TAPE, _CRACK = (196, 199, 202), (176, 132, 86), (122, 88, 54), (214, 190, 140), (58, 38, 24)
Colour = tuple[int, int, int]


@cache
def damaged_box() -> bytes:
    """A PNG of 480 × 360 pixels; the same bytes each time."""
    grain = random.Random(17)
    crack = _zigzag(random.Random(4))
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            shade = grain.randint(-9, 9)
            rows += bytes(max(0, min(255, part + shade)) for part in _colour(x, y, crack[y]))
    return _png(bytes(rows))


def _colour(x: int, y: int, crack: int) -> Colour:
    dent = max(0, 70 - abs(x - 330)) // 2
    if not (90 <= x <= 400 and 80 + dent <= y <= 300):
        return _FLOOR
    if x in (90, 400) or y in (80 + dent, 81 + dent, 300) or abs(y - 130 - dent) < 2:
        return _EDGE
    if abs(x - crack) < 3 and y < 240:
        return _CRACK
    return _TAPE if abs(x - 210) < 16 else _BOX


def _zigzag(chance: random.Random) -> list[int]:
    at, places = 325, []
    for _row in range(HEIGHT):
        at += chance.choice((-3, -1, 0, 1, 3))
        places.append(at)
    return places


def _png(rows: bytes) -> bytes:
    """PNG (ISO/IEC 15948): signature, header for 8-bit RGB, the rows, the end."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
