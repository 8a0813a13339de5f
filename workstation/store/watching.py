"""A statement of minutes, watched and stopped: SQLite calls back while it works (sqlite3_progress_handler)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_STEPS = 20_000
"""Instructions of SQLite's machine between two looks: some milliseconds."""


@contextmanager
def watched(connection: Any, look: Callable[[], None]) -> Iterator[None]:
    """While inside, `look` is called again and again; what it raises stops the statement and comes out here."""
    raised: list[BaseException] = []

    def handler() -> int:
        try:
            look()
        except BaseException as problem:  # noqa: BLE001 - it must not pass through SQLite, and comes out below
            raised.append(problem)
            return 1
        return 0

    connection.set_progress_handler(handler, _STEPS)
    try:
        yield
    except Exception:
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
