"""From the start of the process to the first painted list of a store with 10,000 conversations, beside a bare window.

Both sides run in turn, warm, with bytecode, on the same display (an Xvfb of our own, or Qt's offscreen platform).
"""

from __future__ import annotations

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from workstation.demo import display
from workstation.domain.conversation import Channel
from workstation.inbox.repo import CONVERSATION
from workstation.kernel.clock import HOUR, SystemClock
from workstation.kernel.ids import new_id
from workstation.store import migrate
from workstation.store.database import make_engine

KEY = bytes(range(32))
CONVERSATIONS = 10_000
ROOT = Path(__file__).parents[2]


def measure(runs: int) -> dict[str, Any]:
    """Medians in milliseconds and their ratio, with the key given and, where there is one, from the Secret Service."""
    for package in ("workstation", "ui"):
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder, display.screen(Path(folder)) as screen:
        home = Path(folder) / "home"
        home.mkdir()
        make_store(home, CONVERSATIONS)
        environment = _environment(screen)
        sides: dict[str, list[float]] = {"bare": [], "product": []}
        for _round in range(runs + 2):
            for side, times in sides.items():
                times.append(_once(side, home, environment))
    kept = {side: times[2:] for side, times in sides.items()}
    bare, product = (statistics.median(kept[side]) for side in ("bare", "product"))
    return {
        "conversations": CONVERSATIONS, "runs": runs, "display": screen or "offscreen",
        "bare_ms": round(bare, 1), "product_ms": round(product, 1), "ratio": round(product / bare, 2),
        "product_p95_ms": round(sorted(kept["product"])[int(len(kept["product"]) * 0.95)], 1),
    }


def make_store(home: Path, conversations: int) -> None:
    """A store with so many open conversations, under KEY."""
    engine = make_engine(home / "workstation.db", KEY, size=1)
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


def _environment(screen: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    kept["PYTHONPATH"] = str(ROOT)
    return {**kept, "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"} if screen else {**kept, "QT_QPA_PLATFORM": "offscreen"}


def _once(side: str, home: Path, environment: dict[str, str]) -> float:
    """Milliseconds until the child says its list was painted. CLOCK_MONOTONIC is the same in both processes."""
    copy = home.with_name("run")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.bench.startup_child", side, str(copy)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return (float(done.stdout.split()[-1]) - began) * 1_000
