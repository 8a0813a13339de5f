"""Grabs an X11 screen on a worker thread. Every picture comes with the geometry asked just before it."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from workstation.connectors.screen import mapper, x11_windows
from workstation.connectors.screen.xcb import Server
from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from mss import MSS

BACK_END = "x11/mss"
T = TypeVar("T")


class MssCapture:
    """Fulfils `evidence.ports.CaptureBackend` without a window. `display` defaults to $DISPLAY.

    One connection is kept for pixels (a new one costs 9 ms of fresh memory for each picture) and one for everything
    else; geometry is asked anew for every picture.
    """

    def __init__(self, display: str = "") -> None:
        self._display = display
        self._lock = threading.Lock()
        self._pixels: MSS | None = None
        self._server: Server | None = None
        self._desktop: mapper.Wire = {}

    def available(self) -> str:
        if sys.platform != "linux":
            return _("Screen capture without a window works on X11 only.")
        if os.environ.get("WAYLAND_DISPLAY") and not self._display:
            return _("This is a Wayland session, which does not let a program see the screen this way.")
        if not (self._display or os.environ.get("DISPLAY")):
            return _("There is no display to capture.")
        return ""

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused."""
        return await asyncio.to_thread(self._safely, lambda server: self._screen(server, screen))

    async def screens(self) -> tuple[Monitor, ...]:
        """The monitors in the order RandR gives them. Raises CaptureRefused."""
        return await asyncio.to_thread(self._safely, lambda server: mapper.monitors(server.monitors()))

    async def windows(self) -> tuple[OpenWindow, ...]:
        """What is on the desktop, the uppermost first. Raises CaptureRefused."""
        return await asyncio.to_thread(self._safely, x11_windows.listed)

    async def grab_window(self, window_id: str) -> Grab:
        """The screen that window is on, and where on it. Raises CaptureRefused, NotFound."""
        return await asyncio.to_thread(self._safely, lambda server: self._window(server, window_id))

    def close(self) -> None:
        """Let the X server go. Safe to call twice."""
        with self._lock:
            self._forget()

    def _safely(self, work: Callable[[Server], T]) -> T:
        """Whatever the X server or its libraries cannot do is a refusal, and the next try begins anew."""
        from mss.exception import ScreenShotError

        with self._lock:
            try:
                if self._server is None:
                    self._server = Server(self._name())
                return work(self._server)
            except (ScreenShotError, OSError, ValueError, struct.error) as problem:
                self._forget()
                raise CaptureRefused(
                    _("The X server did not give the screen."), _("Nothing was kept. Run workstation doctor.")
                ) from problem

    def _screen(self, server: Server, screen: int) -> Grab:
        return self._picture(server.monitors(), screen, x11_windows.active_title(server))

    def _window(self, server: Server, window_id: str) -> Grab:
        """A window that moves while it is captured is asked to hold still: its place must be the same after."""
        answer, before = server.monitors(), x11_windows.one(server, window_id)
        screen, part = x11_windows.part_of(before, mapper.monitors(answer))
        grab = self._picture(answer, screen, before.title)
        after = x11_windows.one(server, window_id)
        if (after.x, after.y, after.width, after.height) != (before.x, before.y, before.width, before.height):
            raise CaptureRefused(_("The window moved while it was captured; nothing was kept."), _("Try again."))
        return replace(grab, window=replace(part, covered=before.covered or after.covered))

    def _picture(self, answer: Sequence[mapper.Wire], screen: int, title: str) -> Grab:
        import mss

        screens = mapper.monitors(answer)
        if not 0 <= screen < len(screens):
            reason = _("There is no screen {n}; this display has {count}.").format(n=screen, count=len(screens))
            raise CaptureRefused(reason, _("Count screens from 0."))
        shot = self._connected(answer[0]).grab(_rectangle(screens[screen]))
        return Grab(
            shot.width, shot.height, mapper.rgba(shot.raw), screens, screen, BACK_END, real_screen=True,
            window_title=title, versions=(("mss", mss.__version__),),
        )

    def _connected(self, desktop: mapper.Wire) -> MSS:
        """The kept connection; its memory fits one size of desktop."""
        from mss import MSS

        if self._pixels is None or desktop != self._desktop:
            if self._pixels is not None:
                self._pixels.close()
            self._pixels, self._desktop = MSS(display=self._name()), desktop
        return self._pixels

    def _name(self) -> str:
        return self._display or os.environ.get("DISPLAY", "")

    def _forget(self) -> None:
        pixels, self._pixels = self._pixels, None
        server, self._server = self._server, None
        if pixels is not None:
            pixels.close()
        if server is not None:
            server.close()


def _rectangle(monitor: Monitor) -> dict[str, int]:
    return {"left": monitor.x, "top": monitor.y, "width": monitor.width, "height": monitor.height}
