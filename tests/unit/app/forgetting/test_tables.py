"""Every table is classified: what is added to a store without a thought of whose it is fails here."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer
from sqlmodel import SQLModel

from tests.support.tables import every_table
from workstation.app.forgetting.whose import BUYERS, HUB, NOBODYS, ROW
from workstation.hub.tables import HubModel


def _tables() -> dict[str, set[str]]:
    """Every table of a home with its columns of letters or bytes."""
    known = every_table()
    made = {each.class_.__tablename__ for each in SQLModel._sa_registry.mappers
            if each.class_.__module__.startswith("workstation.")}
    return {name: {column.name for column in table.columns if not isinstance(column.type, Integer | Boolean)}
            for name, table in known.tables.items() if name in made}


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
