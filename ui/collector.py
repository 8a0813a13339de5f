"""Garbage is collected on the window's thread alone.

Python collects cycles on whatever thread allocates just then. A cycle that holds Qt's objects, collected on the core's
thread, destroys them there, which Qt does not survive: the program ends by SIGSEGV.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000


class Collector(QObject):
    """Collects as Python itself would, by its thresholds, but only where it lives. From its making on no other thread
    does. Until its first look nothing is collected: what a start loads is no garbage, and is never looked at again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._loaded = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the youngest objects that are due, or older ones with them."""
        if not self._loaded:
            self._loaded = True
            gc.freeze()
            return
        young, middle, old = (count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True))
        if young:
            gc.collect(2 if old and middle else 1 if middle else 0)
