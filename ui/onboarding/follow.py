"""Following work on a thread of its own: how far it is, and a way to stop it."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class GivenUp(WorkstationError):
    """The person stopped it: no failure, and it goes the way of one."""


class Follow(QObject):
    """Give it to the work as its report. Lives on the main thread, which hears of `moved`; called on another."""

    moved = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._over = threading.Event()

    def stop(self) -> None:
        """The next report raises GivenUp over there."""
        self._over.set()

    def __call__(self, done: int, total: int) -> None:
        if self._over.is_set() or not isValid(self):
            raise GivenUp(_("Stopped. Nothing was changed."))
        self.moved.emit(done, total)
