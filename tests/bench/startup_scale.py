"""`startup` with a large store beside a small one, both made by the intake's own functions, and beside Thunderbird with
100,000 of the same messages: to the first painted list, and until Thunderbird stops working.

Both homes are opened where they are, warm, with the key given; what is measured ends before the core is built.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench import bigstore, bigtext, startup, startup_peer, thunderbird
from tests.bench.bigstore import BigStore
from workstation.demo import display

SMALL = 1_000
A_CONVERSATION = 5
"""Messages of each conversation, on average."""
PEER_MESSAGES = 100_000
PEER_RUNS = 3
PEER_INDEX, PEER_PATIENCE = 300.0, 120.0
"""Seconds until Thunderbird is given up, with the messages new to it and afterwards."""


def measure(runs: int, conversations: int, keep: Path | None) -> dict[str, Any]:
    """Medians in milliseconds of the small and the large store's first painted list, and their ratio."""
    for package in ("workstation", "ui", "tests"):
        compileall.compile_dir(startup.ROOT / package, quiet=1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        screen = stack.enter_context(display.screen(folder))
        around = startup.environment(screen)
        small = stack.enter_context(bigstore.shared(None, SMALL, SMALL * A_CONVERSATION))
        large = stack.enter_context(bigstore.shared(keep, conversations, conversations * A_CONVERSATION))
        painted = _in_turn({"bare": None, "small": small, "large": large}, around, runs)
        middle = {name: statistics.median(times) for name, times in painted.items()}
        return {
            "conversations": conversations, "messages": large.messages, "store_mb": large.megabytes, "runs": runs,
            "display": screen or "offscreen", **{f"{name}_ms": round(value, 1) for name, value in middle.items()},
            "large_to_small": round(middle["large"] / middle["small"], 3),
            "large_to_bare": round(middle["large"] / middle["bare"], 3),
            **_peer(folder, around, middle["large"]),
        }


def _in_turn(sides: dict[str, BigStore | None], around: dict[str, str], runs: int) -> dict[str, list[float]]:
    """Milliseconds of each start, in turn, so that a busy machine is as unkind to one as to the others."""
    keys = {name: store.open().vault.key.hex() if store is not None else "" for name, store in sides.items()}
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _round in range(runs + startup.WARM):
        for name, store in sides.items():
            side = ["bare", ""] if store is None else ["product", str(store.home.root), keys[name]]
            began = time.monotonic()
            command = [sys.executable, "-m", "tests.bench.startup_child", *side]
            done = subprocess.run(command, env=around, cwd=startup.ROOT, capture_output=True, text=True, timeout=120,
                                  check=True)
            found[name].append((float(done.stdout.split()[-1]) - began) * 1_000)
    return {name: times[startup.WARM:] for name, times in found.items()}


def _peer(folder: Path, around: dict[str, str], painted_ms: float) -> dict[str, Any]:
    if not thunderbird.PROGRAM or around.get("QT_QPA_PLATFORM") != "xcb":
        return {"thunderbird_settled_ms": None, "thunderbird_reason": thunderbird.MISSING}
    place = folder / "peer"
    place.mkdir()
    thunderbird.make_profile(place / "profile", b"".join(_mails()))
    command = thunderbird.command(place / "profile")
    environment = {**os.environ, **around, "HOME": str(place)}
    try:
        startup_peer.settled_ms(command, environment, place, PEER_INDEX)   # reads the messages for the first time
        times = [startup_peer.settled_ms(command, environment, place, PEER_PATIENCE) for _run in range(PEER_RUNS)]
    except TimeoutError:
        return {"thunderbird_messages": PEER_MESSAGES, "thunderbird_settled_ms": None,
                "thunderbird_reason": f"still at work after {PEER_PATIENCE:.0f} s"}
    peer = statistics.median(times)
    return {"thunderbird_messages": PEER_MESSAGES, "thunderbird_settled_ms": round(peer),
            "painted_to_thunderbird_settled": round(painted_ms / peer, 4)}


def _mails() -> Iterator[bytes]:
    """The newest messages of the generated store as an mbox."""
    for at, number, place in bigstore.plan(PEER_MESSAGES // A_CONVERSATION, PEER_MESSAGES, 1):
        raw = bigtext.source(1, number, place, at)
        yield b"From - Fri Nov 20 10:00:00 2026\r\n" + raw.replace(b"\nFrom ", b"\n>From ") + b"\r\n\r\n"
