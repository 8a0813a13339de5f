"""SIGKILL while steps are ticked: every tick that was acknowledged becomes one record, none becomes two."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.evidence import payload_of
from tests.support.evidence_x11 import ROOT
from tests.support.playbooks import played

_TICKER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import event
from tests.support.killing import killer
from tests.support.playbooks import played
from workstation.playbooks.model import State

folder, now = Path(sys.argv[1]), killer(sys.argv[2], int(sys.argv[3]))

async def sealing(made):
    while True:
        await made.service.step()
        now("after sealing")

async def main():
    async with played(folder) as made:
        task = asyncio.ensure_future(sealing(made))
        event.listen(made.desk.database.writer, "commit", lambda conn: now("before commit"))
        number = 0
        while number < 60:
            for step in ("order", "tracking", "promise", "proof", "tell"):
                number += 1
                made.desk.clock.advance(7)
                state = State.DONE if number % 3 else State.OPEN
                await made.service.mark(made.one, step, state)
                print(step, made.desk.clock.now(), state.value, flush=True)
                now("after a tick")
                if number % 4 == 0:
                    await asyncio.sleep(0.02)
        task.cancel()

asyncio.run(main())
"""
STAGES = ("before commit", "after a tick", "after sealing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        seeds = range(9) if metafunc.config.getoption("--long", default=False) else range(1)
        metafunc.parametrize("seed", [pytest.param(n, marks=pytest.mark.long, id=f"{n}") for n in seeds])


def _killed(folder: Path, stage: str, count: int) -> list[list[str]]:
    """Tick until it is killed at a stage; what was acknowledged by then."""
    done = subprocess.run([sys.executable, "-c", _TICKER, str(folder), stage, str(count)], cwd=ROOT, timeout=100,
                          check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr[-2_000:]
    return [line.split() for line in done.stdout.splitlines()]


async def test_what_was_acknowledged_becomes_one_record(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    stage, count = STAGES[seed % len(STAGES)], chance.randrange(2, 30)
    said = _killed(tmp_path, stage, count)
    assert said or count < 10
    async with played(tmp_path) as made:
        while await made.service.settle():
            pass
        rows = await made.sql("SELECT envelope FROM evidence_record WHERE kind = 'step' ORDER BY sequence")
        sealed = [_said(raw) for (raw,) in rows]
        assert len(sealed) == len(set(sealed)), "none becomes two"
        wanted = {(step, int(at), state) for step, at, state in said}
        assert wanted <= set(sealed)
        assert len(sealed) <= len(wanted) + 1, "only the one that was under way may be there unacknowledged"
        assert (await made.evidence.verify()).intact


def _said(raw: object) -> tuple[str, int, str]:
    assert isinstance(raw, bytes)
    said: dict[str, Any] = payload_of(raw)
    what = said["what"]
    return what["step"], int(said["when"]["wall_ns"]) // 1_000_000, what["state"]
