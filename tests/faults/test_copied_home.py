"""A home copied to another computer and both used; a hub wiped and made anew: noticed, named, nothing mixed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.support.hub import Desktop, HubHouse, running_hub
from workstation.hub import commands
from workstation.hub.server import HubServer
from workstation.kernel.errors import AuthFailed
from workstation.sync.ports import AnotherHub, Forked


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@pytest.fixture
async def ana(tmp_path: Path, hub: HubHouse) -> AsyncIterator[Desktop]:
    desktop = Desktop(tmp_path / "ana", "ana")
    await desktop.sync.connect(hub.invite())
    await desktop.append("note", "first", "put", {"v": 1})
    await desktop.sync.run()
    yield desktop
    await desktop.close()


async def copied(ana: Desktop, tmp_path: Path) -> Desktop:
    """The whole home as it is now, on another computer: same key, same device, same token."""
    await ana.close()
    shutil.copytree(ana.root, tmp_path / "copy")
    ana.open()
    return Desktop(tmp_path / "copy", ana.name, secrets=deepcopy(ana.secrets))


async def test_a_copy_that_speaks_second_is_refused_and_told_what_to_do(
    hub: HubHouse, ana: Desktop, tmp_path: Path
) -> None:
    copy = await copied(ana, tmp_path)
    await ana.append("note", "mine", "put", {"v": 1})
    await copy.append("note", "theirs", "put", {"v": 2})
    await ana.sync.run()
    with pytest.raises(Forked) as refused:
        await copy.sync.run()
    assert "copy" in refused.value.sentence
    assert "--recover --new-device" in refused.value.remedy
    status = await copy.sync.status()
    assert (status.online, status.pending, "--new-device" in status.sentence) == (False, 1, True)
    assert set(hub.entities("note")) == {"first", "mine"}
    assert (await ana.sync.run()).digest_equal is True   # the one who spoke first goes on

    copy.name = "ben"   # what `init --recover --new-device` does: another id, no token; then a new invite
    copy.secrets.values.clear()
    await copy.sync.connect(hub.invite())
    assert (await copy.sync.run()).digest_equal is True
    assert set(hub.entities("note")) == {"first", "mine", "theirs"}
    await copy.close()


async def test_the_original_is_told_when_the_copy_was_faster_even_while_it_runs(
    hub: HubHouse, ana: Desktop, tmp_path: Path
) -> None:
    shutil.copytree(ana.root, tmp_path / "late")   # while the program runs, as backup programs do
    late = Desktop(tmp_path / "late", ana.name, secrets=deepcopy(ana.secrets))
    await late.append("note", "late", "put", {"v": 1})
    await late.sync.run()
    await ana.append("note", "mine", "put", {"v": 1})
    with pytest.raises(Forked):
        await ana.sync.run()
    assert set(hub.entities("note")) == {"first", "late"}
    await late.close()


async def test_a_lost_answer_is_no_copy(hub: HubHouse, ana: Desktop) -> None:
    """The hub has the mark, the desktop died before it wrote that down."""
    await ana.close()
    ana.open()
    previous, mark = await ana.sync._marks()
    hub.server.service._rows.now(lambda conn: conn.exec_driver_sql(  # type: ignore[attr-defined]
        "INSERT INTO device_mark(device_id, mark, at) VALUES (?, ?, 1)", (ana.name, mark)))
    assert previous
    await ana.close()
    ana.open()
    assert (await ana.sync.run()).digest_equal is True


async def test_two_records_in_one_place_of_a_chain_are_caught(hub: HubHouse, ana: Desktop) -> None:
    """Even a copy that the marks let through cannot fork the chain of evidence on the hub."""
    await ana.append("evidence", "r1", "append", {"public_key": "k", "sequence": 1})
    await ana.append("evidence", "r2", "append", {"public_key": "k", "sequence": 1})
    await ana.append("evidence", "r3", "append", {"public_key": "k", "sequence": 2})
    await ana.append("evidence", "r4", "append", {"public_key": "other", "sequence": 1})
    report = await ana.sync.run()
    assert (report.refused, report.digest_equal) == (1, True)
    (failure,) = await ana.sync.failures()
    assert (failure.entity_id, "fork" in failure.reason) == ("r2", True)
    assert set(hub.entities("evidence")) == {"r1", "r3", "r4"}


async def test_a_hub_that_was_wiped_and_made_anew_is_named_as_another(hub: HubHouse, ana: Desktop) -> None:
    port = int(hub.url.rsplit(":", 1)[1])
    hub.stop()
    shutil.rmtree(hub.folder)
    commands.init(hub.folder, "Another", hub.url)
    hub.server = HubServer(hub.folder, port=port)
    hub.server.start()
    await ana.append("note", "second", "put", {"v": 2})
    with pytest.raises(AnotherHub) as told:
        await ana.sync.run()
    assert isinstance(told.value, AuthFailed)
    assert "Another hub" in (await ana.sync.status()).sentence
    assert hub.entities("note") == {}
    await ana.sync.connect(hub.invite())
    assert (await ana.sync.run()).digest_equal is True
    assert set(hub.entities("note")) == {"first", "second"}   # everything is handed in there
