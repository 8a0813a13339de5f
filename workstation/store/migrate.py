"""Bringing a store to the present schema. The migrations import no models; tests compare both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from workstation.store.engine import SCHEMA_VERSION

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(engine: Engine) -> None:
    """Run what is missing, in one transaction: an interrupted upgrade leaves the old schema. Then set user_version."""
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version == SCHEMA_VERSION:
        return
    from alembic import command  # a fifth of a second that a store of the present schema need not pay

    with engine.begin() as connection:
        command.upgrade(config(connection), "head")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def config(connection: object) -> Config:
    """Alembic's configuration for a connection whose transaction is ours."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    return settings
