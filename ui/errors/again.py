"""Starting the program anew, after the one that runs let go of its home."""

from __future__ import annotations

import sys

from PySide6.QtCore import QProcess


def command() -> tuple[str, list[str]]:
    """The program and arguments this process was started with: the built program, or the interpreter."""
    if getattr(sys, "frozen", False):
        return sys.executable, sys.argv[1:]
    return sys.executable, sys.orig_argv[1:]


def start_again() -> bool:
    """Begin a process of its own. False when the system would not."""
    program, arguments = command()
    started = QProcess.startDetached(program, arguments)
    return bool(started[0] if isinstance(started, tuple) else started)
