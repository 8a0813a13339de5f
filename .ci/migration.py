"""Write the next migration from what the tables have and the newest schema lacks: python .ci/migration.py "why".
What Core knows of the columns is written with it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from alembic import command
from columns import TARGET, load_tables, written
from sqlmodel import SQLModel

from workstation.store import migrate
from workstation.store.database import make_engine


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
    TARGET.write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
