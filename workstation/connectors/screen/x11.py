"""Grabs an X11 screen on a worker thread. Every picture comes with the geometry asked just before it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workstation.connectors.screen import mapper
from workstation.evidence.model import Grab, Monitor
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from mss import MSS

BACK_END = "x11/mss"


class MssCapture:
    """Fulfils `evidence.ports.CaptureBackend` without a window. `display` defaults to $DISPLAY.

    One connection is kept for pixels (a new one costs 9 ms of fresh memory for each picture); geometry is asked anew.
    """

    def __init__(self, display: str = "") -> None:
        self._display = display
        self._lock = threading.Lock()
        self._server: MSS | None = None
        self._desktop: Mapping[str, object] = {}

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
        return await asyncio.to_thread(self._grab, screen)

    def close(self) -> None:
        """Let the X server go. Safe to call twice."""
        with self._lock:
            self._forget()

    def _grab(self, screen: int) -> Grab:
        from mss.exception import ScreenShotError

        with self._lock:
            try:
                return self._picture(screen)
            except (ScreenShotError, OSError, ValueError) as problem:
                self._forget()
                raise CaptureRefused(
                    _("The X server did not give the screen."), _("Nothing was kept. Run workstation doctor.")
                ) from problem

    def _picture(self, screen: int) -> Grab:
        import mss

        answer = self._geometry()
        screens = mapper.monitors(answer)
        if not 0 <= screen < len(screens):
            reason = _("There is no screen {n}; this display has {count}.").format(n=screen, count=len(screens))
            raise CaptureRefused(reason, _("Count screens from 0."))
        shot = self._connected(answer[0]).grab(_rectangle(screens[screen]))
        return Grab(
            shot.width, shot.height, mapper.rgba(shot.raw), screens, screen, BACK_END, real_screen=True,
            versions=(("mss", mss.__version__),),
        )

    def _geometry(self) -> Sequence[Mapping[str, object]]:
        """The desktop and its monitors as they are now: mss remembers them for the life of a connection."""
        from mss import MSS

        with MSS(backend="xgetimage", display=self._name()) as server:
            return server.monitors

    def _connected(self, desktop: Mapping[str, object]) -> MSS:
        """The kept connection; its memory fits one size of desktop."""
        from mss import MSS

        if self._server is None or desktop != self._desktop:
            self._forget()
            self._server, self._desktop = MSS(display=self._name()), desktop
        return self._server

    def _name(self) -> str:
        return self._display or os.environ.get("DISPLAY", "")

    def _forget(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _rectangle(monitor: Monitor) -> dict[str, int]:
    return {"left": monitor.x, "top": monitor.y, "width": monitor.width, "height": monitor.height}
