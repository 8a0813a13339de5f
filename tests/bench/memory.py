"""Resident size of the window over a large store after minutes of scripted use, beside a minimal PySide6 window.

The use: scroll through the list, open conversations, search as one types, resolve and take back. The window is the
product's own with its whole core; sizes are read from the kernel, the window's children included.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from tests.bench import bigstore, processes, startup
from workstation.demo import display

RUNS = 10
"""Minutes."""
CONVERSATIONS = 200_000
_BARE_SETTLES = 3.0


def measure(minutes: int, conversations: int = CONVERSATIONS, keep: Path | None = None) -> dict[str, Any]:
    """Megabytes: the bare window, ours once it stands still, after each minute of use; and how much was done."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        screen = stack.enter_context(display.screen(folder))
        around = startup.environment(screen)
        store = stack.enter_context(bigstore.shared(keep, conversations, conversations * 5))
        bare = _bare(around)
        command = [sys.executable, "-m", "tests.bench.memory_child", str(store.home.root), str(store.passphrase),
                   str(minutes)]
        with processes.running(command, around, folder) as window:
            figures = _follow(window, minutes)
        said = (folder / "words").read_text().split()
    return {"conversations": conversations, "messages": store.messages, "minutes": minutes, "bare_mb": round(bare),
            **figures, "actions": int(said[-1]) if said and said[-1].isdigit() else " ".join(said[-40:])}


def _follow(window: psutil.Process, minutes: int) -> dict[str, Any]:
    processes.settled(window, time.monotonic(), 120.0)
    begun = processes.use(window).resident_mb
    every: list[int] = []
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until and window.is_running() and window.status() != psutil.STATUS_ZOMBIE:
        time.sleep(min(60.0, max(0.1, until - time.monotonic())))
        every.append(round(processes.use(window).resident_mb))
    return {"begun_mb": round(begun), "each_minute_mb": every, "after_mb": every[-1] if every else None}


def _bare(around: dict[str, str]) -> float:
    program = subprocess.Popen([sys.executable, "-m", "tests.bench.memory_child", "bare"], env=around, cwd=startup.ROOT)
    try:
        time.sleep(_BARE_SETTLES)
        return processes.use(psutil.Process(program.pid)).resident_mb
    finally:
        program.kill()
        program.wait()
