"""The demo's walk in this process, so that tests can look at its servers from outside while they still run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation import app
from workstation.app.wiring import Parts
from workstation.connectors.screen.x11 import MssCapture
from workstation.demo import display
from workstation.demo.walk import Walk
from workstation.demo.world import SIMULATED, World
from workstation.kernel.clock import SystemClock
from workstation.kernel.paths import Home
from workstation.runtime.thread import CoreThread

PATIENCE = 6.0


@dataclass
class Walked:
    """A walk, its outside world, and where it keeps its things."""

    walk: Walk
    world: World
    opened: app.Opened
    folder: Path
    said: list[str]

    @property
    def database(self) -> Path:
        return self.opened.home.database


@contextmanager
def walking(folder: Path, screen: str = "") -> Iterator[Walked]:
    """A fresh home and world in `folder`, ready to walk. `screen` is an X display to capture."""
    passphrase = folder / "passphrase"
    passphrase.write_text("a pass phrase for one test")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(folder / "home"), passphrase, folder / "recovery")
    opened.settings.set("undo_seconds", 1)
    now = SystemClock().now()
    world = World(folder / "world", now)
    (folder / "world").mkdir()
    world.start(now)
    thread = CoreThread()
    try:
        parts = Parts(capture=MssCapture(screen), sources=world.sources, simulated=SIMULATED, patience=PATIENCE)
        running = thread.run(app.build(opened, parts))
        try:
            thread.run(running.start())
            said: list[str] = []
            walk = Walk(running.core, thread, world, folder / "world", now, said.append)
            yield Walked(walk, world, opened, folder, said)
        finally:
            thread.run(running.shutdown())
            running.close()
    finally:
        thread.stop()
        world.stop()


@contextmanager
def virtual_screen(folder: Path) -> Iterator[str]:
    """An Xvfb of our own, "" where it is not installed."""
    if shutil.which("Xvfb") is None:
        yield ""
        return
    with display.screen(folder) as name:
        yield name

