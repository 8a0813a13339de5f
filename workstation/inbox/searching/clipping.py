"""A limit of time for what a reader asks the index.

SQLite's progress handler is not called inside a full-text query, which may take seconds for one step; `interrupt` is
heard there. It is called from the core thread's timer, and only while the guarded part of the search holds the
connection: a connection goes back to its pool never interrupted.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2 as sqlcipher

SECONDS = 0.15
"""Of 200 ms that a search may take: the step in which a query is cut off is still brought to its end, and what was
found is still marked."""


class Holder(Protocol):
    """Who has a driver's connection."""

    @property
    def driver(self) -> Any: ...


class Clipper:
    """The limit of one search. `clipped` says afterwards that it was reached."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.clipped = False
        self._lock = threading.Lock()
        self._driver: Any = None
        self._began = 0.0
        self._over = False

    @contextmanager
    def guard(self, holder: Holder) -> Iterator[None]:
        """Inside, the connection may be interrupted; then what is inside ends there, and `clipped` is True."""
        with self._lock:
            self._driver, self._began = holder.driver, time.monotonic()
        try:
            yield
        except (sqlcipher.OperationalError, DBAPIError) as problem:
            if "interrupted" not in str(problem).lower():
                raise
            self.clipped = True
        finally:
            with self._lock:
                self._driver = None

    def arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch until `finish`. A search that waits for a reader gets its time when it begins."""
        if not self._over:
            loop.call_later(self.seconds, self._cut, loop)

    def finish(self) -> None:
        self._over = True

    def cut(self) -> None:
        """End what is guarded now, if anything is."""
        with self._lock:
            if self._driver is not None:
                self._driver.interrupt()

    def _cut(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._over:
            return
        with self._lock:
            if self._driver is not None and time.monotonic() - self._began >= self.seconds:
                self._driver.interrupt()
        # Not begun yet, or between two questions where an interrupt is not heard: once more a little later.
        loop.call_later(self.seconds / 5, self._cut, loop)
