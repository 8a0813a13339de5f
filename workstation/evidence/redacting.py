"""Redaction: opaque rectangles on decoded pixels. What was there is in no byte of what comes out.

Never blurred and never scaled down: both can be undone by trying candidates. The same fill for every size, colour and
content, so that two pictures that differ only inside the rectangles come out as the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from workstation.evidence.model import Picture, Rect

_BLACK = b"\x00\x00\x00\xff"


def redact(picture: Picture, rects: Iterable[Rect]) -> Picture:
    """A picture of its own with every rectangle black. They must lie inside it."""
    pixels, stride = bytearray(picture.rgba), picture.width * 4
    for rect in rects:
        fill = _BLACK * rect.width
        for start in range(rect.y * stride + rect.x * 4, (rect.y + rect.height) * stride, stride):
            pixels[start:start + len(fill)] = fill
    return Picture(picture.width, picture.height, pixels)


def covered(picture: Picture, rects: Iterable[Rect]) -> bool:
    """Whether every rectangle is black, all of it."""
    view, stride = memoryview(picture.rgba), picture.width * 4
    return all(
        view[start:start + rect.width * 4] == _BLACK * rect.width
        for rect in rects
        for start in range(rect.y * stride + rect.x * 4, (rect.y + rect.height) * stride, stride)
    )
