"""Time as the product keeps it: integer milliseconds since 1970 in UTC, and a clock that tests can set."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Tells the time. Milliseconds since the epoch, UTC."""

    def now(self) -> int: ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock that stands still until told to move, for tests and for `--at`."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def advance(self, milliseconds: int) -> None:
        self._now += milliseconds


def to_datetime(ms: int) -> datetime:
    """Milliseconds since the epoch as an aware UTC datetime."""
    return datetime.fromtimestamp(ms / 1_000, tz=UTC)


def from_datetime(moment: datetime) -> int:
    """An aware datetime as milliseconds since the epoch. Naive values are refused (ValueError)."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is not a point in time")
    return round(moment.timestamp() * 1_000)


def iso(ms: int) -> str:
    """RFC 3339 text in UTC with milliseconds, as used in JSON answers and sealed records."""
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
