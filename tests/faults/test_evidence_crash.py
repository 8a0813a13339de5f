"""Kills at every moment: what was acknowledged is there, whole, in order; and the order of writing is as promised."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.evidence import bench
from tests.support.evidence_x11 import ROOT
from tests.support.secrets import MemorySecrets
from workstation.domain.events import EvidenceSealed
from workstation.store import files

_WRITER = """
import asyncio, os, sys
from pathlib import Path
from sqlalchemy import event
from tests.support.evidence import bench, make_grab
from tests.support.killing import killer
from tests.support.secrets import MemorySecrets
from workstation.store import files

folder, now = Path(sys.argv[1]), killer(sys.argv[2], int(sys.argv[3]))

def around(name, real):
    def call(*args, **named):
        now("before " + name)
        result = real(*args, **named)
        now("after " + name)
        return result
    return call

for name in ("sync_file", "sync_folder"):
    setattr(files, name, around(name, getattr(files, name)))
Path.replace = around("rename", Path.replace)
os.link = around("rename", os.link)

async def main():
    async with bench(folder, MemorySecrets({"device-key": b"k" * 32})) as made:
        event.listen(made.database.writer, "commit", lambda conn: now("before commit"))
        number = 0
        while True:
            number += 1
            made.screen.picture = make_grab(40 + number % 7, 30, seed=number)
            view = await made.service.capture(made.request())
            now("before acknowledge")
            print(view.id, flush=True)

asyncio.run(main())
"""
STAGES = ("before sync_file", "after sync_file", "before rename", "after rename", "after sync_folder", "before commit",
          "before acknowledge")


def _write_until_killed(folder: Path, stage: str, count: int, seconds: float = 0.0) -> list[str]:
    """Run the writer until it kills itself at a stage, or we kill it after `seconds`. Returns what it acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder), stage, str(count)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )
    assert writer.stdout is not None
    first = writer.stdout.readline() if seconds else ""
    if seconds:
        time.sleep(seconds)
        os.kill(writer.pid, signal.SIGKILL)
    rest, _errors = writer.communicate(timeout=60)
    assert writer.returncode == -signal.SIGKILL
    return (first + rest).split()


async def _check(folder: Path, acknowledged: list[str]) -> None:
    """Everything acknowledged is in the chain, the chain is whole, every row has its file, and work goes on."""
    async with bench(folder, MemorySecrets({"device-key": b"k" * 32})) as made:
        report = await made.service.verify()
        assert report.intact, report.findings
        listed = [view.id for view in await made.service.list()]
        assert listed[: len(acknowledged)] == acknowledged
        assert len(listed) <= len(acknowledged) + 1
        queued = await made.sql("SELECT entity_id FROM outbox ORDER BY seq")
        assert [row[0] for row in queued] == listed
        known = [str(row[0]) for row in await made.sql("SELECT address FROM blob")]
        made.blobs.sweep(known)
        await made.service.capture(made.request())
        assert (await made.service.verify()).intact


@pytest.mark.parametrize("stage", STAGES)
async def test_a_kill_at_each_stage_loses_nothing_acknowledged(tmp_path: Path, stage: str) -> None:
    acknowledged = await asyncio.to_thread(_write_until_killed, tmp_path, stage, 3)
    assert acknowledged
    await _check(tmp_path, acknowledged)


async def test_kills_at_any_moment_lose_nothing_acknowledged(
    tmp_path: Path, rng: random.Random, long_run: bool
) -> None:
    acknowledged: list[str] = []
    for _kill in range(100 if long_run else 2):
        fresh = await asyncio.to_thread(_write_until_killed, tmp_path, "never", 0, rng.uniform(0.01, 0.4))
        async with bench(tmp_path, MemorySecrets({"device-key": b"k" * 32})) as made:
            listed = [view.id for view in await made.service.list()]
            assert (await made.service.verify()).intact
        assert set(acknowledged) | set(fresh) <= set(listed)
        acknowledged = listed
    await _check(tmp_path, acknowledged)


async def test_the_order_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File to the disk, into place, folder to the disk, commit, and only then the announcement."""
    steps: list[str] = []

    def noted(name: str, owner: object, attribute: str) -> None:
        real = getattr(owner, attribute)

        def call(*args: object, **named: object) -> object:
            steps.append(name)
            return real(*args, **named)

        monkeypatch.setattr(owner, attribute, call)

    async with bench(tmp_path) as made:
        await made.service.capture(made.request())
        noted("file", files, "sync_file")
        noted("rename", Path, "replace")
        noted("rename", os, "link")
        noted("folder", files, "sync_folder")
        event.listen(made.database.writer, "commit", lambda _connection: steps.append("commit"))
        made.database._publish = lambda happened: steps.append(type(happened).__name__)
        await made.service.capture(made.request())
        steps.append("acknowledge")
    assert steps[:3] == ["file", "rename", "folder"]
    after = [step for step in steps[3:] if step in ("commit", EvidenceSealed.__name__, "acknowledge")]
    assert after == ["commit", EvidenceSealed.__name__, "acknowledge"]
    assert steps.count("file") == steps.count("rename") == 1


async def test_a_full_disk_keeps_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from workstation.kernel.errors import DiskFull

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with bench(tmp_path) as made:
        await made.service.capture(made.request())
        with monkeypatch.context() as patch:
            patch.setattr(files, "sync_file", full)
            with pytest.raises(DiskFull):
                await made.service.capture(made.request())
        assert len(await made.service.list()) == 1
        assert (await made.service.capture(made.request())).sequence == 2
        assert (await made.service.verify()).intact
