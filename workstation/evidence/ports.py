"""What evidence needs from outside: a way to see the screen."""

from __future__ import annotations

from typing import Protocol

from workstation.evidence.model import Grab


class CaptureBackend(Protocol):
    """Sees a screen, exactly or not at all."""

    def available(self) -> str:
        """"" when a capture can be made here, otherwise the reason why not."""

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused (null image, no permission, unknown scale)."""
