"""What mss answers ↔ what evidence keeps. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from workstation.evidence.model import Monitor

Wire = Mapping[str, object]


_BAND = 512 * 1024
"""Bytes turned at a time: they stay in the processor's cache."""


def rgba(bgrx: bytearray) -> bytearray:
    """Four-byte pixels B, G, R, unused → R, G, B, 255, in place: fresh memory for a picture costs more than the work.

    Pillow's C code does most of it without holding the interpreter, so that the window's thread gets its turn.
    """
    if sys.byteorder != "little":
        raise ValueError("pixels of a big-endian server")
    from PIL import Image

    pixels = memoryview(bgrx)
    for at in range(0, len(bgrx), _BAND):
        band = pixels[at:at + _BAND]
        band[:] = Image.frombytes("RGB", (len(band) // 4, 1), band, "raw", "BGRX").tobytes("raw", "RGBX")
    return bgrx


def monitors(answer: Sequence[Wire]) -> tuple[Monitor, ...]:
    """The monitors after the first entry, which is the whole desktop; that one when the server names no other."""
    listed = answer[1:] or answer[:1]
    return tuple(_monitor(number, one) for number, one in enumerate(listed))


def _monitor(number: int, wire: Wire) -> Monitor:
    x, y, width, height = (_whole(wire[name]) for name in ("left", "top", "width", "height"))
    name = str(wire.get("output") or wire.get("name") or f"screen-{number + 1}")
    return Monitor(name, x, y, width, height, width, height, 1.0)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError("a monitor without a size")
    return value
