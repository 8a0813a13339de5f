"""The random walk of tests/support/logfuzz.py: every record the hub acknowledged is in its log once and stays provable;
a log that does not go on is noticed, and called by the right name. `pytest --long` walks further and more often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.hub import running_hub
from tests.support.logfuzz import LogWorld

SHORT = ((1, 3, False),)
LONG = tuple((seed, 100, seed % 2 == 0) for seed in range(100, 116))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    long = metafunc.config.getoption("--long", default=False)
    metafunc.parametrize(("seed", "steps", "lies"), LONG if long else SHORT)


@pytest.mark.timeout(600)
async def test_every_acknowledged_record_is_in_the_log_once_and_every_break_is_told(
    tmp_path: Path, seed: int, steps: int, lies: bool
) -> None:
    with running_hub(tmp_path / "hub") as hub:
        world = LogWorld(seed, hub, tmp_path, lies=lies)
        try:
            await world.connect()
            await world.restored_once()
            assert any("restored" in code for code in world.breaks)
            await world.run(steps)
            await world.heal(3 if steps > 10 else 2)
            await world.check()
            print(f"seed {seed}: {world.restores} restores, breaks {world.breaks}")
        finally:
            await world.close()
