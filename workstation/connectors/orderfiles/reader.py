"""Reads order files: tells the format by its header, groups rows into orders, and goes on after a bad one.

Two passes over the file, both streamed: the first finds orders whose rows are not side by side, the second yields each
order as soon as its rows are complete and those few at the end. Only their rows are ever held together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal

from workstation.connectors.orderfiles import amazon, generic, shopify
from workstation.connectors.orderfiles.cells import Row, RowProblem
from workstation.connectors.orderfiles.formats import Format
from workstation.connectors.orderfiles.text import encoding, lines
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.orders.model import Answer, BadRow

FORMATS: tuple[Format, ...] = (amazon.FORMAT, shopify.FORMAT, generic.FORMAT)
_DELIMITERS = {"\t": "TAB", ",": ",", ";": ";", "|": "|"}
MOST_ROWS_AN_ORDER = 500


@dataclass(slots=True)
class _Group:
    """Rows of one order with the lines they came from; `problem` once one of them was bad."""

    identity: str
    rows: list[Row] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    problem: BadRow | None = None


class OrderFiles:
    """Fulfils `orders.ports.OrderFile`."""

    def read(self, path: Path, fetched_at: int) -> Iterator[Answer | BadRow]:
        """Answers and bad rows in file order; the raw answer of an order is the header and its own lines.

        Raises InputError at the first step when the file is none of the formats.
        """
        codec = encoding(path)
        form = _recognise(path, codec)
        source = f"{form.name} {path.name}"
        split = _split_orders(path, codec, form)
        late: dict[str, _Group] = {}
        header, groups = _groups(path, codec, form)
        for group in groups:
            if isinstance(group, BadRow):
                yield group
            elif group.identity in split:
                _extend(late.setdefault(group.identity, _Group(group.identity)), group)
            else:
                yield _answer(form, group, header, source, fetched_at)
        for group in late.values():
            yield _answer(form, group, header, source, fetched_at)


class _Lines:
    """Hands lines to `csv` and remembers those taken since the last row."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._taken.append(line)
        return line

    def take(self) -> str:
        taken, self._taken = "".join(self._taken), []
        return taken


def _recognise(path: Path, codec: str) -> Format:
    """The format whose columns the header has. Raises InputError, naming a wrong delimiter when that is the cause."""
    first = next(lines(path, codec), "")
    for delimiter in _DELIMITERS:
        header = {name.strip().casefold() for name in _first_row(csv.reader([first], delimiter=delimiter), path)}
        form = next((each for each in FORMATS if each.fits(header)), None)
        if form is not None and (form.delimiter == delimiter or len(header) == 1):
            return form
        if form is not None:
            raise _wrong_delimiter(path, form, delimiter)
    raise _unknown(path)


def _unknown(path: Path) -> InputError:
    return InputError(
        _("{file} is not an order file we know: its first line has none of the known columns. Nothing was imported.")
        .format(file=path.name),
        _("Use Amazon's order report, Shopify's orders export, or the columns of docs/order-files.md."),
    )


def _wrong_delimiter(path: Path, form: Format, found: str) -> InputError:
    return InputError(
        _("{file} is separated by {found} where {expected} is expected; nothing was imported.").format(
            file=path.name, found=_DELIMITERS[found], expected=_DELIMITERS[form.delimiter]),
        _("Download the export again and import it without saving it from a spreadsheet."),
    )


def _rows(path: Path, codec: str, form: Format) -> Iterator[tuple[Row | BadRow, str]]:
    """The header as a row of empty cells first, then every row, each with its raw text."""
    source = _Lines(lines(path, codec))
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.quoted else csv.QUOTE_NONE
    reader = csv.reader(source, delimiter=form.delimiter, quoting=quoting, strict=True)
    names = [name.strip().casefold() for name in _first_row(reader, path)]
    yield Row(1, dict.fromkeys(names, "")), source.take()
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield BadRow(_where(reader.line_num), _("its quotes or its length are broken")), source.take()
            continue
        if cells is None:
            return
        raw = source.take()
        if len(cells) == len(names):
            yield Row(reader.line_num, dict(zip(names, cells, strict=True))), raw
        elif any(cell.strip() for cell in cells):
            yield BadRow(_where(reader.line_num), _uneven(len(cells), len(names))), raw


