"""What the window needs of the computer: who sees the screen here, and who gives a key for the whole desktop."""

from __future__ import annotations

from workstation.connectors.screen.choice import choose, choose_keys
from workstation.connectors.screen.keys_portal import PortalKeys
from workstation.connectors.screen.keys_windows import NoKeys, WindowsKeys
from workstation.connectors.screen.keys_x11 import X11Keys
from workstation.evidence.ports import CaptureBackend


def back_end() -> CaptureBackend:
    """The back end of this session (`connectors.screen.choice`)."""
    return choose().back_end


def keys() -> X11Keys | PortalKeys | WindowsKeys | NoKeys:
    """Who gives a key that works everywhere; nobody is asked for one yet."""
    return choose_keys()
