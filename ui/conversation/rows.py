"""What stands in a timeline, from above: days, the mark of what is new, messages, and quiet lines, folded when they are
many. Pure: from messages and lines to rows, without a widget."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from ui.conversation.presenter import Entry
from ui.conversation.words import local_day
from workstation.domain.conversation import Direction
from workstation.inbox.model import SystemLine

MOST_UNFOLDED = 3
"""Quiet lines in a row that are shown without being asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `kind`: "message", "line", "fold" (of `lines`, open when `opened`), "day" or "unread"."""

    key: Hashable
    kind: str
    at: int
    entry: Entry | None = None
    lines: tuple[SystemLine, ...] = ()
    opened: bool = False

    @property
    def ours(self) -> bool:
        return self.entry is not None and self.entry.message.direction is not Direction.IN


def arrange(
    entries: Sequence[Entry], lines: Sequence[SystemLine], unread: str = "", opened: Collection[Hashable] = ()
) -> list[Row]:
    """The rows in time order. `unread`: the message that the mark of what is new stands above; `opened`: keys of
    folds that the person opened."""
    rows: list[Row] = []
    day: date | None = None
    for places in _grouped(_merged(entries, lines)):
        if (on := local_day(places[0].at)) != day:
            day = on
            rows.append(Row(("day", on), "day", places[0].at))
        if unread and places[0].key == ("message", unread):
            rows.append(Row(("unread", unread), "unread", places[0].at))
        rows += places if len(places) <= MOST_UNFOLDED else _fold(places, opened)
    return rows


def _merged(entries: Sequence[Entry], lines: Sequence[SystemLine]) -> list[Row]:
    """Messages and lines by time; of one moment the message comes first."""
    rows = [Row(("message", entry.message.id), "message", entry.message.at, entry) for entry in entries]
    rows += [Row(("line", line.at, line.kind, line.ref, line.text), "line", line.at, lines=(line,)) for line in lines]
    return sorted({row.key: row for row in rows}.values(), key=lambda row: (row.at, row.kind == "line"))


def _grouped(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Each message by itself; the quiet lines of one day that stand together, together."""
    for _group, found in groupby(enumerate(rows), _group_of):
        yield [row for _place, row in found]


def _group_of(placed: tuple[int, Row]) -> Hashable:
    place, row = placed
    return place if row.kind == "message" else ("lines", local_day(row.at))


def _fold(rows: Sequence[Row], opened: Collection[Hashable]) -> list[Row]:
    """By the last of them: what comes later and joins the run, of whatever page, does not open or close it."""
    key = ("fold", rows[0].key)
    lines = tuple(line for row in rows for line in row.lines)
    fold = Row(key, "fold", rows[0].at, lines=lines, opened=key in opened)
    return [fold, *rows] if fold.opened else [fold]

