"""From the start of the process to the first painted list of a store with 10,000 conversations, beside a bare window,
and beside Thunderbird with the same mail.

Both sides run in turn, warm, with bytecode, on the same display (an Xvfb of our own, or Qt's offscreen platform).
"""

from __future__ import annotations

import compileall
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from tests.bench import startup_keyring, startup_peer
from workstation.demo import display
from workstation.domain.conversation import Channel
from workstation.inbox.repo import CONVERSATION
from workstation.kernel.clock import HOUR, SystemClock
from workstation.kernel.ids import new_id
from workstation.store import migrate
from workstation.store.database import make_engine

KEY = bytes(range(32))
CONVERSATIONS = 10_000
WARM = 2
"""Rounds that only warm the caches."""
ROOT = Path(__file__).parents[2]
Sides = dict[str, list["Start"]]


@dataclass(frozen=True, slots=True)
class Start:
    """One start: until its list was painted by the clock, and what the process took of the processors. Milliseconds."""

    wall: float
    cpu: float


def measure(runs: int, conversations: int = 0, keep: Path | None = None) -> dict[str, Any]:
    """Medians in milliseconds and their ratios, with the key given and, where there is one, from the Secret Service.
    With `conversations` instead a generated store of so many beside a small one, as `startup_scale`."""
    if conversations:
        from tests.bench import startup_scale

        return startup_scale.measure(runs, conversations, keep)
    for package in ("workstation", "ui", "tests"):
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder, display.screen(Path(folder)) as screen:
        home = Path(folder) / "home"
        home.mkdir()
        make_store(home, CONVERSATIONS)
        sides = in_turn(("bare", "product"), home, environment(screen), runs)
        kept = startup_keyring.measure(Path(folder), environment(screen), runs)
        painted = statistics.median(start.wall for start in sides["product"])
        peer = startup_peer.measure(Path(folder), environment(screen), runs, painted)
    figures = {"conversations": CONVERSATIONS, "runs": runs, "display": screen or "offscreen"}
    p95 = sorted(start.wall for start in sides["product"])[int(runs * 0.95)]
    return {**figures, **compared(sides, "product"), "product_p95_ms": round(p95, 1), **kept, **peer}


def in_turn(names: tuple[str, ...], home: Path, around: dict[str, str], runs: int) -> Sides:
    """Start every side in turn, so that a busy machine is as unkind to one as to the other."""
    sides: Sides = {name: [] for name in names}
    for _round in range(runs + WARM):
        for name, starts in sides.items():
            starts.append(_once(name, home, around))
    return {name: starts[WARM:] for name, starts in sides.items()}


def compared(sides: Sides, name: str) -> dict[str, Any]:
    """One side beside the bare window: medians, and by processor time also the best run of each."""
    bare, other = sides["bare"], sides[name]
    wall = [statistics.median(start.wall for start in side) for side in (bare, other)]
    cpu = [statistics.median(start.cpu for start in side) for side in (bare, other)]
    best = [min(start.cpu for start in side) for side in (bare, other)]
    return {
        "bare_ms": round(wall[0], 1), f"{name}_ms": round(wall[1], 1), "ratio": round(wall[1] / wall[0], 2),
        "bare_cpu_ms": round(cpu[0], 1), f"{name}_cpu_ms": round(cpu[1], 1), "cpu_ratio": round(cpu[1] / cpu[0], 2),
        "best_cpu_ratio": round(best[1] / best[0], 2),
    }


def make_store(home: Path, conversations: int, key: bytes = KEY) -> None:
    """A store with so many open conversations, under this key."""
    engine = make_engine(home / "workstation.db", key, size=1)
    migrate.upgrade(engine)
    now = SystemClock().now()
    rows = [
        {
            "id": new_id(), "subject": f"Where is order 702-{n:07}-1234567?", "channel": Channel.AMAZON,
            "customer_name": f"Buyer {n}", "customer_address": f"{n}@buyer.example", "language": "pt", "last_at": now,
            "due_at": now + n * 1_000, "clock_ms": 24 * HOUR, "unanswered_since": now, "sort_key": now + n * 1_000,
            "snippet": "Onde está o meu pacote?",
        }
        for n in range(conversations)
    ]
    with engine.begin() as connection:
        connection.execute(insert(CONVERSATION), rows)
    engine.dispose()


def environment(screen: str) -> dict[str, str]:
    """What a start finds around it."""
    kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    kept["PYTHONPATH"] = str(ROOT)
    return {**kept, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"} if screen else {**kept, "QT_QPA_PLATFORM": "offscreen"}


def _once(side: str, home: Path, around: dict[str, str]) -> Start:
    """One start until the child says its list was painted. CLOCK_MONOTONIC is the same in both processes."""
    copy = home.with_name("run")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    used, began = _used(), time.monotonic()
    command = [sys.executable, "-m", "tests.bench.startup_child", side, str(copy)]
    done = subprocess.run(command, env=around, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return Start((float(done.stdout.split()[-1]) - began) * 1_000, (_used() - used) * 1_000)


def _used() -> float:
    """Seconds that children which ended have taken of the processors."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