def _first_row(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        return next(reader, [])
    except csv.Error as problem:
        raise _unknown(path) from problem


def _groups(path: Path, codec: str, form: Format) -> tuple[str, Iterator[_Group | BadRow]]:
    rows = _rows(path, codec, form)
    _head, header = next(rows)
    return header, _grouped(rows, form)


def _grouped(rows: Iterator[tuple[Row | BadRow, str]], form: Format) -> Iterator[_Group | BadRow]:
    """Neighbouring rows of one order as a group. A row too broken to read spoils the order it names beside it."""
    current: _Group | None = None
    broken = ""
    for row, raw in rows:
        single = _single(row, raw, form)
        if isinstance(single, BadRow):
            broken = raw
            _spoil(current, broken)
            yield from (current, single) if current else (single,)
            current = None
            continue
        if current is not None and current.identity == single.identity:
            _extend(current, single)
            continue
        if current is not None:
            yield current
        current = single
        _spoil(current, broken)
        broken = ""
    if current is not None:
        yield current


def _single(row: Row | BadRow, raw: str, form: Format) -> _Group | BadRow:
    if isinstance(row, BadRow):
        return row
    try:
        return _Group(form.identity(row), [row], [raw])
    except RowProblem as problem:
        return BadRow(_where(row.line), str(problem))


def _spoil(group: _Group | None, broken: str) -> None:
    """Mark an order that lost a row to `broken`: what is left of it would be half an order."""
    number = group.identity.rpartition("/")[2] if group else ""
    if group is not None and number in broken and group.problem is None:
        why = _("order {number} was left out because one of its rows is broken").format(number=number)
        group.problem = BadRow(_where(group.rows[0].line), why)


def _extend(group: _Group, more: _Group) -> None:
    if len(group.rows) + len(more.rows) > MOST_ROWS_AN_ORDER:
        why = _("an order of more than {n} rows").format(n=MOST_ROWS_AN_ORDER)
        group.problem = BadRow(_where(more.rows[0].line), why)
    group.problem = group.problem or more.problem
    if group.problem is not None:
        return
    group.rows += more.rows
    group.raw += more.raw


def _split_orders(path: Path, codec: str, form: Format) -> frozenset[str]:
    """Orders whose rows are not all side by side."""
    _header, groups = _groups(path, codec, form)
    seen: set[str] = set()
    split: set[str] = set()
    for group in groups:
        if isinstance(group, _Group):
            (split if group.identity in seen else seen).add(group.identity)
    return frozenset(split)


def _answer(form: Format, group: _Group, header: str, source: str, fetched_at: int) -> Answer | BadRow:
    """An order with one bad row is left out whole: half an order would give a wrong total."""
    if group.problem is not None:
        return group.problem
    try:
        order = form.build(group.rows, source, fetched_at)
    except RowProblem as problem:
        return BadRow(_where(_bad_line(form, group.rows, source)), str(problem))
    kind = "text/csv" if form.delimiter == "," else "text/tab-separated-values"
    raw = "".join(chain((header,), group.raw)).encode()
    return Answer(source, fetched_at, raw, f"{kind}; charset=utf-8", order=order)


def _bad_line(form: Format, rows: Sequence[Row], source: str) -> int:
    """The first row that cannot stand alone, or the order's first row when only their sum is at fault."""
    for row in rows:
        try:
            form.build([row], source, 0)
        except RowProblem:
            return row.line
    return rows[0].line


def _where(line: int) -> str:
    return _("line {n}").format(n=line)


def _uneven(found: int, expected: int) -> str:
    return _("{found} columns where the header has {expected}").format(found=found, expected=expected)
