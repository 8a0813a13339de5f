"""Sealed files to a hub, 1,000 × 300 KB and 1 × 1 GB, beside curl to a bare server on one kept connection.

The bare server (uvicorn) throws away what it gets. We also hash on both sides, resume, fsync, read back, rename, write
rows and only then count a file as secured; every file is checked for that at the end.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.hub import Desktop, HubProcess
from workstation.hub import commands
from workstation.store.blobs import SealedFile, record
from workstation.store.unit import Unit

RUNS = 1
COUNT, SIZE, LARGE = 1_000, 300_000, 1_000_000_000
_PIECE = 8 * 1024 * 1024

_BARE = """
import asyncio, socket, uvicorn

async def drain(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})

bound = socket.create_server(("127.0.0.1", 0))
print(bound.getsockname()[1], flush=True)
config = uvicorn.Config(drain, log_config=None, access_log=False, lifespan="off")
asyncio.run(uvicorn.Server(config).serve(sockets=[bound]))
"""


def measure(runs: int, count: int = COUNT, size: int = SIZE, large: int = LARGE) -> dict[str, Any]:
    """Seconds of each side, taken in turn (medians of `runs`), and the ratios; `problem` says what is missing."""
    curl = shutil.which("curl")
    if curl is None:
        return {"problem": "curl is needed: apt-get install curl"}
    small_times, large_times = [], []
    for _run in range(runs):
        with tempfile.TemporaryDirectory() as folder, _bare() as port:
            small_times.append(_beside(Path(folder) / "small", curl, port, [size] * count))
            large_times.append(_beside(Path(folder) / "large", curl, port, [large]))
    return {"runs": runs, "files": count, "file_bytes": size, "large_bytes": large,
            **_figures("small", small_times), **_figures("large", large_times)}


def _figures(name: str, times: list[tuple[float, float]]) -> dict[str, float]:
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    return {f"{name}_product_s": round(ours, 3), f"{name}_curl_s": round(theirs, 3),
            f"{name}_ratio": round(ours / theirs, 2)}


def _beside(folder: Path, curl: str, port: int, sizes: list[int]) -> tuple[float, float]:
    ours, paths = asyncio.run(_product(folder, sizes))
    theirs = _curl(folder, curl, port, paths)
    shutil.rmtree(folder)
    return ours, theirs


async def _product(folder: Path, sizes: list[int]) -> tuple[float, list[Path]]:
    """Seconds until every file is secured on a hub in a process of its own, and the files."""
    invite = commands.init(folder / "hub", "Bench")
    with HubProcess(folder / "hub") as hub:
        desktop = Desktop(folder / "desktop", "bench")
        await desktop.sync.connect(f"{hub.url}/#{invite.rsplit('#', 1)[1]}")
        addresses = [await asyncio.to_thread(_file, desktop, size) for size in sizes]
        await desktop.database.write(lambda unit: _know(unit, addresses))
        await asyncio.to_thread(os.sync)
        began = time.perf_counter()
        await desktop.sync.run()
        took = time.perf_counter() - began
        if await desktop.secured() != set(addresses):
            raise RuntimeError("not every file was secured")
        paths = [desktop.files.path(address) for address in addresses]
        await desktop.close()
    return took, paths


def _know(unit: Unit, addresses: list[str]) -> None:
    for address in addresses:
        record(unit.conn, SealedFile(address, address, address, 0, bytes(32)), upstream=True)


def _file(desktop: Desktop, size: int) -> str:
    """Random bytes where a sealed file would be; what is in a ciphertext does not matter to an upload."""
    temporary = desktop.files.path("temporary")
    temporary.parent.mkdir(parents=True, exist_ok=True)
    hashed = hashlib.sha256()
    with temporary.open("wb") as file:
        for start in range(0, size, _PIECE):
            piece = os.urandom(min(_PIECE, size - start))
            hashed.update(piece)
            file.write(piece)
    target = desktop.files.path(hashed.hexdigest())
    target.parent.mkdir(exist_ok=True)
    temporary.replace(target)
    return hashed.hexdigest()


def _curl(folder: Path, curl: str, port: int, paths: list[Path]) -> float:
    url = f"http://127.0.0.1:{port}/"
    asked = "".join(f'upload-file = "{path}"\nurl = "{url}{path.name}"\noutput = "/dev/null"\n' for path in paths)
    (folder / "asked").write_text(f'silent\nfail\nheader = "Expect:"\n{asked}')
    began = time.perf_counter()
    subprocess.run([curl, "--disable", "--config", str(folder / "asked")], check=True)
    return time.perf_counter() - began


@contextmanager
def _bare() -> Iterator[int]:
    server = subprocess.Popen([sys.executable, "-c", _BARE], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()
