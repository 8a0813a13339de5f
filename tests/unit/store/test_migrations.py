"""The migrations make exactly the tables the product uses, and an interrupted upgrade leaves the old ones."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from tests.support.tables import every_table
from workstation.store import engine as engines
from workstation.store import migrate
from workstation.store.database import make_engine

KEY = b"k" * 32
ROOT = Path(__file__).resolve().parents[3]
FIRST = ROOT / "workstation" / "store" / "migrations"
VERSION = engines.SCHEMA_VERSION
NOW = f"{VERSION:04d}"

NEXT = '''
import os, signal
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{now}", None, None

def upgrade():
    op.create_table("shelf", sa.Column("id", sa.String(), primary_key=True))
    op.execute("UPDATE meta SET value = 'changed'")
    {then}
'''


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(tmp_path / "store.db", KEY)
    yield made
    made.dispose()


def not_the_index(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """The full-text index keeps tables of its own that no model describes."""
    return not (kind == "table" and str(name).startswith("message_index"))


def test_the_migrations_make_exactly_what_the_models_say(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": not_the_index})
        assert compare_metadata(context, every_table()) == []
        assert context.get_current_revision() == NOW
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == engines.SCHEMA_VERSION
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    assert len(every_table().tables) >= 15


def test_a_table_that_no_migration_makes_would_be_seen(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE draft ADD COLUMN mood TEXT"))
        connection.execute(text("DROP TABLE meta"))
        found = compare_metadata(MigrationContext.configure(connection), every_table())
    said = {(each[0], getattr(each[-1], "name", "")) for each in found if isinstance(each, tuple)}
    assert ("add_table", "meta") in said
    assert ("remove_column", "mood") in said


def test_the_search_index_works_and_a_second_upgrade_does_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO message_index(rowid, subject, body) VALUES (7, 'kettle', 'blue')"))
    migrate.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT rowid FROM message_index WHERE message_index MATCH 'kett*'")).scalars()
        assert list(found) == [7]


@pytest.fixture
def next_version(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of this version that holds something, and where the next version's migration is to be written."""
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO meta(name, value) VALUES ('fact', 'kept')"))
    scripts = tmp_path / "migrations"
    shutil.copytree(FIRST, scripts)
    real = migrate.config

    def config(connection: object) -> object:
        settings = real(connection)
        settings.set_main_option("script_location", str(scripts))
        return settings

    monkeypatch.setattr(migrate, "config", config)
    for module in (migrate, engines):
        monkeypatch.setattr(module, "SCHEMA_VERSION", VERSION + 1)
    return scripts / "versions" / "9999_next.py"


def state(engine: Engine) -> tuple[int, str, str, bool]:
    with engine.connect() as connection:
        return (
            connection.exec_driver_sql("PRAGMA user_version").scalar_one(),
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
            connection.execute(text("SELECT value FROM meta WHERE name = 'fact'")).scalar_one(),
            inspect(connection).has_table("shelf"),
        )


def test_a_failed_upgrade_leaves_the_old_schema_and_can_be_repeated(engine: Engine, next_version: Path) -> None:
    next_version.write_text(NEXT.format(now=NOW, then="raise RuntimeError('half way')"))
    with pytest.raises(RuntimeError, match="half way"):
        migrate.upgrade(engine)
    assert state(engine) == (VERSION, NOW, "kept", False)
    next_version.write_text(NEXT.format(now=NOW, then=""))
    migrate.upgrade(engine)
    assert state(engine) == (VERSION + 1, "9999", "changed", True)


def test_a_killed_upgrade_leaves_the_old_schema(engine: Engine, next_version: Path, tmp_path: Path) -> None:
    next_version.write_text(NEXT.format(now=NOW, then="os.kill(os.getpid(), signal.SIGKILL)"))
    engine.dispose()
    program = f"""
from pathlib import Path
from workstation.store import engine, migrate
from workstation.store.database import make_engine
engine.SCHEMA_VERSION = migrate.SCHEMA_VERSION = {VERSION + 1}
real = migrate.config
def config(connection):
    settings = real(connection)
    settings.set_main_option("script_location", {str(next_version.parents[1])!r})
    return settings
migrate.config = config
migrate.upgrade(make_engine(Path({str(tmp_path / 'store.db')!r}), {KEY!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert state(engine) == (VERSION, NOW, "kept", False)
    next_version.write_text(NEXT.format(now=NOW, then=""))
    migrate.upgrade(engine)
    assert state(engine) == (VERSION + 1, "9999", "changed", True)
