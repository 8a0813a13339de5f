"""The core behind a window: lock, core thread, a build in the background, and an end that loses nothing.

Light until `start`: the lock needs neither asyncio nor SQLAlchemy nor the network.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workstation import app
from workstation.kernel.errors import Busy, ReadOnly
from workstation.store.lock import WINDOW, HomeLock

if TYPE_CHECKING:
    import asyncio

    from workstation.api import Core
    from workstation.app.handover import Front, Handover
    from workstation.app.wiring import Parts, Running
    from workstation.evidence.ports import CaptureBackend
    from workstation.runtime.thread import CoreThread

SHUTDOWN_SECONDS = 8.0
OTHERS_SECONDS = 10.0
"""How long a start waits for a window that is starting too, and for a command that writes to finish."""


class Desk:
    """One home in use by a window. Raises Busy at once when another window holds the home.

    `parts` replaces what is usual (the demo's sources); `prepare` is awaited once everything runs (the demo's mail).
    """

    def __init__(
        self, opened: app.Opened, parts: Parts | None = None, prepare: Callable[[Core], Awaitable[None]] | None = None,
    ) -> None:
        self._opened = opened
        self._parts = parts
        self._prepare = prepare
        self._lock = HomeLock(opened.home.root, WINDOW)
        self.only_reading = False
        """The folder cannot be written: everything can be read, nothing runs behind, every change is refused."""
        self._take()
        self._running: Running | None = None
        self._handover: Handover | None = None
        self._ended = False
        self._changing = threading.Lock()

    def _take(self) -> None:
        """Hold the home. Raises Busy; ReadOnly where there is nothing to read either."""
        try:
            self._lock.acquire()
        except ReadOnly:
            if not self._opened.home.database.exists():
                raise
            self.only_reading = True

    @cached_property
    def thread(self) -> CoreThread:
        """The core thread, begun when it is first asked for: after the first paint."""
        from workstation.runtime.thread import CoreThread

        return CoreThread()

    def start(
        self, capture: CaptureBackend, ready: Callable[[Core], None], failed: Callable[[BaseException], None],
        on_loop: Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None], front: Front | None = None,
        upgrading: Callable[[int, int], None] | None = None,
    ) -> None:
        """Build the core in the background. `ready` or `failed` is called on the core thread, once; `upgrading` again
        and again before that while a store of an older schema is brought up to date.

        Then other processes can hand work over; `front` is what a second start of the window asks for.
        """
        self._front = front
        self._upgrading = upgrading
        self.thread.loop.call_soon_threadsafe(self.thread.loop.set_exception_handler, on_loop)
        self.thread.submit(self._build(capture, ready, failed))

    async def _build(
        self, capture: CaptureBackend, ready: Callable[[Core], None], failed: Callable[[BaseException], None],
    ) -> None:
        import asyncio

        try:
            from workstation.app.wiring import Parts

            parts = replace(self._parts or Parts(), capture=capture)
            self._running = running = await app.build(self._opened, parts, self._upgrading)
            if self.only_reading:
                ready(running.core)
                return
            await running.tidy()
            ready(running.core)
            self._open_door(running.core)
            await running.start()
            if self._prepare is not None:
                await self._prepare(running.core)
        except asyncio.CancelledError:
            await self._take_down()
            raise
        except Exception as problem:  # noqa: BLE001 - whoever shows the window shows it
            failed(problem)

    async def _take_down(self) -> None:
        """The end came while the core was built: what was built after `shutdown` looked is ended here."""
        import asyncio

        with self._changing:
            running, self._running = self._running, None
        if running is not None:
            await running.shutdown()
            await asyncio.to_thread(running.close)

    def _open_door(self, core: Core) -> None:
        from workstation.app.handover import Handover, Host

        with self._changing:
            if not self._ended:
                host = Host(core, self.thread, self._opened.settings)
                self._handover = Handover(self._opened.home, host, self._front)
                self._handover.start()

    def shutdown(self) -> None:
        """End the services, drain the writer, join the thread, let go of the home. Blocks, at most some seconds."""
        with self._changing:
            self._ended = True
            handover, self._handover = self._handover, None
            running, self._running = self._running, None
        try:
            if handover is not None:
                handover.close()
            if running is not None:
                self.thread.run(running.shutdown(), SHUTDOWN_SECONDS)
        finally:
            self.thread.stop()
            if running is not None:
                running.close()
            self._lock.release()


def desk_or_front(opened: app.Opened) -> Desk | None:
    """The home's desk; None when another window has it and came to the front. Raises Busy when nobody answers."""
    for _try in range(3):   # whoever let go of the home may be followed by another
        try:
            return Desk(opened)
        except Busy:
            from workstation.app.handover import come_to_front_instead

            if come_to_front_instead(opened.home, OTHERS_SECONDS):
                return None
    return Desk(opened)
