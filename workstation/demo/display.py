"""A screen for the demo's capture: the one there is, or a virtual one where Xvfb is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "1920x1080x24"
SECONDS = 10


def present() -> str:
    """The X display of this session, "" when there is none (or it is Wayland's)."""
    if sys.platform != "linux" or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return os.environ.get("DISPLAY", "")


def window_possible() -> bool:
    """True when a window can be shown to a person here."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def screen(folder: Path) -> Iterator[str]:
    """An X display to capture: this session's, or an Xvfb of our own until the end; "" where neither is to be had."""
    here = present()
    program = shutil.which("Xvfb")
    if here or program is None:
        yield here
        return
    read, write = os.pipe()
    command = [program, "-displayfd", str(write), "-screen", "0", SIZE, "-nolisten", "tcp", "-fbdir", str(folder)]
    server = subprocess.Popen(  # noqa: S603 - a fixed program with fixed arguments
        command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        yield _display(read)
    finally:
        server.terminate()
        server.wait(SECONDS)


def _display(read: int) -> str:
    """The number the server chose; "" when it could not start."""
    with os.fdopen(read) as chosen:
        number = chosen.readline().strip()
    return f":{number}" if number else ""
