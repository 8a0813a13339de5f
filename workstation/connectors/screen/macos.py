"""macOS: mss (Quartz) on a worker thread, and only with the permission to record the screen.

Without that permission macOS reports no error: it hands out the wallpaper with our own windows on it. So the
permission is asked for first (CGPreflightScreenCaptureAccess, macOS 10.15), and its absence is the error. A display
that sleeps shows nothing to anybody. Rectangles are in points and pictures in pixels; the scale is what both dimensions
of the picture agree on. Written from Apple's documentation; it has not been run on macOS yet, the decisions are tested
apart.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from workstation.connectors.screen import mapper
from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.kernel.errors import CaptureRefused, Unsupported
from workstation.kernel.i18n import _

BACK_END = "macos/quartz"
_QUARTZ = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
_EVERY_PIXEL = 0              # kCGWindowImageDefault; mss asks for one pixel a point, which is a smaller picture
Shot = tuple[int, int, bytearray]


class System(Protocol):
    """The calls to macOS, so that what is decided on them can be tested anywhere."""

    def permitted(self) -> bool:
        """Whether this program may record the screen."""

    def ask(self) -> None:
        """Let macOS put the program into the list of its privacy settings, where it can be allowed."""

    def asleep(self) -> bool: ...

    def screens(self) -> Sequence[Mapping[str, object]]:
        """As mss: the whole desktop, then each display, in points."""

    def pixels(self, place: Mapping[str, object]) -> Shot:
        """Width, height and B, G, R, unused of each pixel. Raises OSError."""


class QuartzCapture:
    """Fulfils `evidence.ports.CaptureBackend` and `SeesDesktop` but for windows."""

    def __init__(self, system: System | None = None) -> None:
        self._system = system or Quartz()

    def available(self) -> str:
        if not self._system.permitted():
            self._system.ask()
            return _("macOS does not let this program see the screen. Allow it under System Settings, Privacy & "
                     "Security, Screen Recording, then start it again.")
        return ""

    async def screens(self) -> tuple[Monitor, ...]:
        return await asyncio.to_thread(lambda: mapper.monitors(self._system.screens()))

    async def windows(self) -> tuple[OpenWindow, ...]:
        raise _no_windows()

    async def grab_window(self, _window_id: str) -> Grab:
        raise _no_windows()

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused."""
        return await asyncio.to_thread(self._grab, screen)

    def _grab(self, screen: int) -> Grab:
        if not self._system.permitted():
            raise CaptureRefused(
                _("macOS does not let this program see the screen; it would hand out the wallpaper only."),
                _("Allow it under System Settings, Privacy & Security, Screen Recording, then start it again."))
        if self._system.asleep():
            raise CaptureRefused(_("The screen is off; nothing was captured."), _("Wake it, then try again."))
        answer = self._system.screens()
        listed = mapper.monitors(answer)
        if not 0 <= screen < len(listed):
            reason = _("There is no screen {n}; this display has {count}.").format(n=screen, count=len(listed))
            raise CaptureRefused(reason, _("Count screens from 0."))
        try:
            width, height, bgrx = self._system.pixels((answer[1:] or answer)[screen])
        except (OSError, ValueError) as problem:
            raise CaptureRefused(_("macOS did not give the screen."),
                                 _("Nothing was kept. Run workstation doctor.")) from problem
        counted = measured(listed, screen, width, height)
        return Grab(width, height, mapper.rgba(bgrx), counted, screen, BACK_END, real_screen=True)


def measured(listed: Sequence[Monitor], screen: int, width: int, height: int) -> tuple[Monitor, ...]:
    """The displays, with the captured one's pixels counted; the others' are not known, and said so (scale 0)."""
    unknown = [replace(one, pixel_width=0, pixel_height=0, scale=0.0) for one in listed]
    own = listed[screen]
    across, down = width / own.width, height / own.height
    agreed = abs(across - down) * min(own.width, own.height) <= 1
    unknown[screen] = replace(own, pixel_width=width, pixel_height=height, scale=across if agreed else 0.0)
    return tuple(unknown)


def _no_windows() -> Unsupported:
    return Unsupported(_("This system does not tell which windows are open."), _("Capture a region instead."))


class Quartz:
    """The calls themselves."""

    def permitted(self) -> bool:
        return bool(_call("CGPreflightScreenCaptureAccess"))

    def ask(self) -> None:
        _call("CGRequestScreenCaptureAccess")

    def asleep(self) -> bool:
        return bool(_call("CGDisplayIsAsleep", ctypes.c_uint32(_call("CGMainDisplayID"))))

    def screens(self) -> Sequence[Mapping[str, object]]:
        from mss import MSS

        with MSS() as server:
            return server.monitors

    def pixels(self, place: Mapping[str, object]) -> Shot:
        from mss import MSS, darwin
        from mss.exception import ScreenShotError

        where = {name: int(str(place[name])) for name in ("left", "top", "width", "height")}
        darwin.IMAGE_OPTIONS = _EVERY_PIXEL
        try:
            with MSS() as server:
                shot = server.grab(where)
        except ScreenShotError as problem:
            raise OSError("Quartz refused") from problem
        return shot.width, shot.height, shot.raw


def _call(name: str, *values: Any) -> int:
    """A function of CoreGraphics that answers a number. Raises OSError where the system is too old to have it."""
    found = getattr(ctypes.CDLL(_QUARTZ), name, None)
    if found is None:
        raise OSError(f"{name} is missing")
    found.restype = ctypes.c_uint32
    return int(found(*values))
