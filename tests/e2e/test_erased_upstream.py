"""Erasing beside a hub: while it is away, while files go up, and after a store was restored from before the erasure."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.erasing import jpeg
from tests.support.evidence import CASE, PaintedScreen, make_grab
from tests.support.hub import Desktop, HubHouse, running_hub
from workstation.evidence.erasing import Erasing, heard
from workstation.evidence.erasure.model import COLLECTION
from workstation.evidence.model import CaptureRequest, Kind
from workstation.evidence.service import EvidenceService
from workstation.evidence.signing import DeviceKey
from workstation.sync.collections import MirrorCollection
from workstation.sync.wire import DeviceCard


class EvidenceDesk(Desktop):
    """A desktop whose evidence is copied upstream, and which hears of erasures."""

    def rewire(self) -> None:
        self.collections = (MirrorCollection(COLLECTION, heard),)
        super().rewire()
        self.evidence = EvidenceService(
            self.database, self.files, self.secrets, self.clock, PaintedScreen(make_grab()), self.name, "0.1.0")
        self.erasing = Erasing(self.database, self.files, self.evidence.sealer, self.clock,
                               lambda _conn, case_id: (case_id,), lambda _conn, _ids: ())

    def card(self) -> DeviceCard:
        return DeviceCard(self.name, self.name, DeviceKey.load(self.secrets).public.public_bytes_raw())

    async def keep(self) -> list[str]:
        """A capture and a photo; their ids."""
        await self.evidence.capture(CaptureRequest(CASE))
        await self.evidence.keep_picture(CASE, jpeg())
        return [record.id for record in await self.evidence.list(CASE)]

    async def forget_hub(self) -> None:
        await self.database.write(
            lambda unit: unit.conn.exec_driver_sql("DELETE FROM meta WHERE name LIKE 'sync%'").rowcount)

    async def addresses(self) -> list[str]:
        return [address for address, _held in await self.held()]

    async def held(self) -> list[tuple[str, str]]:
        return await self.database.read(lambda conn: [
            (row[0], row[1]) for row in conn.exec_driver_sql("SELECT address, id FROM blob ORDER BY id")])


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


async def test_a_hub_that_was_away_forgets_when_it_is_back(tmp_path: Path, hub: HubHouse) -> None:
    desk = EvidenceDesk(tmp_path / "ana", "ana")
    try:
        await desk.sync.connect(hub.invite())
        await desk.keep()
        await desk.sync.run()
        addresses = await desk.addresses()
        assert all(hub.object_path(address).exists() for address in addresses)
        hub.stop()
        assert (await desk.erasing.erase(CASE)).files == 2
        assert all(hub.object_path(address).exists() for address in addresses)
        hub.restart()
        report = await desk.sync.run()
        assert report.digest_equal
        assert not any(hub.object_path(address).exists() for address in addresses)
        assert await desk.outbox() == []
        assert all(record.secured for record in await desk.evidence.list(CASE))
    finally:
        await desk.close()


@pytest.mark.long
async def test_what_is_erased_before_it_went_up_never_does_and_nothing_waits(tmp_path: Path, hub: HubHouse) -> None:
    desk = EvidenceDesk(tmp_path / "ana", "ana")
    try:
        await desk.keep()
        addresses = await desk.addresses()
        await desk.erasing.erase(CASE)
        await desk.sync.connect(hub.invite())
        assert (await desk.sync.run()).digest_equal
        assert not any(hub.object_path(address).exists() for address in addresses)
        assert await desk.sync.failures() == ()
        assert await desk.outbox() == []
        assert len(hub.entities("evidence")) == 3
    finally:
        await desk.close()


async def test_a_restored_store_erases_again_what_the_hub_says_was_erased(tmp_path: Path, hub: HubHouse) -> None:
    desk = EvidenceDesk(tmp_path / "ana", "ana")
    await desk.sync.connect(hub.invite())
    await desk.keep()
    await desk.sync.run()
    await desk.close()
    shutil.copytree(tmp_path / "ana", tmp_path / "backup")
    desk.open()
    await desk.erasing.erase(CASE)
    await desk.sync.run()
    await desk.close()
    restored = EvidenceDesk(tmp_path / "backup", "ana-restored")   # another device, another key: so restoring makes it
    try:
        assert len(await restored.held()) == 2
        await restored.forget_hub()
        await restored.sync.connect(hub.invite())
        await restored.sync.run()
        assert await restored.erasing.again() == 2
        assert await restored.held() == []
        assert not [path for path in (tmp_path / "backup" / "blobs").rglob("*") if path.is_file()]
        kinds = [record.kind for record in await restored.evidence.list(CASE, custody=True)]
        assert kinds[-1] is Kind.ERASE
        assert (await restored.evidence.verify()).intact
        assert (await restored.sync.run()).digest_equal
        assert await restored.outbox() == []
    finally:
        await restored.close()


@pytest.mark.long
async def test_a_restored_home_erases_what_it_sealed_as_another_device(tmp_path: Path, hub: HubHouse) -> None:
    desk = EvidenceDesk(tmp_path / "ana", "ana")
    await desk.sync.connect(hub.invite())
    await desk.keep()
    await desk.sync.run()
    addresses = await desk.addresses()
    await desk.close()
    shutil.copytree(tmp_path / "ana", tmp_path / "backup")
    restored = EvidenceDesk(tmp_path / "backup", "ana-restored")
    try:
        await restored.forget_hub()
        await restored.sync.connect(hub.invite())
        await restored.sync.run()
        await restored.erasing.erase(CASE)
        assert (await restored.sync.run()).digest_equal
        assert [refused for _event, refused in await restored.outbox()] == []
        assert not any(hub.object_path(address).exists() for address in addresses)
    finally:
        await restored.close()
