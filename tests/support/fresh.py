"""Stores with every table and no row, made once in a process and copied from then on: the statements take fifty
milliseconds, a copy one."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from tests.support.tables import every_table
from workstation.store.database import make_engine


def fresh(path: Path, key: bytes, *statements: str) -> None:
    """Put a store at `path`, unless one is there: every table, then what `statements` make."""
    if not path.exists():
        path.write_bytes(_made(key, statements))


@cache
def _made(key: bytes, statements: tuple[str, ...]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        engine = make_engine(path, key, size=1)
        every_table().create_all(engine)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()   # the last connection writes the log into the file
        return path.read_bytes()
