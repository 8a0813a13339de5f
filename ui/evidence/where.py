"""Which screen is meant: Qt and the back end number screens each in their own way, so they are matched by their place.

Qt leaves the corner of a screen in physical pixels whatever the factor (its size is divided), and so do RandR and
Windows: the corner is what both sides say alike. What matches nothing is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QCursor, QGuiApplication, QScreen

from workstation.evidence.model import Monitor
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Where:
    """A screen as Qt says it. `only`: there is no other."""

    number: int
    name: str
    x: int
    y: int
    only: bool


def of(screen: QScreen | None) -> Where:
    """A screen of Qt's, the first when there is none."""
    screens = QGuiApplication.screens()
    chosen = screen if screen in screens else screens[0]
    corner = chosen.geometry().topLeft()
    wayland = QGuiApplication.platformName().startswith("wayland")   # one picture of all screens, number 0
    number = 0 if wayland else screens.index(chosen)
    return Where(number, chosen.name(), corner.x(), corner.y(), only=wayland or len(screens) == 1)


def under_pointer() -> QScreen | None:
    """The screen the mouse is on, as far as the system tells."""
    return QGuiApplication.screenAt(QCursor.pos())


def number(where: Where, monitors: Sequence[Monitor]) -> int:
    """The back end's number of a screen. Raises CaptureRefused when it knows none there."""
    if not monitors:
        return where.number
    found = [at for at, one in enumerate(monitors) if (one.x, one.y) == (where.x, where.y)]
    named = [at for at in found if monitors[at].name == where.name]
    if found:
        return (named or found)[0]   # screens with one corner show the same
    raise CaptureRefused(_("The system did not say which screen this is; nothing was captured."),
                         _("Capture another screen, or start Workstation again."))
