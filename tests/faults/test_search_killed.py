"""The program is killed, by SIGKILL, in the middle of filling a search index: nothing is lost, twice or half there, the
old index answers meanwhile, and the next start goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import ROOT
from tests.support.store import NOW, desk, mail
from workstation.inbox.model import ListQuery
from workstation.store.search import shelves, upkeep

MAILS = 60
_FILLER = """
import asyncio, os, sys
from pathlib import Path
from tests.support.store import desk
from workstation.store.search import shelves, upkeep

upkeep.BATCH = 1

async def main():
    async with desk(Path(sys.argv[1])) as here:
        shelf = await here.database.write(lambda unit: shelves.begin(unit.conn))
        while shelf.filling:
            shelf = await here.database.write(lambda unit: upkeep.fill_step(unit.conn, shelves.read(unit.conn)))
            os.write(1, f"{shelf.upto}\\n".encode())

asyncio.run(main())
"""


def _killed(home: Path, after: int) -> int:
    """Fill in a process of its own until it has told so many steps, and kill it. Returns the last step it told."""
    with subprocess.Popen([sys.executable, "-c", _FILLER, str(home)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _step in range(after)]
        process.send_signal(signal.SIGKILL)
        rest = [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
    assert process.returncode == -signal.SIGKILL
    return [*told, *rest][-1]


async def test_a_killed_filling_loses_nothing_and_goes_on(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rounds = 12 if request.config.getoption("--long") else 1
    async with desk(tmp_path) as one:
        await one.with_account()
        await one.inbox.receive("account", [mail(n, at=NOW - n * 60_000) for n in range(MAILS)])
    chance = random.Random(int(request.config.getoption("--seed") or 7))
    for _round in range(rounds):
        told = _killed(tmp_path, chance.randrange(3, 20))
        async with desk(tmp_path) as again:
            left = await again.database.read(shelves.read)
            assert left.filling
            assert left.upto >= told                   # what was told is there
            done, total = await again.database.read(upkeep.progress)
            assert 0 < done < total == MAILS
            counted = await again.database.read(lambda c: c.exec_driver_sql(
                f"SELECT count(*) FROM {left.filled}_docsize").scalar_one())  # noqa: B023, S608 - read at once
            assert counted == done                     # and as much is in the index, no more
            assert await _found(again) == MAILS        # the old one answers
            await again.inbox.searching.care.fill()
            assert not (await again.database.read(shelves.read)).filling
            assert await _found(again) == MAILS
            assert not await again.inbox.searching.care.check(whole=True)
            while await again.database.write(lambda unit: upkeep.clear_step(unit.conn)):
                pass


async def _found(here: object) -> int:
    page = await here.inbox.page(ListQuery(queue="all", search="parcel", limit=500))  # type: ignore[attr-defined]
    return len(page.rows)
