"""The power goes at any moment of sealing a capture: nothing acknowledged is lost, the chain is whole, orphans go."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import power
from tests.support.cli import ROOT
from tests.support.evidence import bench
from tests.support.secrets import MemorySecrets
from workstation.store.blobs import addresses

_WRITER = """
import asyncio, os, sys
from pathlib import Path
from tests.support.evidence import bench, make_grab
from tests.support.secrets import MemorySecrets

async def main():
    async with bench(Path(sys.argv[1]), MemorySecrets({"device-key": b"k" * 32})) as made:
        for number in range(2):
            made.screen.picture = make_grab(20 + number, 10, seed=number)
            view = await made.service.capture(made.request())
            os.write(1, f"acknowledged {view.id}\\n".encode())

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[random.Random, int], Iterator[power.State]]:
    """A store with one day behind it, then two captures recorded to their last call."""
    folder = tmp_path_factory.mktemp("power")
    if not power.available(folder):
        pytest.skip(power.MISSING if power.STRACE is None else "strace may not trace here")
    home, before = folder / "home", folder / "before"
    home.mkdir()
    command = [sys.executable, "-c", _WRITER]
    power.record(command, home, folder / "first", ROOT)
    shutil.copytree(home, before)
    power.record(command, home, folder / "log", ROOT)
    done = power.calls(folder / "log", home)
    assert sum(call.name == "rename" for call in done) == 2
    assert sum(call.name in ("fsync", "fdatasync") for call in done) >= 6

    def states(rng: random.Random, mixed: int) -> Iterator[power.State]:
        return power.Disk(home, before).replay(done, rng, mixed)

    return states


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: an fsync there costs nothing, and these tests have hundreds."""
    quick = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=quick if os.access(quick, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


async def check(root: Path, state: power.State) -> int:
    """Open what the disk held with the product. Returns how many records there are."""
    async with bench(root, MemorySecrets({"device-key": b"k" * 32})) as made:
        report = await made.service.verify()
        assert report.intact, (state.label, report.findings)
        listed = [view.id for view in await made.service.list()]
        assert listed[2:2 + len(state.acknowledged)] == state.acknowledged, state.label
        assert len(listed) <= 2 + len(state.acknowledged) + 1, state.label
        known = await made.database.read(addresses)
        made.blobs.sweep(known)
        assert {path.name for path in (root / "blobs").rglob("*") if path.is_file()} == known, state.label
        await made.service.capture(made.request())
        assert (await made.service.verify()).intact, state.label
        return len(listed)


async def test_a_power_cut_at_any_call_loses_no_acknowledged_capture(
    recorded: Callable[[random.Random, int], Iterator[power.State]], memory: Path, rng: random.Random, long_run: bool
) -> None:
    found, seen, states = set(), set(), 0
    for state in recorded(rng, 20 if long_run else 1):
        held = hash((tuple(sorted(state.files.items())), tuple(state.acknowledged)))
        if held in seen or (not long_run and rng.random() > 0.12):
            continue   # the same disk again; by default one in eight of the states
        seen.add(held)
        state.write(memory / "disk")
        found.add(await check(memory / "disk", state))
        shutil.rmtree(memory / "disk")
        states += 1
    print(f"{states} states of the disk opened")
    assert found == {2, 3, 4}


async def test_the_model_loses_what_is_not_synced(
    recorded: Callable[[random.Random, int], Iterator[power.State]], rng: random.Random
) -> None:
    """Otherwise the test above could not fail: some states lack the newest file, some have it empty."""
    sizes = set()
    for state in recorded(rng, 1):
        blobs = [len(content) for name, content in state.files.items() if name.startswith("blobs/")]
        sizes.add((len(blobs), 0 in blobs))
    assert {(2, False), (3, True), (4, False)} <= sizes
