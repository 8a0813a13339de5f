"""A desk over a real store; simulated sources where a test asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.orders import Desk, Sources
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.shop import SimulatedShop


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.database.close()


@pytest.fixture
async def sources() -> AsyncIterator[Sources]:
    sources = Sources(SimulatedShop([], token="key-1"), SimulatedCarrier([], token="key-2"))
    yield sources
    await sources.close()


@pytest.fixture
async def connected(tmp_path: Path, sources: Sources) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, sources.connected)
    yield desk
    desk.database.close()
