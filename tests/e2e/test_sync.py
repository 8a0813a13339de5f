"""Desktops and a hub, each real, over HTTP: what is queued arrives once, and both sides agree."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.hub import Desktop, HubHouse, running_hub, until
from workstation.domain.events import ConnectivityChanged, SyncChanged
from workstation.kernel.errors import AuthFailed, InputError
from workstation.store import meta
from workstation.sync import facts, repo
from workstation.sync.wire import DeviceCard


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@pytest.fixture
async def ana(tmp_path: Path) -> AsyncIterator[Desktop]:
    desktop = Desktop(tmp_path / "ana", "ana")
    yield desktop
    await desktop.close()


@pytest.fixture
async def bo(tmp_path: Path) -> AsyncIterator[Desktop]:
    desktop = Desktop(tmp_path / "bo", "bo")
    yield desktop
    await desktop.close()


async def test_what_was_queued_reaches_the_hub_once_and_both_agree(hub: HubHouse, ana: Desktop) -> None:
    await ana.sync.connect(hub.invite("owner"))
    for number in range(7):
        await ana.append("evidence", f"record-{number}", "append", {"n": number, "title": "价格 €"})
    address = await ana.seal(b"a capture" * 1000, "record-0")
    report = await ana.sync.run()
    assert (report.pushed, report.refused, report.blobs, report.records) == (7, 0, 1, 7)
    assert report.digest_equal is True
    assert hub.entities("evidence")["record-3"] == {"n": 3, "title": "价格 €"}
    assert await ana.outbox() == []
    assert await ana.secured() == {address}
    assert hashlib.sha256(hub.object_path(address).read_bytes()).hexdigest() == address
    again = await ana.sync.run()
    assert (again.pushed, again.pulled, again.blobs, again.digest_equal) == (0, 0, 0, True)
    assert hub.rows("SELECT count(*) FROM change") == [(7,)]


async def test_a_desktop_that_lost_token_and_key_goes_on_with_a_fresh_invite(
    hub: HubHouse, ana: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ana.sync.connect(hub.invite())
    await ana.append("evidence", "before", "append", {"n": 1})
    await ana.sync.run()
    await ana.append("evidence", "meanwhile", "append", {"n": 2})
    ana.secrets.values.clear()
    monkeypatch.setattr(ana, "card", lambda: DeviceCard("ana", "ana's computer", b"n" * 32))
    ana.rewire()
    with pytest.raises(InputError, match="invite"):
        await ana.sync.run()
    await ana.sync.connect(hub.invite())
    report = await ana.sync.run()
    assert (report.pushed, report.refused, report.digest_equal) == (1, 0, True)
    assert set(hub.entities("evidence")) == {"before", "meanwhile"}
    assert hub.rows("SELECT count(*) FROM device_key WHERE device_id = 'ana'") == [(2,)]


async def test_status_tells_what_waits(hub: HubHouse, ana: Desktop) -> None:
    assert (await ana.sync.status()).connected is False
    await ana.append("evidence", "r", "append", {"a": 1})
    await ana.seal(b"x", "r")
    status = await ana.sync.connect(hub.invite())
    assert (status.connected, status.online, status.pending, status.pending_blobs) == (True, True, 1, 1)
    assert (status.last_ok_at, status.digest_equal) == (None, None)
    await ana.sync.run()
    status = await ana.sync.status()
    assert (status.pending, status.pending_blobs, status.poisoned, status.digest_equal) == (0, 0, 0, True)
    assert status.last_ok_at is not None


async def test_an_invite_works_once_and_a_wrong_one_never(hub: HubHouse, ana: Desktop, bo: Desktop) -> None:
    invite = hub.invite()
    await ana.sync.connect(invite)
    with pytest.raises(AuthFailed):
        await bo.sync.connect(invite)
    with pytest.raises(InputError):
        await bo.sync.connect("http://example.org/#" + "t" * 43)
    assert (await bo.sync.status()).connected is False


async def test_two_desktops_converge_and_the_losing_value_is_kept(hub: HubHouse, ana: Desktop, bo: Desktop) -> None:
    await ana.sync.connect(hub.invite())
    await bo.sync.connect(hub.invite())
    await ana.append("conversation", "c1", "put", {"state": "open", "assignee": ""})
    await ana.sync.run()
    await bo.sync.run()
    await ana.append("conversation", "c1", "set", {"field": "state", "old": "open", "new": "resolved"})
    await bo.append("conversation", "c1", "set", {"field": "state", "old": "open", "new": "snoozed"})
    await bo.append("conversation", "c1", "set", {"field": "assignee", "old": "", "new": "bo"})
    for desktop in (ana, bo, ana):
        assert (await desktop.sync.run()).digest_equal is True
    final = {"state": "resolved", "assignee": "bo"}
    assert hub.entities("conversation") == {"c1": final}
    assert await ana.bodies("conversation") == await bo.bodies("conversation") == {"c1": final}
    for desktop in (ana, bo):
        (lost,) = await desktop.database.read(lambda conn: repo.conflicts(conn, "conversation", "c1"))
        assert (lost.field, lost.kept, lost.lost, lost.device_id) == ("state", '"resolved"', '"snoozed"', "bo")


async def test_the_hubs_clock_is_measured(hub: HubHouse, ana: Desktop) -> None:
    await ana.sync.connect(hub.invite())
    await ana.sync.run()
    offset, trip = await ana.database.read(
        lambda conn: tuple(int(meta.get(conn, name)) for name in (facts.OFFSET, facts.ROUND_TRIP))
    )
    assert abs(offset) <= trip + 2
    assert 0 <= trip < 5_000


async def test_a_restart_of_the_desktop_keeps_the_connection_and_what_waits(hub: HubHouse, tmp_path: Path) -> None:
    desktop = Desktop(tmp_path / "eva", "eva")
    await desktop.sync.connect(hub.invite())
    await desktop.append("evidence", "r1", "append", {"a": 1})
    await desktop.close()
    desktop.open()
    assert (await desktop.sync.run()).pushed == 1
    await desktop.close()


async def test_the_loop_copies_by_itself_and_announces(hub: HubHouse, tmp_path: Path) -> None:
    desktop = Desktop(tmp_path / "loop", "loop")
    desktop.sync.start()
    await desktop.sync.connect(hub.invite())
    await desktop.append("evidence", "r1", "append", {"a": 1})
    await until(lambda: hub.entities("evidence") == {"r1": {"a": 1}})
    assert ConnectivityChanged(True) in desktop.events
    assert SyncChanged() in desktop.events
    await desktop.close()
