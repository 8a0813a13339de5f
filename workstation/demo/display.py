"""A screen for the demo's capture: the one there is, or a virtual one where Xvfb is installed."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from workstation.demo import page

log = logging.getLogger(__name__)

SIZE = "1920x1080x24"
SECONDS = 10
_TITLE = "Demo: a simulated delivery page"
_LINES = (   # in English: the server's own font has Latin letters only
    "Parcel 42: out for delivery, then handed over at the door.",
    "The shop, the buyers and the parcel are made up; nothing here happened.",
    "A capture of this page shows how evidence is kept and checked.",
)


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
        with ExitStack() as stack:
            number = _display(read)
            if number:
                _furnish(stack, number)
            yield number
    finally:
        server.terminate()
        server.wait(SECONDS)


def _furnish(stack: ExitStack, number: str) -> None:
    """Something to see. Where it cannot be drawn the screen stays black, and the capture is refused for that."""
    try:
        stack.enter_context(page.shown(number, _TITLE, _LINES))
    except OSError as problem:
        log.info("nothing was drawn on the demo's screen: %s", problem)


def _display(read: int) -> str:
    """The number the server chose; "" when it could not start."""
    with os.fdopen(read) as chosen:
        number = chosen.readline().strip()
    return f":{number}" if number else ""
