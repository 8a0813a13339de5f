"""The random walk of tests/support/fuzz.py. A failure names its seed; `pytest --long` walks further and more often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fuzz import World
from tests.support.hub import running_hub

SHORT = ((1, 40),)
LONG = tuple((seed, 300) for seed in range(100, 120))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    long = metafunc.config.getoption("--long", default=False)
    metafunc.parametrize(("seed", "steps"), LONG if long else SHORT)


@pytest.mark.timeout(600)
async def test_any_walk_ends_with_every_event_applied_once_and_all_sides_equal(
    tmp_path: Path, seed: int, steps: int
) -> None:
    with running_hub(tmp_path / "hub") as hub:
        world = World(seed, hub, tmp_path)
        try:
            await world.run(steps)
            await world.heal()
            await world.check()
        finally:
            await world.close()
