"""What is being done to a picture before it is kept: placed changes, the one that is still in hand, undo and redo.

Pure: no widget, and nothing is stored until it is sealed. Whatever the keys do, a change never leaves the picture.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from workstation.evidence.model import Arrow, Box, Crop, Number, Operation, Rect, Redact, Words

LONGEST_WORDS = 500


class Tool(StrEnum):
    ARROW = "arrow"
    BOX = "box"
    WORDS = "words"
    NUMBER = "number"
    REDACT = "redact"
    CROP = "crop"


class Sketch:
    """Changes to a picture of `width` × `height` pixels, in the order they were made."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.done: tuple[Operation, ...] = ()
        self.draft: Operation | None = None
        self._past: list[tuple[Operation, ...]] = []
        self._future: list[tuple[Operation, ...]] = []
        self._picked: int | None = None
        """Where in `done` the one in hand was taken from; None for a new one."""

    @property
    def shown(self) -> tuple[Operation, ...]:
        """What is placed, without the one that was taken in hand again."""
        return self.done if self._picked is None else self._without(self._picked)

    @property
    def changed(self) -> bool:
        return bool(self.done) or self.draft is not None

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def begin(self, tool: Tool, seen: Rect, words: str = "") -> None:
        """Take a new change in hand, in the middle of what is seen of the picture."""
        self.cancel()
        self.draft = self._new(tool, seen, words)

    def drag(self, tool: Tool, start: tuple[int, int], end: tuple[int, int], words: str = "") -> None:
        """Take a new change in hand that goes from one pixel to another."""
        self.cancel()
        one, other = self._inside(*start), self._inside(*end)
        unit = self._unit
        if tool is Tool.ARROW:
            self.draft = Arrow(*one, *other, width=unit)
        elif tool is Tool.WORDS:
            self.draft = Words(*other, words[:LONGEST_WORDS], size=unit * 6)
        elif tool is Tool.NUMBER:
            self.draft = Number(*other, self._next_number, size=max(8, unit * 9))
        else:
            (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
            self.draft = self._area(tool, Rect(left, top, right - left + 1, bottom - top + 1))

    def move(self, dx: int, dy: int) -> None:
        """Shift the one in hand, stopping at the edges."""
        one = self.draft
        if isinstance(one, Arrow):
            dx = _held(dx, -min(one.x1, one.x2), self.width - 1 - max(one.x1, one.x2))
            dy = _held(dy, -min(one.y1, one.y2), self.height - 1 - max(one.y1, one.y2))
            self.draft = replace(one, x1=one.x1 + dx, y1=one.y1 + dy, x2=one.x2 + dx, y2=one.y2 + dy)
        elif isinstance(one, Words | Number):
            x, y = self._inside(one.x + dx, one.y + dy)
            self.draft = replace(one, x=x, y=y)
        elif one is not None:
            rect = one.rect
            x = _held(rect.x + dx, 0, self.width - rect.width)
            y = _held(rect.y + dy, 0, self.height - rect.height)
            self.draft = replace(one, rect=replace(rect, x=x, y=y))

    def resize(self, dx: int, dy: int) -> None:
        """Shift the lower right corner of an area, the head of an arrow; letters and discs grow and shrink."""
        one = self.draft
        if isinstance(one, Arrow):
            x, y = self._inside(one.x2 + dx, one.y2 + dy)
            self.draft = replace(one, x2=x, y2=y)
        elif isinstance(one, Words | Number):
            self.draft = replace(one, size=_held(one.size + dx + dy, 8, 2_000))
        elif one is not None:
            rect = one.rect
            width = _held(rect.width + dx, 1, self.width - rect.x)
            height = _held(rect.height + dy, 1, self.height - rect.y)
            self.draft = replace(one, rect=replace(rect, width=width, height=height))

    def reword(self, text: str) -> None:
        """Other words for the one in hand."""
        if isinstance(self.draft, Words):
            self.draft = replace(self.draft, text=text[:LONGEST_WORDS])

    def place(self) -> bool:
        """Put down the one in hand. False: there is none, or its words are empty."""
        one = self.draft
        if one is None or (isinstance(one, Words) and not one.text.strip()):
            return False
        if self._picked is not None:
            self._become((*self.done[:self._picked], one, *self.done[self._picked + 1:]))
        else:
            kept = tuple(other for other in self.done if not isinstance(one, Crop) or not isinstance(other, Crop))
            self._become((*kept, one))
        return True

    def cancel(self) -> None:
        """Let go of the one in hand; one that was placed is back where it was."""
        self.draft, self._picked = None, None

    def remove(self) -> bool:
        """Take away the one in hand, or the last that was placed."""
        if self.draft is not None and self._picked is None:
            self.cancel()
            return True
        if self.done:
            self._become(self._without(len(self.done) - 1 if self._picked is None else self._picked))
            return True
        return False

    def pick(self, step: int) -> bool:
        """Take a placed one in hand again: the next, or with -1 the one before."""
        if not self.done:
            return False
        at = (-1 if step > 0 else 0) if self._picked is None else self._picked
        self._picked = (at + step) % len(self.done)
        self.draft = self.done[self._picked]
        return True

    def undo(self) -> bool:
        self.cancel()
        return self._turn(self._past, self._future)

    def redo(self) -> bool:
        self.cancel()
        return self._turn(self._future, self._past)

    def _turn(self, source: list[tuple[Operation, ...]], target: list[tuple[Operation, ...]]) -> bool:
        if source:
            target.append(self.done)
            self.done = source.pop()
            return True
        return False

    def _become(self, done: tuple[Operation, ...]) -> None:
        self._past.append(self.done)
        self._future.clear()
        self.done = done
        self.cancel()

    def _without(self, at: int) -> tuple[Operation, ...]:
        return (*self.done[:at], *self.done[at + 1:])

    def _new(self, tool: Tool, seen: Rect, words: str) -> Operation:
        wide, high = max(1, seen.width // 4), max(1, seen.height // 4)
        x, y = self._inside(seen.x + (seen.width - wide) // 2, seen.y + (seen.height - high) // 2)
        rect = Rect(x, y, min(wide, self.width - x), min(high, self.height - y))
        middle = self._inside(rect.x + rect.width // 2, rect.y + rect.height // 2)
        unit = self._unit
        if tool is Tool.ARROW:
            return Arrow(rect.x, rect.y + rect.height - 1, rect.x + rect.width - 1, rect.y, width=unit)
        if tool is Tool.WORDS:
            return Words(rect.x, middle[1], words[:LONGEST_WORDS], size=unit * 6)
        if tool is Tool.NUMBER:
            return Number(*middle, self._next_number, size=max(8, unit * 9))
        return self._area(tool, rect)

    def _area(self, tool: Tool, rect: Rect) -> Operation:
        if tool is Tool.BOX:
            return Box(rect, width=self._unit)
        return Redact(rect) if tool is Tool.REDACT else Crop(rect)

    @property
    def _unit(self) -> int:
        """How wide a line is: seen on a whole screen as on a cut of it."""
        return max(2, round(max(self.width, self.height) / 400))

    @property
    def _next_number(self) -> int:
        return max((one.number for one in self.done if isinstance(one, Number)), default=0) + 1

    def _inside(self, x: int, y: int) -> tuple[int, int]:
        return _held(x, 0, self.width - 1), _held(y, 0, self.height - 1)


def _held(value: int, least: int, most: int) -> int:
    return max(least, min(most, value))
