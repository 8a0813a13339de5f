"""Verifying 1,000 records with 300 KB files, as a pack, as its unpacked folder and as a store, beside `sha256sum` of
the same files (data/files of the pack for the pack, the ciphertexts for the store).

sha256sum hashes on one core; we hash with SHA-256 and SHA-512 (a BagIt bag is valid only when both hold) or decrypt and
hash twice, check every signature, every commitment and the chain, on every core there is. Everything was read once
before, so that no disk is measured.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import tamper
from tests.support.evidence import CASE, Bench, bench
from workstation.evidence.pack_check import check_pack

RUNS = 5
RECORDS, SIZE = 1_000, 300_000


def measure(runs: int, records: int = RECORDS, size: int = SIZE) -> dict[str, Any]:
    """Medians in seconds, MB/s, and our speed by sha256sum's (goal: at least 0.5); `problem` says what is missing."""
    program = shutil.which("sha256sum")
    if program is None:
        return {"problem": "sha256sum is needed (coreutils)"}
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), program, runs, records, size))


async def _measure(folder: Path, program: str, runs: int, records: int, size: int) -> dict[str, Any]:
    async with bench(folder) as made:
        await _fill(made, records, size)
        pack = await made.service.export(folder / "all.zip")
        bag = tamper.unpacked(pack, folder / "out")
        files = sorted((bag / "data/files").iterdir())
        sealed = sorted(path for path in (folder / "blobs").glob("*/*") if path.is_file())
        found: dict[str, Any] = {"runs": runs, "records": records, "file_bytes": size, "cores": os.cpu_count()}
        for name, work, peer in (
            ("pack", lambda: _intact(check_pack(pack)), files), ("folder", lambda: _intact(check_pack(bag)), files),
        ):
            found |= _figures(name, await asyncio.to_thread(_in_turn, work, program, peer, runs), peer)
        loop = asyncio.get_running_loop()
        store = lambda: _intact(asyncio.run_coroutine_threadsafe(made.service.verify(), loop).result())  # noqa: E731
        return found | _figures("store", await asyncio.to_thread(_in_turn, store, program, sealed, runs), sealed)


async def _fill(made: Bench, records: int, size: int) -> None:
    rng = random.Random(1)
    for number in range(records):
        await made.service.keep_reply(CASE, f"<{number}@bench>", rng.randbytes(size), "250 queued")


def _intact(report: Any) -> None:
    if not report.intact:
        raise RuntimeError(report.findings[:3])


def _in_turn(
    work: Callable[[], None], program: str, files: list[Path], runs: int
) -> list[tuple[float, float]]:
    """Seconds of ours and theirs, the first pair thrown away."""
    times = []
    for _run in range(runs + 1):
        began = time.perf_counter()
        work()
        middle = time.perf_counter()
        subprocess.run([program, *map(str, files)], check=True, stdout=subprocess.DEVNULL)
        times.append((middle - began, time.perf_counter() - middle))
    return times[1:]


def _figures(name: str, times: list[tuple[float, float]], files: list[Path]) -> dict[str, float]:
    megabytes = sum(path.stat().st_size for path in files) / 1_000_000
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    return {
        f"{name}_product_s": round(ours, 3), f"{name}_sha256sum_s": round(theirs, 3),
        f"{name}_product_mb_s": round(megabytes / ours), f"{name}_sha256sum_mb_s": round(megabytes / theirs),
        f"{name}_speed_ratio": round(theirs / ours, 2),
    }
