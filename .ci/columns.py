"""Write `workstation/store/columns.json` from the tables that are declared: python .ci/columns.py. Run it when a
`tables.py` has changed; `.ci/migration.py` does it, too."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import Column, Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import SQLModel

import workstation

TARGET = Path(__file__).parents[1] / "workstation" / "store" / "columns.json"
KINDS = {"AutoString": "string", "Integer": "integer", "LargeBinary": "bytes", "Boolean": "boolean", "Text": "text"}


def load_tables() -> None:
    """Import every `tables` module of the desktop; the hub has its own."""
    for module in pkgutil.walk_packages(workstation.__path__, "workstation."):
        if module.name.endswith(".tables") and not module.name.startswith("workstation.hub"):
            importlib.import_module(module.name)


def written() -> str:
    """The whole file: a line for each column, so that a change of one is a change of a line."""
    load_tables()
    tables = sorted(SQLModel.metadata.tables.values(), key=lambda each: each.name)
    return "{\n" + ",\n".join(_table(each) for each in tables) + "\n}\n"


def _table(table: Table) -> str:
    columns = ",\n".join(f"  {json.dumps(_column(each))}" for each in table.columns)
    return f' "{table.name}": [\n{columns}\n ]'


def _column(column: Column[Any]) -> tuple[object, ...]:
    """Its name, its type, "key" and "null" where they hold, the value that an insert fills in, and what it refers to.
    """
    flags = ["key"] * column.primary_key + ["null"] * bool(column.nullable)
    default = column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
    refers = next((each.target_fullname for each in column.foreign_keys), None)
    return str(column.name), KINDS[type(column.type).__name__], " ".join(flags), default, refers


if __name__ == "__main__":
    TARGET.write_text(written(), encoding="utf-8")
