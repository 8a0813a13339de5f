"""Write the next migration from what the tables have and the newest schema lacks: python .ci/migration.py "why"."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from alembic import command
from sqlmodel import SQLModel

import workstation
from workstation.store import migrate
from workstation.store.database import make_engine


def load_tables() -> None:
    """Import every `tables` module of the desktop; the hub has its own."""
    for module in pkgutil.walk_packages(workstation.__path__, "workstation."):
        if module.name.endswith(".tables") and not module.name.startswith("workstation.hub"):
            importlib.import_module(module.name)


def main(message: str) -> None:
    load_tables()
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(Path(folder) / "empty.db", b"k" * 32)
        with engine.begin() as connection:
            settings = migrate.config(connection)
            settings.attributes["metadata"] = SQLModel.metadata
            if any(Path(settings.get_main_option("script_location") or "", "versions").glob("*.py")):
                command.upgrade(settings, "head")
            command.revision(settings, message, autogenerate=True, rev_id=sys.argv[2] if len(sys.argv) > 2 else None)
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
