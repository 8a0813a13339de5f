"""A helper process of our own: started when first needed, one request at a time, killed to cancel, gone when idle.

What it is asked and how it answers is its user's. Every helper ends by itself when its standard input closes, so none
outlives this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

Process = asyncio.subprocess.Process
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


class HelperDied(Exception):
    """The process ended without an answer, or what it answered is none."""


class Closed(Exception):
    """No process is started any more: the program ends."""


def command_of(worker: str, module: str) -> list[str]:
    """How to start a helper, from a checkout and from the frozen program alike."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", worker]
    return [sys.executable, "-m", module]


class Helper:
    """A process that comes and goes. Use on one event loop. `pid` is 0 while none runs."""

    def __init__(self, command: Sequence[str], idle_seconds: float, longest_answer: int, *, idle: bool = False) -> None:
        """`longest_answer`: bytes of a line. `idle`: on Windows it only runs when nothing else does; elsewhere a helper
        sees to its priority itself."""
        self._command = list(command)
        self._idle_seconds = idle_seconds
        self._longest_answer = longest_answer
        self._low = idle
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._drain: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._stopping: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Nobody else asks meanwhile, and the process stays."""
        async with self._turn:
            self._stay_awake()
            try:
                yield
            finally:
                self._rest_later()

    async def ask(self, request: bytes, seconds: float, arguments: Sequence[str] = ()) -> bytes:
        """Write `request` and read one line. A process that is started for it gets `arguments`.

        Cancelling, a death and a timeout end the process; the next request starts a new one. Raises HelperDied,
        TimeoutError, Closed, and OSError when it cannot be started.
        """
        if self._closed:
            raise Closed
        process = await self._running(arguments)
        try:
            async with asyncio.timeout(seconds):
                return await _exchange(process, request)
        except (TimeoutError, asyncio.CancelledError, HelperDied):
            await self.end()
            raise

    async def end(self) -> None:
        """Kill and reap, even when the task that asked is itself being cancelled."""
        process, drain = self._process, self._drain
        self._process = self._drain = None
        if process is not None:
            task = asyncio.create_task(_reap(process, drain))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)
            await asyncio.shield(task)

    async def shutdown(self) -> None:
        """End the process and wait for it. Later requests are refused."""
        self._closed = True
        self._stay_awake()
        await self.end()
        if self._stopping:
            await asyncio.gather(*self._stopping)

    async def _running(self, arguments: Sequence[str]) -> Process:
        if self._process is None or self._process.returncode is not None:
            await self.end()
            self._process = await self._start(arguments)
            self._drain = asyncio.create_task(_discard(self._process.stderr))
        return self._process

    async def _start(self, arguments: Sequence[str]) -> Process:
        paths = [_PACKAGE_ROOT, os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONWARNINGS": "ignore"}
        return await asyncio.create_subprocess_exec(
            *self._command, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, limit=self._longest_answer, creationflags=_quiet_and_low(idle=self._low))

    def _stay_awake(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _rest_later(self) -> None:
        if not self._closed:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._rest)

    def _rest(self) -> None:
        """Free the memory after a quiet while."""
        if not self._turn.locked():
            task = asyncio.ensure_future(self.end())
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)


async def _exchange(process: Process, request: bytes) -> bytes:
    assert process.stdin is not None  # noqa: S101 - opened by _start
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(request)
        await process.stdin.drain()
        line = await process.stdout.readline()
    except (ConnectionError, ValueError) as problem:
        raise HelperDied from problem
    if not line.endswith(b"\n"):
        raise HelperDied
    return line


async def _reap(process: Process, drain: asyncio.Task[None] | None) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
    if drain is not None:
        await drain


async def _discard(stream: asyncio.StreamReader | None) -> None:
    """Read a stream to its end so that the helper never waits on it. Its text may quote a buyer: it goes nowhere."""
    while stream is not None and await stream.read(65_536):
        pass


def _quiet_and_low(*, idle: bool) -> int:
    if sys.platform != "win32":
        return 0
    low = subprocess.IDLE_PRIORITY_CLASS if idle else subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return low | subprocess.CREATE_NO_WINDOW
