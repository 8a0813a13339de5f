"""What mss answers ↔ what evidence keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workstation.evidence.model import Monitor
from workstation.kernel import pixels

Wire = Mapping[str, object]


def rgba(bgrx: bytearray) -> bytearray:
    """Four-byte pixels B, G, R, unused → R, G, B, 255, in place."""
    pixels.turn(bgrx)
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
