"""A case for each test, with a converting process of its own or the module's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.claims import Case, LongPress, Sheets, case


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Case]:
    async with case(tmp_path, Sheets()) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press() -> AsyncIterator[LongPress]:
    one = LongPress()
    yield one
    await one.end()


@pytest_asyncio.fixture(loop_scope="module")
async def pressed(tmp_path: Path, press: LongPress) -> AsyncIterator[Case]:
    async with case(tmp_path, Sheets(), press) as one:
        yield one
