"""An action and its effect are one transaction, and a receipt can only belong to exactly that action."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.unit.store.conftest import Store
from workstation.store import meta, outbox
from workstation.store.tables import OutboxRow, table
from workstation.store.unit import Unit

T = table(OutboxRow)
PARTS = st.tuples(*[st.text(alphabet="ab:", max_size=4)] * 4)


async def test_an_event_is_queued_with_canonical_body_and_its_hash(store: Store) -> None:
    body = {"b": 1, "a": "é"}
    event_id = await store.database.write(lambda unit: outbox.append(unit, "conversation", "c1", "put", body, 7))
    row = await store.database.read(lambda c: c.execute(select(T)).mappings().one())
    assert row["event_id"] == event_id
    assert row["body"] == '{"a":"é","b":1}'
    assert row["created_at"] == 7
    assert row["refused"] == ""
    by_hand = hashlib.sha256('conversation\x1fc1\x1fput\x1f{"a":"é","b":1}'.encode()).hexdigest()
    assert row["request_hash"] == by_hand


async def test_a_failed_effect_queues_nothing(store: Store) -> None:
    def work(unit: Unit) -> None:
        outbox.append(unit, "conversation", "c1", "put", {}, 1)
        raise LookupError

    with pytest.raises(LookupError):
        await store.database.write(work)
    assert await store.database.read(lambda c: c.execute(select(T)).all()) == []


async def test_a_queued_event_and_its_effect_are_there_together(store: Store) -> None:
    def work(unit: Unit) -> None:
        meta.put(unit.conn, "effect", "yes")
        outbox.append(unit, "conversation", "c1", "append", {"x": [1, 2]}, 1)

    await store.database.write(work)
    bodies = await store.database.read(lambda c: [json.loads(b) for b in c.execute(select(T.c.body)).scalars()])
    assert bodies == [{"x": [1, 2]}]


async def test_events_keep_their_order(store: Store) -> None:
    for number in range(5):
        await store.database.write(lambda unit, n=number: outbox.append(unit, "m", str(n), "append", {}, n))  # type: ignore[misc]
    order = await store.database.read(lambda c: list(c.execute(select(T.c.entity_id).order_by(T.c.seq)).scalars()))
    assert order == ["0", "1", "2", "3", "4"]


@given(PARTS, PARTS)
def test_different_actions_have_different_hashes(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    same = outbox.request_hash(*one) == outbox.request_hash(*other)
    assert same == (one == other)
