"""The system asks the program to end, at log-out or shutdown (SIGTERM, SIGHUP) or from a terminal (SIGINT): it ends as
if its window was closed. Killed by the signal instead, the next start would tell of a run that ended unexpectedly.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier

REQUESTS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name))


class EndRequests(QObject):
    """Calls `end` on the main thread for every request, until `close`. The interpreter hears of a signal only between
    two of its steps and Qt of none: the wake-up descriptor wakes Qt, and with it the interpreter."""

    def __init__(self, end: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._end = end
        self._ours, self._woken = socket.socketpair()
        for each in (self._ours, self._woken):
            each.setblocking(False)
        self._former = {request: signal.signal(request, _heard) for request in REQUESTS}
        self._former_descriptor = signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)

    def close(self) -> None:
        """Hear nothing more; signals do what they did before."""
        if not self._former:
            return
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_descriptor)
        former: dict[Any, Any] = self._former
        for request, before in former.items():
            signal.signal(request, before)
        self._former = {}
        self._ours.close()
        self._woken.close()

    def _on_woken(self) -> None:
        heard = self._ours.recv(64)
        if any(number in heard for number in REQUESTS):
            self._end()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """What is done about it begins in `EndRequests._on_woken`."""
