"""SIGKILL while a buyer is erased: everything of them is gone, or nothing is and the plan runs at the next start."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.evidence_x11 import ROOT
from tests.support.forgetting import LENA, NOW, house, left
from workstation.kernel.clock import HOUR

_ERASER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import event
from tests.support.forgetting import house, mail, row
from tests.support.killing import killer
from workstation.kernel.clock import HOUR

folder, now = Path(sys.argv[1]), killer(sys.argv[2])

async def main():
    async with house(folder) as here:
        await here.mailbox()
        await here.orders(row("305-1234567-1234567"))
        await here.mails(mail("one", order="305-1234567-1234567"))
        case = await here.case("zerbrochen")
        await here.settle()
        await here.fill(case)
        await here.core.erasure.plan(case, "the buyer asks")
        here.clock.advance(HOUR)
        flush = here.running.database.flush_log
        async def flushing():
            now("before the log")
            await flush()
        here.running.database.flush_log = flushing
        event.listen(here.running.database.writer, "commit", lambda conn: now("before commit"))
        await here.running.erasure._run({})

asyncio.run(main())
"""


@pytest.mark.long
@pytest.mark.parametrize("stage", ["before commit", "before the log"])
async def test_a_buyer_is_erased_whole_or_not_and_the_plan_goes_on(tmp_path: Path, stage: str) -> None:
    def kill() -> None:
        done = subprocess.run(
            [sys.executable, "-c", _ERASER, str(tmp_path), stage], cwd=ROOT, timeout=120, check=False)
        assert done.returncode == -signal.SIGKILL

    await asyncio.to_thread(kill)
    async with house(tmp_path, NOW + 2 * HOUR) as here:
        still = await left(here, LENA)
        assert bool(still) == (stage == "before commit")
        assert bool(await here.sql("SELECT 1 FROM erasure_plan")) == bool(still)
        await here.running.erasure._run({})
        assert await left(here, LENA) == []
        assert await here.sql("SELECT 1 FROM erasure_plan") == []
        assert (await here.core.evidence.verify()).intact
