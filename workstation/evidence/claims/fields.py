"""What programs answer and export, as people read it: fields with their values, and lists as tables. Pure.

Nothing is left out, renamed or reckoned: every name and value is the file's own, escaped. What is too deep or too long
for it stays as it came.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import escape

MOST_DEEP = 10
MOST_COLUMNS = 7
"""Columns that a sheet of paper has room for; a row with more is written one field below the other."""
MOST_ROWS = 2_000
MOST_TALL = 20
"""Rows of many columns that are written one below the other."""
_TABLE = '<table border="1" cellspacing="0" cellpadding="3" width="100%" style="font-size:9pt">'


_SET_IN = '<blockquote style="margin-left:12px">'
_NUMBER = re.compile(r"#?[A-Za-z0-9]+(?:[-./:#+_][A-Za-z0-9]+)*")


class Unreadable(Exception):
    """It is better left as it came."""


def held(text: str) -> str:
    """Beside Arabic and Hebrew, numbers are held together: drawn by the rules alone, 702-55 would read 55-702."""
    if all(unicodedata.bidirectional(letter) not in ("R", "AL") for letter in text):
        return text
    return _NUMBER.sub("\u2066\\g<0>\u2069", text)


def answer(found: object) -> str:
    """JSON as fields. Raises Unreadable."""
    return "".join(_value(found, 0))


def sheet(text: str, delimiter: str) -> str:
    """Rows of a table, the first of which names the columns. Raises Unreadable."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as problem:
        raise Unreadable from problem
    head, *rest = rows or [[]]
    if len(head) < 2 or not rest or len(rest) > MOST_ROWS or any(len(row) > len(head) for row in rest):
        raise Unreadable
    rest = [[*row, *[""] * (len(head) - len(row))] for row in rest]
    if len(head) <= MOST_COLUMNS:
        return _table(head, rest)
    if len(rest) > MOST_TALL:
        raise Unreadable
    return "".join(_pairs(zip(head, row, strict=True)) for row in rest)


def _value(found: object, depth: int) -> Iterator[str]:
    if depth > MOST_DEEP:
        raise Unreadable
    if isinstance(found, Mapping):
        yield from _fields(found, depth)
    elif isinstance(found, list):
        yield from _list(found, depth)
    else:
        yield f"<p>{_plain(found)}</p>"


def _fields(found: Mapping[object, object], depth: int) -> Iterator[str]:
    plain: list[tuple[str, object]] = []
    for name, value in found.items():
        if _small(value):
            plain.append((str(name), value))
            continue
        if plain:
            yield _pairs(plain)
            plain = []
        yield f"<p><b>{escape(str(name))}</b></p>{_SET_IN}"
        yield from _value(value, depth + 1)
        yield "</blockquote>"
    if plain:
        yield _pairs(plain)


def _list(found: Sequence[object], depth: int) -> Iterator[str]:
    rows = [one for one in found if isinstance(one, Mapping)]
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    flat = len(rows) == len(found) and all(_small(value) for row in rows for value in row.values())
    if flat and 1 < len(rows) <= MOST_ROWS and len(names) <= MOST_COLUMNS:
        table = _table(names, [[row.get(name, "") for name in names] for row in rows])
        yield f"{'</blockquote>' * depth}{table}{_SET_IN * depth}"     # it needs the sheet's whole width
        return
    for number, one in enumerate(found, 1):
        if len(found) > 1:
            yield f"<p><b>{number}</b></p>"
        yield _SET_IN
        yield from _value(one, depth + 1)
        yield "</blockquote>"


def _small(value: object) -> bool:
    """Whether it stands in one line: a value, or a list of a few of them."""
    if isinstance(value, list):
        return len(value) <= MOST_COLUMNS and not any(isinstance(one, Mapping | list) for one in value)
    return not isinstance(value, Mapping)


def _pairs(pairs: Iterator[tuple[str, object]] | Sequence[tuple[str, object]]) -> str:
    return "".join(f"<p><b>{escape(str(name))}</b>: {_plain(value)}</p>" for name, value in pairs)


def _table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f'<th align="left">{escape(name)}</th>' for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_plain(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f"{_TABLE}<tr>{head}</tr>{body}</table>"


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "–"
    if value is None or value == "":
        return "–"
    return escape(held({True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)))
