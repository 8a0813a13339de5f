"""The region that was captured last, and the screen it belongs to: it is captured again on that very screen only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.evidence.model import Grab, Monitor, Rect
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Region:
    """`rect` in the physical pixels of a screen of this name, place and size; a canvas has no name and no place."""

    rect: Rect
    name: str
    x: int
    y: int
    width: int
    height: int
    canvas: bool

    @classmethod
    def of(cls, grab: Grab, rect: Rect) -> Region:
        """A region of what was grabbed."""
        if grab.canvas:
            return cls(rect, "", 0, 0, grab.width, grab.height, canvas=True)
        monitor = grab.monitors[grab.screen]
        return cls(rect, monitor.name, monitor.x, monitor.y, grab.width, grab.height, canvas=False)

    def found(self, monitors: Sequence[Monitor]) -> int:
        """The number of its screen. Raises CaptureRefused when it is not there any more."""
        if self.canvas or not monitors:
            return 0
        for number, one in enumerate(monitors):
            if (one.name, one.x, one.y) == (self.name, self.x, self.y):
                return number
        raise changed_screen()


def changed_screen() -> CaptureRefused:
    """The same numbers would be other pixels."""
    return CaptureRefused(_("The screen is not the one the last region was chosen on; nothing was captured."),
                          _("Choose the region again."))
