"""Windows: mss (GDI) on a worker thread that is aware of each monitor's own scale.

Without that awareness Windows lies: it gives a program the sizes of a smaller desktop and stretches the picture. With
it (Per-Monitor v2) rectangles are physical pixels and GetDpiForMonitor gives the scale (96 dots per inch is 1). While
the session is locked the input desktop cannot be opened, and what GDI would give is not what anybody sees: an error.
Written from the Windows documentation; it has not been run on Windows yet, the decisions are tested apart.
"""

from __future__ import annotations

import asyncio
import ctypes
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workstation.connectors.screen import mapper
from workstation.evidence.model import Grab, Monitor, OpenWindow
from workstation.kernel.errors import CaptureRefused, Unsupported
from workstation.kernel.i18n import _

BACK_END = "windows/gdi"
_PER_MONITOR_V2 = -4          # DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2
_EFFECTIVE = 0                # MDT_EFFECTIVE_DPI
_USUAL_DPI = 96
_READ_OBJECTS = 0x0001        # DESKTOP_READOBJECTS


@dataclass(frozen=True, slots=True)
class Screen:
    """A monitor as Windows says it: physical pixels, and dots per inch (0: it does not say)."""

    name: str
    x: int
    y: int
    width: int
    height: int
    dpi: int


class System(Protocol):
    """The calls to Windows, so that what is decided on them can be tested anywhere."""

    def aware(self) -> bool:
        """Make this thread see physical pixels; False when Windows refuses."""

    def locked(self) -> bool:
        """Whether the desktop that gets the input is not ours: locked, or a question of the system."""

    def screens(self) -> list[Screen]: ...

    def pixels(self, screen: Screen) -> tuple[int, int, bytearray]:
        """Width, height and B, G, R, unused of each pixel. Raises OSError."""


class GdiCapture:
    """Fulfils `evidence.ports.CaptureBackend` and `SeesDesktop` but for windows."""

    def __init__(self, system: System | None = None) -> None:
        self._system = system or Win32()

    def available(self) -> str:
        return ""

    async def screens(self) -> tuple[Monitor, ...]:
        return await asyncio.to_thread(lambda: monitors(self._seen()))

    async def windows(self) -> tuple[OpenWindow, ...]:
        raise _no_windows()

    async def grab_window(self, _window_id: str) -> Grab:
        raise _no_windows()

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused."""
        return await asyncio.to_thread(self._grab, screen)

    def _seen(self) -> list[Screen]:
        """The monitors, on a thread that sees physical pixels. Raises CaptureRefused."""
        if not self._system.aware():
            raise CaptureRefused(_("Windows does not tell this program the screens' real sizes."),
                                 _("Windows 10, version 1703, or newer is needed."))
        if self._system.locked():
            raise CaptureRefused(_("The screen is locked; nothing was captured."), _("Unlock it, then try again."))
        return self._system.screens()

    def _grab(self, screen: int) -> Grab:
        found = self._seen()
        listed = monitors(found)
        if not 0 <= screen < len(found):
            reason = _("There is no screen {n}; this display has {count}.").format(n=screen, count=len(found))
            raise CaptureRefused(reason, _("Count screens from 0."))
        try:
            width, height, bgrx = self._system.pixels(found[screen])
        except (OSError, ValueError, struct.error) as problem:
            raise CaptureRefused(_("Windows did not give the screen."),
                                 _("Nothing was kept. Run workstation doctor.")) from problem
        return Grab(width, height, mapper.rgba(bgrx), listed, screen, BACK_END, real_screen=True)


def monitors(screens: Sequence[Screen]) -> tuple[Monitor, ...]:
    """Logical sizes from physical pixels and dots per inch; a scale Windows does not say stays 0 and is refused."""
    return tuple(_monitor(one) for one in screens)


def _monitor(one: Screen) -> Monitor:
    scale = one.dpi / _USUAL_DPI
    width, height = (round(one.width / scale), round(one.height / scale)) if scale else (0, 0)
    return Monitor(one.name, one.x, one.y, width, height, one.width, one.height, scale)


def _no_windows() -> Unsupported:
    return Unsupported(_("This system does not tell which windows are open."), _("Capture a region instead."))


class Win32:
    """The calls themselves."""

    def aware(self) -> bool:
        setter = getattr(_user32(), "SetThreadDpiAwarenessContext", None)
        if setter is None:
            return False
        setter.restype, setter.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        return bool(setter(ctypes.c_void_p(_PER_MONITOR_V2)))

    def locked(self) -> bool:
        user32 = _user32()
        user32.OpenInputDesktop.restype = ctypes.c_void_p
        user32.CloseDesktop.argtypes = [ctypes.c_void_p]
        desktop = user32.OpenInputDesktop(0, False, _READ_OBJECTS)
        if not desktop:
            return True
        user32.CloseDesktop(desktop)
        return False

    def screens(self) -> list[Screen]:
        found: list[Screen] = []

        def each(handle: int, _context: int, rect: Any, _data: int) -> bool:
            left, top, right, bottom = struct.unpack("=4i", ctypes.string_at(rect, 16))
            name = f"screen-{len(found) + 1}"
            found.append(Screen(name, left, top, right - left, bottom - top, _dpi(handle)))
            return True

        kind = _callback()
        _user32().EnumDisplayMonitors(None, None, kind(each), 0)
        return found

    def pixels(self, screen: Screen) -> tuple[int, int, bytearray]:
        from mss import MSS
        from mss.exception import ScreenShotError

        place = {"left": screen.x, "top": screen.y, "width": screen.width, "height": screen.height}
        try:
            with MSS() as server:
                shot = server.grab(place)
        except ScreenShotError as problem:
            raise OSError("GDI refused") from problem
        return shot.width, shot.height, shot.raw


def _user32() -> Any:
    return getattr(ctypes, "WinDLL")("user32", use_last_error=True)  # noqa: B009 - only Windows has it


def _callback() -> Callable[..., Any]:
    made: Callable[..., Any] = getattr(ctypes, "WINFUNCTYPE")(  # noqa: B009 - only Windows has it
        ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t)
    return made


def _dpi(handle: int) -> int:
    """GetDpiForMonitor; 0 when Windows does not say."""
    shcore = getattr(ctypes, "WinDLL")("shcore")  # noqa: B009 - only Windows has it
    across, down = ctypes.c_uint(), ctypes.c_uint()
    done = shcore.GetDpiForMonitor(ctypes.c_void_p(handle), _EFFECTIVE, ctypes.byref(across), ctypes.byref(down))
    return across.value if done == 0 and across.value == down.value else 0
