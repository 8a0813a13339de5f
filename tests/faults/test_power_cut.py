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
from tests.support.authority import house
from tests.support.evidence import CASE, bench, make_grab
from tests.support.proofs import AtHand
from tests.support.secrets import MemorySecrets
from workstation.evidence.model import DeriveRequest, Rect, Redact
from workstation.evidence.stamping import Stamping

def kept(view):
    os.write(1, f"acknowledged {view.id}\\n".encode())
    return view

async def main():
    home, stamped = Path(sys.argv[-1]), "stamped" in sys.argv
    added = home.with_name("photo")
    added.write_bytes(os.urandom(5_000))
    async with bench(home, MemorySecrets({"device-key": b"k" * 32})) as made:
        made.screen.picture = make_grab(20, 10, seed=os.getpid())
        view = kept(await made.service.capture(made.request()))
        if stamped:
            stamps = Stamping(made.database, made.clock, AtHand(house()))
            await stamps.add("Test authority", "http://127.0.0.1:1/tsr", house().root)
            await stamps.drain()
            os.write(1, b"acknowledged token\\n")
        kept(await made.service.keep_file(CASE, added))
        kept(await made.service.derive(DeriveRequest(view.id, (Redact(Rect(1, 1, 5, 5)),))))

asyncio.run(main())
"""


_DAY = 3   # records of the day before


@pytest.fixture(scope="module")
def recorded(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[random.Random, int], Iterator[power.State]]:
    """A store with one day behind it, then a capture, an added file and a redacted copy recorded to their last call;
    with --long a time stamp as well."""
    folder = tmp_path_factory.mktemp("power")
    if not power.available(folder):
        pytest.skip(power.MISSING if power.STRACE is None else "strace may not trace here")
    home, before = folder / "home", folder / "before"
    home.mkdir()
    command = [sys.executable, "-c", _WRITER, "stamped" if request.config.getoption("--long") else "plain"]
    power.record(command, home, folder / "first", ROOT)
    shutil.copytree(home, before)
    power.record(command, home, folder / "log", ROOT)
    done = power.calls(folder / "log", home)
    assert sum(call.name == "rename" for call in done) == 3
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
        promised = [each for each in state.acknowledged if each != "token"]
        listed = [view.id for view in await made.service.list()]
        assert listed[_DAY:_DAY + len(promised)] == promised, state.label
        assert len(listed) <= _DAY + len(promised) + 1, state.label
        stamps = len(await made.sql("SELECT 1 FROM evidence_token"))
        assert stamps >= 2 * state.acknowledged.count("token"), state.label
        known = await made.database.read(addresses)
        made.blobs.sweep(known)
        assert {path.name for path in (root / "blobs").rglob("*") if path.is_file()} == known, state.label
        await made.service.capture(made.request())
        assert (await made.service.verify()).intact, state.label
        return len(listed)


@pytest.mark.timeout(3_600)   # with --long
async def test_a_power_cut_at_any_call_loses_no_acknowledged_capture(
    recorded: Callable[[random.Random, int], Iterator[power.State]], memory: Path, rng: random.Random, long_run: bool
) -> None:
    found, seen, states = set(), set(), 0
    for state in recorded(rng, 20 if long_run else 1):
        held = hash((tuple(sorted(state.files.items())), tuple(state.acknowledged)))
        if held in seen or (not long_run and rng.random() > 0.08):
            continue   # the same disk again; by default one in twelve of the states
        seen.add(held)
        if long_run and states % 200 == 0:
            print(f"{states} states of the disk opened so far: {state.label}")
        state.write(memory / "disk")
        found.add(await check(memory / "disk", state))
        shutil.rmtree(memory / "disk")
        states += 1
    print(f"{states} states of the disk opened")
    assert found == {3, 4, 5, 6}


async def test_the_model_loses_what_is_not_synced(
    recorded: Callable[[random.Random, int], Iterator[power.State]], rng: random.Random
) -> None:
    """Otherwise the test above could not fail: some states lack the newest file, some have it empty."""
    sizes = set()
    for state in recorded(rng, 1):
        blobs = [len(content) for name, content in state.files.items() if name.startswith("blobs/")]
        sizes.add((len(blobs), 0 in blobs))
    assert {(3, False), (4, True), (6, False)} <= sizes
