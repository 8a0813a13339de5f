"""The process that reads as the core sees it: killed, cancelled, hanging, idle, orphaned."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from tests.support.hub import until
from tests.support.reading import Script, script
from workstation.evidence.reading.ports import CannotRead
from workstation.evidence.reading.process import Stopped, Unfit


@pytest.fixture
def told(tmp_path: Path) -> Script:
    return script(tmp_path)


async def test_it_answers_and_keeps_to_what_it_was_asked(told: Script) -> None:
    reader = told.reader()
    lines = await reader.read(b"picture")
    assert [line.text for line in lines] == ["Order 702-5512873-9046218 marmalade", "LX473124829CN"]
    first = reader.pid
    told.answer(id=99, lines=[])
    with pytest.raises(Stopped):
        await reader.read(b"picture")
    assert not psutil.pid_exists(first)
    told.answer(unfit="damaged")
    with pytest.raises(Unfit, match="damaged"):
        await reader.read(b"picture")
    told.answer(error="MemoryError")
    with pytest.raises(Stopped, match="MemoryError"):
        await reader.read(b"picture")
    told.lines([0, 0, 10, 10, 0.9, "Παραγγελία ΩΔ"])
    assert [line.text for line in await reader.read(b"picture")] == [""], "Greek comes with holes"
    await reader.shutdown()
    with pytest.raises(CannotRead):
        await reader.read(b"picture")


async def test_a_kill_in_mid_read_is_that_pictures_and_the_next_one_is_read(told: Script) -> None:
    reader = told.reader()
    told.answer(hang=True)
    task = asyncio.create_task(reader.read(b"picture"))
    await until(lambda: len(told.asked) == 1)
    first = reader.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Stopped):
        await task
    told.lines()
    assert await reader.read(b"another") == ()
    assert reader.pid not in {0, first}
    await reader.shutdown()
    assert reader.pid == 0


async def test_cancelling_and_hanging_end_it(told: Script) -> None:
    reader = told.reader(seconds=0.2)
    told.answer(hang=True)
    with pytest.raises(Stopped):
        await reader.read(b"picture")
    assert reader.pid == 0
    patient = told.reader()
    task = asyncio.create_task(patient.read(b"picture"))
    await until(lambda: len(told.asked) == 2)
    pid = patient.pid
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.pid_exists(pid)
    await patient.shutdown()


async def test_idle_it_goes_and_frees_its_memory(told: Script) -> None:
    reader = told.reader(idle_seconds=0.05)
    await reader.read(b"picture")
    await until(lambda: reader.pid == 0)
    assert len(await reader.read(b"picture")) == 2
    await reader.shutdown()


def test_the_real_one_ends_with_its_parent_in_mid_read(tmp_path: Path) -> None:
    """The parent is killed while a picture is on its way: the process does not wait for the rest of it."""
    program = ("import asyncio,sys\nfrom workstation.evidence.reading.process import Reader\n"
               "async def main():\n r = Reader()\n t = asyncio.create_task(r.read(b'x' * 60_000_000))\n"
               " while not r.pid: await asyncio.sleep(0.01)\n print(r.pid, flush=True)\n await asyncio.sleep(60)\n"
               "asyncio.run(main())")
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as out:
        worker = psutil.Process(int(out.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert not psutil.wait_procs([worker], timeout=20)[1]
