"""A capture where there is no display at all: a window that Qt's offscreen platform draws, in a process of its own.

The headless demo holds its main thread, which is where Qt must live, so a child process draws the picture. The record
says that it is not a real screen.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from workstation.evidence.model import Grab, Monitor
from workstation.kernel.errors import CaptureRefused
from workstation.kernel.i18n import _

_SECONDS = 60
_SIZE = (1280, 800)


class OffscreenCapture:
    """Fulfils `evidence.ports.CaptureBackend`."""

    def available(self) -> str:
        return _("The installed program cannot draw without a display.") if getattr(sys, "frozen", False) else ""

    async def grab(self, screen: int) -> Grab:
        """The drawn window; there is one screen, number 0. Raises CaptureRefused."""
        if screen != 0:
            raise CaptureRefused(_("There is no screen {n}; this display has {count}.").format(n=screen, count=1),
                                 _("Count screens from 0."))
        return await asyncio.to_thread(_ask)


@contextmanager
def backend() -> Iterator[OffscreenCapture]:
    """The back end, for as long as the demo runs."""
    yield OffscreenCapture()


def _ask() -> Grab:
    """Let a child draw. It answers a line of JSON and then the pixels."""
    command = [sys.executable, "-m", "ui.evidence.offscreen"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603
        header, _newline, pixels = done.stdout.partition(b"\n")
        return _read(header, pixels)
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as problem:
        raise CaptureRefused(_("The picture could not be drawn without a display."),
                             _("Install Xvfb, or run this where there is a display.")) from problem


def _read(header: bytes, pixels: bytes) -> Grab:
    fields = json.loads(header)
    fields["monitors"] = tuple(Monitor(**one) for one in fields["monitors"])
    fields["versions"] = tuple((name, version) for name, version in fields["versions"])
    return Grab(**{**fields, "warnings": tuple(fields["warnings"]), "rgba": pixels})


def _draw() -> Grab:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QLabel

    from ui.evidence.capture import to_grab, window_shot

    application = QApplication([sys.argv[0]])
    window = QLabel(_("Drawn without a display. This is not a real screen."))
    window.setAlignment(Qt.AlignmentFlag.AlignCenter)
    window.setWindowTitle(_("Workstation"))
    window.resize(*_SIZE)
    window.show()
    grab = to_grab(window_shot([window]))
    window.close()
    application.quit()
    return grab


def main() -> None:
    """The child: draw, answer, end."""
    grab = _draw()
    fields = {name: value for name, value in asdict(grab).items() if name != "rgba"}
    sys.stdout.buffer.write(json.dumps(fields).encode() + b"\n" + grab.rgba)


if __name__ == "__main__":
    main()
