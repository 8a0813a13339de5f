"""Every table is classified: what is added to a store without a thought of whose it is fails here."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import Boolean, Integer
from sqlmodel import SQLModel

import workstation
from workstation.app.forgetting.tables import BUYERS, HUB, NOBODYS, ROW
from workstation.hub.tables import HubModel


def _tables() -> dict[str, set[str]]:
    """Every table of a home with its columns of letters or bytes."""
    for found in pkgutil.walk_packages(workstation.__path__, "workstation."):
        if found.name.endswith(".tables") and not found.name.startswith(("workstation.hub", "workstation.app")):
            importlib.import_module(found.name)
    ours = {name: table for name, table in SQLModel.metadata.tables.items() if _of_product(name)}
    return {name: {column.name for column in table.columns if not isinstance(column.type, Integer | Boolean)}
            for name, table in ours.items()}


def _of_product(name: str) -> bool:
    """Tests make tables of their own in the same registry."""
    return any(mapper.class_.__module__.startswith("workstation.") for mapper in SQLModel._sa_registry.mappers
               if mapper.local_table.name == name)


def test_every_table_is_classified_once() -> None:
    known = _tables()
    assert BUYERS.keys() & NOBODYS.keys() == set()
    assert BUYERS.keys() | NOBODYS.keys() == known.keys()


def test_every_hub_table_is_classified() -> None:
    assert HUB.keys() == HubModel.metadata.tables.keys()


def test_every_column_of_letters_beside_an_emptied_one_is_named() -> None:
    for name, columns in _tables().items():
        kept = BUYERS.get(name)
        if kept is not None and kept.goes != ROW:
            assert set(kept.goes.split()) | set(kept.stays.split()) == columns, name
            assert not set(kept.goes.split()) & set(kept.stays.split()), name
