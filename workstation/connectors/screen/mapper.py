"""What mss answers ↔ what evidence keeps. Pure."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence

from workstation.evidence.model import Monitor

Wire = Mapping[str, object]


_BAND = 256 * 1024
"""Bytes turned at a time: they stay in the processor's cache."""
_OPAQUE = b"\xff" * (_BAND // 4)


def rgba(bgrx: bytearray) -> bytearray:
    """Four-byte pixels B, G, R, unused → R, G, B, 255, in place: fresh memory for a picture costs more than the work.

    Turning each pixel around gives X, R, G, B; one byte to the left of that lies R, G, B, X. Three passes in C instead
    of six strided copies, band by band: the window's thread gets its turn between two of them.
    """
    if sys.byteorder != "little":
        raise ValueError("pixels of a big-endian server")
    pixels = memoryview(bgrx)
    for at in range(0, len(bgrx), _BAND):
        words = array("I")
        words.frombytes(pixels[at:at + _BAND])
        words.byteswap()
        band = memoryview(words).cast("B")
        pixels[at:at + len(band) - 1] = band[1:]
        bgrx[at + 3:at + len(band):4] = _OPAQUE[:len(band) // 4]
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
