"""A real encrypted database for the store's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.fresh import fresh
from workstation.kernel.events import Event
from workstation.store.database import Database

KEY = bytes(range(32))


@dataclass
class Store:
    """A database and what it announced."""

    database: Database
    path: Path
    announced: list[Event] = field(default_factory=list)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    announced: list[Event] = []
    path = tmp_path / "workstation.db"
    fresh(path, KEY)
    database = Database(path, KEY, announced.append)
    yield Store(database, path, announced)
    database.close()
