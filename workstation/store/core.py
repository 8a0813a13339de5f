"""The tables as Core speaks of them, for the repos.

They are declared in the features' `tables.py`. A SQLModel class takes five milliseconds to make, which for all of them
is a third of a start, and statements need nothing of it but names, types and defaults. Those are in `columns.json`,
which `.ci/columns.py` writes from the classes and a test compares with them.
"""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

_TYPES = {"string": String, "integer": Integer, "bytes": LargeBinary, "boolean": Boolean, "text": Text}
_MADE = MetaData()
_MAKING = threading.Lock()
_Shape = tuple[str, str, str, object, str | None]


def table(name: str) -> Table:
    """The Core table of this name: its columns with their types, the values that an insert fills in, and what they
    refer to, by which tables are joined. It knows nothing of indexes. Raises KeyError for a name that no class
    declares."""
    with _MAKING:
        return _made(name)


def _made(name: str) -> Table:
    """With the tables it refers to: a join looks for both."""
    known = _MADE.tables.get(name)
    if known is not None:
        return known
    made = Table(name, _MADE, *(_column(*each) for each in _shapes()[name]))
    for *_rest, refers in _shapes()[name]:
        if refers is not None:
            _made(refers.partition(".")[0])
    return made


def _column(name: str, kind: str, flags: str, default: object, refers: str | None) -> Column[object]:
    filled: dict[str, Any] = {} if default is None else {"default": default}
    reference = () if refers is None else (ForeignKey(refers),)
    return Column(name, _TYPES[kind](), *reference, primary_key="key" in flags, nullable="null" in flags, **filled)


@cache
def _shapes() -> dict[str, list[_Shape]]:
    shapes: dict[str, list[_Shape]] = json.loads(
        Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))
    return shapes
