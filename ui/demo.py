"""The demo's window: the usual one over the demo's home, and, when asked, a tour that saves pictures of its states."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from ui.main import run_window
from ui.tour import Tour
from workstation import app
from workstation.api import Core
from workstation.app.desk import Desk
from workstation.app.wiring import Parts
from workstation.kernel.errors import WorkstationError


def run(
    opened: app.Opened, parts: Parts, prepare: Callable[[Core], Awaitable[None]], screenshots: Path | None,
) -> int:
    """Show the window; with `screenshots`, walk its main states, save them there and end."""
    if screenshots is not None and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        desk = Desk(opened, parts, prepare)
    except WorkstationError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    tour = Tour(screenshots, opened.settings) if screenshots is not None else None
    return run_window(opened, desk, tour.begin if tour is not None else None, sample=True)
