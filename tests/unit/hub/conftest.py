"""One running hub with one enrolled device, spoken to over plain HTTP."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.hub import HubHouse, running_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubHouse]:
    with running_hub(tmp_path / "hub") as house:
        yield house


@pytest.fixture
def enrol(hub: HubHouse) -> Iterator[object]:
    """A function that lets a device in and returns a client with its token."""
    clients: list[httpx.Client] = []

    def let_in(name: str) -> httpx.Client:
        token = hub.invite().rsplit("#", 1)[1]
        asked = {"invite": token, "device_id": name, "name": name, "public_key": base64.b64encode(bytes(32)).decode()}
        answer = httpx.post(f"{hub.url}/v1/enrol", json=asked)
        assert answer.status_code == 201
        client = httpx.Client(
            base_url=f"{hub.url}/v1", headers={"Authorization": f"Bearer {answer.json()['token']}"}, timeout=20,
        )
        clients.append(client)
        return client

    yield let_in
    for client in clients:
        client.close()


@pytest.fixture
def device(enrol: object) -> httpx.Client:
    assert callable(enrol)
    client = enrol("device-1")
    assert isinstance(client, httpx.Client)
    return client
