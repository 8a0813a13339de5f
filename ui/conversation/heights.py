"""Where rows stand that were never drawn: heights that are known, heights that are guessed, and the room of messages
that were not even read. Pure arithmetic in pixels."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate

from ui.conversation.rows import Row

USUAL = 96
"""Pixels a message is taken to need, with the gap below it, before any was drawn."""
GAP = 8
_LINE_HEIGHT = 18
_BUBBLE = 52
_QUIET = 24
_LETTER = 6.6


def guess(row: Row, width: int) -> int:
    """About how high a row will be: by its letters, so that the scroll bar lies little."""
    if row.entry is None:
        return _QUIET
    message = row.entry.message
    text = message.translation.text if message.translation else message.text
    letters = max(20, int((min(width, 720) - 60) / _LETTER))
    short = text[:2_400]
    lines = min(sum(1 + len(line) // letters for line in short.split("\n")), 40)
    extra = 26 * bool(message.quoted) + 26 * min(len(message.attachments), 20) + 22 * len(message.problems)
    return _BUBBLE + _LINE_HEIGHT * lines + extra


class Heights:
    """The column of rows with the room above it (`before`) and below it (`after`)."""

    def __init__(self, guessed: Callable[[Row, int], int] = guess) -> None:
        self._guessed = guessed
        self._known: dict[Hashable, int] = {}
        self._guesses: dict[Hashable, int] = {}
        self._width = 0
        self.rows: Sequence[Row] = ()
        self.before = self.after = 0
        self._tops: list[int] = [0]
        self._places: Mapping[Hashable, int] = {}

    def show(self, rows: Sequence[Row], earlier: int, later: int, width: int) -> None:
        """These rows stand there now, between so many messages that are not loaded."""
        if width != self._width:
            self._known.clear()
            self._guesses.clear()
            self._width = width
        self.rows = rows
        self._places = {row.key: place for place, row in enumerate(rows)}
        self._known = {key: height for key, height in self._known.items() if key in self._places}
        self._guesses = {key: height for key, height in self._guesses.items() if key in self._places}
        self.before, self.after = earlier * USUAL, later * USUAL
        self._sum()

    def learn(self, key: Hashable, height: int) -> bool:
        """A row was drawn: True when it is another height than it had here until now."""
        place = self._places.get(key)
        if place is None or self.height(place) == height:
            if place is not None:
                self._known[key] = height
            return False
        self._known[key] = height
        self._sum()
        return True

    def height(self, place: int) -> int:
        return self._tops[place + 1] - self._tops[place] - GAP

    def top(self, place: int) -> int:
        """Where a row begins, from the top of everything."""
        return self._tops[place]

    def place(self, key: Hashable) -> int | None:
        return self._places.get(key)

    def at(self, y: int) -> int:
        """The row that stands at `y`, the first or the last one beyond them."""
        return max(0, min(len(self.rows) - 1, bisect_right(self._tops, y) - 1))

    @property
    def end(self) -> int:
        """Where the last row ends."""
        return self._tops[-1]

    @property
    def total(self) -> int:
        return self.end + self.after

    def _sum(self) -> None:
        heights = (self._known.get(row.key) or self._guess(row) for row in self.rows)
        self._tops = list(accumulate((height + GAP for height in heights), initial=self.before + GAP))

    def _guess(self, row: Row) -> int:
        if row.key not in self._guesses:
            self._guesses[row.key] = self._guessed(row, self._width)
        return self._guesses[row.key]
