"""The worker process as seen from the core: started when first needed, one request at a time, killed to cancel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workstation.kernel.actions import Action
from workstation.kernel.i18n import _
from workstation.translation.catalogue import Model
from workstation.translation.ports import EngineFailed

IDLE_SECONDS = 300.0
REQUEST_SECONDS = 90.0
LONGEST_ANSWER = 4_000_000
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


class WorkerDied(Exception):
    """The process ended without an answer."""


def worker_command() -> list[str]:
    """How to start the worker, from a checkout and from the frozen program alike."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", "translate"]
    return [sys.executable, "-m", "workstation.translation.worker"]


class WorkerProcess:
    """A worker that comes and goes. Use on one event loop. `pid` is 0 while none runs."""

    def __init__(self, command: Sequence[str] | None = None, idle_seconds: float = IDLE_SECONDS) -> None:
        self._command = list(command or worker_command())
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._drain: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._stopping: set[asyncio.Task[None]] = set()
        self._last_id = 0
        self._closed = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    async def translate(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        """Translate with `model`. Cancelling kills the process; the next request starts a new one.

        A crash is tried once more in a fresh process. Raises EngineFailed.
        """
        async with self._turn:
            self._stay_awake()
            try:
                return await self._ask(model, texts)
            except WorkerDied:
                return await self._ask_again(model, texts)
            finally:
                self._rest_later()

    async def shutdown(self) -> None:
        """End the process and wait for it. Later requests are refused."""
        self._closed = True
        self._stay_awake()
        await self._end()
        if self._stopping:
            await asyncio.gather(*self._stopping)

    async def _ask_again(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        try:
            return await self._ask(model, texts)
        except WorkerDied as problem:
            raise EngineFailed(
                _("The translation engine stopped twice on this text."),
                _("The original is kept; read it, or try another engine."),
            ) from problem

    async def _ask(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        if self._closed:
            raise EngineFailed(_("The program is closing."), _("Start it again."))
        process = await self._running()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return self._read(await self._exchange(process, model, texts), texts)
        except TimeoutError as problem:
            await self._end()
            raise EngineFailed(
                _("The translation engine did not answer in time."), _("Try a shorter text.")) from problem
        except (asyncio.CancelledError, WorkerDied):
            await self._end()
            raise

    async def _exchange(self, process: asyncio.subprocess.Process, model: Model, texts: Sequence[str]) -> bytes:
        assert process.stdin is not None  # noqa: S101 - opened by _start
        assert process.stdout is not None  # noqa: S101
        self._last_id += 1
        request = {"id": self._last_id, "engine": model.engine, "source": model.source, "target": model.target,
                   "folder": str(model.folder), "texts": list(texts)}
        try:
            process.stdin.write(json.dumps(request, ensure_ascii=False).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        except (ConnectionError, ValueError) as problem:
            raise WorkerDied from problem
        if not line.endswith(b"\n"):
            raise WorkerDied
        return line

    def _read(self, line: bytes, texts: Sequence[str]) -> tuple[str, ...]:
        try:
            answer = json.loads(line)
            number, translated, error = answer["id"], answer.get("texts"), answer.get("error", "")
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise WorkerDied from problem
        if number != self._last_id or (translated is not None and len(translated) != len(texts)):
            raise WorkerDied
        if translated is None:
            raise EngineFailed(
                _("The translation engine could not use its model ({error}).").format(error=error),
                _("Add the language package again."), action=Action.INSTALL_LANGUAGE)
        return tuple(str(text) for text in translated)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            await self._end()
            self._process = await self._start()
            self._drain = asyncio.create_task(_discard(self._process.stderr))
        return self._process

    async def _start(self) -> asyncio.subprocess.Process:
        paths = [_PACKAGE_ROOT, os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONWARNINGS": "ignore"}
        try:
            return await asyncio.create_subprocess_exec(
                *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                limit=LONGEST_ANSWER, creationflags=_quiet_and_low())
        except OSError as problem:
            raise EngineFailed(
                _("The translation worker could not be started."), _("Install the program again.")) from problem

    async def _end(self) -> None:
        """Kill and reap, even when the task that asked is itself being cancelled."""
        process, drain = self._process, self._drain
        self._process = self._drain = None
        if process is not None:
            task = asyncio.create_task(_reap(process, drain))
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)
            await asyncio.shield(task)

    def _stay_awake(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _rest_later(self) -> None:
        if not self._closed:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._rest)

    def _rest(self) -> None:
        """Free the models' memory after a quiet while."""
        if not self._turn.locked():
            task = asyncio.ensure_future(self._end())
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)


async def _reap(process: asyncio.subprocess.Process, drain: asyncio.Task[None] | None) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
    if drain is not None:
        await drain


async def _discard(stream: asyncio.StreamReader | None) -> None:
    """Read a stream to its end so that the worker never waits on it. Its text may quote a buyer: it goes nowhere."""
    while stream is not None and await stream.read(65_536):
        pass


def _quiet_and_low() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
