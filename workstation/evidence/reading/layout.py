"""Boxes of words as rows of text, as they stand in the picture: what is beside each other is one row. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from workstation.domain.clues import find_order_clues, find_tracking_clues
from workstation.evidence.reading.model import FoundNumber, Line

MOST_TEXT = 100_000
MOST_NUMBERS = 40
_GREEK = range(0x370, 0x400)


def rows(lines: Sequence[Line]) -> str:
    """The text of all lines that were read."""
    found: list[list[Line]] = []
    for line in sorted((each for each in lines if each.text), key=lambda each: (each.rect.y, each.rect.x)):
        home = next((row for row in reversed(found[-8:]) if _beside(row, line)), None)
        if home is None:
            found.append([line])
        else:
            home.append(line)
    return "\n".join(_joined(row) for row in found)[:MOST_TEXT]


def unread(lines: Sequence[Line]) -> int:
    """How many lines were seen and not read. What is hardly longer than high is a sign or a picture."""
    return sum(1 for line in lines if not line.text and line.rect.width > 2 * line.rect.height)


def doubtful(text: str) -> bool:
    """Whether this is one of the scripts that the engine knows only as signs: Greek words come out with holes."""
    letters = [letter for letter in text if letter.isalpha()]
    greek = sum(1 for letter in letters if ord(letter) in _GREEK)
    return greek > 1 and greek * 3 > len(letters)


def numbers(text: str) -> tuple[FoundNumber, ...]:
    """Orders' and parcels' numbers, by the rules that find them in a buyer's words."""
    found = [FoundNumber(clue.kind, clue.value, clue.platform)
             for clue in (*find_order_clues(text), *find_tracking_clues(text))]
    return tuple(found[:MOST_NUMBERS])


def _beside(row: Sequence[Line], line: Line) -> bool:
    """Whether a line is at the height of a row and covers none of it."""
    last = row[-1].rect
    shared = min(last.y + last.height, line.rect.y + line.rect.height) - max(last.y, line.rect.y)
    if shared * 2 < min(last.height, line.rect.height):
        return False
    return all(line.rect.x >= each.rect.x + each.rect.width - _slack(each)
               or line.rect.x + line.rect.width - _slack(line) <= each.rect.x for each in row)


def _slack(line: Line) -> int:
    """Boxes reach a little beyond their words."""
    return line.rect.height // 2


def _joined(row: Sequence[Line]) -> str:
    return "  ".join(line.text for line in sorted(row, key=lambda each: each.rect.x))
