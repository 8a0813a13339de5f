"""The hub has its newest checkpoint stamped where its file names an authority, and desktops keep the stamp."""

from __future__ import annotations

import hashlib
import json

import httpx
import pytest

from tests.support.authority import house
from tests.support.hub import HubHouse
from tests.support.proofs import AtHand
from tests.unit.hub.test_log import hand_in, head
from workstation.evidence import tokens
from workstation.hub import log_stamps
from workstation.hub.config import HubFolder
from workstation.hub.service import open_hub
from workstation.kernel.errors import InputError
from workstation.sync import log_wire


def name_authority(hub: HubHouse, roots: str = "root.pem") -> HubFolder:
    said = json.loads((hub.folder / "hub.json").read_text())
    (hub.folder / "root.pem").write_bytes(house().root)
    (hub.folder / "hub.json").write_text(json.dumps(
        {**said, "authority": "http://127.0.0.1:1/tsr", "authority_roots": roots}))
    return HubFolder(hub.folder)


async def test_the_newest_checkpoint_is_stamped_once(device: httpx.Client, hub: HubHouse) -> None:
    folder = name_authority(hub)
    roots = log_stamps.roots_of(folder, folder.load())
    service = open_hub(folder)
    try:
        assert not await log_stamps.stamp(service, "u", roots, AtHand(house()))   # an empty log needs none
        hand_in(device, 1, 2)
        assert await log_stamps.stamp(service, "u", roots, AtHand(house()))
        assert not await log_stamps.stamp(service, "u", roots, AtHand(house()))
        found, shown = head(device)
        told = log_wire.head(json.dumps(shown).encode())
        assert found.size == 2
        assert tokens.check(told.token, hashlib.sha256(told.note).digest(), told.roots).signer == "CN=Test authority"
        hand_in(device, 3)
        assert head(device)[1]["token"] == ""
        assert await log_stamps.stamp(service, "u", roots, AtHand(house()))
        assert head(device)[1]["token"]
    finally:
        service.close()


async def test_a_stamp_that_does_not_hold_is_not_kept(device: httpx.Client, hub: HubHouse) -> None:
    folder = name_authority(hub)
    hand_in(device, 1)
    service = open_hub(folder)
    try:
        with pytest.raises(tokens.BadToken):
            await log_stamps.stamp(service, "u", house().root, AtHand(house("Another")))
        assert head(device)[1]["token"] == ""
    finally:
        service.close()


def test_a_root_that_is_not_there_is_said(hub: HubHouse) -> None:
    folder = name_authority(hub, "missing.pem")
    with pytest.raises(InputError):
        log_stamps.roots_of(folder, folder.load())


async def test_without_an_authority_nothing_is_asked(hub: HubHouse) -> None:
    service = open_hub(HubFolder(hub.folder))
    try:
        await log_stamps.keep_stamping(service, HubFolder(hub.folder))
    finally:
        service.close()
