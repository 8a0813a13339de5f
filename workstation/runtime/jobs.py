"""Long work: one at a time under each name, with progress, cancel, and a growing pause between tries."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from workstation.domain.events import JobChanged
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import ConnectError, WorkstationError
from workstation.kernel.events import Event

log = logging.getLogger(__name__)
T = TypeVar("T")
Progress = Callable[[int, int], None]


def backoff(tries: int, *, first: float = 1.0, most: float = 300.0) -> float:
    """Seconds to wait before the next try: doubling, with full jitter in the upper half, at most `most`."""
    ceiling = min(most, first * 2.0 ** min(tries, 30))
    return ceiling / 2 + random.random() * ceiling / 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """A work that runs by itself and failed the last `tries` times. `sentence` is "" for a bug."""

    sentence: str
    since: int
    tries: int


class Jobs:
    """Runs jobs and announces how they move on. A second `run` under a running name joins the first.

    `troubles`: what `keep_trying` repeats and fails, by name, until it succeeds. Connections have their own states.
    """

    def __init__(self, publish: Callable[[Event], None], clock: Clock | None = None) -> None:
        self._publish = publish
        self._clock = clock or SystemClock()
        self.troubles: dict[str, Trouble] = {}
        self._running: dict[str, asyncio.Task[object]] = {}
        self._loops: set[asyncio.Task[None]] = set()

    async def run(self, job_id: str, title: str, work: Callable[[Progress], Awaitable[T]]) -> T:
        """Run `work(progress)` and return its result; whoever asks for the same job id meanwhile gets the same."""
        task = self._running.get(job_id)
        if task is None:
            task = asyncio.ensure_future(cast(Awaitable[object], self._follow(job_id, title, work)))
            self._running[job_id] = task
            task.add_done_callback(lambda _done: self._running.pop(job_id, None))
        return cast(T, await asyncio.shield(task))

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop. What it committed stays."""
        task = self._running.get(job_id)
        if task is not None:
            task.cancel()

    def keep_trying(self, name: str, step: Callable[[], Awaitable[float]]) -> None:
        """Call `step` for ever; it returns the seconds until it wants to be called again.

        A known failure waits with backoff; a bug is logged with its trace and waits too.
        """
        task = asyncio.ensure_future(self._try(name, step))
        self._loops.add(task)
        task.add_done_callback(self._loops.discard)

    def aside(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run `work` once, with nobody waiting for it. What it fails at is logged; it is no loss when it never ran."""
        task = asyncio.ensure_future(self._once(name, work))
        self._loops.add(task)
        task.add_done_callback(self._loops.discard)

    async def shutdown(self) -> None:
        tasks = [*self._running.values(), *self._loops]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, job_id: str, title: str, work: Callable[[Progress], Awaitable[T]]) -> T:
        def progress(done: int, total: int) -> None:
            self._publish(JobChanged(job_id, title, done, total, "running"))

        progress(0, 0)
        try:
            result = await work(progress)
        except asyncio.CancelledError:
            self._publish(JobChanged(job_id, title, 0, 0, "cancelled"))
            raise
        except Exception as problem:
            sentence = str(problem) if isinstance(problem, WorkstationError) else ""
            self._publish(JobChanged(job_id, title, 0, 0, "failed", sentence))
            raise
        self._publish(JobChanged(job_id, title, 1, 1, "done"))
        return result

    async def _once(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except WorkstationError as problem:
            log.info("%s: %s", name, type(problem).__name__)
        except Exception:
            log.exception("%s failed", name)

    async def _try(self, name: str, step: Callable[[], Awaitable[float]]) -> None:
        tries = 0
        while True:
            try:
                pause = await step()
                tries = 0
                self.troubles.pop(name, None)
            except ConnectError as problem:
                log.info("%s: %s", name, type(problem).__name__)
                pause = backoff(tries)
                tries += 1
            except WorkstationError as problem:
                log.warning("%s: %s", name, type(problem).__name__)
                self._note(name, str(problem))
                pause = backoff(tries, first=5.0)
                tries += 1
            except Exception:
                log.exception("%s failed", name)
                self._note(name, "")
                pause = backoff(tries, first=5.0)
                tries += 1
            await asyncio.sleep(pause)

    def _note(self, name: str, sentence: str) -> None:
        before = self.troubles.get(name)
        since, tries = (before.since, before.tries) if before else (self._clock.now(), 0)
        self.troubles[name] = Trouble(sentence, since, tries + 1)
