"""Who sees the screen here, who gives a key, and why: chosen once, at the start, by what the session says of itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from workstation.connectors.screen.keys_portal import PortalKeys
from workstation.connectors.screen.keys_windows import NoKeys, WindowsKeys
from workstation.connectors.screen.keys_x11 import X11Keys
from workstation.connectors.screen.macos import QuartzCapture
from workstation.connectors.screen.portal import PortalCapture
from workstation.connectors.screen.session import SeenCapture
from workstation.connectors.screen.windows import GdiCapture
from workstation.connectors.screen.x11 import MssCapture
from workstation.evidence.ports import CaptureBackend
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Choice:
    """A back end and the reason for it, a sentence for `doctor`."""

    back_end: CaptureBackend
    reason: str


def choose(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Choice:
    """The back end of this session. Under Wayland an X display is one too, and shows X programs only: not that one."""
    if system == "win32":
        return Choice(GdiCapture(), _("Windows: captures are exact, each monitor at its own scale."))
    if system == "darwin":
        return Choice(QuartzCapture(), _("macOS: captures are exact where recording the screen is allowed."))
    if environment.get("WAYLAND_DISPLAY"):
        return Choice(SeenCapture(PortalCapture()), _(
            "Wayland: the desktop's portal gives one picture of all screens; windows cannot be chosen."))
    return Choice(SeenCapture(MssCapture()), _("X11; captures are exact."))


def choose_keys(
    system: str = sys.platform, environment: Mapping[str, str] = os.environ,
) -> X11Keys | PortalKeys | WindowsKeys | NoKeys:
    """Who gives a key for the whole desktop in this session."""
    if system == "win32":
        return WindowsKeys()
    if environment.get("WAYLAND_DISPLAY"):
        return PortalKeys()
    return X11Keys() if environment.get("DISPLAY") and system == "linux" else NoKeys()
