"""Bringing a store to the present schema. The migrations import no models; tests compare both."""

from __future__ import annotations

import itertools
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from workstation.store.engine import SCHEMA_VERSION
from workstation.store.pages import PAGE, Report
from workstation.store.watching import watched

if TYPE_CHECKING:
    from alembic.config import Config


_SHARES = 100
_BYTES_A_LOOK = 160_000
"""Of the store, about, between two looks of SQLite at how far it is: what making the indexes of 0002 was seen to take.
"""


def upgrade(engine: Engine, report: Report | None = None) -> None:
    """Run what is missing, in one transaction: an interrupted upgrade leaves the old schema, and the next one begins
    anew. Then set user_version. `report` is called with (done, total) of a store that has rows, and stops it by
    raising; only what is known by then was changed: nothing."""
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one() * PAGE
    if version == SCHEMA_VERSION:
        return
    from alembic import command  # a fifth of a second that a store of the present schema need not pay

    with engine.begin() as connection, _watching(connection, size if version else 0, report):
        command.upgrade(config(connection), "head")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _watching(connection: Connection, size: int, report: Report | None) -> AbstractContextManager[None]:
    """Tell how far the statements of a migration are, by how often SQLite looks up from them."""
    if report is None or size == 0:
        return nullcontext()
    looks = itertools.count(1)
    most = max(1, size // _BYTES_A_LOOK)

    def look() -> None:
        report(min(_SHARES - 1, next(looks) * _SHARES // most), _SHARES)

    return watched(connection.connection.dbapi_connection, look)


def config(connection: object) -> Config:
    """Alembic's configuration for a connection whose transaction is ours."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    return settings
