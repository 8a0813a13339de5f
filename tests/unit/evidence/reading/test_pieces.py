"""Numbers beside a script that the engine does not know: cut out, put together, read alone; nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
import pytest

from workstation.evidence.reading import pieces


def line(*inked: tuple[int, int], width: int = 400, height: int = 30) -> Any:
    """A crop in which something stands at these places, dark on light."""
    crop = numpy.full((height, width, 3), 250, dtype=numpy.uint8)
    for start, end in inked:
        crop[5:25, start:end + 1] = 10
    return crop


class Told:
    """Reads what a test says, by the width of what it is given."""

    def __init__(self, **by_width: tuple[str, float]) -> None:
        self.by_width = {int(name[1:]): told for name, told in by_width.items()}
        self.asked: list[int] = []

    def __call__(self, crops: Sequence[Any]) -> list[tuple[str, float]]:
        widths = [crop.shape[1] for crop in crops]
        self.asked += widths
        return [self.by_width.get(width, ("", 0.0)) for width in widths]


def test_a_number_that_was_cut_is_put_together_and_read_whole() -> None:
    crop = line((10, 49), (60, 99), (110, 229))     # two pieces of a number, then a word of another script
    told = Told(w48=("702-5", 0.99), w98=("702-5512873", 0.98))
    assert pieces.cut(crop) == [(10, 49), (60, 99), (110, 229)]
    assert pieces.reread(crop, told) == ("702-5512873", 0.98)


@pytest.mark.parametrize("told", [
    Told(w48=("Order", 0.9), w98=("late", 0.9)),             # all of it can be read: it was read
    Told(w48=("", 0.0), w98=("", 0.2)),                      # nothing can
    Told(w48=("702", 0.9), w98=("", 0.0)),                   # a number, and not a certain one
    Told(w48=("word", 0.99), w98=("", 0.0)),                 # no number
])
def test_a_line_is_left_as_it_was_read_where_cutting_shows_nothing_better(told: Told) -> None:
    assert pieces.reread(line((10, 49), (100, 189)), told) is None


def test_lines_in_one_piece_or_in_too_many_are_not_read_again() -> None:
    told = Told()
    assert pieces.reread(line((10, 200)), told) is None
    assert pieces.reread(line(), told) is None
    many = [(at, at + 1) for at in range(0, 400, 12)]
    assert pieces.reread(line(*many), told) is None
    assert told.asked == []


@pytest.mark.parametrize(("text", "score", "again"), [
    ("702-12873-9046218", 0.80, True), ("", 0.0, True), ("Order 702", 0.99, False), ("订单号 702", 0.9, False),
    ("订单号 702", 0.5, True)])
def test_what_is_read_again(text: str, score: float, again: bool) -> None:
    assert pieces.doubtful(text, score) is again


def test_light_on_dark_is_cut_as_well() -> None:
    assert pieces.cut(255 - line((10, 49), (100, 189))) == [(10, 49), (100, 189)]
