"""What a program and all it started takes of the machine, read from the kernel's own counters."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK = 0.04
"""Seconds between two looks at the counters."""
QUIET = 1.0
"""A program that took next to nothing for so many seconds has settled."""
NEXT_TO_NOTHING = 0.08
"""Of one processor."""


@dataclass(frozen=True, slots=True)
class Use:
    """Processor seconds, and how often a thread was put to sleep (each of which is a wake-up)."""

    cpu: float
    switches: int
    resident_mb: float

    def since(self, before: Use) -> Use:
        return Use(self.cpu - before.cpu, self.switches - before.switches, self.resident_mb)


@contextmanager
def running(command: Sequence[str], around: Mapping[str, str], folder: Path) -> Iterator[psutil.Process]:
    """A program in a session of its own, ended with everything it started. Its words go to files in `folder`."""
    with (folder / "words").open("wb") as words:
        program = subprocess.Popen(command, env=dict(around), stdout=words, stderr=words, start_new_session=True)
    try:
        yield psutil.Process(program.pid)
    finally:
        family = _family(psutil.Process(program.pid)) if program.poll() is None else []
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.terminate()
        _gone, alive = psutil.wait_procs(family, timeout=10)
        for each in alive:
            with contextlib.suppress(psutil.Error):
                each.kill()
        program.wait()


def use(process: psutil.Process) -> Use:
    """What the program and its children have taken until now."""
    cpu, switches, resident = 0.0, 0, 0
    for each in _family(process):
        with contextlib.suppress(psutil.Error, OSError):
            times = each.cpu_times()
            cpu += times.user + times.system
            resident += each.memory_info().rss
            switches += sum(_sleeps(task) for task in Path(f"/proc/{each.pid}/task").iterdir())
    return Use(cpu, switches, resident / 1e6)


def settled(process: psutil.Process, began: float, most: float = 60.0) -> float:
    """Milliseconds from `began` (monotonic) until the program stopped working. Raises TimeoutError."""
    busy_until, before = began, _cpu(process)
    while time.monotonic() - began < most:
        time.sleep(LOOK)
        now, at = _cpu(process), time.monotonic()
        if now - before > NEXT_TO_NOTHING * LOOK:
            busy_until = at
        before = now
        if at - busy_until > QUIET and at - began > QUIET:
            return (busy_until - began) * 1_000
    raise TimeoutError("it never settled")


def _cpu(process: psutil.Process) -> float:
    total = 0.0
    for each in _family(process):
        with contextlib.suppress(psutil.Error, OSError, ValueError, IndexError):
            for task in Path(f"/proc/{each.pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0]) / 1e9   # nanoseconds; stat counts in 10 ms
    return total


def _sleeps(task: Path) -> int:
    lines = (task / "status").read_text().splitlines()
    return sum(int(line.split(":")[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return [process]
