"""What was done to a copy, as its statement says it and as values: one line of text for each operation.

The lines are signed and stay for ever, so they name places and sizes and never what was there: the words of an
annotation are a personal value beside the record, and are kept nowhere when something was redacted after them.
docs/evidence-format.md, "Copies", has the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workstation.evidence.model import Arrow, Box, Crop, Mark, Number, Operation, Rect, Redact, Words
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MOST = 200
"""Operations of one copy."""
LONGEST_WORDS = 500
WITHHELD = "-"
"""Stands where an annotation's words are kept nowhere."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_LINE = re.compile(
    r"orient [2-8]|(crop|redact) \d+,\d+,\d+,\d+|arrow \d+,\d+,\d+,\d+ #[0-9a-f]{6} \d+"
    r"|box \d+,\d+,\d+,\d+ #[0-9a-f]{6} \d+|text \d+,\d+ #[0-9a-f]{6} \d+ (-|annotation_\d+)"
    r"|number \d+,\d+ #[0-9a-f]{6} \d+ \d+"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Operations as the statement says them, and the words that lie beside it by the names the lines use."""

    lines: tuple[str, ...]
    words: dict[str, str]


def checked(operations: Sequence[Operation], width: int, height: int) -> tuple[Operation, ...]:
    """The operations when all of them lie in a picture of this size. Raises InputError: nothing is done by halves."""
    if not operations:
        raise InputError(_("Nothing would be changed, so there is no copy to keep."), _("Mark or redact something."))
    if len(operations) > MOST or sum(isinstance(one, Crop) for one in operations) > 1:
        raise InputError(_("These are too many changes for one copy."), _("Keep this one, and change the copy."))
    for one in operations:
        if not all(_inside(rect, width, height) for rect in _places(one)) or not _plausible(one):
            raise InputError(
                _("A change does not lie in the picture of {width}×{height} pixels; nothing was kept.").format(
                    width=width, height=height),
                _("Give X,Y,WIDTH,HEIGHT in pixels of the picture as it is shown."),
            )
    return tuple(operations)


def _inside(rect: Rect, width: int, height: int) -> bool:
    across = 0 <= rect.x < rect.x + rect.width <= width
    return across and 0 <= rect.y < rect.y + rect.height <= height


def _places(operation: Operation) -> Iterator[Rect]:
    if isinstance(operation, Arrow):
        yield Rect(operation.x1, operation.y1, 1, 1)
        yield Rect(operation.x2, operation.y2, 1, 1)
    elif isinstance(operation, Words | Number):
        yield Rect(operation.x, operation.y, 1, 1)
    else:
        yield operation.rect


def _plausible(operation: Operation) -> bool:
    if isinstance(operation, Redact | Crop):
        return True
    if not _COLOUR.fullmatch(operation.colour):
        return False
    if isinstance(operation, Words):
        return 4 <= operation.size <= 2_000 and 0 < len(operation.text) <= LONGEST_WORDS
    if isinstance(operation, Number):
        return 8 <= operation.size <= 2_000 and 0 <= operation.number <= 9_999
    return 1 <= operation.width <= 200


def marks(operations: Sequence[Operation]) -> tuple[Mark, ...]:
    return tuple(one for one in operations if isinstance(one, Arrow | Box | Words | Number))


def redactions(operations: Sequence[Operation]) -> tuple[Rect, ...]:
    return tuple(one.rect for one in operations if isinstance(one, Redact))


def told(operations: Sequence[Operation], orientation: int = 1) -> Told:
    """The lines of a statement. `orientation`: the EXIF value that was applied first, 1 when there was nothing to turn.

    Words that a later redaction may cover are withheld: where they end depends on the font that drew them.
    """
    last = max((at for at, one in enumerate(operations) if isinstance(one, Redact)), default=-1)
    words: dict[str, str] = {}
    lines = [f"orient {orientation}"] if orientation != 1 else []
    for at, one in enumerate(operations):
        name = WITHHELD
        if isinstance(one, Words) and at > last:
            name = f"annotation_{len(words) + 1}"
            words[name] = one.text
        lines.append(_line(one, name))
    return Told(tuple(lines), words)


def _line(operation: Operation, name: str) -> str:
    if isinstance(operation, Arrow):
        ends = f"{operation.x1},{operation.y1},{operation.x2},{operation.y2}"
        return f"arrow {ends} {operation.colour} {operation.width}"
    if isinstance(operation, Box):
        return f"box {_rect(operation.rect)} {operation.colour} {operation.width}"
    if isinstance(operation, Words):
        return f"text {operation.x},{operation.y} {operation.colour} {operation.size} {name}"
    if isinstance(operation, Number):
        return f"number {operation.x},{operation.y} {operation.colour} {operation.size} {operation.number}"
    return f"{'redact' if isinstance(operation, Redact) else 'crop'} {_rect(operation.rect)}"


def _rect(rect: Rect) -> str:
    return f"{rect.x},{rect.y},{rect.width},{rect.height}"


def known(line: str) -> bool:
    """Whether a line of a statement is one of those above; it may come from anyone."""
    return len(line) <= 200 and bool(_LINE.fullmatch(line))


def without_marks(lines: Sequence[str]) -> tuple[Operation, ...] | None:
    """The operations of a statement's lines, or None when something was drawn, which no other program draws alike."""
    found: list[Operation] = []
    for line in lines:
        verb, _blank, rest = line.partition(" ")
        if not known(line) or verb not in ("orient", "redact", "crop"):
            return None
        if verb != "orient":
            rect = Rect(*(int(part) for part in rest.split(",")))
            found.append(Redact(rect) if verb == "redact" else Crop(rect))
    return tuple(found) or None


def size_after(lines: Sequence[str], width: int, height: int) -> tuple[int, int]:
    """The size that a copy must have, by the lines of its statement, of an original of this size."""
    for line in lines:
        verb, _blank, rest = line.partition(" ")
        if verb == "orient" and int(rest) >= 5:
            width, height = height, width
        elif verb == "crop":
            _x, _y, width, height = (int(part) for part in rest.split(","))
    return width, height
