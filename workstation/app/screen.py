"""What the window needs of the computer: who sees the screen here."""

from __future__ import annotations

from workstation.connectors.screen.choice import choose
from workstation.evidence.ports import CaptureBackend


def back_end() -> CaptureBackend:
    """The back end of this session (`connectors.screen.choice`)."""
    return choose().back_end
