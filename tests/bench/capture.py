"""From the request to a sealed, signed, committed capture of 1920×1080 on an Xvfb, beside `scrot` writing a file.

scrot only writes a PNG; we also hash, encrypt, sign, fsync and commit.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from workstation import app
from workstation.app.wiring import Parts
from workstation.connectors.screen.x11 import MssCapture
from workstation.demo import display
from workstation.evidence.model import CaptureRequest
from workstation.kernel.paths import Home
from workstation.runtime.thread import CoreThread


def measure(runs: int) -> dict[str, Any]:
    """Medians in milliseconds, taken in turn, and their ratio; `problem` says what is missing instead."""
    program = shutil.which("scrot")
    with tempfile.TemporaryDirectory() as folder, display.screen(Path(folder)) as screen:
        if program is None or not screen:
            return {"problem": "scrot and Xvfb are needed: apt-get install scrot xvfb"}
        ours, theirs = _in_turn(runs + 2, Path(folder), screen, program)
    product, peer = statistics.median(ours[2:]), statistics.median(theirs[2:])
    return {
        "runs": runs, "product_ms": round(product, 1), "scrot_ms": round(peer, 1), "ratio": round(product / peer, 2),
        "product_p95_ms": round(sorted(ours[2:])[int(runs * 0.95)], 1),
    }


def _in_turn(runs: int, folder: Path, screen: str, program: str) -> tuple[list[float], list[float]]:
    passphrase = folder / "passphrase"
    passphrase.write_text("a pass phrase for one benchmark")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(folder / "home"), passphrase, folder / "recovery")
    thread = CoreThread()
    running = thread.run(app.build(opened, Parts(capture=MssCapture(screen))))
    ours: list[float] = []
    theirs: list[float] = []
    try:
        for number in range(runs):
            began = time.perf_counter()
            thread.run(running.core.evidence.capture(CaptureRequest(case_id="bench")))
            ours.append((time.perf_counter() - began) * 1_000)
            theirs.append(_scrot(program, folder / f"{number}.png", screen))
    finally:
        thread.run(running.shutdown())
        running.close()
        thread.stop()
    return ours, theirs


def _scrot(program: str, path: Path, screen: str) -> float:
    began = time.perf_counter()
    subprocess.run([program, "--overwrite", str(path)], env={**os.environ, "DISPLAY": screen}, check=True)
    return (time.perf_counter() - began) * 1_000
