"""Of one conversation's names the smallest counts, field by field, in whatever order one hears of them."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.support.store import Desk, desk
from workstation.inbox import agreeing
from workstation.inbox.agreeing import Body, agreed
from workstation.inbox.repo import CONVERSATION, TWIN
from workstation.store.database import Database
from workstation.store.unit import Unit

OPEN = {"state": "open", "snoozed_until": None, "dismissed_at": 0, "resolved_upto": 0}
RESOLVED = {**OPEN, "state": "resolved", "resolved_upto": 7}


@pytest.mark.parametrize(("bodies", "counts"), [
    ({"a": {"assignee": "ana"}, "b": {"assignee": "bo"}}, {"assignee": "ana"}),
    ({"a": {}, "b": {"assignee": "bo", "muted": True}}, {"assignee": "bo", "muted": True}),
    ({"a": {"assignee": None}, "b": {"assignee": "bo"}}, {"assignee": None}),
    ({"a": {"tag:late": True}, "b": {"tag:vip": True, "tag:late": None}}, {"tag:late": True, "tag:vip": True}),
    ({"a": {"triage:issue": "late"}, "b": {"triage:issue": "lost", "triage:risk": ""}},
     {"triage:issue": "late", "triage:risk": ""}),
    ({"a": OPEN, "b": RESOLVED}, {"state": "resolved", "resolved_upto": 7}),
    ({"a": {**OPEN, "state": "snoozed", "snoozed_until": 9}, "b": RESOLVED}, {"state": "snoozed", "snoozed_until": 9}),
    ({"a": {**OPEN, "dismissed_at": 3}, "b": {**OPEN, "dismissed_at": 5}}, {"dismissed_at": 5}),
])
def test_what_counts(bodies: dict[str, Body], counts: Body) -> None:
    found = agreed(bodies)
    assert {field: found[field] for field in counts} == counts
    for order in permutations(bodies):
        assert agreed({name: bodies[name] for name in order}) == found
    other = {"a": "subject", "merged_into": "x"}
    assert "merged_into" not in agreed({"a": other, "b": other})


async def names_of(here: Desk) -> Database:
    def work(unit: Unit) -> None:
        unit.conn.execute(insert(CONVERSATION).values(id="b", shared=True))
        unit.conn.execute(insert(TWIN).values(id="a", conversation_id="b"))

    await here.database.write(work)
    return here.database


async def test_what_holds_something_else_is_told_what_counts_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        database = await names_of(here)
        held: dict[str, Body] = {"a": {**OPEN, "assignee": "ana"}, "b": {**OPEN, "assignee": "bo", "tag:x": True}}
        counts = await database.write(lambda unit: agreeing.look(unit, "b", lambda _c, _ids: held))
        assert counts is not None
        assert counts["assignee"] == "ana"
        await database.write(lambda unit: agreeing.look(unit, "b", lambda _c, _ids: held))
        assert await database.read(agreeing.unsettled) == ["b"]
        done = await database.write(lambda unit: agreeing.settle(unit, lambda _c, _ids: held, 1))
        told = await database.read(lambda conn: [tuple(row) for row in conn.exec_driver_sql(
            "SELECT entity_id, kind, body FROM outbox ORDER BY seq")])
        assert (done, told) == (1, [
            ("a", "set", '{"field":"tag:x","new":true,"old":null}'),
            ("b", "set", '{"field":"assignee","new":"ana","old":"bo"}')])
        assert await database.read(agreeing.unsettled) == []
        held = {name: {**OPEN, "assignee": "ana", "tag:x": True} for name in ("a", "b")}
        await database.write(lambda unit: agreeing.look(unit, "b", lambda _c, _ids: held))
        assert await database.read(agreeing.unsettled) == [], "they agree"


async def test_what_is_settled_before_it_is_told_is_told_nobody(tmp_path: Path) -> None:
    """Half of what a colleague said under two names is no disagreement."""
    async with desk(tmp_path) as here:
        database = await names_of(here)
        half: dict[str, Body] = {"a": {**OPEN, "assignee": "ana"}, "b": {**OPEN, "assignee": "bo"}}
        await database.write(lambda unit: agreeing.look(unit, "b", lambda _c, _ids: half))
        both = {name: {**OPEN, "assignee": "bo"} for name in ("a", "b")}
        await database.write(lambda unit: agreeing.settle(unit, lambda _c, _ids: both, 1))
        assert await database.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM outbox").scalar()) == 0
        assert await database.write(lambda unit: agreeing.look(unit, "b", agreeing.nothing_told)) is None
