"""Keyset paging: a page knows the key of its last row, never an offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in order; `cursor` continues after the last one, None when there are no more."""

    rows: tuple[T, ...]
    cursor: str | None = None
    note: str = ""                     # what the person should know of this page: a search that was cut off
