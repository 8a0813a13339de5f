"""What goes wrong between desktop and hub, and that it costs nothing."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlcipher3 import dbapi2 as sqlite

from tests.support.hub import Desktop, HubHouse, HubProcess, running_hub, until
from tests.support.proxy import Fault, Proxy
from workstation.hub import auth, commands
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import AuthFailed, ConnectError, InputError, Offline
from workstation.store.tables import BlobRow, table
from workstation.sync import blobs, repo
from workstation.sync.collections import MirrorCollection


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@pytest.fixture
async def proxy(hub: HubHouse) -> AsyncIterator[Proxy]:
    async with Proxy(hub.url) as between:
        yield between


@pytest.fixture
async def ana(tmp_path: Path, hub: HubHouse, proxy: Proxy) -> AsyncIterator[Desktop]:
    """Connected through the bad network; each request opens a connection of its own, so that each can be hit."""
    desktop = Desktop(tmp_path / "ana", "ana")
    desktop.http = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))
    desktop.rewire()
    await desktop.sync.connect(hub.invite(url=proxy.url))
    yield desktop
    await desktop.close()


PUSH = 1  # the cycle's first connection says hello, the second hands in


@pytest.mark.parametrize("fault", [
    Fault(lose_reply=True), Fault(truncate=20), Fault(cut_up=150), Fault(refuse=True), Fault(truncate=400),
], ids=lambda fault: str(fault).split("(")[1].split(",")[0])
async def test_a_push_that_fails_midway_is_applied_once(
    hub: HubHouse, proxy: Proxy, ana: Desktop, fault: Fault
) -> None:
    ids = [await ana.append("evidence", f"r{n}", "append", {"n": n}) for n in range(5)]
    proxy.next(*[Fault()] * PUSH, fault)
    with pytest.raises(ConnectError):
        await ana.sync.run()
    assert [event_id for event_id, _refused in await ana.outbox()] == ids
    assert (await ana.sync.status()).online is False
    report = await ana.sync.run()
    assert (report.pushed, report.digest_equal) == (5, True)
    assert await ana.outbox() == []
    assert hub.rows("SELECT count(*) FROM receipt") == hub.rows("SELECT count(*) FROM change") == [(5,)]


async def test_a_request_that_arrives_twice_is_applied_once(hub: HubHouse, proxy: Proxy, ana: Desktop) -> None:
    await ana.append("conversation", "c", "put", {"state": "open"})
    await ana.append("conversation", "c", "set", {"field": "state", "old": "open", "new": "resolved"})
    proxy.next(*[Fault()] * PUSH, Fault(duplicate=True))
    assert (await ana.sync.run()).digest_equal is True
    assert hub.rows("SELECT count(*) FROM change") == [(2,)]
    assert hub.entities("conflict") == {}


async def test_a_poisoned_event_waits_for_a_person_and_the_rest_arrive(hub: HubHouse, ana: Desktop) -> None:
    await ana.append("message", "m1", "append", {"text": "first"})
    await ana.sync.run()
    poison = await ana.append("message", "m1", "append", {"text": "changed"})
    await ana.append("message", "m2", "append", {"text": "second"})
    report = await ana.sync.run()
    assert (report.pushed, report.refused, report.digest_equal) == (1, 1, True)
    ((event_id, reason),) = await ana.outbox()
    assert (event_id, "append-only" in reason) == (poison, True)
    status = await ana.sync.status()
    assert (status.pending, status.poisoned) == (0, 1)
    assert hub.entities("message") == {"m1": {"text": "first"}, "m2": {"text": "second"}}


async def test_the_cable_is_pulled_and_put_back(hub: HubHouse, proxy: Proxy, ana: Desktop) -> None:
    ana.sync.start()
    await proxy.unplug()
    for n in range(3):
        await ana.append("evidence", f"r{n}", "append", {"n": n})
    address = await ana.seal(secrets.token_bytes(50_000), "r0")
    with pytest.raises(Offline):
        await ana.sync.run()
    status = await ana.sync.status()
    assert (status.online, status.pending, status.pending_blobs, bool(status.sentence)) == (False, 3, 1, True)
    await proxy.plug_in()
    await until(lambda: len(hub.entities("evidence")) == 3 and hub.object_path(address).exists(), 20)
    await until(lambda: hub.rows("SELECT count(*) FROM receipt") == [(3,)])


async def test_an_upload_that_is_cut_goes_on_where_it_stopped(
    hub: HubHouse, proxy: Proxy, ana: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "_PART", 4 * 1024 * 1024)
    content = secrets.token_bytes(9_000_000)
    address = await ana.seal(content, "video")
    proxy.next(Fault(), Fault(), Fault(), Fault(cut_up=2_000_000))  # hello, begin, first 4 MB, cut in the second
    with pytest.raises(ConnectError):
        await ana.sync.run()
    assert await ana.secured() == set()
    assert hub.rows("SELECT offset FROM upload")[0][0] >= 4 * 1024 * 1024
    before = proxy.bytes_up
    assert (await ana.sync.run()).blobs == 1
    assert proxy.bytes_up - before < 5_000_000  # the first part was not sent again
    assert await ana.secured() == {address}
    assert hashlib.sha256(hub.object_path(address).read_bytes()).hexdigest() == address


async def test_a_file_damaged_here_is_not_copied_and_holds_up_no_other(hub: HubHouse, ana: Desktop) -> None:
    bad = await ana.seal(b"bad" * 1000, "b1")
    gone = await ana.seal(b"gone" * 1000, "b2")
    good = await ana.seal(b"good" * 1000, "b3")
    path = ana.files.path(bad)
    path.write_bytes(b"X" + path.read_bytes()[1:])
    ana.files.path(gone).unlink()
    report = await ana.sync.run()
    assert (report.blobs, await ana.secured()) == (1, {good})
    assert (await ana.sync.status()).pending_blobs == 2
    assert hub.rows("SELECT address FROM stored_blob") == [(good,)]


async def test_a_hub_that_stored_something_else_is_not_believed(hub: HubHouse, ana: Desktop) -> None:
    """Whoever stands between may not make a file count as secured: only the hash of the right content does."""
    first, second = await ana.seal(b"one" * 1000, "b1"), await ana.seal(b"two" * 1000, "b2")
    blob = table(BlobRow)
    shutil.copy(ana.files.path(first), ana.files.path(second))  # the second's bytes are the first's
    report = await ana.sync.run()
    assert (report.blobs, await ana.secured()) == (1, {first})
    assert await ana.database.read(lambda c: len(c.execute(blob.select()).all())) == 2


async def test_a_difference_is_found_and_pulled_again(hub: HubHouse, ana: Desktop) -> None:
    for n in range(5):
        await ana.append("note", f"n{n}", "put", {"n": n})
    await ana.sync.run()
    await ana.database.write(lambda unit: repo.unmirror(unit.conn, "note", "n1"))  # this side forgot one
    hub.stop()
    connection = sqlite.connect(str(hub.folder / "hub.db"))  # the hub lost one
    connection.execute("DELETE FROM entity WHERE entity_id = 'n2'")
    connection.commit()
    connection.close()
    hub.restart()
    assert (await ana.sync.run()).digest_equal is True
    assert hub.entities("note") == {f"n{n}": {"n": n} for n in range(5)}
    assert await ana.bodies("note") == hub.entities("note")


async def test_a_hub_restored_from_an_older_copy_gets_back_what_it_lost(
    hub: HubHouse, ana: Desktop, tmp_path: Path
) -> None:
    await ana.append("evidence", "old", "append", {"n": 1})
    await ana.append("note", "n", "put", {"v": 1})
    await ana.sync.run()
    hub.back_up(tmp_path / "backup")
    await ana.append("evidence", "new", "append", {"n": 2})
    await ana.append("note", "n", "put", {"v": 2})
    address = await ana.seal(b"proof" * 1000, "new")
    await ana.sync.run()
    hub.restore(tmp_path / "backup")
    await ana.append("note", "waiting", "put", {"v": 3})
    report = await ana.sync.run()
    assert report.digest_equal is True
    assert hub.entities("evidence") == {"old": {"n": 1}, "new": {"n": 2}}
    assert hub.entities("note") == {"n": {"v": 2}, "waiting": {"v": 3}}
    assert hub.object_path(address).exists()
    assert await ana.secured() == {address}


async def test_moving_to_another_hub_hands_everything_in_there(hub: HubHouse, ana: Desktop, tmp_path: Path) -> None:
    await ana.append("evidence", "r", "append", {"n": 1})
    await ana.sync.run()
    with running_hub(tmp_path / "other") as other:
        await ana.sync.connect(other.invite())
        assert (await ana.sync.run()).digest_equal is True
        assert other.entities("evidence") == {"r": {"n": 1}}
    assert hub.entities("evidence") == {"r": {"n": 1}}


async def test_a_device_shut_out_is_told_so_and_keeps_everything(hub: HubHouse, ana: Desktop) -> None:
    await ana.append("evidence", "r", "append", {"n": 1})
    rows = SqliteRows(hub.folder / "hub.db")
    rows.now(lambda conn: auth.revoke(conn, "ana", 1))
    rows.close()
    with pytest.raises(AuthFailed):
        await ana.sync.run()
    assert len(await ana.outbox()) == 1
    assert "invite" in (await ana.sync.status()).sentence


async def test_without_a_hub_the_sentence_says_so(tmp_path: Path) -> None:
    desktop = Desktop(tmp_path / "solo", "solo")
    with pytest.raises(InputError):
        await desktop.sync.run()
    await desktop.close()


async def test_a_change_that_cannot_be_applied_is_parked_and_tried_again(hub: HubHouse, tmp_path: Path) -> None:
    broken = True
    seen: dict[str, object] = {}

    def apply(_unit: object, entity_id: str, body: object) -> None:
        if broken and entity_id == "bad":
            raise ValueError("this version does not understand it")
        seen[entity_id] = body

    writer = Desktop(tmp_path / "writer", "writer")
    reader = Desktop(tmp_path / "reader", "reader", collections=(MirrorCollection("note", apply),))
    for desktop in (writer, reader):
        await desktop.sync.connect(hub.invite())
    for entity_id in ("one", "bad", "two"):
        await writer.append("note", entity_id, "put", {"id": entity_id})
    await writer.sync.run()
    assert (await reader.sync.run()).digest_equal is True
    assert set(seen) == {"one", "two"}
    broken = False
    await reader.close()
    reader.open()
    await reader.sync.run()
    assert seen["bad"] == {"id": "bad"}
    assert await reader.database.read(repo.parked) == ()
    for desktop in (writer, reader):
        await desktop.close()


async def test_a_hub_killed_in_the_middle_of_batches_applies_each_event_once(tmp_path: Path) -> None:
    invite = commands.init(tmp_path / "hub", "Killed")
    with HubProcess(tmp_path / "hub") as process:
        desktop = Desktop(tmp_path / "ana", "ana")
        await desktop.sync.connect(f"{process.url}/#{invite.rsplit('#', 1)[1]}")
        for n in range(60):
            await desktop.append("evidence", f"r{n}", "append", {"n": n})
        await desktop.seal(secrets.token_bytes(6_000_000), "video")
        for delay in (0.03, 0.08, 0.15):
            attempt = asyncio.ensure_future(desktop.sync.run())
            await asyncio.sleep(delay)
            await asyncio.to_thread(process.kill)
            await asyncio.gather(attempt, return_exceptions=True)
            await asyncio.to_thread(process.restart)
        report = await desktop.sync.run()
        assert report.digest_equal is True
        house = HubHouse(tmp_path / "hub", None, invite)  # type: ignore[arg-type]
        assert house.rows("SELECT count(*), count(DISTINCT entity_id) FROM change") == [(60, 60)]
        assert house.rows("SELECT count(*) FROM receipt") == [(60,)]
        (address,) = await desktop.secured()
        assert hashlib.sha256(house.object_path(address).read_bytes()).hexdigest() == address
        await desktop.close()


@pytest.mark.parametrize("rebuilt", [False, True])
async def test_a_field_that_was_set_here_and_set_back_elsewhere_is_shown_set_back(
    hub: HubHouse, proxy: Proxy, ana: Desktop, tmp_path: Path, rebuilt: bool
) -> None:
    """The feed did not reach us in between, so what the hub holds looks as it did before our own change."""
    shown: dict[str, object] = {}
    ana.collections = (MirrorCollection("note", lambda _unit, _id, body: shown.update(body)),)
    ana.rewire()
    await ana.append("note", "n", "put", {"state": "open"})
    await ana.sync.run()
    await ana.append("note", "n", "set", {"field": "state", "old": "open", "new": "resolved"})
    shown["state"] = "resolved"
    proxy.next(Fault(), Fault(), Fault(refuse=True))   # hello and the push get through, the feed does not
    with pytest.raises(ConnectError):
        await ana.sync.run()
    ben = Desktop(tmp_path / "ben", "ben")
    await ben.sync.connect(hub.invite())
    await ben.append("note", "n", "set", {"field": "state", "old": "resolved", "new": "open"})
    await ben.sync.run()
    if rebuilt:
        hub.stop()
        commands.renew_epoch(hub.folder)
        hub.restart()
    assert (await ana.sync.run()).digest_equal is True
    assert shown == {"state": "open"}
    await ben.close()
