"""What the repos know of tables is what their classes declare, and the program makes none of those classes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Column, create_engine, func, insert, select
from sqlalchemy.dialects.sqlite import dialect

from tests.support.source import ROOT
from tests.support.tables import every_table
from workstation.store.core import table


def shape(column: Column[Any]) -> tuple[object, ...]:
    default = getattr(column.default, "arg", None)
    return (column.name, str(column.type.compile(dialect())), column.primary_key, bool(column.nullable),
            type(default).__name__, default, [each.target_fullname for each in column.foreign_keys])


def test_every_table_has_the_columns_that_its_class_declares() -> None:
    declared = {name: [shape(each) for each in made.columns] for name, made in every_table().tables.items()}
    known = {name: [shape(each) for each in table(name).columns] for name in declared}
    assert known == declared, "run: python .ci/columns.py"
    assert len(declared) > 60


def test_a_table_is_made_once_and_one_that_nobody_declares_is_a_mistake() -> None:
    assert table("meta") is table("meta")
    with pytest.raises(KeyError):
        table("shelf")


def test_tables_that_refer_to_each_other_are_joined_by_that() -> None:
    declared = {(name, key.column.table.name) for name, made in every_table().tables.items()
                for key in made.foreign_keys}
    assert len(declared) > 10
    for one, other in declared:
        assert str(table(one).join(table(other)).onclause) == str(
            every_table().tables[one].join(every_table().tables[other]).onclause)


def test_an_insert_fills_in_what_is_not_said() -> None:
    engine = create_engine("sqlite://")
    outbox = table("outbox")
    outbox.create(engine)
    said = {"event_id": "e", "collection": "c", "entity_id": "i", "kind": "put", "body": "{}", "request_hash": "h",
            "created_at": 1}
    with engine.begin() as connection:
        connection.execute(insert(outbox).values(**said))
        connection.execute(insert(outbox).values(**{**said, "event_id": "f"}))
        rows = connection.execute(select(outbox).order_by(outbox.c.seq)).mappings().all()
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 2
    assert [dict(row) for row in rows] == [
        {**said, "seq": 1, "refused": "", "dismissed_at": None},
        {**said, "seq": 2, "event_id": "f", "refused": "", "dismissed_at": None}]


def test_the_program_makes_no_class_of_them() -> None:
    """The hub has classes of its own, and only a hub loads them."""
    classes = re.compile(
        r"^\s*(?:from|import) (?:sqlmodel|sqlalchemy\.orm|workstation\.[a-z_.]*tables)\b", re.MULTILINE)
    read = [file for file in (ROOT / "workstation").rglob("*.py")
            if file.name != "tables.py" and "hub" not in file.relative_to(ROOT).parts]
    assert len(read) > 300
    assert [str(file) for file in read if classes.search(file.read_text(encoding="utf-8"))] == []
    hub = (ROOT / "workstation" / "hub").rglob("*.py")
    assert any(classes.search(file.read_text(encoding="utf-8")) for file in hub), "it can see one"
