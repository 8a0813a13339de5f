"""While a window holds the home, other processes of its user hand their work over to it (docs/adr/0005).

Listens once the core is there. A second start asks for the window to come to the front; a command that writes is run
here, on the window's core, by `workstation.commands`, which is loaded when the first one arrives. Whoever cannot prove
the key of `handover.json` gets nothing; nobody can make this process wait, and its threads keep no process alive.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from workstation.kernel.errors import Busy
from workstation.kernel.paths import Home
from workstation.store.lock import HomeLock

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.kernel.settings import Settings
    from workstation.runtime.line import Line, Listening
    from workstation.runtime.thread import CoreThread

log = logging.getLogger(__name__)
MOST_LINES = 32
CLOSE_SECONDS = 3.0
"""How long an end waits for handed-over commands to say that they stopped."""

Front = Callable[[str, Callable[[], None]], None]
"""Bring the window to the front with an activation token ("" for none), then call the second argument."""


class Host(NamedTuple):
    """What a handed-over command works with: the window's own core."""

    core: Core
    thread: CoreThread
    settings: Settings


class Handover:
    """Listens for one home. `front` is called on one of its threads."""

    def __init__(self, home: Home, host: Host, front: Front | None = None) -> None:
        self._home = home
        self._host = host
        self._front = front
        self._door: Listening | None = None
        self._closing = threading.Event()
        self._room = threading.BoundedSemaphore(MOST_LINES)
        self._meetings: set[threading.Thread] = set()
        self._changing = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="handover", daemon=True)

    def start(self) -> None:
        """Returns at once. Where nothing can listen, commands that write are refused while the window is open."""
        self._listener.start()

    def close(self) -> None:
        """Take nothing more, stop what runs, and let it say so. Blocks CLOSE_SECONDS at most, however many there are:
        whoever takes the home next finds nobody who still opens or closes its door."""
        with self._changing:
            self._closing.set()
            door, self._door = self._door, None
            running = (self._listener, *self._meetings)
        if door is not None:
            door.wake()
            door.close()
        deadline = time.monotonic() + CLOSE_SECONDS
        for thread in running:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _listen(self) -> None:
        from workstation.runtime.line import Listening

        try:
            door = Listening(self._home.root)
        except OSError as problem:
            log.warning("commands cannot be handed over to this window: %s", type(problem).__name__)
            return
        with self._changing:
            late = self._closing.is_set()
            self._door = None if late else door
        if late:
            door.close()
        while not self._closing.is_set():
            self._take(door)

    def _take(self, door: Listening) -> None:
        """The next line gets a thread of its own, if there is room."""
        try:
            line = door.accept()
        except OSError as problem:
            log.info("a line was not taken: %s", type(problem).__name__)
            self._closing.wait(0.05)
            return
        meeting = threading.Thread(target=self._meet, args=(door, line), name="handed-over", daemon=True)
        with self._changing:   # `close` joins only what was started
            taken = not self._closing.is_set() and self._room.acquire(blocking=False)
            if taken:
                meeting.start()
                self._meetings.add(meeting)
        if not taken:
            line.close()

    def _meet(self, door: Listening, line: Line) -> None:
        from workstation.runtime.line import Gone

        try:
            self._answer(door, line)
        except Gone as problem:
            log.info("a line ended: %s", problem)
        except Exception:
            log.exception("what was handed over could not be done")
        finally:
            line.close()
            with self._changing:
                self._meetings.discard(threading.current_thread())
            self._room.release()

    def _answer(self, door: Listening, line: Line) -> None:
        from workstation.runtime.line import SECONDS, Gone

        hurry = threading.Timer(SECONDS, line.abort)   # a caller that sends a byte now and then
        hurry.daemon = True
        hurry.start()
        try:
            line.prove(door.key, door.place, listening=True)
            request = line.receive(SECONDS)
        finally:
            hurry.cancel()
        if request is None:
            raise Gone("nothing asked")
        if request.get("do") == "front":
            self._bring(line, str(request.get("token") or ""))
        elif request.get("do") == "run":
            importlib.import_module("workstation.commands").serve(line, request, self._host, self._closing)

    def _bring(self, line: Line, token: str) -> None:
        from workstation.runtime.line import SECONDS, Gone

        if self._front is None:
            line.send({"front": False})
            return
        done = threading.Event()
        self._front(token[:1000], done.set)
        deadline = time.monotonic() + SECONDS
        while not done.wait(0.05) and time.monotonic() < deadline:
            if self._closing.is_set():
                raise Gone("closing")   # no answer is not the answer no: whoever asks can have the home in a moment
        line.send({"front": done.is_set()})


def come_to_front_instead(home: Home, seconds: float) -> bool:
    """The home is held by another process: ask its window to come to the front, waiting `seconds` for one that starts
    and for a command to finish. A window that listens and hangs is given up after `line.SECONDS`.

    False: the home was let go meanwhile. Raises Busy when neither came about in time.
    """
    from workstation.runtime.front import come_to_front

    deadline = time.monotonic() + seconds
    while True:
        came = come_to_front(home.root)
        if came:
            return True
        try:
            with HomeLock(home.root):
                return False
        except Busy:
            if came is False or time.monotonic() >= deadline:
                raise
        time.sleep(0.05)
