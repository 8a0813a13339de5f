"""The full-text index: contentless FTS5 beside the messages, written in the transaction that writes what it covers.

    words     text as the index takes it (pure)
    shelves   which index answers, and which one is being filled beside it
    places    the rowid of a message in the index: its place in time order
    content   what the index holds of a message, read from the tables
    writing   index, refresh and forget messages
    upkeep    merging, checking, filling anew, swapping

A message's row in the index has the subject, both languages of the text, the sender, the other people, its files'
names, the numbers of linked orders and parcels, and what was read from pictures (`put_extra`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from workstation.store.search.words import expression, pairs, prepare

if TYPE_CHECKING:
    from workstation.store.search.content import people
    from workstation.store.search.places import time_of
    from workstation.store.search.shelves import CREATE, INDEX, create
    from workstation.store.search.upkeep import merge_step, optimize
    from workstation.store.search.writing import (
        Entry,
        add,
        forget,
        index,
        put_extra,
        refresh,
        refresh_conversations,
    )

__all__ = [
    "CREATE", "INDEX", "Entry", "add", "create", "expression", "forget", "index", "merge_step", "optimize", "pairs",
    "people", "prepare", "put_extra", "refresh", "refresh_conversations", "time_of",
]

_FOUND_IN = {
    "people": "content", "time_of": "places", "CREATE": "shelves", "INDEX": "shelves", "create": "shelves",
    "merge_step": "upkeep", "optimize": "upkeep", "Entry": "writing", "add": "writing", "forget": "writing",
    "index": "writing", "put_extra": "writing", "refresh": "writing", "refresh_conversations": "writing",
}


def __getattr__(name: str) -> object:
    """What touches the database is imported when it is asked for: the processes that read mail need the words alone,
    and SQLAlchemy would double the time they take to start."""
    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    globals()[name] = found
    return found
