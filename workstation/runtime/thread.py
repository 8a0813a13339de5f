"""The core thread: one asyncio loop for the whole product, driven from the main thread or the command line."""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
STOP_SECONDS = 10.0
TURN_S = 0.0005
"""For so long a thread may run Python before another that waits gets its turn. Python's own 5 ms would be what the
window stands still each time a worker is busy: more than everything else that happens to it."""


class CoreThread:
    """Owns the loop. `submit` from any thread; `stop` cancels what still runs and joins."""

    def __init__(self) -> None:
        sys.setswitchinterval(TURN_S)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._accepting = True
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the core thread. Raises RuntimeError once `stop` was called."""
        if not self._accepting:
            work.close()
            raise RuntimeError("the core thread is stopping")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Submit and wait: for the command line and tests, never for the window."""
        return self.submit(work).result(timeout)

    def stop(self) -> None:
        """Refuse commands, cancel tasks, end the loop, join the thread. Safe to call twice."""
        if not self._accepting:
            return
        self._accepting = False
        cancelled = asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop)
        concurrent.futures.wait([cancelled], STOP_SECONDS)  # a task that will not end must not keep the program open
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _cancel_all(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
