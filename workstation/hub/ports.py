"""Where the hub keeps things. SQLite and a folder fulfil these by default; PostgreSQL and S3 are further modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Rows(Protocol):
    """The database. Work runs on its threads; a write is one transaction and is on disk when it returns."""

    async def read(self, work: Callable[[Connection], T]) -> T: ...

    async def write(self, work: Callable[[Connection], T]) -> T: ...

    async def flush_log(self) -> None:
        """Let no old page hold what was erased."""

    def close(self) -> None: ...


class Objects(Protocol):
    """Finished files by address. Every call blocks: use a thread. Raises OSError as the disk gives it."""

    def adopt(self, spool: Path, address: str) -> None:
        """Take a finished, synced file over; it is there for good when this returns."""

    def size(self, address: str) -> int | None:
        """Bytes, None when there is no such object."""

    def rehash(self, address: str) -> str | None:
        """SHA-256 of what is really stored, hex; None when there is no such object."""

    def remove(self, address: str) -> None:
        """Take an object away for good; nothing happens when there is none."""

    def chunks(self, address: str, start: int, length: int) -> Iterator[bytes]: ...

    def free(self) -> int:
        """Bytes that may still be stored."""
