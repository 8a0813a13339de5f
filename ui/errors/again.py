"""Starting the program anew, after the one that runs let go of its home."""

from __future__ import annotations

import os
import sys


def command() -> tuple[str, list[str]]:
    """The program and arguments this process was started with: the built program, or the interpreter."""
    if getattr(sys, "frozen", False):
        return sys.executable, sys.argv[1:]
    return sys.executable, sys.orig_argv[1:]


AT_THE_DOOR = "WORKSTATION_AT_THE_DOOR"
"""The environment variable that tells a new start which page before the inbox to show."""


def start_again(door: str = "") -> bool:
    """Begin a process of its own. False when the system would not. `door`: the page before the inbox it begins with."""
    from PySide6.QtCore import QProcess, QProcessEnvironment  # which the first paint would wait for

    process, around = QProcess(), QProcessEnvironment.systemEnvironment()
    program, arguments = command()
    process.setProgram(program)
    process.setArguments(arguments)
    if door:
        around.insert(AT_THE_DOOR, door)
    process.setProcessEnvironment(around)
    started = process.startDetached()
    return bool(started[0] if isinstance(started, tuple) else started)


def wanted_door() -> str:
    """What the process that began this one wants shown first; asked once, what this one begins does not inherit it."""
    return os.environ.pop(AT_THE_DOOR, "")
