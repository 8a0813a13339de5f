"""A second start of the window asks the first to come to the front. Light: Qt is not loaded for it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from workstation.runtime.line import SECONDS, Gone, Line, call, read_door

PAUSE = 0.05
_TOKENS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


def come_to_front(home: Path, seconds: float = SECONDS) -> bool | None:
    """Ask the window over this home to come to the front. True: it did. None: nobody listens. False: somebody does,
    and did not answer in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            line = call(home)
            if line is None:
                return None
            return _ask(home, line, deadline)
        except Gone:
            if time.monotonic() >= deadline:
                return False
        time.sleep(PAUSE)


def _ask(home: Path, line: Line, deadline: float) -> bool:
    _let_it_take_the_focus(home)
    try:
        line.send({"do": "front", "token": next((os.environ[name] for name in _TOKENS if os.environ.get(name)), "")})
        answer = line.receive(max(0.0, deadline - time.monotonic()))
    finally:
        line.close()
    return answer is not None and answer.get("front") is True


def _let_it_take_the_focus(home: Path) -> None:
    """On Windows only the program a person just started may hand the focus on."""
    door = read_door(home)
    if os.name == "nt" and door is not None:
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(door.pid)  # type: ignore[attr-defined,unused-ignore]
