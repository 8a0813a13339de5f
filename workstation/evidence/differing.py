"""Two pictures, pixel by pixel: how many differ, and the rectangles that hold all of them. Pure, but for its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.evidence.model import Difference, Picture, Rect

if TYPE_CHECKING:
    from PIL.Image import Image

_CELLS = 30_000               # of the grid that regions are made of
_SMALLEST_CELL = 8            # pixels
MOST_REGIONS = 200


def difference(one: Picture, other: Picture) -> Difference:
    """Compare from the upper left corners as far as both reach. Blocks."""
    width, height = min(one.width, other.width), min(one.height, other.height)
    mask = _mask(_image(one, width, height), _image(other, width, height))
    regions: list[Rect] = []
    if mask.getbbox():
        cell = max(_SMALLEST_CELL, int((width * height / _CELLS) ** 0.5) + 1)
        while len(regions := _regions(_cells(mask, cell), cell, width, height)) > MOST_REGIONS:
            cell *= 2
    return Difference(
        (one.width, one.height), (other.width, other.height), mask.histogram()[255],
        tuple(sorted(regions, key=lambda rect: -rect.width * rect.height)),
    )


def _image(picture: Picture, width: int, height: int) -> Image:
    from PIL import Image

    whole = Image.frombuffer("RGBA", (picture.width, picture.height), bytes(picture.rgba), "raw", "RGBA", 0, 1)
    return whole.crop((0, 0, width, height)).convert("RGB")


def _mask(one: Image, other: Image) -> Image:
    """255 where a pixel differs in any channel, 0 elsewhere."""
    from PIL import ImageChops

    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point([0] + [255] * 255)


def _cells(mask: Image, cell: int) -> set[tuple[int, int]]:
    """Column and row of each cell of the grid in which a pixel differs (a mean in floating point loses none)."""
    small = mask.convert("F").reduce(cell)
    across = small.width
    values = memoryview(small.tobytes()).cast("f")
    return {(at % across, at // across) for at, value in enumerate(values) if value > 0}


def _regions(cells: set[tuple[int, int]], cell: int, width: int, height: int) -> list[Rect]:
    """Cells that touch, corners included, as one rectangle each."""
    found = []
    while cells:
        group = _group(cells)
        left, right = min(x for x, _y in group) * cell, (max(x for x, _y in group) + 1) * cell
        top, bottom = min(y for _x, y in group) * cell, (max(y for _x, y in group) + 1) * cell
        found.append(Rect(left, top, min(right, width) - left, min(bottom, height) - top))
    return found


def _group(cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Take one cell and all that hang together with it out of `cells`."""
    group, edge = set(), [cells.pop()]
    while edge:
        x, y = edge.pop()
        group.add((x, y))
        for near in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            if near in cells:
                cells.remove(near)
                edge.append(near)
    return group
