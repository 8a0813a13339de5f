"""A rectangle chosen on a captured image, in its physical pixels: drawn, moved and resized without leaving it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workstation.evidence.model import Rect

SMALLEST = 8
"""Pixels; less cannot be read as proof of anything."""


@dataclass(frozen=True, slots=True)
class Selection:
    """`x`, `y`, `width`, `height` inside an image of `image_width` × `image_height`."""

    x: int
    y: int
    width: int
    height: int
    image_width: int
    image_height: int

    @classmethod
    def middle(cls, image_width: int, image_height: int) -> Selection:
        """Half the image, in its middle: where the keyboard begins."""
        return cls(image_width // 4, image_height // 4, image_width // 2, image_height // 2, image_width, image_height)

    @classmethod
    def whole(cls, image_width: int, image_height: int) -> Selection:
        """All of the image."""
        return cls(0, 0, image_width, image_height, image_width, image_height)

    @classmethod
    def between(cls, start: tuple[int, int], end: tuple[int, int], image_width: int, image_height: int) -> Selection:
        """The rectangle with these two corners, both included, cut at the image's edges."""
        left, right = sorted((_clamp(start[0], image_width), _clamp(end[0], image_width)))
        top, bottom = sorted((_clamp(start[1], image_height), _clamp(end[1], image_height)))
        return cls(left, top, right - left + 1, bottom - top + 1, image_width, image_height)

    def moved(self, dx: int, dy: int) -> Selection:
        """Shifted, stopping at the edges."""
        x = max(0, min(self.image_width - self.width, self.x + dx))
        y = max(0, min(self.image_height - self.height, self.y + dy))
        return replace(self, x=x, y=y)

    def resized(self, dw: int, dh: int) -> Selection:
        """Its lower right corner shifted, never smaller than it can be read."""
        width = max(SMALLEST, min(self.image_width - self.x, self.width + dw))
        height = max(SMALLEST, min(self.image_height - self.y, self.height + dh))
        return replace(self, width=width, height=height)

    @property
    def usable(self) -> bool:
        return self.width >= SMALLEST and self.height >= SMALLEST

    @property
    def rect(self) -> Rect:
        return Rect(self.x, self.y, self.width, self.height)


def _clamp(value: int, size: int) -> int:
    return max(0, min(size - 1, value))
