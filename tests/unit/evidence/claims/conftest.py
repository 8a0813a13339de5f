"""A case for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.claims import Case, Sheets, case


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Case]:
    async with case(tmp_path, Sheets()) as one:
        yield one
