"""What is pulled meets what still waits: nothing a person did disappears from the screen, nothing newer is undone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.support.hub import Desktop
from workstation.domain.events import ConversationsChanged
from workstation.store import outbox
from workstation.store.unit import Unit
from workstation.sync import collections, push, repo
from workstation.sync.collections import MirrorCollection
from workstation.sync.wire import Entity, Receipt


class Shown:
    """Base rows, as a window would show them."""

    def __init__(self) -> None:
        self.rows: dict[str, Mapping[str, object]] = {}
        self.broken = False

    def apply(self, unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
        self.rows[entity_id] = body
        unit.emit(ConversationsChanged((entity_id,)))
        if self.broken:
            raise ValueError("cannot")


@pytest.fixture
async def desktop(tmp_path: Path) -> AsyncIterator[Desktop]:
    made = Desktop(tmp_path / "d", "d")
    yield made
    await made.close()


def entity(version: int, **body: object) -> Entity:
    return Entity("c1", "put", version, json.dumps(body, separators=(",", ":"), sort_keys=True))


async def take(desktop: Desktop, collection: MirrorCollection, what: Entity) -> bool:
    return await desktop.database.write(lambda unit: collections.take(unit, collection, what))


async def test_an_older_step_of_the_feed_undoes_nothing(desktop: Desktop) -> None:
    shown = Shown()
    notes = MirrorCollection("note", shown.apply)
    assert await take(desktop, notes, entity(5, state="new")) is True
    assert await take(desktop, notes, entity(4, state="old")) is False
    assert await take(desktop, notes, entity(5, state="new")) is False
    assert shown.rows == {"c1": {"state": "new"}}
    assert await take(desktop, notes, entity(6, state="newer")) is True
    assert shown.rows == {"c1": {"state": "newer"}}


async def test_what_waits_is_laid_over_what_comes(desktop: Desktop) -> None:
    shown = Shown()
    notes = MirrorCollection("note", shown.apply)
    await desktop.append("note", "c1", "set", {"field": "state", "old": "open", "new": "mine"})
    await take(desktop, notes, entity(5, state="theirs", tag="x"))
    assert shown.rows["c1"] == {"state": "mine", "tag": "x"}
    held = await desktop.database.read(lambda conn: repo.kept_body(conn, "note", "c1"))
    assert json.loads(held or "") == {"state": "theirs", "tag": "x"}
    await desktop.append("note", "c1", "put", {"whole": 1})
    await take(desktop, notes, entity(6, state="theirs again"))
    assert shown.rows["c1"] == {"whole": 1}


async def test_a_value_that_lost_gives_way(desktop: Desktop) -> None:
    shown = Shown()
    notes = MirrorCollection("note", shown.apply)
    await take(desktop, notes, entity(5, state="theirs"))
    event_id = await desktop.append("note", "c1", "set", {"field": "state", "old": "open", "new": "mine"})
    (event,) = await desktop.database.read(lambda conn: outbox.page(conn, 99, 10, 1000))
    receipt = Receipt(event_id, event.request_hash, "conflict", 5, body='{"state":"theirs"}')
    shown.rows["c1"] = {"state": "mine"}
    await desktop.database.write(lambda unit: push.settle(unit, lambda _name: notes, [(event, receipt)]))
    assert shown.rows["c1"] == {"state": "theirs"}
    assert await desktop.outbox() == []


async def test_the_mirror_holds_what_this_desktop_sent_not_what_it_queued(desktop: Desktop) -> None:
    notes = MirrorCollection("note")
    empty = await desktop.database.read(notes.digest)
    event_id = await desktop.append("note", "c1", "put", {"a": 1})
    assert await desktop.database.read(notes.digest) == empty
    (event,) = await desktop.database.read(lambda conn: outbox.page(conn, 99, 10, 1000))
    receipt = Receipt(event_id, event.request_hash, "applied", 7)
    await desktop.database.write(lambda unit: push.settle(unit, lambda _name: notes, [(event, receipt)]))
    count, digest = await desktop.database.read(notes.digest)
    assert (count, digest != empty[1]) == (1, True)
    found = await desktop.database.read(lambda conn: repo.mirrored(conn, "note", "c1"))
    assert found == repo.Mirrored("c1", "put", repo.body_hash('{"a":1}'), 7)


async def test_other_content_under_one_position_changes_the_digest_and_not_the_rows(desktop: Desktop) -> None:
    shown = Shown()
    notes = MirrorCollection("note", shown.apply)
    await take(desktop, notes, entity(5, proof="right"))
    before = await desktop.database.read(notes.digest)
    assert await take(desktop, notes, entity(5, proof="wrong")) is False
    assert shown.rows == {"c1": {"proof": "right"}}
    assert await desktop.database.read(notes.digest) != before


async def test_a_change_that_fails_leaves_no_trace_but_is_kept(desktop: Desktop) -> None:
    shown = Shown()
    shown.broken = True
    notes = MirrorCollection("note", shown.apply)
    await take(desktop, notes, entity(5, a=1))
    assert ConversationsChanged(("c1",)) not in desktop.events
    assert await desktop.database.read(repo.parked) == (("note", entity(5, a=1)),)
    shown.broken = False
    await take(desktop, notes, entity(6, a=2))
    assert await desktop.database.read(repo.parked) == ()
    assert ConversationsChanged(("c1",)) in desktop.events


async def test_an_event_too_large_for_a_hub_is_refused_here_and_blocks_nothing(desktop: Desktop) -> None:
    big = await desktop.append("note", "big", "put", {"text": "x" * 900_001})
    small = await desktop.append("note", "small", "put", {})
    sent: list[str] = []

    class Hub:
        async def push(self, events: tuple[outbox.QueuedEvent, ...]) -> tuple[Receipt, ...]:
            sent.extend(event.event_id for event in events)
            return tuple(Receipt(event.event_id, event.request_hash, "applied", 1) for event in events)

    taken = await push.push(desktop.database, Hub(), MirrorCollection, lambda _count: None)  # type: ignore[arg-type]
    assert taken == (1, 1)
    assert sent == [small]
    assert [event_id for event_id, refused in await desktop.outbox() if refused] == [big]


async def test_the_digest_is_the_published_one_however_many_there_are(desktop: Desktop) -> None:
    ids = [f"{n:05d}-é" for n in range(5_003)]

    def fill(unit: Unit) -> None:
        for entity_id in ids:
            repo.mirror(unit.conn, "note", Entity(entity_id, "put", 1, f'{{"n":"{entity_id}"}}'))

    await desktop.database.write(fill)
    total = hashlib.sha256()
    for entity_id in ids:
        hashed = hashlib.sha256(f'{{"n":"{entity_id}"}}'.encode()).hexdigest()
        total.update(f"{entity_id}\x1f{hashed}\n".encode())
    assert await desktop.database.read(lambda conn: repo.digest(conn, "note")) == (5_003, total.hexdigest())
    assert await desktop.database.read(lambda conn: repo.digest(conn, "none")) == (0, hashlib.sha256().hexdigest())
