"""Numbers beside a script that the engine does not know, read by themselves.

A line of Arabic with an order's number in it comes out with digits missing, at a score that passes for read. Cut at its
gaps, the number alone is read whole. What the engine knows is left as it was read. For the reading process: no import
of the product, numpy only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

SURE, CERTAIN = 0.75, 0.95
"""From which score on a piece counts as read, and a number as right."""
MOST_LINES = 60
"""Of one picture that are read once more."""
MOST_PIECES = 24
_GAP = 0.2
"""Of the line's height: between words there is more, between some digits as well, which are then put together again."""
_CONTRAST = 40
_NUMBER = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9.,:/+_#-]*")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Piece = tuple[int, int]
Read = Callable[[Sequence[Any]], Sequence[tuple[str, float]]]
"""Reads crops: text and score of each."""


def doubtful(text: str, score: float) -> bool:
    """Whether a line may hold a number that was not read whole."""
    return score < CERTAIN + 0.03 and not (_DENSE.search(text) and score >= SURE)


def reread(crop: Any, read: Read) -> tuple[str, float] | None:
    """The numbers of a line and the least sure of their scores, from left to right; None where cutting it shows nothing
    that is better: no number, or no part that cannot be read."""
    found = cut(crop)
    if not 1 < len(found) <= MOST_PIECES:
        return None
    told = read([_part(crop, one) for one in found])
    readable = [score >= SURE and _NUMBER.fullmatch(text.strip()) is not None for text, score in told]
    known = [score >= SURE and any(letter.isalnum() for letter in text) for text, score in told]
    if all(known):
        return None
    runs = _runs(found, readable)
    again = read([_part(crop, one) for one in runs]) if runs else []
    sure = [(text.strip(), score) for text, score in again
            if score >= CERTAIN and any(letter.isdigit() for letter in text)]
    return ("  ".join(text for text, _score in sure), min(score for _text, score in sure)) if sure else None


def cut(crop: Any) -> list[Piece]:
    """From where to where something stands, between gaps in which nothing does."""
    import numpy

    grey = crop.mean(axis=2)
    inked = (abs(grey - numpy.median(grey)) > _CONTRAST).any(axis=0)
    places = numpy.flatnonzero(inked)
    if not len(places):
        return []
    least = max(2.0, crop.shape[0] * _GAP)
    breaks = numpy.flatnonzero(numpy.diff(places) > least)
    starts, ends = [0, *(breaks + 1)], [*breaks, len(places) - 1]
    return [(int(places[start]), int(places[end])) for start, end in zip(starts, ends, strict=True)]


def _runs(found: Sequence[Piece], readable: Sequence[bool]) -> list[Piece]:
    """Neighbours that can be read are one: a number may have been cut."""
    runs: list[Piece] = []
    before = False
    for one, able in zip(found, readable, strict=True):
        if able and before:
            runs[-1] = runs[-1][0], one[1]
        elif able:
            runs.append(one)
        before = able
    return runs


def _part(crop: Any, piece: Piece) -> Any:
    import numpy

    return numpy.ascontiguousarray(crop[:, max(0, piece[0] - 4):piece[1] + 5])
