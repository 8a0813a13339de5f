"""Grabs an X11 screen on a worker thread. Every picture comes with the geometry asked just before it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from workstation.connectors.screen import mapper
from workstation.evidence.model import Grab, Monitor
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from mss import MSS

BACK_END = "x11/mss"


class MssCapture:
    """Fulfils `evidence.ports.CaptureBackend` without a window. `display` defaults to $DISPLAY."""

    def __init__(self, display: str = "") -> None:
        self._display = display

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

    def _grab(self, screen: int) -> Grab:
        from mss import MSS
        from mss.exception import ScreenShotError

        try:
            with MSS(display=self._display or os.environ["DISPLAY"]) as server:
                return _picture(server, screen)
        except (ScreenShotError, OSError, ValueError) as problem:
            raise CaptureRefused(
                _("The X server did not give the screen."), _("Nothing was kept. Run workstation doctor.")
            ) from problem


def _picture(server: MSS, screen: int) -> Grab:
    import mss

    screens = mapper.monitors(server.monitors)
    if not 0 <= screen < len(screens):
        reason = _("There is no screen {n}; this display has {count}.").format(n=screen, count=len(screens))
        raise CaptureRefused(reason, _("Count screens from 0."))
    shot = server.grab(_rectangle(screens[screen]))
    return Grab(
        shot.width, shot.height, mapper.rgba(shot.raw), screens, screen, BACK_END, real_screen=True,
        versions=(("mss", mss.__version__),),
    )


def _rectangle(monitor: Monitor) -> dict[str, int]:
    return {"left": monitor.x, "top": monitor.y, "width": monitor.width, "height": monitor.height}
