"""The demo's window: the usual one over the demo's home, and, when asked, a tour that saves pictures of its states."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QTimer

from ui.main import run_window
from ui.shell.program import Program
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

    def shown(program: Program) -> None:
        _end_on_request(program)
        if tour is not None:
            tour.begin(program)

    return run_window(opened, desk, shown, sample=True)


def _end_on_request(program: Program) -> None:
    """Whoever started the sample may end it (`ui.onboarding.sample`): as if its window was closed, so that everything
    of it is deleted. The interpreter looks at signals only between two of its steps; the timer gives it some."""
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, lambda _number, _frame: program.window.close())
    timer = QTimer(program, interval=250)
    timer.timeout.connect(timer.isActive)
    timer.start()
