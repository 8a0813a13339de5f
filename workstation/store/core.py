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

from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text

_TYPES = {"string": String, "integer": Integer, "bytes": LargeBinary, "boolean": Boolean, "text": Text}
_MADE = MetaData()
_MAKING = threading.Lock()


def table(name: str) -> Table:
    """The Core table of this name: its columns with their types and the values that an insert fills in. It knows
    nothing of indexes and references, which are the schema's. Raises KeyError for a name that no class declares."""
    with _MAKING:
        made = _MADE.tables.get(name)
        return Table(name, _MADE, *(_column(*each) for each in _shapes()[name])) if made is None else made


def _column(name: str, kind: str, flags: str, default: object) -> Column[object]:
    filled: dict[str, Any] = {} if default is None else {"default": default}
    return Column(name, _TYPES[kind](), primary_key="key" in flags, nullable="null" in flags, **filled)


@cache
def _shapes() -> dict[str, list[tuple[str, str, str, object]]]:
    shapes: dict[str, list[tuple[str, str, str, object]]] = json.loads(
        Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))
    return shapes
