"""SIGKILL while a case is erased: it was erased or it was not, never by half; the next start takes what was left."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.erasing import desk
from tests.support.evidence import CASE
from tests.support.evidence_x11 import ROOT
from workstation.evidence.model import Kind
from workstation.store.blobs import addresses

_ERASER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import event
from tests.support.erasing import desk
from tests.support.evidence import CASE
from tests.support.killing import killer
from workstation.store.blobs import BlobFiles

folder, now = Path(sys.argv[1]), killer(sys.argv[2])

forget, removed = BlobFiles.forget, 0

def forgetting(self, address):
    global removed
    now("after commit" if removed == 0 else "after one file")
    removed += 1
    return forget(self, address)

async def main():
    async with desk(folder) as here:
        await here.case()
        flush = here.made.database.flush_log
        async def flushing():
            now("before the log")
            await flush()
        here.made.database.flush_log = flushing
        event.listen(here.made.database.writer, "commit", lambda conn: now("before commit"))
        BlobFiles.forget = forgetting
        await here.deadlines.erase(CASE)

asyncio.run(main())
"""
STAGES = {"before commit": 3, "after commit": 3, "after one file": 2, "before the log": 0}
"""Where it is killed, and how many ciphertexts are on the disk then."""


def _kill(folder: Path, stage: str) -> None:
    done = subprocess.run([sys.executable, "-c", _ERASER, str(folder), stage], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("stage", [
    "after commit", *(pytest.param(stage, marks=pytest.mark.long) for stage in STAGES if stage != "after commit"),
])
async def test_an_erasure_is_whole_or_was_not(tmp_path: Path, stage: str) -> None:
    await asyncio.to_thread(_kill, tmp_path, stage)
    async with desk(tmp_path) as here:
        assert len(here.files()) == STAGES[stage]
        report = await here.made.service.verify()
        assert report.intact, report.findings
        erased = [one for one in await here.made.service.list(CASE, custody=True) if one.kind is Kind.ERASE]
        preview = await here.deadlines.preview(CASE)
        assert preview.empty == bool(erased) == (stage != "before commit")
        known = await here.made.database.read(addresses)
        here.made.blobs.sweep(known)   # as `Running.tidy` does at every start
        assert len(here.files()) == (0 if erased else 3)
        if not erased:
            assert (await here.deadlines.erase(CASE)).files == 3
            assert here.files() == []
        assert (await here.made.service.verify()).intact
