"""What could not be copied is listed, tried again and dismissed one by one, and holds up nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.hub import Desktop, HubHouse, running_hub
from workstation.kernel.errors import NotFound
from workstation.sync.collections import MirrorCollection


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@pytest.fixture
async def ana(tmp_path: Path, hub: HubHouse) -> AsyncIterator[Desktop]:
    desktop = Desktop(tmp_path / "ana", "ana")
    await desktop.sync.connect(hub.invite())
    yield desktop
    await desktop.close()


async def refused(desktop: Desktop) -> str:
    """Append the same entity with other content: the hub will never have it."""
    await desktop.append("record", "r", "append", {"n": 1})
    poison = await desktop.append("record", "r", "append", {"n": 2})
    await desktop.append("record", "after", "append", {"n": 3})
    await desktop.sync.run()
    return poison


async def test_a_refused_event_is_listed_with_its_reason_and_the_rest_arrived(hub: HubHouse, ana: Desktop) -> None:
    poison = await refused(ana)
    (failure,) = await ana.sync.failures()
    assert (failure.id, failure.kind, failure.collection, failure.entity_id) == (poison, "event", "record", "r")
    assert "append-only" in failure.reason
    assert all((failure.sentence, failure.remedy, failure.at))
    assert set(hub.entities("record")) == {"r", "after"}


async def test_a_refused_event_is_tried_again_under_a_new_id(hub: HubHouse, ana: Desktop) -> None:
    poison = await refused(ana)
    await ana.sync.retry(poison)
    ((again, reason),) = await ana.outbox()
    assert (again != poison, reason) == (True, "")
    await ana.sync.run()
    (failure,) = await ana.sync.failures()   # still refused: the hub has the other content
    assert failure.id == again
    assert hub.entities("record")["r"] == {"n": 1}
    with pytest.raises(NotFound):
        await ana.sync.retry(poison)


async def test_one_whose_reason_is_gone_arrives(hub: HubHouse, ana: Desktop) -> None:
    poison = await ana.append("conflict", "x", "put", {"n": 1})
    await ana.sync.run()
    await ana.database.write(lambda unit: unit.conn.exec_driver_sql("UPDATE outbox SET collection = 'note'"))
    await ana.database.write(lambda unit: unit.conn.exec_driver_sql(
        "UPDATE outbox SET request_hash = ?", (hub_hash("note", "x", "put", '{"n":1}'),)))
    await ana.sync.retry(poison)
    await ana.sync.run()
    assert (await ana.outbox(), await ana.sync.failures()) == ([], ())
    assert hub.entities("note") == {"x": {"n": 1}}


async def test_a_dismissed_event_is_no_failure_any_more_but_never_counts_as_copied(ana: Desktop) -> None:
    poison = await refused(ana)
    await ana.sync.dismiss(poison)
    assert await ana.sync.failures() == ()
    assert (await ana.sync.status()).poisoned == 0
    assert [event_id for event_id, _reason in await ana.outbox()] == [poison]
    with pytest.raises(NotFound):
        await ana.sync.dismiss(poison)


async def test_a_file_that_does_not_go_up_is_listed_and_goes_up_once_it_is_back(ana: Desktop) -> None:
    address, other = await ana.seal(b"a" * 1000, "b1"), await ana.seal(b"b" * 1000, "b2")
    path = ana.files.path(address)
    content = path.read_bytes()
    path.unlink()
    await ana.sync.run()
    (failure,) = await ana.sync.failures()
    assert (failure.id, failure.kind, failure.entity_id) == ("file:b1", "file", "b1")
    assert await ana.secured() == {other}
    path.write_bytes(content)
    await ana.sync.retry("file:b1")
    await ana.sync.run()
    assert (await ana.secured(), await ana.sync.failures()) == ({address, other}, ())


async def test_a_dismissed_file_waits_no_more_and_is_not_secured(ana: Desktop) -> None:
    address = await ana.seal(b"a" * 1000, "b1")
    ana.files.path(address).unlink()
    await ana.sync.run()
    await ana.sync.dismiss("file:b1")
    assert ((await ana.sync.status()).pending_blobs, await ana.secured(), await ana.sync.failures()) == (0, set(), ())
    with pytest.raises(NotFound):
        await ana.sync.retry("file:b1")


async def test_a_change_that_cannot_be_applied_is_listed_and_tried_again(
    hub: HubHouse, tmp_path: Path, ana: Desktop
) -> None:
    broken = [True]

    def apply(_unit: object, _entity_id: str, _body: object) -> None:
        if broken[0]:
            raise ValueError("not understood")

    ben = Desktop(tmp_path / "ben", "ben", collections=(MirrorCollection("note", apply),))
    await ben.sync.connect(hub.invite())
    await ana.append("note", "n:1", "put", {"v": 1})
    await ana.sync.run()
    await ben.sync.run()
    (failure,) = await ben.sync.failures()
    assert (failure.id, failure.kind) == ("change:note:n:1", "change")
    await ben.sync.run()
    broken[0] = False
    await ben.sync.retry(failure.id)
    await ben.sync.run()
    assert await ben.sync.failures() == ()
    with pytest.raises(NotFound):
        await ben.sync.dismiss(failure.id)
    await ben.close()


def hub_hash(*parts: str) -> str:
    from workstation.store.outbox import request_hash

    return request_hash(*parts)
