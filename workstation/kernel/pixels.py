"""Pixels as X servers, Windows and macOS give them (B, G, R, unused) become R, G, B, 255, in place and part by part.

Fresh memory for a picture costs more than the work. Whoever needs the picture anyway turns each part just before it
uses it, while it is in the processor's cache.
"""

from __future__ import annotations

import sys
from array import array

_BAND = 128 * 1024
"""Bytes turned at a time: they stay in the cache, and other threads get their turn between two of them."""
_OPAQUE = b"\xff" * (_BAND // 4)


def turn(pixels: bytearray, start: int = 0, end: int | None = None) -> None:
    """Turn the bytes from `start` to `end`, whole pixels.

    A word with its bytes reversed is X, R, G, B; one byte to the left of that lies R, G, B, X. Three passes in C
    instead of six strided copies.
    """
    if sys.byteorder != "little":
        raise ValueError("pixels of a big-endian server")
    view, end = memoryview(pixels), len(pixels) if end is None else end
    for at in range(start, end, _BAND):
        words = array("I")
        words.frombytes(view[at:min(at + _BAND, end)])
        words.byteswap()
        band = memoryview(words).cast("B")
        view[at:at + len(band) - 1] = band[1:]
        pixels[at + 3:at + len(band):4] = _OPAQUE[:len(band) // 4]
